import type { Condition } from "../language/rule.ts";
import { compareVersions, parseVersion, type Version } from "../language/semver.ts";

type Relation = "=" | ">" | ">=" | "<" | "<=";

/** A condition that bounds a value in some order. Conditions of one order are about the same values. */
interface Bound {
  readonly order: "length" | "text" | "version";
  readonly relation: Relation;
}

const BOUNDS: { readonly [operator in Condition["operator"]]?: Bound } = {
  length_equals: { order: "length", relation: "=" },
  length_at_least: { order: "length", relation: ">=" },
  length_at_most: { order: "length", relation: "<=" },
  sorts_after: { order: "text", relation: ">" },
  sorts_at_or_after: { order: "text", relation: ">=" },
  sorts_before: { order: "text", relation: "<" },
  sorts_at_or_before: { order: "text", relation: "<=" },
  semver_equals: { order: "version", relation: "=" },
  semver_greater_than: { order: "version", relation: ">" },
  semver_at_least: { order: "version", relation: ">=" },
  semver_less_than: { order: "version", relation: "<" },
  semver_at_most: { order: "version", relation: "<=" },
};

/** Whether all that lies within bound `a` lies within bound `b` of the same order. */
export function isWithinBound(a: Condition, b: Condition): boolean {
  const [own, other] = [BOUNDS[a.operator], BOUNDS[b.operator]];
  if (own === undefined || other === undefined || own.order !== other.order) return false;
  const order = compare(own.order, limitOf(a), limitOf(b));
  switch (other.relation) {
    case "=":
      return own.relation === "=" && order === 0;
    case ">":
      return own.relation === ">" ? order >= 0 : isFrom(own.relation) && order > 0;
    case ">=":
      return isFrom(own.relation) && order >= 0;
    case "<":
      return own.relation === "<" ? order <= 0 : isUpTo(own.relation) && order < 0;
    case "<=":
      return isUpTo(own.relation) && order <= 0;
  }
}

const isFrom = (relation: Relation): boolean => relation !== "<" && relation !== "<=";
const isUpTo = (relation: Relation): boolean => relation !== ">" && relation !== ">=";

function compare(order: Bound["order"], a: unknown, b: unknown): number {
  if (order === "version") {
    const [own, other] = [a, b].map((value) => parseVersion(value as string) as Version);
    return compareVersions(own as Version, other as Version);
  }
  const [own, other] = [a, b] as [string, string] | [number, number];
  return own < other ? -1 : own > other ? 1 : 0;
}

function limitOf(condition: Condition): unknown {
  return "value" in condition ? condition.value : undefined;
}
