import { transformSync } from "esbuild";
import type { Mutant } from "./mutant.ts";

/** What a run says once a mutant's file has been loaded: without that its tests say nothing about the mutant. */
export const IN_PLACE = "the mutant is in its place";

/** The file's text with the mutant in it, or why it cannot be: the list has to follow the code. */
export function applied(
  text: string,
  { find, replace }: Mutant,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string } {
  const places = text.split(find).length - 1;
  if (places !== 1) return { ok: false, reason: `what it changes stands there ${places} times` };
  const changed = text.replace(find, () => replace);
  if (changed === text) return { ok: false, reason: "it changes nothing" };
  try {
    transformSync(changed, { loader: "ts", logLevel: "silent" });
  } catch {
    return { ok: false, reason: "what it makes is no TypeScript" };
  }
  return { ok: true, text: changed };
}
