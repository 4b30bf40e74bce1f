import { constants } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { REFUSALS, type Refusal, verifyToken } from "../../src/auth/tokens.ts";
import { deploy, forge, HONEST_SESSION, honestHeader, NOW, SETTINGS } from "./forge.ts";
import {
  honest,
  rsa,
  signedAs,
  type Target,
  TOKEN_ATTACKS,
  withClaimText,
  withHeaderText,
  withKeyClaims,
} from "./token-attack-table.ts";

let target: Target;
const fetched = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("nobody answers"));

beforeAll(async () => {
  target = { ...(await deploy()), baitUrl: "http://bait.test" };
});
afterAll(() => fetched.mockRestore());

const verify = (token: string) => verifyToken(target.keys, SETTINGS, token, NOW);
const refused = new Set<Refusal>();

it("the honest token that every attack starts from is accepted", async () => {
  expect(await verify(await honest(target))).toMatchObject({ ok: true });
  expect(await verify(await withKeyClaims({})(target))).toMatchObject({ ok: true });
  expect(await verify(await withClaimText('"x":1')(target))).toMatchObject({ ok: true });
  expect(await verify(await withHeaderText((text) => text)(target))).toMatchObject({ ok: true });
  const signed = signedAs("RS256", rsa("sha256", constants.RSA_PKCS1_PADDING));
  expect(await verify(await signed(target))).toMatchObject({ ok: true });
});

describe.each(Object.entries(TOKEN_ATTACKS))("%s", (_, rows) => {
  it.each(rows)("%s", async (_, attack, reason) => {
    expect(await verify(await attack(target))).toEqual({ ok: false, reason });
    refused.add(reason);
  });
});

it("a retired key, which the set still lists", async () => {
  const { keys, previous, previousJwk } = target;
  const retired = previousJwk.exp ?? 0;
  const claims = { ...HONEST_SESSION, iat: retired - 10, exp: retired + 100 };
  const token = await forge(previous, honestHeader(previous), claims);
  const at = (seconds: number) => verifyToken(keys, SETTINGS, token, new Date(seconds * 1_000));
  expect(await at(retired - 1)).toMatchObject({ ok: true });
  expect(await at(retired)).toEqual({ ok: false, reason: "key_retired" });
  refused.add("key_retired");
});

it("nothing was fetched, and the bait would have been counted", async () => {
  expect(fetched).not.toHaveBeenCalled();
  await expect(fetch(target.baitUrl)).rejects.toThrow();
  expect(fetched).toHaveBeenCalledOnce();
});

it("every reason for a refusal was met by some attack", () => {
  expect([...refused].sort()).toEqual([...REFUSALS].sort());
});
