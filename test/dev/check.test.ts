import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { migrationDrift } from "../../dev/check/migration-drift.ts";
import { ROOT, run } from "../../ops/subprocess.ts";

const folder = mkdtempSync(join(tmpdir(), "schema-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The product's schema with something added, as a path from the project's root. */
function schemaWith(addition: string): string {
  const file = join(folder, "schema.ts");
  writeFileSync(
    file,
    `import { pgTable, text } from "${ROOT}node_modules/drizzle-orm/pg-core/index.js";
     export * from "${ROOT}src/storage/core/schema.ts";
     ${addition}`,
  );
  return relative(ROOT, file);
}

describe("migration drift", () => {
  it("is none for the schema that the migrations were made from", async () => {
    expect(await migrationDrift(schemaWith(""))).toEqual({ ok: true, output: "" });
  });

  it("is found when the schema has a table that no migration makes", async () => {
    const drift = await migrationDrift(
      schemaWith('export const extra = pgTable("extra", { id: text("id") });'),
    );
    expect(drift.ok).toBe(false);
    expect(drift.output).toContain("npm run db:generate");
  });

  it("is found when drizzle-kit would have to ask: a column that may be renamed or new", async () => {
    const renamed = 'export const epoch = pgTable("campaign_epoch", { renamed: text("renamed") });';
    const drift = await migrationDrift(schemaWith(`${renamed} export const campaignEpoch = undefined;`));
    expect(drift.ok).toBe(false);
  });
});

describe("the table of bindings", () => {
  const document = join(folder, "deploy.md");
  const generate = (...args: string[]) =>
    run(process.execPath, ["dev/generate/config-table.ts", ...args, document]);

  it("is written between its marks, and is then up to date", async () => {
    writeFileSync(document, "before\n<!-- config -->\nold\n<!-- /config -->\nafter\n");
    expect(await generate("--check")).toMatchObject({
      ok: false,
      output: expect.stringContaining("npm run config"),
    });
    expect(await generate()).toMatchObject({ ok: true });
    expect(readFileSync(document, "utf8")).toMatch(
      /^before\n<!-- config -->\n\| binding[\s\S]*\|\n<!-- \/config -->\nafter\n$/,
    );
    expect(await generate("--check")).toEqual({ ok: true, output: "" });
  });

  it.each([[["--check"]], [[]]])("fails without a place for it: %j", async (args) => {
    writeFileSync(document, "nothing of it\n");
    expect(await generate(...args)).toMatchObject({ ok: false, output: expect.stringContaining("no place") });
    expect(readFileSync(document, "utf8")).toBe("nothing of it\n");
  });
});

describe("run", () => {
  it("tells what a tool said and whether it succeeded", async () => {
    expect(await run(process.execPath, ["-e", "console.log(1); console.error(2)"])).toEqual({
      ok: true,
      output: "1\n2",
    });
    expect(await run(process.execPath, ["-e", "console.log('bad'); process.exit(3)"])).toEqual({
      ok: false,
      output: "bad",
    });
    expect(await run("no-such-tool", [])).toMatchObject({
      ok: false,
      output: expect.stringContaining("ENOENT"),
    });
  });
});
