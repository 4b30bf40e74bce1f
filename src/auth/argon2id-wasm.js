/** What `#argon2id/wasm` is in Workers, which may instantiate WebAssembly but not compile it. In Node.js: ops/users/argon2id-wasm.ts. */
export { default } from "argon2id/dist/simd.wasm";
