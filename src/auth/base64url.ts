import * as jose from "jose";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** RFC 4648 section 5, without padding. */
export function encode(bytes: Uint8Array): string {
  return jose.base64url.encode(bytes);
}

/**
 * The bytes of canonical base64url, or undefined. jose alone also reads the standard alphabet, whitespace,
 * padding, and last characters with unused bits set: several texts for the same bytes.
 */
export function decode(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const unusedBits = { 0: 0, 2: 4, 3: 2 }[text.length % 4] ?? 0;
  const last = ALPHABET.indexOf(text.at(-1) ?? "A");
  if ((last & ((1 << unusedBits) - 1)) !== 0) return undefined;
  return jose.base64url.decode(text);
}
