/** What `equals` and `in` compare with. Comparison never converts: 1 is not "1". */
export type Scalar = string | number | boolean;

/** One test of one field. Which values an operator takes is fixed by the operator. */
export type Condition =
  | { readonly field: string; readonly operator: "equals" | "not_equals"; readonly value: Scalar }
  | { readonly field: string; readonly operator: "in" | "not_in"; readonly value: readonly Scalar[] }
  | {
      readonly field: string;
      readonly operator: "greater_than" | "at_least" | "less_than" | "at_most";
      readonly value: number;
    }
  | {
      readonly field: string;
      readonly operator: "between";
      readonly value: readonly [low: number, high: number];
    }
  | { readonly field: string; readonly operator: "before" | "after"; readonly value: string }
  | { readonly field: string; readonly operator: "within_last" | "older_than"; readonly value: string }
  | {
      readonly field: string;
      readonly operator: "contains" | "not_contains" | "starts_with" | "ends_with" | "matches";
      readonly value: string;
    }
  | { readonly field: string; readonly operator: "exists" | "missing" };

export type Operator = Condition["operator"];

/** One element of the array at `some` satisfies the whole of `where`, whose paths start at that element. */
export interface Some {
  readonly some: string;
  readonly where: Rule;
}

/** A rule as it is stored: JSON that has passed {@link import("./schema.ts").parseRule}. */
export type Rule =
  | { readonly and: readonly Rule[] }
  | { readonly or: readonly Rule[] }
  | { readonly not: Rule }
  | Some
  | Condition;
