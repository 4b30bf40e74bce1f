/** Writes openapi.json from the schemas that validate, or with `--check` fails when it is out of date. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const file = new URL("../openapi.json", import.meta.url);
// The Worker serves the document it is made of: something must be there before it can be imported.
if (!existsSync(file)) writeFileSync(file, "{}\n");

const { createApp } = await import("../src/api/app.ts");
const { openApiDocument } = await import("../src/api/openapi.ts");
const text = `${JSON.stringify(openApiDocument(createApp()), null, 2)}\n`;

if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  console.error("openapi.json does not match the schemas: run `npm run openapi` and commit it");
  process.exitCode = 1;
}
