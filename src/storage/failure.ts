import { NeonDbError } from "@neondatabase/serverless";

/** Why a query failed, without anything of its text or values: those hold customer data and secrets. */
export type Failure =
  /** The database refused what it was given; the same again would be refused again. */
  | { readonly kind: "refused"; readonly code: string; readonly constraint?: string }
  /** The epoch asserted is no longer the current one. Nothing was written. */
  | { readonly kind: "epoch_moved" }
  /** The database could not answer, or its answer was lost. The same again may work, or may have worked. */
  | { readonly kind: "unavailable"; readonly code: string };

/** SQLSTATE of `assert_campaign_epoch` (migrations). */
const EPOCH_MOVED = "CM001";

/**
 * SQLSTATE classes that blame the values: data exception, integrity constraint, program limit exceeded.
 * Everything else (connection, resources, deadlock, a missing table or right) is the system's fault, and an
 * event must never be given up for that.
 */
const VALUES_AT_FAULT = new Set(["22", "23", "54"]);

/** Sorts anything thrown by a query. */
export function failureOf(error: unknown): Failure {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof NeonDbError)) continue;
    const { code, constraint } = cause;
    if (code === EPOCH_MOVED) return { kind: "epoch_moved" };
    if (code !== undefined && VALUES_AT_FAULT.has(code.slice(0, 2))) {
      return { kind: "refused", code, ...(constraint === undefined ? {} : { constraint }) };
    }
    return { kind: "unavailable", code: code ?? "no_answer" };
  }
  return { kind: "unavailable", code: "no_answer" };
}

/** Whether a query failed because a row with these unique values exists. */
export function isDuplicate(error: unknown, constraint: string): boolean {
  const failure = failureOf(error);
  return failure.kind === "refused" && failure.code === "23505" && failure.constraint === constraint;
}
