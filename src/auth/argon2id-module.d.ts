/** The compression of Argon2's blocks; argon2-blocks.ts says what it exports. It imports `env.memory`. */
declare const module: WebAssembly.Module;
export default module;
