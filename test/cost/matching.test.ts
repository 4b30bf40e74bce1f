import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/rules/evaluation/evaluate.ts";
import { createIndex } from "../../src/rules/index/campaign-index.ts";
import type { Rule } from "../../src/rules/language/rule.ts";
import { campaigns, event, ids } from "../support/hostile-events.ts";
import { processorMs } from "../support/processor-time.ts";

/** What an attacker could send costs no more than its size. Bounds that quadratic work would exceed many times over. */

describe("patterns", () => {
  const HOSTILE = ["(a+)+$", "(a|aa)+$", "(.*)*x", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y"];

  test("backtracking patterns against 64 KiB take time linear in it", () => {
    const index = createIndex(
      campaigns(300, (at) => ({ field: "data.x", operator: "matches", value: HOSTILE[at % 6] ?? "" })),
    );
    const text = `${"a".repeat(65_000)}!`;
    index.match(event({ x: "warm" }));
    expect(processorMs(() => index.match(event({ x: text })), 3)).toBeLessThan(2_000);
  });

  test("a pattern is asked once about a text, whichever rules and elements hold it", () => {
    const slow = "[a-q][^u-z]{13}x";
    const text = "abcdefghij".repeat(6_000);
    const once = createIndex(campaigns(30, () => ({ field: "data.x", operator: "matches", value: slow })));
    const often = createIndex(
      campaigns(30, (at) => ({
        some: "data.y",
        where: {
          and: [
            { field: ".", operator: "matches", value: slow },
            { field: ".", operator: "not_equals", value: at },
          ],
        },
      })),
    );
    const data = { x: text, y: Array(100).fill(text) };
    once.match(event(data));
    const one = processorMs(() => once.match(event(data)), 3);
    often.match(event(data));
    expect(processorMs(() => often.match(event(data)), 3)).toBeLessThan(20 * one + 100);
  });
});

describe("arrays", () => {
  test("20,000 values on each of two fields cost no more than the whole trie", () => {
    const index = createIndex(
      campaigns(5_000, (at) => ({
        and: [
          { field: "data.a", operator: "equals", value: `a${at % 50}` },
          { field: "data.b", operator: "equals", value: `b${at % 97}` },
          { field: "data.c", operator: "equals", value: at },
        ],
      })),
    );
    const a = Array.from({ length: 10_000 }, (_, at) => `a${at}`);
    const b = Array.from({ length: 10_000 }, (_, at) => `b${at}`);
    const hostile = event({ a, b, c: [7, 7, 7, 8] });
    expect(ids(index.match(hostile))).toEqual(["c7", "c8"]);
    expect(processorMs(() => index.match(hostile), 3)).toBeLessThan(300);
  });

  test("the same value 20,000 times is one value", () => {
    const index = createIndex(
      campaigns(500, (at) => ({ field: "data.a", operator: "in", value: [`a${at % 5}`, "b"] })),
    );
    const hostile = event({ a: Array(20_000).fill("a1") });
    expect(index.match(hostile)).toHaveLength(100);
    expect(processorMs(() => index.match(hostile), 3)).toBeLessThan(200);
  });
});

describe("rules", () => {
  const leaf = (at: number): Rule => ({ field: `data.k${at % 40}`, operator: "equals", value: at });

  test("256 conditions as 16 ors of 16 are not multiplied out", () => {
    const wide: Rule = {
      and: Array.from({ length: 16 }, (_, or) => ({
        or: Array.from({ length: 16 }, (_, at) => leaf(or * 16 + at)),
      })),
    };
    const many = campaigns(100, () => wide);
    let index = createIndex([]);
    expect(processorMs(() => (index = createIndex(many)))).toBeLessThan(5_000);
    expect(index.snapshot().byteLength).toBeLessThan(100 * 256 * 16 * 8);
    const data = Object.fromEntries(
      Array.from({ length: 40 }, (_, key) => [`k${key}`, Array.from({ length: 7 }, (_, n) => key + 40 * n)]),
    );
    expect(index.match(event(data))).toHaveLength(evaluate(wide, event(data)) ? 100 : 0);
    expect(evaluate(wide, event(data))).toBe(true);
  });

  test("an event of 5,000 keys no rule names is walked once", () => {
    const index = createIndex(campaigns(1_000, leaf));
    const data = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, key) => [`unknown${key}`, { deep: [key] }]),
    );
    index.match(event(data));
    expect(processorMs(() => index.match(event(data)), 3)).toBeLessThan(50);
  });
});

test("nothing of an event is kept: thousands leave no more behind than a few", () => {
  const index = createIndex(
    campaigns(60, (at) => ({
      or: [
        { field: "data.x", operator: "equals", value: `x${at}` },
        { field: "data.y", operator: "contains", value: `y${at}` },
        { some: "data.z", where: { field: ".", operator: "matches", value: `^z${at % 10}` } },
      ],
    })),
  );
  const send = (count: number) => {
    for (let at = 0; at < count; at++) {
      index.match(event({ x: `x${at}`, y: `${at} and more text that nobody has seen`, z: [`z${at}`, at] }));
    }
  };
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  send(1_000);
  const before = heap();
  send(10_000);
  expect(heap() - before).toBeLessThan(10e6);
});
