/** What `equals` and `in` compare with. Comparison never converts: 1 is not "1". */
export type Scalar = string | number | boolean;

/**
 * Whether a condition tells letter case apart. `lowered` is not for rules that are written: it is what `ignored` was
 * before rules folded letter case by Unicode (semantics.ts).
 */
export type TextCase = "sensitive" | "ignored" | "lowered";

/** Made out of what a path ends at, whole: an array is not taken apart. */
export type LengthOperator = "length_equals" | "length_at_least" | "length_at_most";
export type TypeName = "string" | "number" | "boolean" | "object" | "array";

/** Whether a text holds another. */
export interface PartOfText {
  readonly field: string;
  readonly operator: "contains" | "not_contains" | "starts_with" | "ends_with";
  readonly value: string;
  readonly case?: TextCase;
}

/** One test of one field. Which values an operator takes is fixed by the operator. */
export type Condition =
  | {
      readonly field: string;
      readonly operator: "equals" | "not_equals";
      readonly value: Scalar;
      readonly case?: TextCase;
    }
  | {
      readonly field: string;
      readonly operator: "in" | "not_in";
      readonly value: readonly Scalar[];
      readonly case?: TextCase;
    }
  | {
      readonly field: string;
      readonly operator: "greater_than" | "at_least" | "less_than" | "at_most" | LengthOperator;
      readonly value: number;
    }
  | {
      readonly field: string;
      readonly operator: "between";
      readonly value: readonly [low: number, high: number];
    }
  | { readonly field: string; readonly operator: "before" | "after"; readonly value: string }
  | { readonly field: string; readonly operator: "within_last" | "older_than"; readonly value: string }
  | PartOfText
  | { readonly field: string; readonly operator: "matches"; readonly value: string }
  | {
      readonly field: string;
      readonly operator: "sorts_after" | "sorts_at_or_after" | "sorts_before" | "sorts_at_or_before";
      readonly value: string;
    }
  | {
      readonly field: string;
      readonly operator:
        | "semver_equals"
        | "semver_greater_than"
        | "semver_at_least"
        | "semver_less_than"
        | "semver_at_most";
      readonly value: string;
    }
  | { readonly field: string; readonly operator: "in_cidr"; readonly value: string }
  | { readonly field: string; readonly operator: "type_is"; readonly value: TypeName }
  | { readonly field: string; readonly operator: "exists" | "missing" };

export type Operator = Condition["operator"];

/** One element of the array at `some` satisfies the whole of `where`, whose paths start at that element. */
export interface Some {
  readonly some: string;
  readonly where: Rule;
}

/** There are elements in the array at `every`, and each satisfies the whole of `where`. */
export interface Every {
  readonly every: string;
  readonly where: Rule;
}

/** A rule as it is stored: JSON that has passed {@link import("./schema.ts").parseRule}. */
export type Rule =
  | { readonly and: readonly Rule[] }
  | { readonly or: readonly Rule[] }
  | { readonly not: Rule }
  | Some
  | Every
  | Condition;
