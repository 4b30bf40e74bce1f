import { EVENT_STEPS_MAX } from "../../limits.ts";
import { type Pattern, patternOf } from "../language/pattern.ts";

/**
 * What deciding may still take, in steps of about ten nanoseconds. Counted is what an event or a rule can multiply:
 * elements of arrays, characters of texts, instructions of patterns; not what every event pays. Never time, so that
 * the same rules and the same event take the same steps everywhere.
 */
export interface Work {
  left: number;
  /** Who is spending: a campaign, or a test of the index; and what was left when it began. */
  spender: unknown;
  leftBefore: number;
  /** Who has spent most of it so far. */
  costliest: unknown;
  costliestSteps: number;
}

/** The work that was allowed is used up: what was being decided is neither true nor false. */
export class TooCostly extends Error {
  /** The campaign that took most of it, where campaigns were decided and one of them is to blame. */
  readonly campaign: { readonly id: string; readonly version: number } | null;

  constructor(campaign: TooCostly["campaign"] = null) {
    super("deciding takes more steps than are allowed");
    this.name = "TooCostly";
    this.campaign = campaign;
  }
}

export function createWork(steps: number = EVENT_STEPS_MAX): Work {
  return { left: steps, spender: undefined, leftBefore: steps, costliest: undefined, costliestSteps: 0 };
}

/** The same work object for another event. */
export function renewWork(work: Work, steps: number): void {
  work.left = steps;
  work.spender = undefined;
  work.leftBefore = steps;
  work.costliest = undefined;
  work.costliestSteps = 0;
}

/** @throws TooCostly when fewer steps are left */
export function spend(work: Work, steps: number): void {
  work.left -= steps;
  if (work.left >= 0) return;
  account(work);
  throw new TooCostly();
}

/** What is spent from now on is spent by `spender`. */
export function charge(work: Work, spender: unknown): void {
  work.spender = spender;
  work.leftBefore = work.left;
}

/** Sets down what has been spent since `charge`. Not needed when all was used up: `spend` has done it. */
export function account(work: Work): void {
  const steps = work.leftBefore - work.left;
  if (steps <= work.costliestSteps) return;
  work.costliestSteps = steps;
  work.costliest = work.spender;
}

/** What deciding uses. */
export interface Tools {
  readonly work: Work;
  /** Makes a pattern ready; its answers are paid for. */
  readonly pattern: (source: string) => Pick<Pattern, "test">;
}

export function createTools(work: Work = createWork()): Tools {
  return { work, pattern: (source) => paidFor(patternOf(source), work) };
}

/** A pattern whose every answer is paid for before it is given. */
export function paidFor(pattern: Pattern, work: Work): Pick<Pattern, "test"> {
  return {
    test(text) {
      spend(work, pattern.steps(text.length));
      return pattern.test(text);
    },
  };
}
