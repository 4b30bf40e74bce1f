/**
 * Writes the table of bindings in docs/deploy.md, or in the file that is named, from config.ts. With `--check` it fails
 * when the table is out of date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../ops/subprocess.ts";
import { type BindingDescription, describeBindings } from "../../src/config.ts";

const [path = join(ROOT, "docs/deploy.md")] = process.argv
  .slice(2)
  .filter((argument) => argument !== "--check");
const BEGIN = "<!-- config -->\n";
const END = "<!-- /config -->";

function table(bindings: readonly BindingDescription[]): string {
  const rows = bindings.map(({ name, workers, required, secret, default: byDefault, description }) => [
    `\`${name}\``,
    workers.length === 2 ? "both" : workers.join(),
    required ? "yes" : byDefault === undefined ? "no" : `\`${byDefault}\``,
    secret ? "yes" : "",
    description,
  ]);
  const head = ["binding", "Worker", "required, or its default", "secret", "what for"];
  const lines = [head, head.map(() => "---"), ...rows].map(
    (cells) => `| ${cells.map(escaped).join(" | ")} |`,
  );
  return `${lines.join("\n")}\n`;
}

const escaped = (cell: string) => cell.replaceAll("|", "\\|");

const before = readFileSync(path, "utf8");
const begin = before.indexOf(BEGIN);
const end = before.indexOf(END);
if (begin === -1 || end < begin) {
  console.error(`${path} has no place for the table: it stands between ${BEGIN.trim()} and ${END}`);
  process.exitCode = 1;
} else {
  const after = before.slice(0, begin + BEGIN.length) + table(describeBindings()) + before.slice(end);
  if (!process.argv.includes("--check")) writeFileSync(path, after);
  else if (after !== before) {
    console.error(`${path} does not match src/config.ts: run "npm run config" and commit it`);
    process.exitCode = 1;
  }
}
