import type * as z from "zod";
import {
  KEY_CHARS_SHOWN,
  LIST_VALUES_MAX,
  RULE_BYTES_MAX,
  RULE_CONDITIONS_MAX,
  RULE_DEPTH_MAX,
  RULE_ERRORS_MAX,
  RULE_STEPS_MAX,
} from "../../limits.ts";
import { isStorable, utf8Bytes } from "../../text.ts";
import { conditionSteps, everySteps, LARGEST_EVENT, someSteps } from "../cost/rule-cost.ts";
import { CASES, isOperator, OPERATOR_VALUES, OPERATORS, scalar, takesCase } from "./operators.ts";
import { parsePath } from "./path.ts";
import type { Condition, Operator, Rule } from "./rule.ts";

/** Stable names of what can be wrong with a rule. */
export type RuleErrorCode =
  | "invalid_cidr"
  | "invalid_duration"
  | "invalid_path"
  | "invalid_pattern"
  | "invalid_range"
  | "invalid_text"
  | "invalid_time"
  | "invalid_type"
  | "invalid_value"
  | "invalid_version"
  | "missing_key"
  | "number_not_exact"
  | "too_costly"
  | "too_deep"
  | "too_few"
  | "too_large"
  | "too_long"
  | "too_many"
  | "unknown_key"
  | "unknown_operator";

export interface RuleFault {
  /** Keys and indexes from the rule's root to the place. */
  readonly path: readonly (string | number)[];
  readonly code: RuleErrorCode;
  readonly message: string;
}

const SHAPES = {
  and: ["and"],
  or: ["or"],
  not: ["not"],
  some: ["some", "where"],
  every: ["every", "where"],
  field: ["field", "operator", "value", "case"],
} as const;
type Shape = keyof typeof SHAPES;

/**
 * Everything that is wrong with a rule, up to `RULE_ERRORS_MAX` faults; none means that it is a {@link Rule}.
 *
 * Directed by the keys that are there, not by trying every shape, so that each fault names one exact place.
 * Takes time linear in the input whatever it is, and descends no deeper than `RULE_DEPTH_MAX`.
 */
export function findFaults(json: unknown): RuleFault[] {
  const faults: RuleFault[] = [];
  let conditions = 0;
  let steps = 0;
  let costliest: { readonly path: RuleFault["path"]; readonly steps: number } = { path: [], steps: 0 };

  const report = (path: RuleFault["path"], code: RuleErrorCode, message: string): void => {
    if (faults.length < RULE_ERRORS_MAX) faults.push({ path, code, message });
  };
  const exhausted = (): boolean =>
    faults.length >= RULE_ERRORS_MAX || conditions > RULE_CONDITIONS_MAX || steps > RULE_STEPS_MAX;

  /** Adds what a part of the rule takes, as far as everything before it is right. */
  const addSteps = (path: RuleFault["path"], stepsOf: () => number): void => {
    if (faults.length > 0) return;
    const added = stepsOf();
    steps += added;
    if (added > costliest.steps) costliest = { path, steps: added };
  };

  const checkRule = (json: unknown, path: RuleFault["path"], depth: number, inside: boolean): void => {
    if (!isObject(json)) {
      report(
        path,
        "invalid_type",
        'expected a rule: an object with "and", "or", "not", "some", "every" or "field"',
      );
      return;
    }
    if (depth > RULE_DEPTH_MAX) {
      report(path, "too_deep", `rules nest at most ${RULE_DEPTH_MAX} deep`);
      return;
    }
    const shape = shapeOf(json);
    if (shape === undefined) {
      const extra = Object.keys(json)[0];
      if (extra !== undefined) report([...path, extra], "unknown_key", `no rule has the key ${quote(extra)}`);
      else report(path, "missing_key", 'a rule has "and", "or", "not", "some", "every" or "field"');
      return;
    }
    const allowed: readonly string[] = SHAPES[shape];
    for (const key in json) {
      if (exhausted()) return;
      if (!allowed.includes(key)) {
        report([...path, key], "unknown_key", `a rule with "${shape}" has no key ${quote(key)}`);
      }
    }
    switch (shape) {
      case "and":
      case "or":
        checkGroup(json[shape], [...path, shape], depth, inside);
        break;
      case "not":
        checkRule(json[shape], [...path, shape], depth + 1, inside);
        break;
      case "some":
      case "every":
        checkPath(json, shape, path, inside);
        addSteps(path, () => (shape === "some" ? someSteps : everySteps)(LARGEST_EVENT));
        if (Object.hasOwn(json, "where")) checkRule(json["where"], [...path, "where"], depth + 1, true);
        else report(path, "missing_key", `a rule with "${shape}" needs "where"`);
        break;
      case "field":
        checkCondition(json, path, inside);
    }
  };

  const checkGroup = (json: unknown, path: RuleFault["path"], depth: number, inside: boolean): void => {
    if (!Array.isArray(json)) {
      report(path, "invalid_type", "expected a list of rules");
      return;
    }
    if (json.length === 0) report(path, "too_few", "a group holds at least one rule");
    for (let index = 0; index < json.length && !exhausted(); index++) {
      checkRule(json[index], [...path, index], depth + 1, inside);
    }
  };

  const checkCondition = (json: JsonObject, path: RuleFault["path"], inside: boolean): void => {
    conditions++;
    if (conditions > RULE_CONDITIONS_MAX) {
      report([], "too_many", `a rule has at most ${RULE_CONDITIONS_MAX} conditions`);
      return;
    }
    checkPath(json, "field", path, inside);
    const operator = json["operator"];
    if (operator === undefined) {
      report(path, "missing_key", 'a condition needs "operator"');
    } else if (!isOperator(operator)) {
      report([...path, "operator"], "unknown_operator", `expected one of: ${OPERATORS.join(", ")}`);
    } else {
      checkValue(json, operator, path);
      checkCase(json, operator, path);
      addSteps(path, () => conditionSteps(json as unknown as Condition, inside, LARGEST_EVENT));
    }
  };

  const checkPath = (
    json: JsonObject,
    key: "field" | "some" | "every",
    path: RuleFault["path"],
    inside: boolean,
  ): void => {
    const text = json[key];
    if (text === undefined) {
      report(path, "missing_key", `a condition needs "${key}"`);
    } else if (typeof text !== "string") {
      report([...path, key], "invalid_type", 'expected a path such as "data.amount"');
    } else {
      const result = parsePath(text, inside);
      if (!result.ok) report([...path, key], result.code, result.message);
      else if (!isStorable(text))
        report([...path, key], "invalid_text", "text holds no NUL and no lone surrogate");
    }
  };

  const checkValue = (json: JsonObject, operator: Operator, path: RuleFault["path"]): void => {
    const schema = OPERATOR_VALUES[operator]?.();
    const value = json["value"];
    if (schema === undefined) {
      if (Object.hasOwn(json, "value"))
        report([...path, "value"], "unknown_key", `"${operator}" takes no value`);
      return;
    }
    if (!Object.hasOwn(json, "value")) {
      report(path, "missing_key", `"${operator}" needs "value"`);
      return;
    }
    if ((operator === "in" || operator === "not_in") && Array.isArray(value)) {
      checkList(value, [...path, "value"]);
    } else {
      checkBy(schema, value, [...path, "value"]);
    }
  };

  const checkCase = (json: JsonObject, operator: Operator, path: RuleFault["path"]): void => {
    if (!Object.hasOwn(json, "case")) return;
    if (!takesCase(operator)) report([...path, "case"], "unknown_key", `"${operator}" takes no case`);
    else if (!CASES.some((name) => name === json["case"]))
      report([...path, "case"], "invalid_value", `expected one of: ${CASES.join(", ")}`);
  };

  /** As the list's schema would, but without looking at every value of a list that is refused anyway. */
  const checkList = (values: readonly unknown[], path: RuleFault["path"]): void => {
    if (values.length === 0) report(path, "too_few", "a list holds at least one value");
    if (values.length > LIST_VALUES_MAX) {
      report(path, "too_many", `a list holds at most ${LIST_VALUES_MAX} values`);
      return;
    }
    for (let index = 0; index < values.length && !exhausted(); index++) {
      checkBy(scalar(), values[index], [...path, index]);
    }
  };

  const checkBy = (schema: z.ZodType, value: unknown, path: RuleFault["path"]): void => {
    const { error } = schema.safeParse(value);
    for (const issue of error?.issues ?? []) {
      report([...path, ...(issue.path as (string | number)[])], codeOf(issue), issue.message);
    }
  };

  checkRule(json, [], 1, false);
  if (faults.length === 0 && utf8Bytes(JSON.stringify(json)) > RULE_BYTES_MAX) {
    report([], "too_large", `a rule has at most ${RULE_BYTES_MAX} bytes of JSON`);
  }
  if (faults.length === 0 && steps > RULE_STEPS_MAX)
    report(costliest.path, "too_costly", costOf(costliest.steps));
  return faults;
}

