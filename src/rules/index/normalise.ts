import type { Condition, Every, Operator, Rule, Scalar, Some } from "../language/rule.ts";

/**
 * A rule in negation normal form: `not` is gone, a condition is positive and says whether it is negated. The
 * bit stays at the condition because of missing fields: not(greater_than 5) is true of one, at_most 5 is not.
 */
export type Literal =
  | { readonly condition: Condition | Some; readonly negated: boolean }
  | { readonly all: readonly Literal[] }
  | { readonly any: readonly Literal[] };

/**
 * A rule is split into at most this many conjunctions by multiplying out; more only where that adds nothing. Found by
 * measuring W6: with more, an event looks at more records than their guards spare it.
 */
const CONJUNCTIONS_MAX = 4;

/**
 * Conjunctions whose disjunction is the rule. What would multiply into too many stays a group inside its
 * conjunction, so that the size is at most 4 times the rule's.
 */
export function conjunctionsOf(rule: Rule, most = CONJUNCTIONS_MAX): Literal[][] {
  return expand(normalise(rule, false), most);
}

export function normalise(rule: Rule, negated: boolean): Literal {
  if ("and" in rule) return group(rule.and, !negated, negated);
  if ("or" in rule) return group(rule.or, negated, negated);
  if ("not" in rule) return normalise(rule.not, !negated);
  if ("some" in rule) return { condition: rule, negated };
  if ("every" in rule) return normalise(asSome(rule), negated);
  const positive = POSITIVE[rule.operator];
  if (positive === undefined) return { condition: rule, negated };
  return { condition: { ...rule, operator: positive } as Condition, negated: !negated };
}

/** There is an element, and none without it. */
function asSome({ every, where }: Every): Rule {
  return { and: [{ some: every, where }, { not: { some: every, where: { not: where } } }] };
}

const POSITIVE: { readonly [operator in Operator]?: Operator } = {
  not_equals: "equals",
  not_in: "in",
  not_contains: "contains",
  missing: "exists",
};

function group(rules: readonly Rule[], all: boolean, negated: boolean): Literal {
  const parts: Literal[] = [];
  for (const rule of rules) {
    const part = normalise(rule, negated);
    if (all && "all" in part) parts.push(...part.all);
    else if (!all && "any" in part) parts.push(...part.any);
    else parts.push(part);
  }
  const merged = all ? parts : withEqualsMerged(parts);
  const [only] = merged;
  if (merged.length === 1 && only !== undefined) return only;
  return all ? { all: merged } : { any: merged };
}

/** a = 1 or a = 2 is a in [1, 2], which one look-up decides. */
function withEqualsMerged(parts: readonly Literal[]): Literal[] {
  const byField = new Map<string, Scalar[]>();
  const others: Literal[] = [];
  for (const part of parts) {
    if ("condition" in part && !part.negated && "operator" in part.condition) {
      const { condition } = part;
      const scalars = namedValues(condition);
      if (scalars !== null) {
        const values = byField.get(condition.field) ?? [];
        for (const scalar of scalars) values.push(scalar);
        byField.set(condition.field, values);
        continue;
      }
    }
    others.push(part);
  }
  for (const [field, value] of byField) {
    others.push({ condition: { field, operator: "in", value }, negated: false });
  }
  return others;
}

/** The values one of which a condition asks for exactly, if it is of that kind. */
export function namedValues(condition: Condition): readonly Scalar[] | null {
  if (condition.operator === "equals") return condition.case === "ignored" ? null : [condition.value];
  if (condition.operator === "in") return condition.case === "ignored" ? null : condition.value;
  return null;
}

function expand(literal: Literal, most: number): Literal[][] {
  if ("any" in literal) {
    const branches = literal.any.flatMap((part) => expand(part, most));
    return branches.length <= Math.max(most, literal.any.length) ? branches : [[literal]];
  }
  if (!("all" in literal)) return [[literal]];
  if (literal.all.every((part) => "condition" in part)) return [[...literal.all]];
  let conjunctions: Literal[][] = [[]];
  for (const part of literal.all) {
    const branches = expand(part, most);
    if (branches.length === 1 || conjunctions.length * branches.length <= most) {
      conjunctions = conjunctions.flatMap((conjunction) =>
        branches.map((branch) => [...conjunction, ...branch]),
      );
    } else {
      for (const conjunction of conjunctions) conjunction.push(part);
    }
  }
  return conjunctions;
}
