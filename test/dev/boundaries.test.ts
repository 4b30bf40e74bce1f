/** Who may import whom is for lint to say (biome.json): each rule refuses what it is there for, and nothing else. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT, run } from "../../ops/subprocess.ts";

const REFUSED = [
  ["src/rules/index/x.ts", "../../storage/users.ts"],
  ["src/rules/index/x.ts", "../../telemetry/log.ts"],
  ["src/rules/index/x.ts", "../../../dev/demo/api.ts"],
  ["src/rules/index/x.ts", "node:fs"],
  ["src/rules/index/x.ts", "drizzle-orm/pg-core"],
  ["src/auth/x.ts", "../storage/users.ts"],
  ["src/auth/x.ts", "../api/app.ts"],
  ["src/auth/x.ts", "../../test/support/system.ts"],
  ["src/api/x.ts", "../consumer/decide/decide.ts"],
  ["src/api/x.ts", "../../test/support/system.ts"],
  ["src/api/routes/x.ts", "drizzle-orm"],
  ["src/api/accounts/x.ts", "../middleware/authenticate.ts"],
  ["src/api/accounts/x.ts", "../routes/auth.ts"],
  ["src/api/accounts/x.ts", "../../../bench/run.ts"],
  ["src/consumer/decide/x.ts", "../../api/app.ts"],
  ["src/consumer/decide/x.ts", "jose"],
  ["src/consumer/decide/x.ts", "../../../ops/command.ts"],
  ["src/telemetry/x.ts", "../../dev/demo/api.ts"],
  ["ops/deploy/x.ts", "../../dev/demo/api.ts"],
] as const;

const ALLOWED = [
  ["src/rules/index/x.ts", "../../limits.ts"],
  ["src/rules/index/x.ts", "../language/rule.ts"],
  ["src/rules/index/x.ts", "./words.ts"],
  ["src/rules/index/x.ts", "re2js"],
  ["src/auth/x.ts", "../limits.ts"],
  ["src/api/routes/x.ts", "../../storage/users.ts"],
  ["src/api/routes/x.ts", "../accounts/login.ts"],
  ["src/consumer/decide/x.ts", "../../rules/index/campaign-index.ts"],
  ["ops/deploy/x.ts", "../../src/limits.ts"],
  ["dev/demo/x.ts", "../../ops/command.ts"],
] as const;

const folder = mkdtempSync(join(tmpdir(), "boundaries-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The files of which lint says that they import what they may not. */
let refused: ReadonlySet<string>;
const cases = [...REFUSED, ...ALLOWED].map(([file, specifier], i) => ({
  file: file.replace("x.ts", `x${i}.ts`),
  specifier,
}));

beforeAll(async () => {
  const configuration = { ...JSON.parse(readFileSync(join(ROOT, "biome.json"), "utf8")), vcs: {} };
  writeFileSync(join(folder, "biome.json"), JSON.stringify(configuration));
  for (const { file, specifier } of cases) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `export { x } from "${specifier}";\n`);
  }
  const options = ["--only=style/noRestrictedImports", "--max-diagnostics=100", "--reporter=github"];
  const { output } = await run("biome", ["lint", ...options, `--config-path=${folder}`, folder]);
  refused = new Set(
    [...output.matchAll(/file=.*?((?:src|ops|dev)\/[\w/-]+\.ts)/g)].map(([, file = ""]) => file),
  );
});

test.each(cases.slice(0, REFUSED.length))("$file may not import $specifier", ({ file }) => {
  expect(refused).toContain(file);
});

test.each(cases.slice(REFUSED.length))("$file may import $specifier", ({ file }) => {
  expect(refused).not.toContain(file);
});
