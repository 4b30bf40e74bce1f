import { describe, expect, it } from "vitest";
import { campaigns } from "../../dev/demo/campaigns.ts";
import { chunksOf } from "../../dev/demo/chunks.ts";
import { readDeliveries } from "../../dev/demo/deliveries.ts";
import { expectedMatches } from "../../dev/demo/expected.ts";
import { type CampaignResult, EXAMPLE } from "../../dev/demo/outcome.ts";
import { difference, explanationTree, isRight, wrap } from "../../dev/demo/report.ts";
import { explain } from "../../src/rules/evaluation/explain.ts";
import type { Rule } from "../../src/rules/language/rule.ts";

describe("chunksOf", () => {
  const bytes = (chunk: unknown) => Buffer.byteLength(JSON.stringify(chunk));

  it("keeps order, and every limit", () => {
    const items = Array.from({ length: 50 }, (_, index) => "é".repeat(index));
    const chunks = chunksOf(items, 7, 400);
    expect(chunks.flat()).toEqual(items);
    for (const chunk of chunks) {
      expect(chunk.length).toBeLessThanOrEqual(7);
      expect(bytes(chunk)).toBeLessThanOrEqual(400);
    }
  });

  it("fills a request to the last byte", () => {
    expect(chunksOf(["aa", "bb"], 10, bytes(["aa", "bb"]))).toEqual([["aa", "bb"]]);
    expect(chunksOf(["aa", "bb"], 10, bytes(["aa", "bb"]) - 1)).toEqual([["aa"], ["bb"]]);
  });

  it("sends the demo's events in four requests of at most 1 MiB", () => {
    const chunks = chunksOf(readDeliveries("github"), 1_000, 1024 * 1024);
    expect(chunks).toHaveLength(4);
    expect(Math.max(...chunks.map(bytes))).toBeLessThanOrEqual(1024 * 1024);
  });
});

describe("wrap", () => {
  it("breaks at spaces, and says where something is missing", () => {
    expect(wrap("one two three", 7, 3)).toEqual(["one two", "three"]);
    expect(wrap("one two three four", 7, 2)).toEqual(["one two", "three …"]);
    expect(wrap("abcdefgh", 4, 3)).toEqual(["abc…"]);
  });
});

describe("the verdict", () => {
  const rule: Rule = { field: "type", operator: "exists" };
  const result = (matched: string[], expected: string[]): CampaignResult => ({
    name: "Any",
    rule,
    matched,
    expected,
  });
  const verdict = (results: CampaignResult[], faults: string[] = []) =>
    isRight({
      results,
      faults,
      seconds: 1,
      explanation: explain(rule, readDeliveries("x")[0] ?? never()).explanation,
    });
  const never = (): never => {
    throw new Error("no deliveries");
  };

  it("is right only when every id is there exactly once", () => {
    expect(verdict([result(["a", "b"], ["a", "b"])])).toBe(true);
    expect(verdict([result(["a", "b"], ["a", "b"])], ["something else"])).toBe(false);
    expect(verdict([result(["a"], ["a", "b"])])).toBe(false);
    expect(verdict([result(["a", "c"], ["a", "b"])])).toBe(false);
    expect(verdict([result(["a", "a"], ["a"])])).toBe(false);
  });

  it("names the ids that differ", () => {
    expect(difference(result(["a", "c", "c"], ["a", "b"]))).toBe(
      "Any: missing: b\nAny: not expected: c, c\nAny: recorded twice: c",
    );
  });
});

describe("the explained example", () => {
  it("is one of the campaign's matches, and reads beside its rule", () => {
    const events = readDeliveries("github");
    expect(expectedMatches(EXAMPLE.campaign, events)).toContain(EXAMPLE.event);
    const event = events.find(({ id }) => id === EXAMPLE.event);
    const rule = campaigns.find(({ name }) => name === EXAMPLE.campaign)?.rule;
    if (event === undefined || rule === undefined) throw new Error("The example is gone.");
    expect(explanationTree(rule, explain(rule, event).explanation)).toMatchInlineSnapshot(`
      "  ✓ any of
          ✓ some element of data.workflow_job.steps has  ← element 8 of 12
            ✓ all of
              ✓ conclusion is "failure"  ← "failure"
              ✓ number is less than 10  ← 8
          ✗ data.check_run.conclusion is one of "failure", "neutral"  ← nothing there
          ✗ data.workflow_run.conclusion is "action_required"  ← nothing there"
    `);
  });

  it("can be drawn for every campaign and event, in lines of 100 columns", () => {
    for (const event of readDeliveries("github").slice(0, 40)) {
      for (const { rule } of campaigns) {
        const tree = explanationTree(rule, explain(rule, event).explanation);
        for (const line of tree.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
      }
    }
  });
});
