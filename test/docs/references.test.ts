/** What documents say of the code is there: files, names in them, tests. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const ROOT_FILE = /^[\w.-]+\.(md|json|toml|ts)$/;
const IN_A_FOLDER = /^(\.ci|\.github|bench|dev|docs|migrations|ops|src|test)\/[\w./-]+$/;

const existing = (path: string): boolean => existsSync(new URL(`../../${path}`, import.meta.url));
const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** Code spans such as `src/auth/tokens.ts:keyOf`: a file, and perhaps a name in it. */
function referencesIn(text: string): { path: string; name: string | undefined }[] {
  return [...text.matchAll(/`([^`\s]+)`/g)].flatMap(([, span = ""]) => {
    const [path = "", name, ...rest] = span.split(":");
    return rest.length === 0 && (ROOT_FILE.test(path) || IN_A_FOLDER.test(path)) ? [{ path, name }] : [];
  });
}

/** Tests such as `test/x.test.ts` › "name", "another name". */
function testsIn(text: string): { path: string; name: string }[] {
  return [...text.matchAll(/`(test\/[^`]+)` › ((?:"[^"]+"(?:,\s+)?)+)/g)].flatMap(
    ([, path = "", names = ""]) =>
      [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({
        path,
        name: name.replaceAll(/\s+/g, " "),
      })),
  );
}

describe.each(["docs/architecture.md", "docs/security/threat-model.md", "docs/security/asvs.md"])(
  "%s",
  (document) => {
    const text = read(document);

    test("names files that are there, and names that are in them", () => {
      const references = referencesIn(text);
      expect(references.length).toBeGreaterThan(40);
      const missing = references.filter(
        ({ path, name }) =>
          !existing(path) || (name !== undefined && !new RegExp(`\\b${name}\\b`).test(read(path))),
      );
      expect(missing).toEqual([]);
    });

    test("names tests that are there", () => {
      const isThere = (path: string, name: string) =>
        existing(path) && ['"', "`"].some((quote) => read(path).includes(`${quote}${name}${quote}`));
      expect(testsIn(text).filter(({ path, name }) => !isThere(path, name))).toEqual([]);
    });
  },
);

test("the threat model names a test for what it says is held", () => {
  expect(testsIn(read("docs/security/threat-model.md")).length).toBeGreaterThan(150);
});
