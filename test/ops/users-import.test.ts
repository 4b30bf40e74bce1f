/** Users of another system: what the file may hold, all or nothing, and their first login here. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as bcrypt from "bcryptjs";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseUsers } from "../../ops/users/csv.ts";
import { hashPassword } from "../../src/auth/passwords.ts";
import { USERS_IMPORT_ROWS_MAX } from "../../src/limits.ts";
import { findCredentials, importUsers } from "../../src/storage/users.ts";
import { logIn } from "../support/accounts.ts";
import { runScript } from "../support/command.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PASSWORD } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const B = bcrypt.hashSync(PASSWORD, 4);
const A = await hashPassword(PASSWORD, { algorithm: "argon2id" });
const HEADER = "username,role,hash";
const OPERATOR = { type: "operator", id: null, requestId: null } as const;

describe("a file of users", () => {
  test("holds names, roles and hashes, quoted where they hold commas or quotation marks", () => {
    const text = `\ufeff${HEADER}\r\nada,admin,${B}\r\n"Hopper, ""Amazing"" Grace",user,"${A}"\r\n\r\nbarbara,user,${B.replace("$2b$", "$2a$")}`;
    expect(parseUsers(text)).toEqual({
      ok: true,
      users: [
        { line: 2, username: "ada", role: "admin", passwordHash: B },
        { line: 3, username: 'Hopper, "Amazing" Grace', role: "user", passwordHash: A },
        { line: 5, username: "barbara", role: "user", passwordHash: B.replace("$2b$", "$2a$") },
      ],
    });
  });

  test("is refused with everything that is wrong with it, line by line, and no hash", () => {
    const secret = B.slice(10);
    const text = [
      HEADER,
      `ada,admin,${B}`,
      `,user,${B}`,
      `${"x".repeat(65)},user,${B}`,
      `a\u0007b,user,${B}`,
      `grace,root,${B}`,
      `grace,user,${B}x`,
      `grace,user,${B.replace("$2b$", "$2y$")}`,
      `grace,user,${A}`,
      "grace,user",
      `ADA,user,${B}`,
      `"grace,user,${B}`,
    ].join("\n");
    const parsed = parseUsers(text);
    expect(parsed).toEqual({
      ok: false,
      problems: [
        "line 3: has a username that must not be empty",
        "line 4: has a username that must have at most 64 characters",
        "line 5: has a username that must hold letters, digits, printable ASCII and single spaces between them, nothing invisible",
        "line 6: has a role that is none of admin, user",
        "line 7: has a hash that is neither bcrypt ($2a$, $2b$) nor argon2id (PHC)",
        "line 8: has a $2y$ hash: it is the same as $2b$, write it so",
        "line 9: has 5 fields, not 3: quote a hash that holds commas",
        "line 10: has 2 fields, not 3",
        "line 11: the username is that of line 2",
        "line 12: has a quotation mark that is not closed, or in the middle of a field",
      ],
    });
    expect(JSON.stringify(parsed)).not.toContain(secret);
  });

  test("is numbered by the lines on which records begin, also where a field spans several", () => {
    const text = `${HEADER}\r\n\nada,admin,${B}\n"a\r\nb",user,${B}\ngrace,king,${B}\n\n\nbarbara,user\n`;
    expect(parseUsers(text)).toEqual({
      ok: false,
      problems: [
        "line 4: has a username that must hold letters, digits, printable ASCII and single spaces between them, nothing invisible",
        "line 6: has a role that is none of admin, user",
        "line 9: has 2 fields, not 3",
      ],
    });
  });

  test.each([
    ["a quotation mark in the middle of a field", `gra"ce,user,${B}`],
    ["something after a closing quotation mark", `"grace"x,user,${B}`],
    ["a quotation mark that is not closed", `"grace,user,${B}`],
  ])("is read no further than a line with %s", (_, line) => {
    expect(parseUsers(`${HEADER}\nada,king,${B}\n${line}\nbarbara,king,${B}\n`)).toEqual({
      ok: false,
      problems: [
        "line 2: has a role that is none of admin, user",
        "line 3: has a quotation mark that is not closed, or in the middle of a field",
      ],
    });
  });

  test.each([
    ["", "line 1: must be username,role,hash"],
    [`ada,admin,${B}\n`, "line 1: must be username,role,hash"],
    [`${HEADER}\n`, "line 2: there is no user"],
    [
      `${HEADER}\n${`u,user,${B}\n`.repeat(USERS_IMPORT_ROWS_MAX + 1)}`,
      `there are ${USERS_IMPORT_ROWS_MAX + 1} users, more than ${USERS_IMPORT_ROWS_MAX}`,
    ],
  ])("is refused when it has no header, no user or too many", (text, problem) => {
    expect(parseUsers(text)).toEqual({ ok: false, problems: [problem] });
  });
});

describe("imported users", () => {
  const system = useSystem();
  const hashOf = async (username: string) => (await findCredentials(system.db, username))?.password_hash;
  beforeAll(async () => {
    await importUsers(
      system.db,
      [
        { id: uuidv7(), username: "two-b", role: "user", passwordHash: B },
        { id: uuidv7(), username: "two-a", role: "user", passwordHash: B.replace("$2b$", "$2a$") },
        { id: uuidv7(), username: "argon", role: "user", passwordHash: A },
      ],
      OPERATOR,
    );
  });

  test.each(["two-a", "two-b"])(
    "log in with a bcrypt hash (%s), which becomes argon2id by it",
    async (username) => {
      expect((await logIn(system, username, "not the password")).status).toBe(401);
      expect(await hashOf(username)).toMatch(/^\$2[ab]\$04\$/);
      expect((await logIn(system, username)).status).toBe(200);
      expect(await hashOf(username)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect((await logIn(system, username)).status).toBe(200);
    },
  );

  test("keep a hash that is as new ones are", async () => {
    expect((await logIn(system, "argon")).status).toBe(200);
    expect(await hashOf("argon")).toBe(A);
  });

  test("each have an audit row without the hash", async () => {
    const rows = await system.database.sql`
      select before, after from audit_log where action = 'user.import' order by seq`;
    expect(rows).toEqual([
      { before: null, after: { username: "two-b", role: "user", disabled: false } },
      { before: null, after: { username: "two-a", role: "user", disabled: false } },
      { before: null, after: { username: "argon", role: "user", disabled: false } },
    ]);
  });

  test("are all left out when one name is taken, in whatever letter case", async () => {
    const user = (username: string) => ({ id: uuidv7(), username, role: "user" as const, passwordHash: B });
    expect(await importUsers(system.db, [user("new"), user("TWO-A")], OPERATOR)).toEqual({
      ok: false,
      reason: "username_taken",
    });
    expect(await findCredentials(system.db, "new")).toBeUndefined();
  });
});

describe("PASSWORD_HASH=bcrypt", () => {
  const system = useSystem({ vars: { PASSWORD_HASH: "bcrypt", BCRYPT_ROUNDS: "10" } });

  test("hashes new passwords so, brings others over at the next login, and refuses over 72 bytes", async () => {
    const token = await system.login("admin");
    const [admin] = await system.database.sql`select username, password_hash as hash from users`;
    expect(admin?.["hash"]).toMatch(/^\$2b\$10\$/);
    const create = (username: string, password: string) =>
      system.call("POST", "/v1/users", { token, json: { username, password, role: "user" } });
    expect((await create("ada", PASSWORD)).status).toBe(201);
    expect((await findCredentials(system.db, "ada"))?.password_hash).toMatch(/^\$2b\$10\$/);
    expect((await logIn(system, "ada")).status).toBe(200);
    expect((await create("grace", "é correct horse battery ".repeat(3))).status).toBe(422);
  });

  test("hashes anew what was hashed with another number of rounds", async () => {
    const passwordHash = bcrypt.hashSync(PASSWORD, 5);
    await importUsers(system.db, [{ id: uuidv7(), username: "weak", role: "user", passwordHash }], OPERATOR);
    expect((await logIn(system, "weak")).status).toBe(200);
    expect((await findCredentials(system.db, "weak"))?.password_hash).toMatch(/^\$2b\$10\$/);
  });
});

describeWithPostgres("npm run users:import", () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await openTestDatabase({ real: true });
    folder = await mkdtemp(join(tmpdir(), "users-"));
  });
  afterAll(async () => {
    await database?.close();
    await rm(folder, { recursive: true });
  });

  const run = async (text: string) => {
    const file = join(folder, "users.csv");
    await writeFile(file, text);
    return runScript("ops/users/import.ts", [file], { DATABASE_URL: database.postgresUrl ?? "" });
  };
  const count = async () => (await database.sql`select count(*)::int as n from users`)[0]?.["n"];

  test("imports all users of a file, or none", async () => {
    expect(await run(`${HEADER}\nada,admin,${B}\ngrace,user,"${A}"\n`)).toMatchObject({ ok: true });
    expect(await count()).toBe(2);

    const clash = await run(`${HEADER}\nbarbara,user,${B}\nGRACE,user,${B}\n`);
    expect(clash).toMatchObject({
      ok: false,
      output: expect.stringContaining("line 3: there is a user of this name already"),
    });
    const bad = await run(`${HEADER}\nbarbara,user,${B}\nniklaus,user,plain text\n`);
    expect(bad).toMatchObject({ ok: false, output: expect.stringContaining("line 3: has a hash") });
    expect(bad.output).not.toContain("plain text");
    expect(await count()).toBe(2);
  });

  test("takes as many as it promises in one go", async () => {
    const lines = Array.from({ length: USERS_IMPORT_ROWS_MAX }, (_, n) => `user ${n},user,${B}`);
    expect(await run([HEADER, ...lines].join("\n"))).toMatchObject({ ok: true });
    expect(await count()).toBe(USERS_IMPORT_ROWS_MAX + 2);
  });
});
