/** What `#argon2id/wasm` is in Node.js; in Workers it is src/auth/argon2id-wasm.js. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const file = createRequire(import.meta.url).resolve("argon2id/dist/simd.wasm");

export default new WebAssembly.Module(readFileSync(file));
