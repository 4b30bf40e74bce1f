/** Writes openapi.json from the schemas that validate, or with `--check` fails when it is out of date. */
import { readFileSync, writeFileSync } from "node:fs";
import { createApp } from "../../src/api/app.ts";
import { openApiDocument } from "../../src/api/openapi.ts";

const file = new URL("../../openapi.json", import.meta.url);
const text = `${JSON.stringify(openApiDocument(createApp()), null, 2)}\n`;

if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  console.error("openapi.json does not match the schemas: run `npm run openapi` and commit it");
  process.exitCode = 1;
}
