import * as z from "zod";
import { PATH_CHARS_MAX } from "../../limits.ts";
import { CASES, OPERATOR_VALUES, OPERATORS, takesCase } from "./operators.ts";
import { findFaults } from "./parse.ts";
import type { Operator, Rule } from "./rule.ts";

export { parseRule, type RuleError, type RuleErrorCode } from "./parse.ts";
export type { Condition, Every, Operator, Rule, Scalar, Some } from "./rule.ts";

/** Where the OpenAPI document keeps the rule's schema, which refers to itself. */
export const RULE_COMPONENT = "Rule";

type JsonSchema = { [keyword: string]: unknown };

/**
 * The rule language as JSON Schema, built from the very schemas that check the values. What JSON Schema
 * cannot say (depth, number of conditions, which paths exist, whether a pattern compiles) only
 * {@link ruleSchema} checks: whatever it accepts is valid here, not the other way round.
 *
 * @param self the reference by which a nested rule points back at this schema.
 */
export function ruleJsonSchema(self: string): JsonSchema {
  const nested = { $ref: self };
  const path = { type: "string", minLength: 1, maxLength: PATH_CHARS_MAX };
  const group = { type: "array", minItems: 1, items: nested };
  return {
    type: "object",
    description:
      "A rule over one event: a group, a condition on a field, or `some` and `every` for conditions that one element of an array, or each, must meet together.",
    examples: [
      {
        and: [
          { field: "type", operator: "equals", value: "purchase" },
          { field: "data.amount", operator: "at_least", value: 100 },
        ],
      },
    ],
    oneOf: [
      object({ and: group }),
      object({ or: group }),
      object({ not: nested }),
      object({ some: path, where: nested }),
      object({ every: path, where: nested }),
      ...operatorsByValue().map(([operators, value]) =>
        object(
          { field: path, operator: { type: "string", enum: operators }, ...(value && { value }) },
          operators.some(takesCase) ? { case: { type: "string", enum: CASES } } : {},
        ),
      ),
    ],
  };
}

/**
 * The rule as part of a request body. Each fault is one issue at its exact place, its stable name in
 * `params.code`. A function, so that the consumer, which only parses rules, builds no description of them.
 * Document it with `ruleSchema().openapi(RULE_COMPONENT)`.
 */
export const ruleSchema = (): z.ZodType<Rule> =>
  z
    .custom<Rule>()
    .superRefine((json, context) => {
      for (const { path, code, message } of findFaults(json)) {
        context.addIssue({ code: "custom", path: [...path], message, params: { code } });
      }
    })
    .meta(ruleJsonSchema(`#/components/schemas/${RULE_COMPONENT}`));

/** Operators that are written alike, side by side, in the documentation's order. */
function operatorsByValue(): [Operator[], JsonSchema | null][] {
  const groups: { operators: Operator[]; value: (() => z.ZodType) | null; withCase: boolean }[] = [];
  for (const operator of OPERATORS) {
    const value = OPERATOR_VALUES[operator];
    const withCase = takesCase(operator);
    const group = groups.find((known) => known.value === value && known.withCase === withCase);
    if (group) group.operators.push(operator);
    else groups.push({ operators: [operator], value, withCase });
  }
  return groups.map(({ operators, value }) => [operators, value && valueSchema(value())]);
}

function valueSchema(value: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(value, { io: "input" });
  return schema;
}

function object(
  properties: { readonly [key: string]: unknown },
  optional: { readonly [key: string]: unknown } = {},
): JsonSchema {
  return {
    type: "object",
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}
