/** Whatever the steps of an event are spent on, they are soon used up: a step is a few nanoseconds, here up to 300. */
import { describe, expect, test } from "vitest";
import { createIndex } from "../../src/rules/index/campaign-index.ts";
import { parseRule, type Rule } from "../../src/rules/language/schema.ts";
import { campaigns, event } from "../support/hostile-events.ts";
import { each, HOSTILE, matches } from "../support/hostile-rules.ts";
import { processorMs } from "../support/processor-time.ts";

const STEPS = 10_000_000;
const NANOSECONDS = 300;

describe.each(HOSTILE)("$name", ({ rules, data }) => {
  test(`use ${STEPS} steps up soon`, () => {
    const index = createIndex(campaigns(rules.length, (at) => rules[at] as Rule));
    index.tryMatch(event(data), STEPS / 10);
    const spent = processorMs(() => expect(index.tryMatch(event(data), STEPS)).toBeNull());
    expect(spent).toBeLessThan((STEPS * NANOSECONDS) / 1e6);
  });
});

test("a rule that is too costly is refused without compiling more than what goes over", () => {
  const costly = each(256, (at) => matches(`(?i)[a-z]{9${at % 100}0,999}[0-9]{${at + 100}}`));
  const spent = processorMs(() => expect(parseRule({ and: costly }).ok).toBe(false));
  expect(spent).toBeLessThan(2_000);
});
