/** What `#hash-wasm` is in Node.js; in Workers it is src/api/ingest/sha256-module.js. */
import { readFileSync } from "node:fs";

export default new WebAssembly.Module(readFileSync(new URL("../src/vendor/sha256.wasm", import.meta.url)));
