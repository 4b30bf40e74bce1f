/**
 * Whether an audit still ends where the last checkpoints say that it did: what is looked at every ten minutes, where
 * `verifyChain` reads every row.
 */
import type { Checkpoint } from "./chain.ts";

export interface SignedCheckpoint extends Checkpoint {
  /** Compact JWS (auth/checkpoints.ts). */
  readonly signature: string;
}

/** The audit's row under the number of a checkpoint: the one that was signed, another, or none. */
export type RowState = "same" | "differs" | "missing";

/** A checkpoint of the database, and what is to be thought of it. */
export interface InspectedCheckpoint extends SignedCheckpoint {
  readonly row: RowState;
  /** `unknown` when it is signed with a key that is no longer among ours. */
  readonly signed: "by_us" | "by_nobody" | "unknown";
}

/**
 * - `row_missing`: the audit has no row that a checkpoint was signed over; its end was cut off
 * - `row_differs`: it has another row there; its end was written anew
 * - `checkpoint_removed`: the database no longer has the checkpoint that is kept outside
 * - `checkpoint_forged`: the database has a checkpoint that we did not sign
 */
export const AUDIT_FAULTS = [
  "row_missing",
  "row_differs",
  "checkpoint_removed",
  "checkpoint_forged",
] as const;
export type AuditFault = (typeof AUDIT_FAULTS)[number];

export interface Judgement {
  readonly faults: readonly AuditFault[];
  /** The newest checkpoint that is ours, here or outside. */
  readonly newest: SignedCheckpoint | undefined;
  /**
   * Whether a further checkpoint may be signed. Not over an audit that was cut: it would cover up what the last one
   * shows. A forged checkpoint, though, shows nothing, and must not keep the audit unsigned.
   */
  readonly maySign: boolean;
}

/**
 * @param checkpoints the newest ones of the database
 * @param witness the last checkpoint as it is kept outside the database, where only we write, with what the database
 *   has of it
 */
export function judgeEnd(
  checkpoints: readonly InspectedCheckpoint[],
  witness: (SignedCheckpoint & { readonly row: RowState; readonly kept: boolean }) | undefined,
): Judgement {
  const ours = checkpoints.filter(({ signed }) => signed === "by_us");
  const credible = witness === undefined ? ours : [witness, ...ours];
  const forged = checkpoints.some(
    ({ signed, row }) => signed === "by_nobody" || (signed === "unknown" && row !== "same"),
  );
  const found: Readonly<Record<AuditFault, boolean>> = {
    row_missing: credible.some(({ row }) => row === "missing"),
    row_differs: credible.some(({ row }) => row === "differs"),
    checkpoint_removed: witness?.kept === false,
    checkpoint_forged: forged,
  };
  return {
    faults: AUDIT_FAULTS.filter((fault) => found[fault]),
    newest: credible.toSorted((a, b) => b.seq - a.seq)[0],
    maySign: !(found.row_missing || found.row_differs || found.checkpoint_removed),
  };
}
