import type { CampaignGates } from "../../decisions/gates.ts";

/** Where the index begins: its numbers want to be aligned. */
const ALIGNMENT = 8;
const LENGTH_BYTES = 4;

/** What a snapshot holds beside the compiled index. */
export type StoredGates = readonly (readonly [campaignId: string, gates: CampaignGates])[];

/** The gates as JSON, after their length in bytes, and then the index. */
export function joinSnapshot(gates: StoredGates, index: ArrayBuffer): ArrayBuffer {
  const json = new TextEncoder().encode(JSON.stringify(gates));
  const start = startOfIndex(json.length);
  const body = new Uint8Array(start + index.byteLength);
  new DataView(body.buffer).setUint32(0, json.length);
  body.set(json, LENGTH_BYTES);
  body.set(new Uint8Array(index), start);
  return body.buffer;
}

/** Undefined for what `joinSnapshot` did not make. */
export function splitSnapshot(
  body: ArrayBuffer,
): { readonly gates: StoredGates; readonly index: ArrayBuffer } | undefined {
  if (body.byteLength < LENGTH_BYTES) return undefined;
  const length = new DataView(body).getUint32(0);
  const start = startOfIndex(length);
  if (start > body.byteLength) return undefined;
  try {
    const gates: unknown = JSON.parse(new TextDecoder().decode(new Uint8Array(body, LENGTH_BYTES, length)));
    return Array.isArray(gates) ? { gates, index: body.slice(start) } : undefined;
  } catch {
    return undefined;
  }
}

function startOfIndex(jsonBytes: number): number {
  return Math.ceil((LENGTH_BYTES + jsonBytes) / ALIGNMENT) * ALIGNMENT;
}
