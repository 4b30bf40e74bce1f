import { expect, test } from "vitest";
import { describe as inWords } from "../../../src/rules/language/describe.ts";
import { OPERATORS } from "../../../src/rules/language/operators.ts";
import type { Rule } from "../../../src/rules/language/rule.ts";

const CASES: [Rule, string][] = [
  [
    {
      and: [
        { field: "type", operator: "equals", value: "purchase" },
        { field: "data.amount", operator: "at_least", value: 100 },
      ],
    },
    'type is "purchase" and data.amount is at least 100',
  ],
  [
    {
      or: [
        {
          and: [
            { field: "data.a", operator: "exists" },
            { field: "data.b", operator: "missing" },
          ],
        },
        { not: { field: "data.c", operator: "contains", value: 'say "hi"' } },
      ],
    },
    '(data.a is present and data.b is missing) or not (data.c contains "say \\"hi\\"")',
  ],
  [
    { some: "data.items", where: { and: [{ field: ".", operator: "not_equals", value: true }] } },
    "some element of data.items has (it is not true)",
  ],
  [{ field: "data.x", operator: "in", value: [1, "1", true] }, 'data.x is one of 1, "1", true'],
  [
    { field: "data.x", operator: "not_in", value: [1, 2, 3, 4, 5, 6, 7] },
    "data.x is none of 1, 2, 3, 4, 5 and 2 more",
  ],
  [{ field: "data.x", operator: "greater_than", value: 1 }, "data.x is greater than 1"],
  [{ field: "data.x", operator: "less_than", value: -1 }, "data.x is less than -1"],
  [{ field: "data.x", operator: "at_most", value: 0.5 }, "data.x is at most 0.5"],
  [{ field: "data.x", operator: "between", value: [1, 2] }, "data.x is from 1 to 2"],
  [
    { field: "time", operator: "before", value: "2026-11-21T10:00:00Z" },
    "time is before 2026-11-21T10:00:00Z",
  ],
  [{ field: "time", operator: "after", value: "2026-11-21T10:00:00Z" }, "time is after 2026-11-21T10:00:00Z"],
  [{ field: "data.x", operator: "within_last", value: "24h" }, "data.x is within the last 24h"],
  [{ field: "data.x", operator: "older_than", value: "7d" }, "data.x is older than 7d"],
  [{ field: "data.x", operator: "not_contains", value: "a" }, 'data.x does not contain "a"'],
  [{ field: "data.x", operator: "starts_with", value: "a" }, 'data.x starts with "a"'],
  [{ field: "data.x", operator: "ends_with", value: "a" }, 'data.x ends with "a"'],
  [{ field: "data.x", operator: "matches", value: "^a\\d" }, 'data.x matches the pattern "^a\\\\d"'],
  [
    { every: "data.items", where: { field: "qty", operator: "at_least", value: 2 } },
    "every element of data.items has (qty is at least 2)",
  ],
  [
    { field: "data.x", operator: "contains", value: "a", case: "sensitive" },
    'data.x contains "a" in this letter case',
  ],
  [{ field: "data.x", operator: "equals", value: "a", case: "ignored" }, 'data.x is "a" in any letter case'],
  [{ field: "data.x", operator: "sorts_after", value: "a" }, 'data.x sorts after "a"'],
  [{ field: "data.x", operator: "sorts_at_or_after", value: "a" }, 'data.x sorts at or after "a"'],
  [{ field: "data.x", operator: "sorts_before", value: "a" }, 'data.x sorts before "a"'],
  [{ field: "data.x", operator: "sorts_at_or_before", value: "a" }, 'data.x sorts at or before "a"'],
  [{ field: "data.v", operator: "semver_equals", value: "1.0.0" }, "data.v is the version 1.0.0"],
  [{ field: "data.v", operator: "semver_greater_than", value: "1.0.0" }, "data.v is a version after 1.0.0"],
  [{ field: "data.v", operator: "semver_at_least", value: "1.0.0" }, "data.v is version 1.0.0 or later"],
  [{ field: "data.v", operator: "semver_less_than", value: "1.0.0" }, "data.v is a version before 1.0.0"],
  [{ field: "data.v", operator: "semver_at_most", value: "1.0.0" }, "data.v is version 1.0.0 or earlier"],
  [{ field: "data.ip", operator: "in_cidr", value: "10.0.0.0/8" }, "data.ip is an address in 10.0.0.0/8"],
  [{ field: "data.l", operator: "length_equals", value: 1 }, "data.l has 1 element"],
  [{ field: "data.l", operator: "length_at_least", value: 2 }, "data.l has at least 2 elements"],
  [{ field: "data.l", operator: "length_at_most", value: 2 }, "data.l has at most 2 elements"],
  [{ field: "data.l", operator: "type_is", value: "array" }, "data.l is of type array"],
];

test.each(CASES)("%j", (rule, words) => {
  expect(inWords(rule)).toBe(words);
});

test("every operator has its words", () => {
  const used = new Set(JSON.stringify(CASES).match(/(?<="operator":")\w+/g));
  expect(used).toEqual(new Set(OPERATORS));
});
