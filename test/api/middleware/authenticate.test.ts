/** How long an isolate goes by what it remembers, to the millisecond: real database and queries, the clock alone moved. */
import { Hono } from "hono";
import { v7 as uuidv7 } from "uuid";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createBreaker } from "../../../src/api/isolate/breaker.ts";
import { createCache } from "../../../src/api/isolate/cache.ts";
import { createIsolateCapacity } from "../../../src/api/isolate/capacity.ts";
import { authenticate, type SessionCheck } from "../../../src/api/middleware/authenticate.ts";
import { inOrder } from "../../../src/api/middleware/check.ts";
import type { AppEnv, Services } from "../../../src/api/services.ts";
import { createApiKey as createSecret, hashApiKey } from "../../../src/auth/api-keys.ts";
import { generateSigningKey, type Keys, loadKeys } from "../../../src/auth/keys.ts";
import { issueToken } from "../../../src/auth/tokens.ts";
import type { ApiConfig } from "../../../src/config.ts";
import { HttpProblem } from "../../../src/errors.ts";
import { API_KEY_CACHE_MS, API_KEY_STALE_MS, SESSION_CACHE_MS } from "../../../src/limits.ts";
import { createApiKey, revokeApiKey } from "../../../src/storage/api-keys.ts";
import type { Actor } from "../../../src/storage/audit.ts";
import { endSession, startSession } from "../../../src/storage/sessions.ts";
import { createUser } from "../../../src/storage/users.ts";
import { useFaultyDatabase } from "../../support/use-faulty-database.ts";

const OPERATOR: Actor = { type: "operator", id: null, requestId: null };
const TOKEN = { issuer: "https://issuer.example", audience: "test" };

const { faults, db } = await useFaultyDatabase();
let keys: Keys;
beforeAll(async () => {
  const loaded = await loadKeys({ signingKey: (await generateSigningKey()).pem });
  if (!loaded.ok) throw new Error("keys");
  keys = loaded.keys;
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

/** An isolate: one route for each way of checking a session, and memories of its own. */
function isolate() {
  const services: Partial<Services> = {
    db,
    keys,
    config: { token: TOKEN } as ApiConfig,
    sessions: createCache(10),
    apiKeys: createCache(10),
    capacity: createIsolateCapacity(),
    breaker: createBreaker(),
  };
  const app = new Hono<AppEnv>();
  for (const check of ["now", "recently", "if_possible"] satisfies SessionCheck[]) {
    app.get(`/${check}`, inOrder(authenticate("authenticated", check)), (c) => c.text("in"));
  }
  app.onError((error, c) => c.text(error instanceof HttpProblem ? error.code : "failed"));
  return async (check: SessionCheck, credential: string): Promise<string> => {
    const request = new Request(`http://localhost/${check}`, {
      headers: { Authorization: `Bearer ${credential}` },
    });
    return (await app.fetch(request, services as Services)).text();
  };
}

/** The database does not answer while `work` runs. */
async function inOutage(work: () => Promise<void>): Promise<void> {
  const fault = faults.fail({ kind: "drop" });
  await work();
  fault.release();
}

async function newSession(): Promise<{ id: string; token: string }> {
  const userId = uuidv7();
  await createUser(db, { id: userId, username: userId, passwordHash: "unused", role: "user" }, OPERATOR);
  const started = await startSession(
    db,
    { id: uuidv7(), userId, passwordHash: "unused", seconds: 43_200 },
    OPERATOR,
  );
  if (!started.ok) throw new Error(started.reason);
  const { session } = started;
  return { id: session.id, token: await tokenFor(userId, session) };
}

/** Signed with our own key, for any user and any session. */
async function tokenFor(userId: string, session: { id: string; expires_at: string }): Promise<string> {
  const { token } = await issueToken(
    keys,
    TOKEN,
    {
      kind: "session",
      userId,
      sessionId: session.id,
      role: "user",
      sessionEnd: new Date(session.expires_at),
    },
    new Date(),
  );
  return token;
}

async function newKey(): Promise<{ id: string; secret: string }> {
  const secret = createSecret();
  const id = uuidv7();
  await createApiKey(
    db,
    {
      id,
      name: id,
      scopes: ["events:write"],
      sources: [id],
      expiresAt: null,
      secretHash: await hashApiKey(secret),
    },
    OPERATOR,
  );
  return { id, secret };
}

describe("a session that has ended elsewhere", () => {
  test("is known to the one that asks now, and within 30 s to the one that asked recently", async () => {
    const ask = isolate();
    const { id, token } = await newSession();
    expect(await ask("recently", token)).toBe("in");
    await endSession(db, id, OPERATOR);
    pass(SESSION_CACHE_MS);
    expect(await ask("recently", token)).toBe("in");
    pass(1);
    expect(await ask("recently", token)).toBe("unauthenticated");
    expect(await ask("now", token)).toBe("unauthenticated");
  });

  test("is forgotten for reads as soon as anything finds out", async () => {
    for (const check of ["now", "if_possible"] as const) {
      const ask = isolate();
      const { id, token } = await newSession();
      expect(await ask("recently", token)).toBe("in");
      await endSession(db, id, OPERATOR);
      expect(await ask(check, token)).toBe("unauthenticated");
      expect(await ask("recently", token)).toBe("unauthenticated");
    }
  });
});

test("a session lets in nobody but its own user", async () => {
  const ask = isolate();
  const { id, token } = await newSession();
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  const stolen = await tokenFor(uuidv7(), { id, expires_at });
  for (const check of ["now", "recently", "if_possible"] as const) {
    expect(await ask(check, stolen)).toBe("unauthenticated");
    expect(await ask(check, token)).toBe("in");
  }
});

describe("a session while the database does not answer", () => {
  test("is taken on trust where events come in, for 30 s where one reads, and never where one writes", async () => {
    const ask = isolate();
    const { token } = await newSession();
    expect(await ask("recently", token)).toBe("in");
    await inOutage(async () => {
      expect(await ask("now", token)).toBe("failed");
      expect(await ask("recently", token)).toBe("in");
      expect(await ask("if_possible", token)).toBe("in");
      pass(SESSION_CACHE_MS + 1);
      expect(await ask("recently", token)).toBe("failed");
      expect(await ask("if_possible", token)).toBe("in");
      pass(1_800_000);
      expect(await ask("if_possible", token)).toBe("unauthenticated");
    });
  });
});

describe("an API key", () => {
  test("revoked elsewhere works for at most 60 s more", async () => {
    const ask = isolate();
    const { id, secret } = await newKey();
    expect(await ask("now", secret)).toBe("in");
    await revokeApiKey(db, id, OPERATOR);
    pass(API_KEY_CACHE_MS);
    expect(await ask("now", secret)).toBe("in");
    pass(1);
    expect(await ask("now", secret)).toBe("unauthenticated");
    await inOutage(async () => expect(await ask("now", secret)).toBe("failed"));
  });

  test("seen before works up to 15 min longer while the database does not answer, and not after", async () => {
    const ask = isolate();
    const { secret } = await newKey();
    expect(await ask("now", secret)).toBe("in");
    await inOutage(async () => {
      pass(API_KEY_CACHE_MS + API_KEY_STALE_MS);
      expect(await ask("now", secret)).toBe("in");
      pass(1);
      expect(await ask("now", secret)).toBe("failed");
    });
    expect(await ask("now", secret)).toBe("in");
  });

  test("never seen before does not work while the database does not answer", async () => {
    const ask = isolate();
    const { secret } = await newKey();
    await inOutage(async () => expect(await ask("now", secret)).toBe("failed"));
  });
});
