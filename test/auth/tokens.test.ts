import * as jose from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { publicJwks } from "../../src/auth/keys.ts";
import { callerOf, issueToken, type TokenFor, verifyToken } from "../../src/auth/tokens.ts";
import { KEY_CLAIMS_BYTES_MAX, KEY_SOURCES_MAX, TOKEN_BYTES_MAX } from "../../src/limits.ts";
import { utf8Bytes } from "../../src/text.ts";
import {
  type Deployment,
  deploy,
  forge,
  HONEST_KEY,
  HONEST_SESSION,
  honestHeader,
  KEY_ID,
  NOW,
  NOW_S,
  SESSION_ID,
  SETTINGS,
  TOKEN_ID,
  USER_ID,
  without,
} from "./forge.ts";

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});

const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000);
const session = (sessionEnd: Date): TokenFor => ({
  kind: "session",
  userId: USER_ID,
  sessionId: SESSION_ID,
  role: "admin",
  sessionEnd,
});
const key: TokenFor = {
  kind: "key",
  keyId: KEY_ID,
  keyName: "Läden, EU",
  scopes: ["events:write", "metrics:read"],
  sources: ["Läden, EU", "Kasse 7"],
};

describe("a session's token", () => {
  it("verifies, and speaks for the user", async () => {
    const { keys } = deployment;
    const issued = await issueToken(keys, SETTINGS, session(later(43_200)), NOW, () => TOKEN_ID);
    const claims = {
      kind: "session",
      sub: USER_ID,
      jti: TOKEN_ID,
      iat: NOW_S,
      exp: NOW_S + 1_800,
      sid: SESSION_ID,
      role: "admin",
    };
    expect(issued).toMatchObject({ claims, expiresIn: 1_800 });
    expect(await verifyToken(keys, SETTINGS, issued.token, NOW)).toEqual({ ok: true, claims });
    expect(callerOf(issued.claims)).toEqual({
      kind: "user",
      id: USER_ID,
      role: "admin",
      sessionId: SESSION_ID,
      tokenId: TOKEN_ID,
      issuedAt: NOW_S,
      expiresAt: NOW_S + 1_800,
    });
  });

  it("is what an independent verifier accepts, given only the published keys", async () => {
    const { token } = await issueToken(
      deployment.keys,
      SETTINGS,
      session(later(43_200)),
      NOW,
      () => TOKEN_ID,
    );
    const published = jose.createLocalJWKSet({ keys: [...publicJwks(deployment.keys, NOW).keys] });
    const verified = await jose.jwtVerify(token, published, {
      ...SETTINGS,
      typ: "at+jwt",
      algorithms: ["RS256"],
      currentDate: NOW,
    });
    expect(verified.protectedHeader).toEqual(honestHeader(deployment.keys));
    expect(verified.payload).toEqual({
      iss: SETTINGS.issuer,
      aud: SETTINGS.audience,
      sub: USER_ID,
      jti: TOKEN_ID,
      sid: SESSION_ID,
      role: "admin",
      iat: NOW_S,
      exp: NOW_S + 1_800,
    });
  });

  it("lives to its last second and not beyond", async () => {
    const { keys } = deployment;
    const { token } = await issueToken(keys, SETTINGS, session(later(43_200)), NOW);
    expect(await verifyToken(keys, SETTINGS, token, later(1_799.999))).toMatchObject({ ok: true });
    expect(await verifyToken(keys, SETTINGS, token, later(1_800))).toEqual({ ok: false, reason: "expired" });
  });

  it("is cut short by the session's absolute end", async () => {
    const { keys } = deployment;
    const { token, expiresIn } = await issueToken(keys, SETTINGS, session(later(90)), NOW);
    expect(expiresIn).toBe(90);
    expect(await verifyToken(keys, SETTINGS, token, later(90))).toEqual({ ok: false, reason: "expired" });
  });

  it.each([0, -1, -43_200])("is not issued %d s from the session's end", async (seconds) => {
    await expect(issueToken(deployment.keys, SETTINGS, session(later(seconds)), NOW)).rejects.toThrow(
      RangeError,
    );
  });

  it("has an id of its own each time", async () => {
    const tokens = await Promise.all(
      [1, 2].map(() => issueToken(deployment.keys, SETTINGS, session(later(90)), NOW)),
    );
    expect(new Set(tokens.map(({ claims }) => claims.jti)).size).toBe(2);
  });
});

