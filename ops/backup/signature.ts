/**
 * Who made a backup: a compact JWS (RFC 7515) over the SHA-256 of the sealed file, signed with an Ed25519 key that is
 * used for nothing else. Its header names the key by its thumbprint (RFC 7638).
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import * as jose from "jose";

const ALGORITHM = "Ed25519";
const TYPE = "campaign-manager-backup+jws";

const SIGNING = "BACKUP-SIGNING-KEY-";
const VERIFICATION = "BACKUP-VERIFICATION-KEY-";

/** Whether a line of a key file is a key of this kind. */
export const isSigningKey = (line: string): boolean => line.startsWith(SIGNING);
export const isVerificationKey = (line: string): boolean => line.startsWith(VERIFICATION);

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

/** Public keys by their thumbprints. */
export type VerificationKeys = ReadonlyMap<string, KeyObject>;

/** A new pair as lines of key files: PKCS#8 and SPKI in base64url behind their names. */
export async function generateSigningPair(): Promise<{
  readonly kid: string;
  readonly signing: string;
  readonly verification: string;
}> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    kid: await kidOf(publicKey),
    signing: SIGNING + privateKey.export({ format: "der", type: "pkcs8" }).toString("base64url"),
    verification: VERIFICATION + publicKey.export({ format: "der", type: "spki" }).toString("base64url"),
  };
}

/** @throws Error when the line is malformed */
export async function readSigningKey(line: string): Promise<SigningKey> {
  const key = Buffer.from(line.slice(SIGNING.length), "base64url");
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  return { kid: await kidOf(createPublicKey(privateKey)), privateKey };
}

/**
 * A signing key, too, stands for its public half.
 * @throws Error when a line is malformed
 */
export async function readVerificationKeys(lines: readonly string[]): Promise<VerificationKeys> {
  const keys = await Promise.all(
    lines.map(async (line) => {
      if (isSigningKey(line)) return createPublicKey((await readSigningKey(line)).privateKey);
      const key = Buffer.from(line.slice(VERIFICATION.length), "base64url");
      return createPublicKey({ key, format: "der", type: "spki" });
    }),
  );
  return new Map(await Promise.all(keys.map(async (key) => [await kidOf(key), key] as const)));
}

const kidOf = (publicKey: KeyObject): Promise<string> =>
  jose.calculateJwkThumbprint(publicKey.export({ format: "jwk" }) as jose.JWK);

/**
 * Text without a line break, for one key always of the same length.
 * @param sha256 in hexadecimal
 */
export function sign(sha256: string, { kid, privateKey }: SigningKey): Promise<string> {
  return new jose.CompactSign(new TextEncoder().encode(JSON.stringify({ sha256 })))
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
    .sign(privateKey);
}

export type ReadSignature =
  | { readonly ok: true; readonly sha256: string }
  | { readonly ok: false; readonly reason: "unknown_key"; readonly kid: string }
  | { readonly ok: false; readonly reason: "invalid" };

export async function readSignature(text: string, keys: VerificationKeys): Promise<ReadSignature> {
  try {
    const { kid = "", typ } = jose.decodeProtectedHeader(text);
    // A thumbprint has this form; other text of a file that nobody vouches for is not to be shown.
    if (typ !== TYPE || !/^[\w-]{43}$/.test(kid)) return { ok: false, reason: "invalid" };
    const key = keys.get(kid);
    if (key === undefined) return { ok: false, reason: "unknown_key", kid };
    const { payload } = await jose.compactVerify(text, key, { algorithms: [ALGORITHM] });
    const { sha256 }: { sha256: string } = JSON.parse(new TextDecoder().decode(payload));
    return { ok: true, sha256 };
  } catch {
    return { ok: false, reason: "invalid" };
  }
}
