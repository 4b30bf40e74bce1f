/** What `#argon2id` is in Workers, which may instantiate WebAssembly but not compile it. In Node.js: dev/argon2id-module.ts. */
export { default } from "argon2id/dist/simd.wasm";
