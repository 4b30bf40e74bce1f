export type { Condition, Operator, Rule, Scalar, Some } from "./rule.ts";
