import {
  AUDIT_FAULTS,
  type InspectedCheckpoint,
  type Judgement,
  judgeEnd,
  type SignedCheckpoint,
} from "../../audit/end.ts";
import { readCheckpoint } from "../../auth/checkpoints.ts";
import type { Keys } from "../../auth/keys.ts";
import { type AuditEnd, type KeptCheckpoint, readAuditEnd } from "../../storage/audit-checkpoints.ts";
import { labelText } from "../../telemetry/labels.ts";
import { describeError, log } from "../../telemetry/log.ts";
import type { Sample } from "../../telemetry/prometheus.ts";
import type { Services } from "../services.ts";

/** How the audit ends, and whether its checkpoints bear that out, inside and outside the database. */
export type Inspection = Judgement & Pick<AuditEnd, "last" | "unwitnessedSince">;

/**
 * @param witness the checkpoint that is kept outside, read before: what it says can then only have been in the
 *   database already
 */
export async function inspectAudit(
  { db, keys }: Pick<Services, "db" | "keys">,
  witness: SignedCheckpoint | undefined,
): Promise<Inspection> {
  const { last, unwitnessedSince, checkpoints, witnessed } = await readAuditEnd(db, witness);
  const inspected = await Promise.all(checkpoints.map((checkpoint) => inspect(keys, checkpoint)));
  return { ...judgeEnd(inspected, witness && { ...witness, ...witnessed }), last, unwitnessedSince };
}

async function inspect(keys: Keys, checkpoint: KeptCheckpoint): Promise<InspectedCheckpoint> {
  const jwks = [...keys.verification.values()].map(({ jwk }) => ({ ...jwk }));
  const read = await readCheckpoint(jwks, checkpoint.signature);
  if (!read.ok) {
    return { ...checkpoint, signed: read.reason === "unknown_key" ? "unknown" : "by_nobody" };
  }
  const { seq, hash } = read.checkpoint;
  const same = seq === checkpoint.seq && hash === checkpoint.hash;
  return { ...checkpoint, signed: same ? "by_us" : "by_nobody" };
}

/** What an inspection finds now, as samples; none while the bucket does not answer. */
export async function readAuditSamples(
  { db, keys, witness }: Pick<Services, "db" | "keys" | "witness">,
  clock: () => number,
): Promise<Sample[]> {
  let outside: SignedCheckpoint | undefined;
  try {
    outside = await witness.last();
  } catch (error) {
    log("warn", "audit_witness_unavailable", describeError(error));
    return [];
  }
  const { faults, unwitnessedSince } = await inspectAudit({ db, keys }, outside);
  return [
    ...AUDIT_FAULTS.map((reason) => ({
      name: "audit_broken",
      labels: labelText({ reason }),
      value: faults.includes(reason) ? 1 : 0,
    })),
    {
      name: "audit_unwitnessed_age_seconds",
      labels: "",
      value: unwitnessedSince === null ? 0 : Math.max(0, (clock() - Date.parse(unwitnessedSince)) / 1_000),
    },
  ];
}
