import { SATISFY_STEPS_MAX, SATISFY_WAYS_MAX } from "../../limits.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { EventDocument } from "../evaluation/event.ts";
import { asksForWholes } from "../evaluation/predicate.ts";
import { TooCostly } from "../evaluation/work.ts";
import { conjunctionsOf, type Literal, namedValues } from "../index/normalise.ts";
import { describe } from "../language/describe.ts";
import { formatPath, type Path, pathOf } from "../language/path.ts";
import type { Condition, Rule, Some } from "../language/rule.ts";
import { isStoredTime, parseTime } from "../language/time.ts";
import { isAcceptable, isAttribute } from "./acceptable.ts";
import { type Budget, createBudget, satisfies } from "./budget.ts";
import { ANY_OBJECT, candidatesFor, isComplete, isRelative, NUMERIC, textCandidates } from "./candidates.ts";
import { excludes, implies } from "./implication.ts";

export type Satisfiability =
  /** No event satisfies the rule: each way in which it could be true contradicts itself, for these reasons. */
  | { readonly kind: "never"; readonly reasons: readonly string[] }
  /** This event does, as `evaluate` confirms. */
  | { readonly kind: "possible"; readonly witness: EventDocument }
  /** Neither was shown. */
  | { readonly kind: "undecided" };

/**
 * Looks for an event that satisfies a rule, or for a proof that there is none. The events meant are those the
 * product accepts: `type`, `source` and `time` are present, `time` is written as it is kept, `type`, `source` and
 * `subject` are text on one line of 1 to 255 characters, and anything may be in `data`, arrays too. That `data`
 * itself is an object, and the event no larger than one may be, is asked of a witness only: no proof rests on it.
 */
export function satisfy(rule: Rule, budget: Budget = createBudget(SATISFY_STEPS_MAX)): Satisfiability {
  const reasons = new Set<string>();
  let undecided = false;
  if (budget.work.left <= 0) return { kind: "undecided" };
  try {
    for (const conjunction of conjunctionsOf(rule, SATISFY_WAYS_MAX)) {
      const attempt = attemptConjunction(conjunction, false, budget);
      if ("contradiction" in attempt) {
        reasons.add(attempt.contradiction);
        continue;
      }
      undecided = true;
      const { document } = attempt;
      if (isAcceptable(document) && evaluate(rule, document, budget.tools))
        return { kind: "possible", witness: document };
    }
  } catch (error) {
    if (error instanceof TooCostly) return { kind: "undecided" };
    throw error;
  }
  return undecided ? { kind: "undecided" } : { kind: "never", reasons: [...reasons] };
}

/** Whether a path of an event ends at one of its attributes, which are text and never arrays. */
function isEventAttribute(path: Path): boolean {
  return path.length === 1 && path[0] !== "data";
}

type Attempt =
  | { readonly contradiction: string }
  /** Something to try, if anything came to mind; never more than a proposal. */
  | { readonly document: unknown };

interface Demands {
  readonly path: Path;
  /** Each must be satisfied by some value of the field … */
  readonly asked: Condition[];
  /** … and none of these by any. */
  readonly denied: Condition[];
}

const NOW = "2026-01-01T00:00:00Z";

