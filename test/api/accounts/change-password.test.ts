/** Changing one's own password, and an admin's choice of one, without HTTP. */
import { v7 as uuidv7 } from "uuid";
import { describe, expect, test } from "vitest";
import { changePassword } from "../../../src/api/accounts/change-password.ts";
import { logIn } from "../../../src/api/accounts/login.ts";
import { hashNewPassword } from "../../../src/api/accounts/password-rules.ts";
import { problemOf } from "../../../src/api/accounts/refusals.ts";
import { verifyPassword } from "../../../src/auth/passwords.ts";
import { HASHING_KIB_MAX, HASHING_RETRY_SECONDS, LOGIN_PAIR_FREE_MAX } from "../../../src/limits.ts";
import { readLiveSession } from "../../../src/storage/sessions.ts";
import { updateUser } from "../../../src/storage/users.ts";
import { accountsOn, newAccount, newOrigin, PASSWORD } from "../../support/account-dependencies.ts";
import { useFaultyDatabase } from "../../support/use-faulty-database.ts";

const OPERATOR = { type: "operator", id: null, requestId: null } as const;
const NEXT = "another good long one";

const { database, db } = await useFaultyDatabase();

describe("changing one's own password", () => {
  test("ends the sessions there were and begins a new one", async () => {
    const id = await newAccount(db, "ada");
    const accounts = accountsOn(db);
    const before = await logIn(accounts, newOrigin(), "ada", PASSWORD);
    const changed = await changePassword(accounts, newOrigin(), id, PASSWORD, NEXT);
    if (!before.ok || !changed.ok) throw new Error("no session");
    expect(await readLiveSession(db, before.session.id)).toBeUndefined();
    expect(await readLiveSession(db, changed.session.id)).toMatchObject({ user_id: id });
    expect(await logIn(accounts, newOrigin(), "ada", NEXT)).toMatchObject({ ok: true });
  });

  test.each([
    ["too short", "short", "too_short"],
    ["the username", "elizabeth the second", "is_username"],
    ["little more than a word of the company's", "acme acme acme 1", "context_words"],
    ["the one there is", PASSWORD, "unchanged"],
  ])("is refused when the new one is %s", async (_, next, code) => {
    const [row] = await database.sql`select id from users where username = 'elizabeth the second'`;
    const id = row?.["id"] ?? (await newAccount(db, "elizabeth the second"));
    const changed = await changePassword(accountsOn(db), newOrigin(), id, PASSWORD, next);
    expect(changed).toMatchObject({ ok: false, reason: "bad_password", code });
  });

  test("is refused with a wrong current one, which counts like a failed login", async () => {
    const id = await newAccount(db, "grace");
    const [accounts, origin] = [accountsOn(db), newOrigin()];
    for (let n = 0; n <= LOGIN_PAIR_FREE_MAX; n++) {
      expect(await changePassword(accounts, origin, id, "wrong", NEXT)).toEqual({
        ok: false,
        reason: "wrong_password",
      });
    }
    const throttled = { ok: false, reason: "throttled", retryAfterSeconds: 1 };
    expect(await changePassword(accounts, origin, id, PASSWORD, NEXT)).toEqual(throttled);
    expect(await logIn(accounts, origin, "grace", PASSWORD)).toEqual(throttled);
  });

  test("changes nothing for a user that there is not", async () => {
    expect(await changePassword(accountsOn(db), newOrigin(), uuidv7(), PASSWORD, NEXT)).toEqual({
      ok: false,
      reason: "no_such_user",
    });
  });

  test("changes nothing when the user was disabled meanwhile", async () => {
    const id = await newAccount(db, "late");
    const accounts = accountsOn(db);
    const disabling = {
      ...accounts,
      pseudonym: async (text: string) => {
        await updateUser(db, id, 1, { disabled: true }, OPERATOR);
        return accounts.pseudonym(text);
      },
    };
    expect(await changePassword(disabling, newOrigin(), id, PASSWORD, NEXT)).toEqual({
      ok: false,
      reason: "changed_meanwhile",
    });
  });
});

describe("a password that an admin chooses", () => {
  test("is hashed", async () => {
    const hashed = await hashNewPassword(accountsOn(db), NEXT, "new user");
    if (!hashed.ok) throw new Error(hashed.reason);
    expect(await verifyPassword(NEXT, hashed.passwordHash)).toBe(true);
  });

  test("is held to the rules, and waits for room", async () => {
    const accounts = accountsOn(db);
    accounts.hashing.enqueue().enter(HASHING_KIB_MAX, 0);
    expect(await hashNewPassword(accounts, "short", "new user")).toMatchObject({ code: "too_short" });
    expect(await hashNewPassword(accounts, NEXT, "new user")).toEqual({ ok: false, reason: "busy" });
  });
});

test("a refusal is told with when to come again, or what is wrong with the field", () => {
  const bad = { ok: false, reason: "bad_password", code: "too_short", message: "is short" } as const;
  expect(problemOf(bad, "/password")).toMatchObject({
    code: "invalid",
    options: { errors: [{ pointer: "/password", code: "too_short", message: "is short" }] },
  });
  expect(problemOf({ ok: false, reason: "busy" }, "/password")).toMatchObject({
    code: "unavailable",
    options: { headers: { "Retry-After": String(HASHING_RETRY_SECONDS) } },
  });
  expect(problemOf({ ok: false, reason: "throttled", retryAfterSeconds: 7 }, "/password")).toMatchObject({
    code: "throttled",
    options: { headers: { "Retry-After": "7" } },
  });
});
