/** Logging in, without HTTP: what comes of it, what it counts, and what it leaves behind. */
import * as bcrypt from "bcryptjs";
import { describe, expect, test } from "vitest";
import { logIn } from "../../../src/api/accounts/login.ts";
import { HASHING_KIB_MAX, HASHING_WAIT_MS_MAX, LOGIN_PAIR_FREE_MAX } from "../../../src/limits.ts";
import { readLiveSession } from "../../../src/storage/sessions.ts";
import { findCredentials, updateUser } from "../../../src/storage/users.ts";
import { accountsOn, newAccount, newOrigin, PASSWORD } from "../../support/account-dependencies.ts";
import { useFaultyDatabase } from "../../support/use-faulty-database.ts";

const OPERATOR = { type: "operator", id: null, requestId: null } as const;
const WRONG = { ok: false, reason: "wrong_credentials" };

const { database, db } = await useFaultyDatabase();

describe("the right password", () => {
  test("begins a session, in the user's own name, from the network it came from", async () => {
    const id = await newAccount(db, "ada");
    const origin = newOrigin();
    const login = await logIn(accountsOn(db), origin, "ADA", PASSWORD);
    if (!login.ok) throw new Error(login.reason);
    expect(await readLiveSession(db, login.session.id)).toMatchObject({ user_id: id, username: "ada" });
    const [row] = await database.sql`
      select actor_type, actor_id, actor_address, request_id from audit_log where action = 'session.start'`;
    expect(row).toEqual({
      actor_type: "user",
      actor_id: id,
      actor_address: "198.51.100.0/24",
      request_id: origin.requestId,
    });
  });

  test("takes the attempts before it back, for that user and address", async () => {
    await newAccount(db, "grace");
    const [accounts, origin] = [accountsOn(db), newOrigin()];
    for (let n = 0; n < LOGIN_PAIR_FREE_MAX; n++) {
      expect(await logIn(accounts, origin, "grace", "wrong")).toEqual(WRONG);
    }
    expect(await logIn(accounts, origin, "grace", PASSWORD)).toMatchObject({ ok: true });
    expect(await logIn(accounts, origin, "grace", "wrong")).toEqual(WRONG);
    expect(await logIn(accounts, origin, "grace", PASSWORD)).toMatchObject({ ok: true });
  });

  test("is stored as new passwords are, unless there is no room to hash it", async () => {
    const id = await newAccount(db, "imported");
    const hashOf = async () => (await findCredentials(db, "imported"))?.password_hash ?? "";
    const old = bcrypt.hashSync(PASSWORD, 4);
    await database.sql`update users set password_hash = ${old} where id = ${id}`;
    const accounts = accountsOn(db);
    const { hashing } = accounts;
    let entered = 0;
    /** Has room for the first who comes, and no more. */
    const full = {
      enqueue: () => {
        const place = hashing.enqueue();
        entered += 1;
        return entered === 1 ? place : { ...place, enter: () => undefined };
      },
    };
    expect(await logIn({ ...accounts, hashing: full }, newOrigin(), "imported", PASSWORD)).toMatchObject({
      ok: true,
    });
    expect(entered).toBe(2);
    expect(await hashOf()).toBe(old);
    expect(await logIn(accounts, newOrigin(), "imported", PASSWORD)).toMatchObject({ ok: true });
    expect(await hashOf()).toMatch(/^\$argon2id\$/);
  });
});

test("a wrong password, no such user and a disabled user are told the same after as many queries, and counted", async () => {
  await newAccount(db, "wrong");
  const disabled = await newAccount(db, "disabled");
  await updateUser(db, disabled, 1, { disabled: true }, OPERATOR);
  const queries: number[] = [];
  for (const [username, password] of [
    ["wrong", "another password"],
    ["wrong", ""],
    ["wrong", "\u0003"],
    ["nobody", PASSWORD],
    ["disabled", PASSWORD],
  ] as const) {
    const before = await failures();
    let asked = 0;
    const counting = new Proxy(db, {
      get(target, name) {
        if (name === "execute" || name === "batch") asked += 1;
        return Reflect.get(target, name);
      },
    });
    expect(await logIn(accountsOn(counting), newOrigin(), username, password)).toEqual(WRONG);
    expect(await failures()).toBe(before + 3); // the pair, the user, the address
    queries.push(asked);
  }
  expect(new Set(queries).size).toBe(1);
});

async function failures(): Promise<number> {
  const [row] = await database.sql`select coalesce(sum(failures), 0)::int as n from login_throttle`;
  return row?.["n"];
}

test("too many failures make wait, whatever the password, and are not hashed", async () => {
  await newAccount(db, "guessed");
  const [accounts, origin] = [accountsOn(db), newOrigin()];
  for (let n = 0; n <= LOGIN_PAIR_FREE_MAX; n++) await logIn(accounts, origin, "guessed", "wrong");
  expect(await logIn(accounts, origin, "guessed", PASSWORD)).toEqual({
    ok: false,
    reason: "throttled",
    retryAfterSeconds: 1,
  });
});

test("a login that finds no room to hash within the time is sent away, and not counted", async () => {
  await newAccount(db, "patient");
  const accounts = accountsOn(db);
  const release = accounts.hashing.enqueue().enter(HASHING_KIB_MAX, 0);
  const before = await failures();
  expect(await logIn(accounts, newOrigin(), "patient", PASSWORD)).toEqual({ ok: false, reason: "busy" });
  expect(accounts.slept()).toBe(HASHING_WAIT_MS_MAX);
  expect(await failures()).toBe(before);
  release?.();
  // It left the queue, so the next one does not wait behind it.
  expect(await logIn(accounts, newOrigin(), "patient", PASSWORD)).toMatchObject({ ok: true });
  expect(accounts.slept()).toBe(HASHING_WAIT_MS_MAX);
});

test("a login gives its room back, also when the database fails", async () => {
  await newAccount(db, "unlucky");
  const accounts = accountsOn(db);
  const failing = {
    ...accounts,
    pseudonym: async () => {
      throw new Error("no pseudonym");
    },
  };
  await expect(logIn(failing, newOrigin(), "unlucky", PASSWORD)).rejects.toThrow("no pseudonym");
  expect(accounts.hashing.enqueue().enter(HASHING_KIB_MAX, 0)).toBeDefined();
});
