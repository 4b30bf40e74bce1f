import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "../../../src/api/http/json.ts";
import { JSON_DEPTH_MAX } from "../../../src/limits.ts";

/** Names that meet often, those of every object's own among them. */
const name = fc.constantFrom("id", "a", "", "__proto__", "constructor", "0", '"', "\\", "a:b", "{");

type Tree = null | string | number | readonly Tree[] | readonly Member[];
interface Member {
  readonly name: string;
  readonly value: Tree;
}

/** JSON as it is written: an object is a list of members, of which several may have one name. */
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, 1, -0.5, "", "x", 'a":{', "[,"),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.array(fc.record({ name, value: tie("tree") }), { minLength: 1, maxLength: 4 }),
  ),
}));

const isObject = (value: Tree): value is readonly Member[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((member) => member !== null && Object.hasOwn(member, "name"));

function write(value: Tree): string {
  if (isObject(value)) {
    return `{${value.map((member) => ` ${JSON.stringify(member.name)} : ${write(member.value)}`).join()}}`;
  }
  return Array.isArray(value) ? `[ ${(value as readonly Tree[]).map(write).join()}]` : JSON.stringify(value);
}

/** Where the first name is written that its object has already, looked for in the simplest way. */
function repeated(value: Tree): PropertyKey[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const seen: string[] = [];
  for (const [index, item] of value.entries()) {
    const at = isObject(value) ? item.name : index;
    if (isObject(value)) {
      if (seen.includes(item.name)) return [at];
      seen.push(item.name);
    }
    const within = repeated(isObject(value) ? item.value : item);
    if (within !== undefined) return [at, ...within];
  }
  return undefined;
}

describe("JSON", () => {
  test("is parsed as ever, unless an object repeats a name: then the first that does is pointed at", () => {
    let refused = 0;
    fc.assert(
      fc.property(tree, (value) => {
        const text = write(value);
        const path = repeated(value);
        if (path !== undefined) refused++;
        expect(parseJson(text)).toEqual(
          path === undefined
            ? { ok: true, value: JSON.parse(text) }
            : { ok: false, reason: "duplicate_key", path },
        );
      }),
      { numRuns: 2_000 },
    );
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(1_900);
  });

  test.each([
    ["escaped", '{"id":1,"\\u0069d":2}', ["id"]],
    ["in something that is lost", '{"a":{"b":1,"b":2},"a":1}', ["a", "b"]],
    ["of 100,000 others", `{${Array.from({ length: 100_000 }, (_, n) => `"${n}":0`).join()},"7":1}`, ["7"]],
  ])("with a repeated name is refused: %s", (_, text, path) => {
    expect(parseJson(text)).toEqual({ ok: false, reason: "duplicate_key", path });
  });

  test("that repeats a name in different objects is none that repeats one", () => {
    const text = '[{"a":{"a":[{"a":1},{"a":1}]}},{"a":"\\"a\\":"}]';
    expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  test.each([
    ["malformed", '{"a":1,"a":}'],
    ["malformed", '{"a":1 "a":2}'],
    ["malformed", '"'],
    ["too_deep", `${'{"a":1,"a":'.repeat(JSON_DEPTH_MAX + 1)}1${"}".repeat(JSON_DEPTH_MAX + 1)}`],
  ])("is %s before it is asked for repeated names", (reason, text) => {
    expect(parseJson(text)).toEqual({ ok: false, reason });
  });
});
