import { type AuditEntry, GENESIS, hashOf } from "./record.ts";

/** The audit's end at some moment. Its signature is checked elsewhere (auth/checkpoints.ts). */
export interface Checkpoint {
  readonly seq: number;
  readonly hash: string;
  /** RFC 3339. */
  readonly at: string;
}

/** What is wrong with an audit, and at which row. */
export interface Finding {
  /**
   * - `edited`: the row's hash is not that of its content
   * - `relinked`: the row does not continue the one before it, although its own hash is right
   * - `removed`: rows up to the one named are missing
   * - `reordered`: the row stands where another belongs
   * - `repeated`: the row stands there twice
   * - `truncated`: a checkpoint was taken when there were more rows than there are
   * - `rewritten`: a checkpoint knows another hash of the row
   */
  readonly kind: "edited" | "relinked" | "removed" | "reordered" | "repeated" | "truncated" | "rewritten";
  readonly seq: number;
  readonly message: string;
}

/**
 * Checks a whole audit, or one whose beginning retention has removed: then a checkpoint must vouch for the row
 * before its first.
 * @param entries newest first, as the API lists them, or oldest first
 * @param checkpoints those whose signature holds
 */
export async function verifyChain(
  entries: readonly AuditEntry[],
  checkpoints: readonly Checkpoint[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const ordered = inOrder(entries, findings);
  const vouched = new Map(checkpoints.map(({ seq, hash }) => [seq, hash]));
  let previous: { readonly seq: number; readonly hash: string } = beginning(ordered[0], vouched);

  for (const entry of ordered) {
    const { seq } = entry;
    if (seq === previous.seq) {
      findings.push({ kind: "repeated", seq, message: `row ${seq} is there more than once` });
      continue;
    }
    if (seq > previous.seq + 1) {
      const from = previous.seq + 1;
      const rows = from === seq - 1 ? `row ${from} is` : `rows ${from} to ${seq - 1} are`;
      findings.push({ kind: "removed", seq: seq - 1, message: `${rows} missing` });
    } else if (entry.prev_hash !== previous.hash) {
      findings.push({ kind: "relinked", seq, message: `row ${seq} does not continue row ${seq - 1}` });
    }
    if ((await hashOf(entry)) !== entry.hash) {
      findings.push({ kind: "edited", seq, message: `row ${seq} is not what was written` });
    }
    const known = vouched.get(seq);
    if (known !== undefined && known !== entry.hash) {
      findings.push({
        kind: "rewritten",
        seq,
        message: `row ${seq} is not the one that a checkpoint signed`,
      });
    }
    previous = entry;
  }

  const last = checkpoints.reduce((highest, { seq }) => Math.max(highest, seq), 0);
  if (last > previous.seq) {
    findings.push({
      kind: "truncated",
      seq: last,
      message: `a checkpoint was signed over row ${last}, but the audit ends with row ${previous.seq}`,
    });
  }
  return findings;
}

/** The entries by number, oldest first; those that stood out of line are findings. */
function inOrder(entries: readonly AuditEntry[], findings: Finding[]): AuditEntry[] {
  const first = entries[0]?.seq ?? 0;
  const last = entries.at(-1)?.seq ?? 0;
  const oldestFirst = first > last ? [...entries].reverse() : [...entries];
  let highest = 0;
  for (const { seq } of oldestFirst) {
    if (seq < highest) {
      findings.push({ kind: "reordered", seq, message: `row ${seq} stands after row ${highest}` });
    }
    highest = Math.max(highest, seq);
  }
  return oldestFirst.sort((a, b) => a.seq - b.seq);
}

/** What the first row there must continue: nothing, or a row that a checkpoint vouches for. */
function beginning(first: AuditEntry | undefined, vouched: ReadonlyMap<number, string>) {
  const before = first === undefined ? 0 : first.seq - 1;
  const hash = vouched.get(before);
  return hash === undefined ? { seq: 0, hash: GENESIS } : { seq: before, hash };
}
