/**
 * Neon's driver as the bundles see it (wrangler's `alias`): what queries over HTTP need of it. The package is one
 * file that also holds a Postgres client over WebSockets. Bundlers keep all of that, because nothing tells them that
 * its parts may be left out; this tells them. No line of the driver is changed.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const HEADER = `/*
 * Part of @neondatabase/serverless, cut by \`npm run vendor\`; do not edit.
 * Copyright (c) Neon Inc., MIT License. With ieee754 (BSD-3-Clause, Feross Aboukhadijeh), buffer (MIT, Feross
 * Aboukhadijeh), pg and pg-types (MIT, Brian Carlson), as in the package.
 */
`;

/** The text of src/vendor/neon.js. Throws when the package is built differently from what this was written for. */
export async function cutNeon(): Promise<string> {
  const source = (
    await readFile(fileURLToPath(import.meta.resolve("@neondatabase/serverless")), "utf8")
  ).replaceAll("\\\n", "");
  // The client over WebSockets comes last, after what queries over HTTP need.
  const http = source.slice(0, indexOf(source, /\w+\(\w+,\s*"getAuthToken"\);/));
  const marked = http
    .replaceAll(/=(T|V)\(/g, "=/* @__PURE__ */$1(") // modules, evaluated when first asked for
    .replaceAll(/=we\((\w+)\(\)\)/g, "=/* @__PURE__ */we(/* @__PURE__ */$1())") // such modules, imported
    .replaceAll(/\ba\(\s*(\w+),\s*"/g, '/* @__PURE__ */a($1,"'); // names, given to functions
  const exports = {
    neon: named(http, /\ba\(\s*(\w+),\s*"neon"\)/),
    neonConfig: named(http, /\{fetchEndpoint:\w+,\s*fetchFunction:\w+\}=(\w+)\b/),
    NeonDbError: named(http, /\ba\(\s*(\w+),\s*"NeonDbError"\)/),
    types: `/* @__PURE__ */${named(http, /var \w+=(\w+)\(\);\s*function \w+\(\w+\)\{this\._types=/)}()`,
  };
  const declared = Object.entries(exports).map(([name, value]) => `const export_${name}=${value};`);
  const list = Object.keys(exports).map((name) => `export_${name} as ${name}`);
  const { code } = await transform(`${marked}\n${declared.join("\n")}\nexport{${list.join()}};`, {
    format: "esm",
    target: "es2024",
    treeShaking: true,
    minify: true,
    lineLimit: 110,
    legalComments: "none",
  });
  return HEADER + code;
}

function indexOf(source: string, pattern: RegExp): number {
  const index = source.search(pattern);
  if (index === -1) throw new Error(`@neondatabase/serverless has changed: it lacks ${pattern}`);
  return index;
}

function named(source: string, pattern: RegExp): string {
  const name = pattern.exec(source)?.[1];
  if (name === undefined) throw new Error(`@neondatabase/serverless has changed: it lacks ${pattern}`);
  return name;
}
