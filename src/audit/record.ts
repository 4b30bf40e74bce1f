/**
 * What an audit row's hash is taken over. The database computes it when the row is written (`audit_record` in the
 * migrations); this is the same text made from an exported entry, so that a chain can be checked anywhere.
 *
 *     hash = SHA-256(UTF-8(record)), in lower-case hexadecimal
 *     record = the JSON array [seq, id, at, actor_type, actor_id, actor_address, action, target_type, target_id,
 *                              before, after, request_id, prev_hash]
 *
 * `at` has three decimals and `Z`. `prev_hash` is the hash of row `seq - 1`, 64 zeros for the first. The array is
 * written as Postgres writes jsonb: `, ` between elements and members, `: ` after a key, keys sorted by the length
 * of their UTF-8 and then by its bytes, numbers in plain decimal notation, only `"`, `\` and control characters
 * escaped.
 */
import { sha256 } from "../digest.ts";

/** An audit row as `GET /v1/audit` gives it. */
export interface AuditEntry {
  readonly seq: number;
  readonly id: string;
  /** RFC 3339 in UTC. */
  readonly at: string;
  readonly actor_type: string;
  readonly actor_id: string | null;
  readonly actor_address: string | null;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly request_id: string | null;
  readonly prev_hash: string;
  readonly hash: string;
}

/** The `prev_hash` of the first row. */
export const GENESIS = "0".repeat(64);

/** The hash that the entry ought to have. */
export function hashOf(entry: AuditEntry): Promise<string> {
  return sha256(recordOf(entry));
}

export function recordOf(entry: AuditEntry): string {
  return jsonbText([
    entry.seq,
    entry.id,
    new Date(entry.at).toISOString(),
    entry.actor_type,
    entry.actor_id,
    entry.actor_address,
    entry.action,
    entry.target_type,
    entry.target_id,
    entry.before,
    entry.after,
    entry.request_id,
    entry.prev_hash,
  ]);
}

/** A JSON value as Postgres prints it when it is stored as jsonb. */
export function jsonbText(value: unknown): string {
  if (typeof value === "number") return plainDecimal(value);
  if (Array.isArray(value)) return `[${value.map(jsonbText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .map(([key, member]) => ({ key, bytes: encoder.encode(key), member }))
    .sort((a, b) => compare(a.bytes, b.bytes));
  return `{${members.map(({ key, member }) => `${JSON.stringify(key)}: ${jsonbText(member)}`).join(", ")}}`;
}

const encoder = new TextEncoder();

/** Shorter first, then by the first byte that differs. */
function compare(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  const index = a.findIndex((byte, i) => byte !== b[i]);
  return index === -1 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

/** A double without an exponent: 1e21 is 1 and 21 zeros. */
function plainDecimal(value: number): string {
  const shortest = JSON.stringify(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(shortest);
  if (match === null) return shortest;
  const [, sign = "", whole = "", fraction = "", exponent = ""] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0")}`;
}
