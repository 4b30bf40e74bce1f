/** `npm run check`: everything that can be checked without running the product. */

import { styleText } from "node:util";
import { runCommand } from "../../ops/command.ts";
import { type CheckResult, run } from "../../ops/subprocess.ts";
import { bindingTypes } from "./binding-types.ts";
import { migrationDrift } from "./migration-drift.ts";

interface Check {
  readonly name: string;
  readonly run: () => Promise<CheckResult>;
}

const checks: readonly Check[] = [
  { name: "formatting and lint", run: () => run("biome", ["ci", "."]) },
  { name: "types: Workers", run: () => run("tsc", ["-p", "tsconfig.json"]) },
  { name: "types: commands and tests", run: () => run("tsc", ["-p", "tsconfig.node.json"]) },
  { name: "bindings match wrangler.toml", run: bindingTypes },
  { name: "migrations match the schema", run: migrationDrift },
  {
    name: "OpenAPI matches the routes",
    run: () => run(process.execPath, ["dev/generate/openapi.ts", "--check"]),
  },
  {
    name: "docs/deploy.md matches the configuration",
    run: () => run(process.execPath, ["dev/generate/config-table.ts", "--check"]),
  },
  {
    name: "case folding matches Unicode's data",
    run: () => run(process.execPath, ["dev/generate/case-folding.ts", "--check"]),
  },
];

await runCommand(async () => {
  const failed: string[] = [];
  for (const check of checks) {
    const start = performance.now();
    const { ok, output } = await check.run();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `${ok ? styleText("green", "✓") : styleText("red", "✗")} ${check.name} ${styleText("dim", `${seconds} s`)}`,
    );
    if (!ok) {
      failed.push(check.name);
      console.log(`\n${output}\n`);
    }
  }
  if (failed.length === 0) return 0;
  console.log(styleText("red", `\n${failed.length} of ${checks.length} failed: ${failed.join(", ")}.`));
  return 1;
});
