import type { CampaignMatch } from "../evaluation/matcher.ts";
import type { Work } from "../evaluation/work.ts";
import { idOf } from "./campaign-table.ts";
import * as op from "./opcodes.ts";
import type { Searchable } from "./search.ts";
import type { Segment } from "./segment.ts";

/**
 * The campaign that has spent most of some work: one that was scanned, or the first that holds the test.
 * @param segments none with campaigns that are gone
 */
export function blamed(segments: readonly Segment[], { costliest }: Work): CampaignMatch | null {
  if (typeof costliest !== "number") return (costliest as CampaignMatch | undefined) ?? null;
  for (const segment of segments) {
    const { campaigns } = segment;
    const ordinal = ordinalWith(segment.trie, costliest);
    if (ordinal >= 0) return { id: idOf(campaigns, ordinal), version: campaigns.versions[ordinal] as number };
  }
  return null;
}

/** The first campaign that has a test in its records, going through all leaves one after the other; or −1. */
function ordinalWith({ code }: Searchable, test: number): number {
  let at = 1; // position 0 is no leaf
  while (at < code.length) {
    const leafEnd = code[at] as number;
    if (leafEnd <= at) break;
    const next = code[at + 1] as number; // lists hold no tests
    at += op.LEAF_WORDS;
    while (at < leafEnd) {
      const ordinal = (code[at] as number) >>> op.ORDINAL_SHIFT;
      const recordEnd = at + op.HEADER_WORDS + (code[at + 1] as number);
      at += op.HEADER_WORDS;
      while (at < recordEnd) {
        const word = code[at] as number;
        const opcode = word & op.OP_MASK;
        if (opcode === op.TEST && word >>> op.NUMBER_SHIFT === test) return ordinal;
        at = opcode === op.ALL || opcode === op.ANY ? at + 2 : op.endOf(code, at); // into a group
      }
    }
    at = next;
  }
  return -1;
}
