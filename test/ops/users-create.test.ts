import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../ops/subprocess.ts";
import { verifyPassword } from "../../src/auth/passwords.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../support/database.ts";

/** Runs the command with this on its standard input. */
async function usersCreate(args: readonly string[], input: string, databaseUrl = "") {
  const child = spawn(process.execPath, ["ops/users/create.ts", ...args], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: databaseUrl },
  });
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once("exit", resolve)),
  ]);
  return { stdout, stderr: stderr.trim(), code };
}

describe("users:create", () => {
  it.each<[string, string[], string]>([
    ["--username is missing", [], ""],
    ["The username must hold letters", ["--username", "a\nb"], ""],
    ["--role is one of admin, user", ["--username", "anna", "--role", "king"], ""],
    ["Unknown option '--password'", ["--username", "anna", "--password", "correct horse battery"], ""],
    ["DATABASE_URL is not set", ["--username", "anna"], ""],
  ])("refuses: %s", async (message, args, input) => {
    const { stdout, stderr, code } = await usersCreate(args, input);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
  });

  it("names a database that does not answer without the password in its address", async () => {
    const { stderr, code } = await usersCreate(
      ["--username", "anna"],
      "",
      "postgres://u:hunter2@127.0.0.1:1/x",
    );
    expect(code).toBe(1);
    expect(stderr).toContain("No Postgres answers at 127.0.0.1");
    expect(stderr).not.toContain("hunter2");
  });
});

describeWithPostgres("users:create in a database", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase({ real: true });
  });
  afterAll(() => database.close());

  const create = (args: readonly string[], input: string) => usersCreate(args, input, database.postgresUrl);
  const stored = async (username: string) =>
    (await database.sql`select role, password_hash from users where username = ${username}`)[0];

  it("takes the password from standard input", async () => {
    const password = "correct horse battery";
    const { stdout, code } = await create(["--username", "anna", "--role", "admin"], `${password}\n`);
    expect(code).toBe(0);
    expect(stdout).toBe("Created admin anna.\n");
    const user = await stored("anna");
    expect(user?.["role"]).toBe("admin");
    expect(await verifyPassword(password, String(user?.["password_hash"]))).toBe(true);
  });

  it("makes a password where none is given, shows it once, and makes no one an admin unasked", async () => {
    const { stdout, code } = await create(["--username", "bela"], "");
    expect(code).toBe(0);
    const password = /Password, shown only now: (\S+)/.exec(stdout)?.[1] ?? "";
    const user = await stored("bela");
    expect(user?.["role"]).toBe("user");
    expect(await verifyPassword(password, String(user?.["password_hash"]))).toBe(true);
  });

  it("leaves a user of the same name, in any letter case, as it is", async () => {
    const before = await stored("anna");
    const { stderr, code } = await create(["--username", "ANNA"], "another good password\n");
    expect(code).toBe(1);
    expect(stderr).toContain("There is a user ANNA already.");
    expect(await stored("anna")).toEqual(before);
  });

  it("refuses a weak password without repeating it", async () => {
    const { stdout, stderr, code } = await create(["--username", "carl"], "password1234\n");
    expect(code).toBe(1);
    expect(stderr).toContain("The password is among the commonest.");
    expect(stdout + stderr).not.toContain("password1234");
    expect(await stored("carl")).toBeUndefined();
  });

  it("records who was created, by an operator", async () => {
    const rows = await database.sql`select actor_type, after from audit_log where action = 'user.create'`;
    expect(rows.map((row) => [row["actor_type"], row["after"].username]).sort()).toEqual([
      ["operator", "anna"],
      ["operator", "bela"],
    ]);
  });
});
