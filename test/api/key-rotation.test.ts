/** A signing key replaced as `npm run keys:rotate` says, while tokens of both keys are in use. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planRotation } from "../../ops/keys/rotation.ts";
import { generateSigningKey } from "../../src/auth/keys.ts";
import { logIn, newUser, tokenOf } from "../support/accounts.ts";
import { runScript } from "../support/command.ts";
import { eventually, type System, startSystem } from "../support/system.ts";

let system: System;
let folder: string;
let username: string;
let old: Awaited<ReturnType<typeof generateSigningKey>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rotation-"));
  old = await generateSigningKey();
  system = await startSystem({ secrets: { JWT_SIGNING_KEY: old.pem } });
  ({ username } = await newUser(system, "user"));
});
afterAll(async () => {
  await system?.close();
  await rm(folder, { recursive: true });
});

/** What `wrangler secret bulk` does: the Worker starts anew with these. */
async function putSecrets(secrets: Readonly<Record<string, string>>): Promise<void> {
  await system.harness.update((options) => ({
    ...options,
    workers: (options.workers ?? []).map((worker, index) =>
      index === 0 && "configPath" in worker
        ? { ...worker, secrets: { ...worker.secrets, ...secrets } }
        : worker,
    ),
  }));
}

const me = async (token: string) => (await system.call("GET", "/v1/auth/me", { token })).status;
const newToken = () => tokenOf(logIn(system, username));
const published = async (): Promise<{ kid: string; exp?: number }[]> =>
  (await system.call("GET", "/.well-known/jwks.json")).json.keys;

test("tokens of both keys work side by side, then the old one's are refused", async () => {
  const oldToken = await newToken();
  await writeFile(join(folder, "jwks.json"), JSON.stringify({ keys: await published() }));
  const printed = await runScript("ops/keys/rotate.ts", ["--jwks", join(folder, "jwks.json")]);
  expect(printed.ok).toBe(true);
  const [announce, change] = [...printed.output.matchAll(/<<'EOF'\n(.*)\nEOF/g)].map(([, json]) =>
    JSON.parse(json ?? ""),
  );

  await putSecrets(announce);
  expect(await me(oldToken)).toBe(200);
  expect(decodeProtectedHeader(await newToken()).kid).toBe(old.jwk.kid);
  const [current, next] = await published();
  expect([current?.kid, next?.exp]).toEqual([old.jwk.kid, undefined]);

  await putSecrets(change);
  const token = await newToken();
  expect(decodeProtectedHeader(token).kid).toBe(next?.kid);
  expect([await me(oldToken), await me(token)]).toEqual([200, 200]);
  expect((await published()).map(({ kid }) => kid)).toEqual([next?.kid, old.jwk.kid]);
  expect((await published())[1]?.exp).toBeGreaterThan(Date.now() / 1_000 + 23 * 3_600);

  // An isolate that has not heard of the change yet knows the new key all the same.
  await putSecrets({ JWT_SIGNING_KEY: old.pem, ...announce });
  expect(await me(token)).toBe(200);

  // The overlap is over.
  const retired = JSON.parse(change.JWT_PREVIOUS_KEYS);
  retired.keys[0].exp = Math.floor(Date.now() / 1_000) - 1;
  await putSecrets({ ...change, JWT_PREVIOUS_KEYS: JSON.stringify(retired) });
  expect([await me(oldToken), await me(token)]).toEqual([401, 200]);
  expect((await published()).map(({ kid }) => kid)).toEqual([next?.kid]);
  await eventually(async () => {
    const rows = await system.database
      .sql`select 1 from metric_counters where labels like '%token_key_retired%'`;
    return rows[0];
  });
});

describe("npm run keys:rotate", () => {
  test("leaves a compromised key out at once, and keeps those that still overlap", async () => {
    const [previous, fresh] = [await generateSigningKey(), await generateSigningKey()];
    const overlapping = { ...previous.jwk, exp: 4_000_000_000 };
    expect(planRotation([old.jwk, overlapping], fresh, undefined)).toEqual({
      announce: undefined,
      change: { JWT_SIGNING_KEY: fresh.pem, JWT_PREVIOUS_KEYS: JSON.stringify({ keys: [overlapping] }) },
    });
  });

  test.each([
    ["without --jwks", []],
    ["with no overlap", ["--jwks", "x", "--overlap-hours", "0"]],
    ["with an overlap that is no number", ["--jwks", "x", "--overlap-hours", "long"]],
    ["with a JWKS that is not there", ["--jwks", "/nowhere"]],
    ["with an unknown option", ["--key", "x"]],
  ])("%s prints no key", async (_, args) => {
    const { ok, output } = await runScript("ops/keys/rotate.ts", args);
    expect(ok).toBe(false);
    expect(output).not.toContain("PRIVATE KEY");
  });
});
