/** `npm run vendor`: writes what src/vendor takes from packages, after a new version of one. */
import { writeFile } from "node:fs/promises";
import { cutNeon } from "./vendor/neon.ts";
import { cutSha256 } from "./vendor/sha256.ts";

const vendored = (name: string) => new URL(`../src/vendor/${name}`, import.meta.url);

await writeFile(vendored("neon.js"), await cutNeon());
await writeFile(vendored("sha256.wasm"), await cutSha256());
