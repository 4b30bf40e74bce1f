import { type RuleProperties, Engine as RulesEngine } from "json-rules-engine";
import type { Campaign, CampaignMatch } from "../../../src/rules/evaluation/matcher.ts";
import type { Rule } from "../../../src/rules/language/schema.ts";
import { type Engine, fieldInData } from "../engine.ts";

type TopLevel = RuleProperties["conditions"];
type Nested = Extract<TopLevel, { all: unknown }>["all"][number];

/** Runs on promises: one microtask or more for every condition. */
export const jsonRulesEngine: Engine = {
  name: "json-rules-engine",
  cannot: {
    W7: "cannot tie several conditions to one element of an array without an operator of one's own",
    W9: "has no operator on strings but equality",
  },
  asynchronous: true,
  build(campaigns) {
    const engine = new RulesEngine([], { allowUndefinedFacts: true });
    const add = ({ id, version, rule }: Campaign) =>
      engine.addRule({
        name: id,
        conditions: topLevel(rule),
        event: { type: "match", params: { id, version } satisfies CampaignMatch },
      });
    for (const campaign of campaigns) add(campaign);
    return {
      async match(event) {
        const { events } = await engine.run(event.data ?? {});
        return events.map(({ params }) => params as CampaignMatch);
      },
      replace(_position, campaign) {
        engine.removeRule(campaign.id);
        add(campaign);
      },
    };
  },
};

function topLevel(rule: Rule): TopLevel {
  if ("and" in rule) return { all: rule.and.map(nested) };
  if ("or" in rule) return { any: rule.or.map(nested) };
  if ("not" in rule) return { not: nested(rule.not) };
  if ("some" in rule) throw new Error("json-rules-engine has no some");
  return { all: [nested(rule)] };
}

/** Missing facts are `undefined`, which every operator but `notEqual` and `notIn` answers with false: our semantics. */
function nested(rule: Rule): Nested {
  if (!("field" in rule)) return topLevel(rule);
  const fact = fieldInData(rule.field);
  const condition = (operator: string, value: unknown) => ({ fact, operator, value });
  switch (rule.operator) {
    case "equals":
      return condition("equal", rule.value);
    case "not_equals":
      return condition("notEqual", rule.value);
    case "in":
      return condition("in", rule.value);
    case "not_in":
      return condition("notIn", rule.value);
    case "greater_than":
      return condition("greaterThan", rule.value);
    case "at_least":
      return condition("greaterThanInclusive", rule.value);
    case "less_than":
      return condition("lessThan", rule.value);
    case "at_most":
      return condition("lessThanInclusive", rule.value);
    case "between": {
      const [low, high] = rule.value;
      return { all: [condition("greaterThanInclusive", low), condition("lessThanInclusive", high)] };
    }
    default:
      throw new Error(`json-rules-engine has no ${rule.operator}`);
  }
}
