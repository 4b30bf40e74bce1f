import { NeonDbError } from "@neondatabase/serverless";

/** Why a query failed, without anything of its text or values: those hold customer data and secrets. */
export type Failure =
  /** The database refused what it was given; the same again would be refused again. */
  | { readonly kind: "refused"; readonly code: string; readonly constraint?: string }
  /** The epoch asserted is no longer the current one. Nothing was written. */
  | { readonly kind: "epoch_moved" }
  /** The database could not answer, or its answer was lost. The same again may work, or may have worked. */
  | { readonly kind: "unavailable"; readonly code: string }
  /** Neither the values nor the connection: a missing table or right, or a bug of ours. */
  | { readonly kind: "broken"; readonly code: string };

/** SQLSTATE of `assert_campaign_epoch` (migrations). */
const EPOCH_MOVED = "CM001";

/** SQLSTATE classes that blame the values: data exception, integrity constraint, program limit exceeded. */
const VALUES_AT_FAULT = ["22", "23", "54"];

/** Connection, transaction rollback (deadlock, serialisation), resources, lock not available, intervention. */
const PASSING = ["08", "40", "53", "55", "57"];

/** What a log or a counter may say of a failure: its SQLSTATE, or a name of ours. */
export const failureCode = (failure: Failure): string => ("code" in failure ? failure.code : failure.kind);

/** Sorts anything thrown by a query. What is not the database's counts as broken. */
export function failureOf(error: unknown): Failure {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof NeonDbError)) continue;
    const { code, constraint } = cause;
    if (code === undefined) return { kind: "unavailable", code: "no_answer" };
    if (code === EPOCH_MOVED) return { kind: "epoch_moved" };
    const sqlClass = code.slice(0, 2);
    if (PASSING.includes(sqlClass)) return { kind: "unavailable", code };
    if (!VALUES_AT_FAULT.includes(sqlClass)) return { kind: "broken", code };
    return { kind: "refused", code, ...(constraint === undefined ? {} : { constraint }) };
  }
  return { kind: "broken", code: error instanceof Error ? error.name : typeof error };
}

/** Whether a query failed because of this constraint: a check, or values that must be unique. */
export function isRefusedBy(error: unknown, constraint: string): boolean {
  const failure = failureOf(error);
  return failure.kind === "refused" && failure.constraint === constraint;
}
