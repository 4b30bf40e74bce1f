import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { freePort } from "../../../dev/local/port.ts";
import { CannotRun } from "../../../ops/command.ts";
import { parseDatabaseUrl } from "../../../ops/database/address.ts";
import { runScript } from "../../support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "url-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the DATABASE_URL of a command", () => {
  test.each([
    "postgres://ada:secret@db.example.com:6543/shop?sslmode=require",
    "postgresql://ada@localhost/shop",
    "postgres:///shop?host=/var/run/postgresql&user=ada",
    "postgres://localhost/shop?user=ada",
  ])("may be %s", (text) => expect(parseDatabaseUrl(text).href).toBe(text));

  test.each([
    ["postgres://x", "names no user and no database"],
    ["postgres://localhost/shop", "names no user"],
    ["postgres:///shop?user=ada", "names no host"],
    ["mysql://ada:secret@db.example.com/shop", "is not a Postgres connection string"],
    ["secret", "is not a Postgres connection string"],
  ])("may not be %s, and is not shown", (text, problem) => {
    expect(() => parseDatabaseUrl(text)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(`^DATABASE_URL ${problem}`) }),
    );
    expect(() => parseDatabaseUrl(text)).toThrow(CannotRun);
    expect(() => parseDatabaseUrl(text)).toThrow(expect.not.stringContaining("secret"));
  });

  test.each([
    ["ops/database/migrate.ts", []],
    ["ops/audit/verify.ts", []],
    ["ops/deploy/command.ts", ["--dry-run"]],
    ["dev/local/command.ts", []],
  ])("that names no database stops %s before it starts", async (script, args) => {
    const { ok, output } = await runScript(script, args, {
      DATABASE_URL: "postgres://x",
      DEV_DATA_DIR: folder,
      PORT: String(await freePort()),
    });
    expect(output).toContain("DATABASE_URL names no user and no database");
    expect(ok).toBe(false);
  });
});
