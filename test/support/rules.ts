/** Rules, written shortly. */
import { parseRule, type Rule } from "../../src/rules/language/schema.ts";

export const is = (field: string, operator: string, value?: unknown): Rule => {
  const parsed = parseRule({ field, operator, ...(value !== undefined && { value }) });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.rule;
};
export const not = (rule: Rule): Rule => ({ not: rule });
export const and = (...rules: Rule[]): Rule => ({ and: rules });
export const or = (...rules: Rule[]): Rule => ({ or: rules });
