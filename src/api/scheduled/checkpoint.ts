import { signCheckpoint } from "../../auth/checkpoints.ts";
import { recordCheckpoint } from "../../storage/audit-checkpoints.ts";
import { log } from "../../telemetry/log.ts";
import { formatTime } from "../../time.ts";
import { inspectAudit } from "../audit/inspect.ts";
import type { Services } from "../services.ts";

/**
 * Compares the audit with its last checkpoints, in the database and outside, and signs the last row if there are new
 * rows. The new checkpoint goes into the database first, so that one kept outside is always in the database too. The
 * same goes to the log, which nobody who can write to the database can change.
 */
export async function writeCheckpoint(
  { db, keys, witness }: Pick<Services, "db" | "keys" | "witness">,
  now: number,
): Promise<void> {
  const outside = await witness.last();
  const { faults, newest, maySign, last } = await inspectAudit({ db, keys }, outside);
  for (const reason of faults) log("error", "audit_broken", { reason, audit_seq: last?.seq ?? 0 });
  // A new checkpoint would hide what the last one shows.
  if (!maySign) return;

  if (last === undefined || last.seq === newest?.seq) {
    // The last run may have failed after it wrote to the database, so that nothing was kept outside.
    if (newest !== undefined && newest.seq !== outside?.seq) await witness.keep(newest);
    return;
  }
  const checkpoint = { seq: last.seq, hash: last.hash, at: formatTime(now) };
  const signed = { ...checkpoint, signature: await signCheckpoint(keys, checkpoint) };
  await recordCheckpoint(db, signed);
  await witness.keep(signed);
  log("info", "audit_checkpoint", { audit_seq: signed.seq, audit_hash: signed.hash });
}
