/** `npm run vendor`: writes what src/vendor takes from a package, after a new version of it. */
import { writeFile } from "node:fs/promises";
import { cutNeon } from "./vendor/neon.ts";

await writeFile(new URL("../src/vendor/neon.js", import.meta.url), await cutNeon());
