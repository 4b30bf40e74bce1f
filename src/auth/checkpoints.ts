import * as jose from "jose";
import type { Checkpoint } from "../audit/chain.ts";
import type { Keys } from "./keys.ts";

/**
 * Checkpoints of the audit, signed with the key that signs tokens. The `typ` keeps the two apart (RFC 8725,
 * section 3.11): `verifyToken` takes only `at+jwt`, `readCheckpoint` only this.
 */
const TYPE = "audit-checkpoint+jws";
const ALGORITHM = "RS256";

/** A compact JWS whose payload is the checkpoint as JSON. */
export function signCheckpoint(keys: Keys, { seq, hash, at }: Checkpoint): Promise<string> {
  return new jose.CompactSign(new TextEncoder().encode(JSON.stringify({ seq, hash, at })))
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: keys.signing.kid })
    .sign(keys.signing.privateKey);
}

/** The content of a signed checkpoint, or why it cannot be trusted. */
export type ReadCheckpoint =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly reason: "unknown_key" | "invalid" };

/** @param jwks public keys, retired ones too: their old signatures still hold */
export async function readCheckpoint(jwks: readonly jose.JWK[], signature: string): Promise<ReadCheckpoint> {
  try {
    const { kid, typ } = jose.decodeProtectedHeader(signature);
    if (typ !== TYPE) return { ok: false, reason: "invalid" };
    const key = jwks.find((jwk) => jwk.kid === kid);
    if (key === undefined) return { ok: false, reason: "unknown_key" };
    const { payload } = await jose.compactVerify(signature, await jose.importJWK(key, ALGORITHM), {
      algorithms: [ALGORITHM],
    });
    const { seq, hash, at }: Checkpoint = JSON.parse(new TextDecoder().decode(payload));
    return { ok: true, checkpoint: { seq, hash, at } };
  } catch {
    return { ok: false, reason: "invalid" };
  }
}
