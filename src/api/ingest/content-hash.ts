import canonicalize from "canonicalize";
import module from "#hash-wasm";
import { hexadecimal } from "../../text.ts";

/**
 * Of hash-wasm's module. WebCrypto computes the same one promise at a time, which takes about three times as long for a
 * few hundred bytes.
 */
interface Sha256 {
  readonly memory: WebAssembly.Memory;
  /** Where input is written, `INPUT_BYTES` at a time, and the digest is read. */
  Hash_GetBuffer(): number;
  Hash_Init(bits: number): void;
  Hash_Update(bytes: number): void;
  Hash_Final(): void;
}

const INPUT_BYTES = 16 * 1024;
const DIGEST_BYTES = 32;

const sha256 = new WebAssembly.Instance(module).exports as unknown as Sha256;
const buffer = new Uint8Array(sha256.memory.buffer, sha256.Hash_GetBuffer(), INPUT_BYTES);
const digest = buffer.subarray(0, DIGEST_BYTES);
const encoder = new TextEncoder();

/**
 * Tells contents apart: SHA-256 of the value as canonical JSON (RFC 8785), 64 lower-case hexadecimal digits.
 * @param content a JSON value without lone surrogates
 */
export function contentHash(content: unknown): string {
  let text = canonicalize(content) ?? "";
  sha256.Hash_Init(256);
  for (;;) {
    const { read, written } = encoder.encodeInto(text, buffer);
    sha256.Hash_Update(written);
    if (read === text.length) break;
    text = text.slice(read);
  }
  sha256.Hash_Final();
  return hexadecimal(digest);
}