function costOf(steps: number): string {
  const [most, here] = [RULE_STEPS_MAX, steps].map((count) => count.toLocaleString("en"));
  return `a rule takes at most ${most} steps for the largest event, and this one more: ${here} of them here`;
}

export interface RuleError {
  /** JSON pointer (RFC 6901) from the rule's root. */
  readonly pointer: string;
  readonly code: RuleErrorCode;
  readonly message: string;
}

/** Checks a rule that is not part of a request body. `json` is parsed JSON of any shape; never throws. */
export function parseRule(
  json: unknown,
):
  | { readonly ok: true; readonly rule: Rule }
  | { readonly ok: false; readonly errors: readonly RuleError[] } {
  const faults = findFaults(json);
  if (faults.length === 0) return { ok: true, rule: json as Rule };
  return {
    ok: false,
    errors: faults.map(({ path, code, message }) => ({ pointer: pointerOf(path), code, message })),
  };
}

type JsonObject = { readonly [key: string]: unknown };

function isObject(json: unknown): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function shapeOf(json: JsonObject): Shape | undefined {
  for (const shape of Object.keys(SHAPES) as Shape[]) {
    if (Object.hasOwn(json, shape)) return shape;
  }
  return Object.hasOwn(json, "operator") ? "field" : undefined;
}

function codeOf(issue: z.core.$ZodIssue): RuleErrorCode {
  switch (issue.code) {
    case "too_big":
      return TOO_BIG[issue.origin] ?? "number_not_exact";
    case "too_small":
      return "too_few";
    case "custom":
      return (issue.params as { code: RuleErrorCode }).code;
    case "invalid_type":
    case "invalid_union":
      return "invalid_type";
    default:
      return "invalid_value";
  }
}

const TOO_BIG: { readonly [origin in string]?: RuleErrorCode } = { string: "too_long", array: "too_many" };

function pointerOf(path: RuleFault["path"]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function quote(key: string): string {
  return JSON.stringify(
    key.length > KEY_CHARS_SHOWN ? `${key.slice(0, KEY_CHARS_SHOWN).toWellFormed()}…` : key,
  );
}
