import { signCheckpoint } from "../../auth/checkpoints.ts";
import type { Keys } from "../../auth/keys.ts";
import { readAuditEnd, recordCheckpoint } from "../../storage/audit-checkpoints.ts";
import type { Database } from "../../storage/core/client.ts";
import { log } from "../../telemetry/log.ts";
import { formatTime } from "../../time.ts";

/**
 * Signs the audit's last row, if there are new rows. The same goes to the log, which nobody who can write to the
 * database can change.
 */
export async function writeCheckpoint(db: Database, keys: Keys, now: number): Promise<void> {
  const end = await readAuditEnd(db);
  if (end === undefined || end.state === "unmoved") return;
  if (end.state === "broken") {
    // A new checkpoint would hide what the last one shows.
    log("error", "audit_broken", { audit_seq: end.seq });
    return;
  }
  const checkpoint = { seq: end.seq, hash: end.hash, at: formatTime(now) };
  const signature = await signCheckpoint(keys, checkpoint);
  if (await recordCheckpoint(db, { ...checkpoint, signature })) {
    log("info", "audit_checkpoint", { audit_seq: checkpoint.seq, audit_hash: checkpoint.hash });
  }
}