/** @param inside whether paths start at an element of `some` rather than at an event. */
function attemptConjunction(literals: readonly Literal[], inside: boolean, budget: Budget): Attempt {
  budget.work.left -= 50 * literals.length; // about what sorting them by field takes
  if (budget.work.left <= 0) return { document: null };
  const fields = new Map<string, Demands>();
  const demandsOn = (path: Path): Demands => {
    const key = formatPath(path);
    const known = fields.get(key);
    if (known !== undefined) return known;
    const fresh: Demands = { path, asked: [], denied: [] };
    fields.set(key, fresh);
    return fresh;
  };
  const askObject = (path: Path): void => {
    demandsOn(path).asked.push({ field: formatPath(path), operator: "type_is", value: "object" });
  };
  const somes: Some[] = [];
  const deniedSomes = new Set<string>();

  for (const literal of literals) {
    if (!("condition" in literal)) continue; // too many ways: left out, so that no proof rests on it
    const { condition, negated } = literal;
    const path = pathOf("some" in condition ? condition.some : condition.field);
    if ("some" in condition) {
      if (!negated && !inside && isEventAttribute(path)) {
        return { contradiction: `${describe(condition)}, but it is text` };
      }
      if (negated) deniedSomes.add(JSON.stringify(condition));
      else somes.push(condition);
    } else {
      const demands = demandsOn(path);
      (negated ? demands.denied : demands.asked).push(condition);
    }
    // What stands below a path is in an object there, which is a value of it.
    if (negated) continue;
    for (let length = inside ? 0 : 1; length < path.length; length++) askObject(path.slice(0, length));
  }
  if (!inside) {
    for (const field of ["type", "source", "time"])
      demandsOn([field]).asked.push({ field, operator: "exists" });
  }

  const root = createNode();
  const timeDemands = inside ? undefined : fields.get("time");
  const time = timeDemands === undefined ? NOW : settleText(timeDemands, parseTime(NOW), true, budget);
  if (typeof time !== "string" && time !== null) return time;
  const now = parseTime(time ?? NOW);
  let incomplete = time === null;

  for (const demands of fields.values()) {
    const isText = !inside && isEventAttribute(demands.path);
    if (isText && demands.path[0] === "time") continue;
    if (isText) {
      if (demands.asked.length === 0) continue;
      const text = settleText(demands, now, false, budget);
      if (text === null) incomplete = true;
      else if (typeof text === "string") nodeAt(root, demands.path).values.push(text);
      else return text;
      continue;
    }
    for (const asked of demands.asked) {
      const value = settleValue(asked, demands.denied, now, budget);
      if (value === null) incomplete = true;
      else if ("contradiction" in value) return value;
      else addValue(nodeAt(root, demands.path), value.value);
    }
  }
  for (const some of somes) {
    if (deniedSomes.has(JSON.stringify(some))) return { contradiction: `${describe(some)}, and not` };
    const element = settleElement(some, deniedInside(some, fields.values()), budget);
    if (element === null) incomplete = true;
    else if ("contradiction" in element) return element;
    else {
      const node = nodeAt(root, pathOf(some.some));
      node.values.push(element.document);
      node.isArray = true;
    }
  }
  if (incomplete) return { document: null };
  if (inside) return { document: materialise(root) };
  const base = { id: "witness", source: "~", type: "~", time: time ?? NOW };
  return { document: { ...base, ...(materialise(root) as object | undefined), time: time ?? NOW } };
}

/** What is denied of the event's values is denied of an element's too, which are among them. */
function deniedInside({ some }: Some, all: Iterable<Demands>): Literal[] {
  const start = pathOf(some);
  const inside: Literal[] = [];
  for (const { path, denied } of all) {
    if (denied.length === 0 || !start.every((segment, at) => segment === path[at])) continue;
    const field = formatPath(path.slice(start.length));
    for (const condition of denied) {
      // The array that has the elements is not one of them.
      if (path.length === start.length && asksForWholes(condition)) continue;
      inside.push({ condition: { ...condition, field }, negated: true });
    }
  }
  return inside;
}

function settleElement(
  some: Some,
  denied: readonly Literal[],
  budget: Budget,
): { contradiction: string } | { document: unknown } | null {
  const contradictions: string[] = [];
  let undecided = false;
  for (const conjunction of conjunctionsOf(some.where, SATISFY_WAYS_MAX)) {
    const attempt = attemptConjunction([...conjunction, ...denied], true, budget);
    if ("contradiction" in attempt) contradictions.push(attempt.contradiction);
    else if (attempt.document !== null) return { document: attempt.document ?? {} };
    else undecided = true;
  }
  return undecided ? null : { contradiction: contradictions.join("; ") };
}

/** One value of a field under `data` that satisfies what is asked and none of what is denied. */
function settleValue(
  asked: Condition,
  denied: readonly Condition[],
  now: number,
  budget: Budget,
): { contradiction: string } | { value: unknown } | null {
  const implied = denied.find((other) => implies(asked, other));
  if (implied !== undefined) return { contradiction: both(asked, [implied]) };
  const certain = denied.filter((condition) => !isRelative(condition));
  let isRefuted = isComplete(asked, denied);
  for (const value of candidatesFor(asked, denied, now)) {
    if (budget.work.left <= 0) return null;
    if (!satisfies(budget, asked, value, now)) continue;
    if (!denied.some((condition) => satisfies(budget, condition, value, now))) return { value };
    if (!certain.some((condition) => satisfies(budget, condition, value, now))) isRefuted = false;
  }
  return isRefuted ? { contradiction: both(asked, denied) } : null;
}

