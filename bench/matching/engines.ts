import { campaignManager } from "./campaign-manager.ts";
import type { Engine } from "./engine.ts";
import { closures } from "./peers/closures.ts";
import { jsonLogicEngine } from "./peers/json-logic-engine.ts";
import { jsonLogicJsEngine } from "./peers/json-logic-js.ts";
import { jsonRulesEngine } from "./peers/json-rules-engine.ts";
import { siftEngine } from "./peers/sift.ts";
import { ucast } from "./peers/ucast.ts";

export const OURS = campaignManager.name;
export const CLOSURES = closures.name;

/** Ours first, then the baseline, then the libraries. */
export const ENGINES: readonly Engine[] = [
  campaignManager,
  closures,
  ucast,
  jsonLogicEngine,
  jsonLogicJsEngine,
  siftEngine,
  jsonRulesEngine,
];

export function isLibrary(name: string): boolean {
  return name !== OURS && name !== CLOSURES;
}