describe("a key's token", () => {
  it("verifies, and speaks for the key without any database", async () => {
    const { keys } = deployment;
    const { token, claims } = await issueToken(keys, SETTINGS, key, NOW);
    expect(await verifyToken(keys, SETTINGS, token, NOW)).toEqual({ ok: true, claims });
    expect(callerOf(claims)).toEqual({
      kind: "key",
      id: KEY_ID,
      name: "Läden, EU",
      scopes: ["events:write", "metrics:read"],
      sources: ["Läden, EU", "Kasse 7"],
      via: "token",
    });
  });

  it("from before there were sources speaks for every source, as its key does", async () => {
    const { keys } = deployment;
    const token = await forge(keys, honestHeader(keys), without(HONEST_KEY, "sources"));
    const verified = await verifyToken(deployment.keys, SETTINGS, token, NOW);
    expect(verified.ok && callerOf(verified.claims)).toMatchObject({ id: KEY_ID, sources: ["*"] });
  });

  it.each([
    ["of ASCII", "x", 255],
    ["of what takes most", "👋", 67],
    ["of what is escaped", '"', 128],
  ])(
    "that holds as much as a key may have is not too large for any signing key: %s",
    async (_, unit, length) => {
      const sources = Array.from(
        { length: KEY_SOURCES_MAX },
        (_, n) => unit.repeat(length - 1) + String.fromCharCode(97 + n),
      );
      const claims = JSON.stringify(["", sources]);
      const room = KEY_CLAIMS_BYTES_MAX - utf8Bytes(claims);
      expect(room).toBeGreaterThanOrEqual(0);
      const largest: TokenFor = { ...key, keyName: "n".repeat(Math.min(room, 255)), sources };
      const { token } = await issueToken(deployment.keys, SETTINGS, largest, NOW);
      expect((await verifyToken(deployment.keys, SETTINGS, token, NOW)).ok).toBe(true);
      const signature = token.split(".")[2]?.length ?? 0;
      const signatureOf4096Bits = Math.ceil((512 * 4) / 3);
      expect(token.length - signature + signatureOf4096Bits).toBeLessThanOrEqual(TOKEN_BYTES_MAX);
    },
  );

  it("carries the claims of RFC 9068", async () => {
    const { token } = await issueToken(deployment.keys, SETTINGS, key, NOW);
    expect(jose.decodeJwt(token)).toMatchObject({
      sub: KEY_ID,
      client_id: KEY_ID,
      scope: "events:write metrics:read",
    });
    expect(jose.decodeJwt(token)).not.toHaveProperty("role");
  });
});

describe("a rotation", () => {
  it("keeps the previous key's tokens valid, then refuses them", async () => {
    const { keys, previous, previousJwk } = deployment;
    const { token } = await issueToken(previous, SETTINGS, session(later(43_200)), later(60));
    const end = new Date((previousJwk.exp ?? 0) * 1_000);
    expect(await verifyToken(keys, SETTINGS, token, later(60))).toMatchObject({ ok: true });
    expect(await verifyToken(keys, SETTINGS, token, new Date(end.getTime() - 1))).toMatchObject({ ok: true });
    expect(await verifyToken(keys, SETTINGS, token, end)).toEqual({ ok: false, reason: "key_retired" });
  });

  it("refuses the new key's tokens where only the old one is known, and the other way round", async () => {
    const { keys, previous, stranger } = deployment;
    const { token } = await issueToken(keys, SETTINGS, session(later(90)), NOW);
    for (const others of [previous, stranger]) {
      expect(await verifyToken(others, SETTINGS, token, NOW)).toEqual({ ok: false, reason: "key_unknown" });
    }
  });
});

describe("verifyToken accepts what is unusual and honest", () => {
  const padded = async (bytes: number): Promise<string> => {
    const size = async (padding: number): Promise<string> =>
      forge(deployment.keys, honestHeader(deployment.keys), { ...HONEST_SESSION, note: "x".repeat(padding) });
    const base = (await size(0)).length;
    for (let padding = Math.floor(((bytes - base) * 3) / 4) - 3; ; padding++) {
      const token = await size(padding);
      if (token.length >= bytes) return token;
    }
  };

  it("a token of exactly 8 kB, and none beyond", async () => {
    const token = await padded(8_192);
    expect(token.length).toBe(8_192);
    expect(await verifyToken(deployment.keys, SETTINGS, token, NOW)).toMatchObject({ ok: true });
    expect(await verifyToken(deployment.keys, SETTINGS, await padded(8_193), NOW)).toEqual({
      ok: false,
      reason: "too_large",
    });
  });

  it.each([
    ["a claim we do not know", { tenant: { id: [1] } }],
    ["iat as far ahead as our clocks may differ", { iat: NOW_S + 5 }],
    ["nbf as far ahead as our clocks may differ", { nbf: NOW_S + 5 }],
    ["nbf in the past", { nbf: 0 }],
  ])("%s", async (_, claims) => {
    const token = await forge(deployment.keys, honestHeader(deployment.keys), {
      ...HONEST_SESSION,
      ...claims,
    });
    expect(await verifyToken(deployment.keys, SETTINGS, token, NOW)).toMatchObject({ ok: true });
  });

  it("members in another order, with blanks between", async () => {
    const { kid } = honestHeader(deployment.keys);
    const header = `{ "kid": "${kid}",\r\n "typ": "at+jwt", "alg": "RS256" }`;
    const token = await forge(deployment.keys, header, JSON.stringify(HONEST_SESSION, null, 2));
    expect(await verifyToken(deployment.keys, SETTINGS, token, NOW)).toMatchObject({ ok: true });
  });
});
