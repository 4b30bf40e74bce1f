import { describe, expect, it } from "vitest";
import { campaigns } from "../../dev/demo/campaigns.ts";
import { readDeliveries } from "../../dev/demo/deliveries.ts";
import { expectedMatches } from "../../dev/demo/expected.ts";
import { evaluate } from "../../src/rules/evaluation/evaluate.ts";
import { parseRule } from "../../src/rules/language/parse.ts";

const events = readDeliveries("github");

describe("the demo's events", () => {
  it("are the 329 deliveries of the package, each with an id of its own", () => {
    expect(events).toHaveLength(329);
    expect(new Set(events.map((event) => event.id)).size).toBe(329);
  });

  it("carry a time in UTC that has passed", () => {
    for (const event of events) {
      expect(event.time).toBe(new Date(event.time).toISOString());
      expect(Date.parse(event.time)).toBeLessThan(Date.now());
    }
  });
});

describe("the demo's campaigns", () => {
  it("use every group and every operator of the rule language", () => {
    const used = new Set<string>();
    JSON.stringify(
      campaigns.map((campaign) => campaign.rule),
      (key, value) => {
        if (["and", "or", "not", "some"].includes(key)) used.add(key);
        if (key === "operator") used.add(value as string);
        return value;
      },
    );
    expect([...used].sort()).toEqual(
      [
        ...["and", "or", "not", "some"],
        ...[
          "equals",
          "not_equals",
          "in",
          "not_in",
          "greater_than",
          "at_least",
          "less_than",
          "at_most",
          "between",
        ],
        ...[
          "before",
          "after",
          "within_last",
          "older_than",
          "contains",
          "not_contains",
          "starts_with",
          "ends_with",
        ],
        ...["matches", "exists", "missing"],
      ].sort(),
    );
  });

  it("have names of their own", () => {
    expect(new Set(campaigns.map((campaign) => campaign.name)).size).toBe(campaigns.length);
  });

  it.each(campaigns)("$name: a valid rule that matches what a plain filter finds", ({ name, rule }) => {
    expect(parseRule(rule)).toMatchObject({ ok: true });
    const expected = expectedMatches(name, events);
    const matched = events.filter((event) => evaluate(rule, event)).map((event) => event.id);
    expect(matched.sort()).toEqual(expected);
    expect(expected.length).toBeGreaterThan(1);
    expect(expected.length).toBeLessThan(events.length);
  });
});
