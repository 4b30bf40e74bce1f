/**
 * What `#hash-wasm` is in Workers, which may instantiate WebAssembly but not compile it. In Node.js: dev/sha256-module.ts.
 * From the package of that name, taken by `npm run vendor`. Copyright (c) 2020 Dani Biró, MIT License.
 */
export { default } from "../../vendor/sha256.wasm";
