/** How failed logins are counted, and how long they make others wait. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  LOGIN_ADDRESS_FREE_MAX,
  LOGIN_CLEANUP_ROWS_MAX,
  LOGIN_PAIR_DELAY_SECONDS_MAX,
  LOGIN_PAIR_FREE_MAX,
  LOGIN_USER_DELAY_SECONDS_MAX,
  LOGIN_USER_FREE_MAX,
} from "../../src/limits.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import {
  clearLoginFailures,
  forgetOldLogins,
  type LoginKeys,
  recordLoginAttempt,
} from "../../src/storage/login-throttle.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const keysOf = (user: string, address: string): LoginKeys => ({
  pair: hash(`${user} ${address}`),
  user: hash(user),
  address: hash(address),
});

let database: TestDatabase;
let db: Database;
async function open(real: boolean): Promise<void> {
  database = await openTestDatabase({ real });
  db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
}

/** As if that much time had passed. */
async function pass(seconds: number): Promise<void> {
  await database.sql`
    update login_throttle set last_at = last_at - make_interval(secs => ${seconds}),
      blocked_until = blocked_until - make_interval(secs => ${seconds}),
      trusted_until = trusted_until - make_interval(secs => ${seconds})`;
}

/** Attempts in a row that all fail, each made as soon as it may be; the waits before them. */
async function waitsOf(keys: LoginKeys, attempts: number): Promise<number[]> {
  const waits: number[] = [];
  for (let n = 0; n < attempts; n++) {
    const wait = await recordLoginAttempt(db, keys);
    waits.push(wait);
    if (wait > 0) {
      await pass(wait);
      expect(await recordLoginAttempt(db, keys)).toBe(0);
    }
  }
  return waits;
}

