/** What `#hash-wasm` is in Workers, which may instantiate WebAssembly but not compile it. In Node.js: dev/sha256-module.ts. */
export { default } from "../../vendor/sha256.wasm";
