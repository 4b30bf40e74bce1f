/** Links between the documents, and what the code says of documents, lead somewhere. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const documents = globSync(["*.md", "docs/**/*.md"], { cwd: ROOT }).toSorted();
/** Migrations are left out: one that has been released is never edited, not even where it names a document. */
const sources = globSync(
  ["{src,ops,dev,bench,test}/**/*.{ts,yml}", ".ci/*", ".github/**/*.yml", "*.toml", ".npmrc"],
  { cwd: ROOT },
).filter((path) => path !== relative(ROOT, fileURLToPath(import.meta.url)));

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** The anchors that GitHub gives a document's headings; a heading that comes again gets a number. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const prose = markdown.replaceAll(/^```[\s\S]*?^```/gm, "");
  for (const [, heading = ""] of prose.matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The relative links of a document that lead nowhere. */
function brokenLinks(document: string, markdown: string): string[] {
  return [...markdown.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? document : join(dirname(document), path);
      if (target !== document && !existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(target === document ? markdown : read(target)).has(anchor);
    });
}

test("a broken link is found, to a file and to a heading", () => {
  const markdown =
    "# One\n## One\n[a](#one-1) [b](#two) [c](../README.md) [d](none.md) [e](../README.md#none)";
  expect(brokenLinks("docs/x.md", markdown)).toEqual(["#two", "none.md", "../README.md#none"]);
});

describe("links", () => {
  test.each(documents)("of %s lead somewhere", (document) => {
    expect(brokenLinks(document, read(document))).toEqual([]);
  });
});

test("every document that the code names is there", () => {
  expect(sources.length).toBeGreaterThan(200);
  const missing = sources.flatMap((path) =>
    [...read(path).matchAll(/(?<![\w./])docs\/[\w/-]+\.md\b/g)]
      .filter(([document]) => !existsSync(join(ROOT, document)))
      .map(([document]) => `${path}: ${document}`),
  );
  expect(missing).toEqual([]);
});
