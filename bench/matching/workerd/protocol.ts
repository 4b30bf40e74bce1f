import type { CaseName } from "../workloads/index.ts";

/**
 * What Node asks of the Worker, one POST each, `operation` in the query. The isolate keeps the events and the
 * matcher between requests. Every answer is JSON, but a snapshot, which is bytes.
 */
export type Operation =
  | { readonly operation: "nothing" }
  | { readonly operation: "prepare"; readonly case: CaseName; readonly n: number }
  /** Makes the campaigns and drops them: the part of `build` that is not the engine's. */
  | { readonly operation: "generate" }
  | { readonly operation: "build"; readonly engine: string }
  | { readonly operation: "digests"; readonly count: number }
  /** Matches `count` events from number `from` on, the whole of it `repeat` times: answers the number of matches. */
  | {
      readonly operation: "match";
      readonly from: number;
      readonly count: number;
      readonly repeat: number;
      readonly parse: boolean;
    }
  | { readonly operation: "candidates"; readonly count: number }
  /** Makes the campaigns for the changes; `replace` then puts them into the matcher. */
  | { readonly operation: "changes" }
  | { readonly operation: "replace" }
  /** Answers whether the engine postpones work at all. */
  | { readonly operation: "compact" }
  | { readonly operation: "snapshot" };
