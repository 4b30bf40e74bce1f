import type { Condition, Rule } from "../../../src/rules/language/schema.ts";
import { type Data, type Engine, fieldInData, scan } from "../engine.ts";

type Test = (data: Data) => boolean;
type ValueTest = (value: unknown) => boolean;

/** The baseline: what a programmer would write by hand, one closure per condition, called one rule after another. */
export const closures: Engine = {
  name: "closures",
  cannot: {},
  build: (campaigns) => scan(campaigns, (rule) => compile(rule, fieldInData)),
};

function compile(rule: Rule, nameOf: (field: string) => string): Test {
  if ("and" in rule) return all(rule.and.map((child) => compile(child, nameOf)));
  if ("or" in rule) {
    const tests = rule.or.map((child) => compile(child, nameOf));
    return (data) => tests.some((test) => test(data));
  }
  if ("not" in rule) {
    const test = compile(rule.not, nameOf);
    return (data) => !test(data);
  }
  if ("some" in rule) {
    const name = nameOf(rule.some);
    // Inside `some` a field is a key of the element.
    const where = compile(rule.where, (field) => field);
    return (data) => {
      const elements = data[name];
      return Array.isArray(elements) && elements.some(where);
    };
  }
  if ("every" in rule) throw new Error("no workload has every");
  return compileCondition(rule, nameOf(rule.field));
}

/** Unrolled for the usual lengths: a loop over closures costs twice as much. */
function all(tests: readonly Test[]): Test {
  const [a, b, c, d] = tests;
  if (a === undefined) return () => true;
  if (b === undefined) return a;
  if (c === undefined) return (data) => a(data) && b(data);
  if (d === undefined) return (data) => a(data) && b(data) && c(data);
  const rest = all(tests.slice(3));
  return (data) => a(data) && b(data) && c(data) && rest(data);
}

function compileCondition(condition: Condition, name: string): Test {
  switch (condition.operator) {
    case "equals": {
      const { value } = condition;
      return (data) => {
        const found = data[name];
        return found === value || (Array.isArray(found) && found.includes(value));
      };
    }
    case "not_equals": {
      const { value } = condition;
      return (data) => {
        const found = data[name];
        return found !== value && !(Array.isArray(found) && found.includes(value));
      };
    }
    case "exists":
      return (data) => data[name] != null;
    case "missing":
      return (data) => data[name] == null;
    case "not_in":
    case "not_contains":
      return negated(any(name, valueTest(condition)));
    default:
      return any(name, valueTest(condition));
  }
}

function negated(test: Test): Test {
  return (data) => !test(data);
}

function any(name: string, test: ValueTest): Test {
  return (data) => {
    const found = data[name];
    return Array.isArray(found) ? found.some(test) : test(found);
  };
}

// Rules that name the same list share one set: a programmer would not build it a thousand times.
const sets = new WeakMap<readonly unknown[], Set<unknown>>();

function setOf(list: readonly unknown[]): Set<unknown> {
  const known = sets.get(list) ?? new Set(list);
  sets.set(list, known);
  return known;
}

function valueTest(condition: Condition): ValueTest {
  switch (condition.operator) {
    case "in":
    case "not_in": {
      const list = condition.value;
      if (list.length <= 8) return (value) => (list as readonly unknown[]).includes(value);
      const set = setOf(list);
      return (value) => set.has(value);
    }
    case "greater_than": {
      const limit = condition.value;
      return (value) => typeof value === "number" && value > limit;
    }
    case "at_least": {
      const limit = condition.value;
      return (value) => typeof value === "number" && value >= limit;
    }
    case "less_than": {
      const limit = condition.value;
      return (value) => typeof value === "number" && value < limit;
    }
    case "at_most": {
      const limit = condition.value;
      return (value) => typeof value === "number" && value <= limit;
    }
    case "between": {
      const [low, high] = condition.value;
      return (value) => typeof value === "number" && value >= low && value <= high;
    }
    case "contains":
    case "not_contains": {
      const part = condition.value.toLowerCase();
      return (value) => typeof value === "string" && value.toLowerCase().includes(part);
    }
    case "starts_with": {
      const start = condition.value.toLowerCase();
      return (value) => typeof value === "string" && value.toLowerCase().startsWith(start);
    }
    case "ends_with": {
      const end = condition.value.toLowerCase();
      return (value) => typeof value === "string" && value.toLowerCase().endsWith(end);
    }
    case "matches": {
      const pattern = new RegExp(condition.value);
      return (value) => typeof value === "string" && pattern.test(value);
    }
    default:
      throw new Error(`no workload uses ${condition.operator}`);
  }
}
