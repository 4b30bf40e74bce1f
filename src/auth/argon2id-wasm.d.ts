/** The compiled half of the package `argon2id`, with SIMD. */
declare const module: WebAssembly.Module;
export default module;
