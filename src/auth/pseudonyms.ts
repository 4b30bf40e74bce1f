import { hexadecimal } from "../text.ts";

const encoder = new TextEncoder();

/** The same text always has the same pseudonym, 64 hexadecimal digits; without the secret nobody can tell whose it is. */
export type Pseudonym = (text: string) => Promise<string>;

/**
 * HMAC-SHA-256 under a key of its own, derived from the secret (HKDF, RFC 5869). A plain hash would not do: there are
 * few enough IPv4 addresses to hash them all. When the secret is rotated, pseudonyms change.
 */
export async function createPseudonyms(secret: string, purpose: string): Promise<Pseudonym> {
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(purpose) },
    material,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
  return async (text) => {
    return hexadecimal(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))));
  };
}