describe("failed logins", () => {
  beforeAll(() => open(false));
  afterAll(() => database.close());

  test("of one user from one address are free at first, then wait twice as long each time, up to a cap", async () => {
    const waits = await waitsOf(keysOf("ada", "a"), LOGIN_PAIR_FREE_MAX + 12);
    expect(waits.slice(0, LOGIN_PAIR_FREE_MAX + 1)).toEqual(Array(LOGIN_PAIR_FREE_MAX + 1).fill(0));
    expect(waits.slice(LOGIN_PAIR_FREE_MAX + 1)).toEqual([
      1,
      2,
      4,
      8,
      16,
      32,
      64,
      128,
      256,
      512,
      LOGIN_PAIR_DELAY_SECONDS_MAX,
    ]);
  });

  test("neither delay the user elsewhere nor others at the same address", async () => {
    expect(await recordLoginAttempt(db, keysOf("ada", "b"))).toBe(0);
    expect(await recordLoginAttempt(db, keysOf("grace", "a"))).toBe(0);
  });

  test("do not make the wait longer while it lasts", async () => {
    const keys = keysOf("ada", "a");
    await waitsOf(keys, 1);
    const before = await recordLoginAttempt(db, keys);
    for (let n = 0; n < 20; n++) await recordLoginAttempt(db, keys);
    expect(await recordLoginAttempt(db, keys)).toBeLessThanOrEqual(before);
  });

  test("are forgotten after a right password, and an hour after the last", async () => {
    const keys = keysOf("edsger", "c");
    await waitsOf(keys, LOGIN_PAIR_FREE_MAX + 3);
    await pass(600);
    expect(await recordLoginAttempt(db, keys)).toBe(0);
    await clearLoginFailures(db, keys);
    expect(await waitsOf(keys, LOGIN_PAIR_FREE_MAX + 1)).toEqual(Array(LOGIN_PAIR_FREE_MAX + 1).fill(0));
    expect(await recordLoginAttempt(db, keys)).toBeGreaterThan(0);
    await pass(3_601);
    expect(await waitsOf(keys, LOGIN_PAIR_FREE_MAX)).toEqual(Array(LOGIN_PAIR_FREE_MAX).fill(0));
  });

  test("by strangers everywhere delay a user little, and not at all where they logged in before", async () => {
    const known = keysOf("barbara", "home");
    expect(await recordLoginAttempt(db, known)).toBe(0);
    await clearLoginFailures(db, known);
    for (let n = 0; n < LOGIN_USER_FREE_MAX + 40; n++) {
      const stranger = keysOf("barbara", `stranger ${n}`);
      const wait = await recordLoginAttempt(db, stranger);
      if (wait === 0) continue;
      await pass(wait);
      expect(await recordLoginAttempt(db, stranger)).toBe(0);
    }
    const elsewhere = await recordLoginAttempt(db, keysOf("barbara", "new place"));
    expect(elsewhere).toBeGreaterThan(0);
    expect(elsewhere).toBeLessThanOrEqual(LOGIN_USER_DELAY_SECONDS_MAX);
    expect(await recordLoginAttempt(db, known)).toBe(0);
  });

  test("of many users from one address make that address wait", async () => {
    for (let n = 0; n <= LOGIN_ADDRESS_FREE_MAX; n++) {
      expect(await recordLoginAttempt(db, keysOf(`user ${n}`, "botnet"))).toBe(0);
    }
    expect(await recordLoginAttempt(db, keysOf("one more", "botnet"))).toBeGreaterThan(0);
    expect(await recordLoginAttempt(db, keysOf("one more", "elsewhere"))).toBe(0);
  });

  test("without a known address count by user alone", async () => {
    const keys = { ...keysOf("niklaus", ""), address: undefined };
    expect(await waitsOf(keys, LOGIN_PAIR_FREE_MAX + 2)).toEqual([
      ...Array(LOGIN_PAIR_FREE_MAX + 1).fill(0),
      1,
    ]);
  });

  test("are cleaned up in bounded batches, save where an address is known", async () => {
    await database.sql`
      insert into login_throttle (key, last_at)
      select sha256(n::text::bytea), now() - interval '2 hours' from generate_series(1, ${LOGIN_CLEANUP_ROWS_MAX + 7}) n`;
    await clearLoginFailures(db, keysOf("barbara", "home"));
    await pass(3_700);
    expect(await forgetOldLogins(db)).toBe(LOGIN_CLEANUP_ROWS_MAX);
    while ((await forgetOldLogins(db)) > 0);
    const left = await database.sql`select encode(key, 'hex') as key from login_throttle`;
    expect(left.map(({ key }) => key)).toContain(keysOf("barbara", "home").pair);
    expect(left.every(({ key }) => key !== keysOf("ada", "a").pair)).toBe(true);
    await pass(31 * 24 * 3_600);
    await forgetOldLogins(db);
    expect(await database.sql`select 1 from login_throttle`).toEqual([]);
  });
});

describeWithPostgres("a hundred logins at the same moment", () => {
  beforeAll(() => open(true));
  afterAll(() => database.close());

  test("find each other's counts: no more pass than in a row", async () => {
    const started = Date.now();
    const waits = await Promise.all(
      Array.from({ length: 100 }, () => recordLoginAttempt(db, keysOf("ada", "a"))),
    );
    // Waits of 1, 2, 4, … seconds end while a slow machine is still at it.
    const ended = Math.floor(Math.log2((Date.now() - started) / 1_000 + 1));
    const passed = waits.filter((wait) => wait === 0).length;
    expect(passed).toBeGreaterThanOrEqual(LOGIN_PAIR_FREE_MAX + 1);
    expect(passed).toBeLessThanOrEqual(LOGIN_PAIR_FREE_MAX + 1 + ended);
  });

  test("of many users from many addresses neither deadlock nor fail", async () => {
    const all = Array.from({ length: 100 }, (_, n) => keysOf(`user ${n % 7}`, `address ${n % 5}`));
    const waits = await Promise.all(
      all.map(async (keys, n) => {
        const wait = await recordLoginAttempt(db, keys);
        if (wait === 0 && n % 3 === 0) await clearLoginFailures(db, keys);
        return wait;
      }),
    );
    expect(waits).toHaveLength(100);
  });
});