/** The one text of an attribute that satisfies all that is asked and none of what is denied. */
function settleText(
  { asked, denied }: Demands,
  now: number,
  isTime: boolean,
  budget: Budget,
): { contradiction: string } | string | null {
  for (const condition of asked) {
    if (!canBeText(condition)) return { contradiction: `${describe(condition)}, but it is text` };
    if (isTime && condition.operator === "older_than") {
      return { contradiction: `${describe(condition)}, but an event is as old as itself` };
    }
    const other =
      denied.find((other) => implies(condition, other)) ?? asked.find((other) => excludes(condition, other));
    if (other !== undefined) return { contradiction: both(condition, [other], asked.includes(other)) };
  }
  if (isTime) {
    const never = denied.find(({ operator }) => operator === "within_last");
    if (never !== undefined)
      return { contradiction: `not (${describe(never)}), but an event is as old as itself` };
  }
  const candidates = isTime ? [NOW, ...timeCandidates(asked, denied)] : textCandidates(asked, now);
  for (const text of candidates) {
    const at = isTime ? parseTime(text) : now;
    if (isTime ? !isStoredTime(text) : !isAttribute(text)) continue;
    if (budget.work.left <= 0) return null;
    if (!asked.every((condition) => satisfies(budget, condition, text, at))) continue;
    if (!denied.some((condition) => satisfies(budget, condition, text, at))) return text;
  }
  // A named value was tried as it is; when every one of them fails for a reason that no clock changes, all do.
  const naming = asked.find((condition) => namedValues(condition) !== null);
  const everything = [...asked, ...denied];
  if (naming !== undefined && !everything.some(isRelative))
    return { contradiction: both(naming, everything, true) };
  const onlyBounds = everything.every(({ operator }) => BOUNDS.has(operator));
  if (isTime && onlyBounds) return { contradiction: everything.map((c) => describe(c)).join(" against ") };
  return null;
}

/** Whether a condition can hold of a text at all, as far as its operator tells. */
function canBeText(condition: Condition): boolean {
  if (condition.operator === "type_is") return condition.value === "string";
  return !NUMERIC.has(condition.operator) && !asksForWholes(condition);
}

const BOUNDS: ReadonlySet<string> = new Set(["before", "after", "exists"]);

function timeCandidates(asked: readonly Condition[], denied: readonly Condition[]): string[] {
  const now = parseTime(NOW);
  const bounds = [...asked, ...denied].filter(
    ({ operator }) => operator === "before" || operator === "after",
  );
  const named = textCandidates(asked, now);
  const [first, ...others] = bounds;
  return first === undefined ? named : [...named, ...(candidatesFor(first, others, now) as string[])];
}

function both(asked: Condition, others: readonly Condition[], together = false): string {
  const shown = others.slice(0, 3).map((other) => (together ? describe(other) : `not (${describe(other)})`));
  return `${describe(asked)}, and ${shown.join(" and ")}, contradict each other`;
}

/** The values at a path, and what lies below it. */
interface Node {
  readonly values: unknown[];
  readonly children: Map<string, Node>;
  isArray: boolean;
}

function createNode(): Node {
  return { values: [], children: new Map(), isArray: false };
}

function nodeAt(root: Node, path: Path): Node {
  let node = root;
  for (const key of path) {
    const child = node.children.get(key) ?? createNode();
    node.children.set(key, child);
    node = child;
  }
  return node;
}

/** An array's elements are values of the node like any other. */
function addValue(node: Node, value: unknown): void {
  if (!Array.isArray(value)) {
    node.values.push(value);
    return;
  }
  node.values.push(...value);
  node.isArray = true;
}

/** A value that has all the values of a node: itself, or an array of them. */
function materialise({ values, children, isArray }: Node): unknown {
  const entries = [...children].map(([key, child]): [string, unknown] => [key, materialise(child)]);
  // An object with something in it is as good as one with nothing in it.
  const others = values.filter((value, i) => value !== ANY_OBJECT || (entries.length === 0 && i === 0));
  const all = entries.length > 0 ? [...others, Object.fromEntries(entries)] : others;
  return isArray || all.length > 1 ? all : all[0];
}
