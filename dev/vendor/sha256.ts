/**
 * hash-wasm's SHA-256 as WebAssembly alone. The package carries it as text inside JavaScript that compiles it, which
 * Workers forbid; they take a file.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** The bytes of src/vendor/sha256.wasm (hash-wasm, Copyright (c) 2020 Dani Biró, MIT License). */
export async function cutSha256(): Promise<Buffer> {
  const file = fileURLToPath(new URL("sha256.umd.min.js", import.meta.resolve("hash-wasm")));
  const [text, ...others] = (await readFile(file, "utf8")).match(/AGFzbQ[\w+/=]+/g) ?? [];
  if (text === undefined || others.length > 0)
    throw new Error("hash-wasm has changed: it does not hold one module");
  return Buffer.from(text, "base64");
}
