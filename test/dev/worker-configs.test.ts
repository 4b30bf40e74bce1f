import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { SOURCES, watchSources, writeWorkerConfig } from "../../dev/local/worker-configs.ts";
import { ROOT } from "../../ops/subprocess.ts";

const folder = mkdtempSync(join(tmpdir(), "worker-configs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MINIMAL = 'name = "a-worker"\nmain = "src/worker.ts"\n';

/** A folder with a wrangler file in it. */
function rootWith(name: string, text: string): string {
  const root = join(folder, name);
  mkdirSync(root);
  writeFileSync(join(root, "wrangler.toml"), text);
  return root;
}

test.each(Object.values(SOURCES))("%s keeps all it says, with paths that hold from anywhere", (source) => {
  const target = join(folder, source);
  const written = writeWorkerConfig(ROOT, source, target, {});
  const config = JSON.parse(readFileSync(written.path, "utf8"));
  expect(config).toMatchObject({ name: written.name, triggers: { crons: written.crons } });
  expect(written.crons).toHaveLength(1);
  for (const path of [config.main, config.assets?.directory ?? ROOT]) expect(statSync(path)).toBeDefined();
  // Every table of the file, whatever comes to be in it.
  const tables = [...readFileSync(join(ROOT, source), "utf8").matchAll(/^\[+(\w+)/gm)].map(
    ([, name]) => name,
  );
  expect(Object.keys(config)).toEqual(expect.arrayContaining(tables));
});

test("a Worker's values lie beside its file, for this user alone, line ends included", () => {
  const target = join(folder, "values");
  const root = rootWith("root", MINIMAL);
  writeWorkerConfig(root, "wrangler.toml", target, { KEY: '-----BEGIN-----\n"a$b\\n#`\n', EMPTY: "" });
  const path = join(target, ".dev.vars");
  expect(readFileSync(path, "utf8")).toBe(`KEY='-----BEGIN-----\n"a$b\\n#\`\n'\nEMPTY=''\n`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.each([
  ["what is no TOML", "name = ", {}],
  ["a file without an entry", 'name = "a-worker"', {}],
  ["a value that cannot be written down", MINIMAL, { KEY: "it's" }],
])("refuses %s", (what, text, values) => {
  const root = rootWith(what, text);
  expect(() => writeWorkerConfig(root, "wrangler.toml", join(root, "out"), values)).toThrow();
});

test("a file is replaced where it changes, so that nobody reads half of it, and left alone where not", () => {
  const root = rootWith("replaced", MINIMAL);
  const write = () => writeWorkerConfig(root, "wrangler.toml", join(root, "out"), { KEY: "value" });
  const { path } = write();
  const { ino } = statSync(path);
  write();
  expect(statSync(path).ino).toBe(ino);
  const reader = openSync(path, "r"); // keeps the number of the file that it reads from being given to another
  writeFileSync(join(root, "wrangler.toml"), `${MINIMAL}minify = true\n`);
  write();
  expect(statSync(path).ino).not.toBe(ino);
  expect(JSON.parse(readFileSync(reader, "utf8"))).not.toHaveProperty("minify");
  closeSync(reader);
});

test("sees a file change, another put in its place, and one that cannot be used", async () => {
  const root = rootWith("watched", MINIMAL);
  let written = 0;
  let lines: string[] = [];
  const unwatch = watchSources(
    root,
    ["wrangler.toml"],
    () => {
      writeWorkerConfig(root, "wrangler.toml", join(root, "out"), {});
      written++;
    },
    (line) => lines.push(line),
  );
  /** Changes the file until that is seen: it is not known when the first look is. */
  const change = async (put: (text: string) => void, isSeen: () => boolean) => {
    written = 0;
    lines = [];
    for (let text = MINIMAL; !isSeen(); await new Promise((resolve) => setTimeout(resolve, 100))) {
      text += "# more\n";
      put(text);
    }
  };
  const putInPlace = (text: string) => {
    writeFileSync(join(root, "draft"), text);
    renameSync(join(root, "draft"), join(root, "wrangler.toml"));
  };
  await change(
    (text) => writeFileSync(join(root, "wrangler.toml"), text),
    () => written > 0,
  );
  await change(putInPlace, () => written > 0);
  await change(
    (text) => putInPlace(`${text}name = `),
    () => lines.length > 0,
  );
  expect(lines[0]).toMatch(/^✘ A wrangler file cannot be used, the Workers go on as before: /);
  await change(putInPlace, () => written > 0);
  unwatch();
});
