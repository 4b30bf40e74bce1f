import { RE2JS } from "re2js";
import { PATTERN_STATES_BYTES_MAX } from "../../limits.ts";

/*
 * What is known here of how re2js works inside (2.10): it decides with a DFA that it makes as texts need its states.
 * Where those take too many bytes it goes over to simulating the pattern's instructions, some for each character.
 * There is no public way to what is read and set here: only RE2Set takes a limit of bytes, and it does not tell how many
 * it has taken.
 */

/** A compiled pattern. */
export type Automaton = RE2JS;

/** @throws when it is no pattern */
export function compileAutomaton(source: string): Automaton {
  const automaton = RE2JS.compile(source);
  if (hasStates(automaton)) {
    const { dfa } = automaton.re2();
    dfa.stateBudget = PATTERN_STATES_BYTES_MAX;
    dfa.memBudget = PATTERN_STATES_BYTES_MAX;
  }
  return automaton;
}

/** Literal text is searched for, and an anchored pattern without choices followed, without states. */
function hasStates(automaton: Automaton): boolean {
  const { prefixComplete, onepass } = automaton.re2();
  return !prefixComplete && onepass === null;
}

// Measured: heap after compiling some hundred patterns.
const BYTES = 4_096;
const INSTRUCTION_BYTES = 256;
const CLASS_BYTES = 8; // of characters that the pattern tells apart

/** About how many bytes it takes, with the states that it has made so far. */
export function bytesOf(automaton: Automaton): number {
  const own = BYTES + INSTRUCTION_BYTES * automaton.programSize();
  if (!hasStates(automaton)) return own;
  const { dfa } = automaton.re2();
  return own + CLASS_BYTES * dfa.numClasses + (dfa.stateBudget - dfa.memBudget);
}

/** Instructions that may be looked at to find out whether a pattern is narrow: about a millisecond. */
const NARROW_INSTRUCTIONS_MAX = 10_000;
const UNANCHORED = 0;

/**
 * Whether all states that any text can need are so few that a character never takes more than one look-up. Makes
 * these states.
 */
export function isNarrow(automaton: Automaton): boolean {
  if (!hasStates(automaton)) return true;
  const { dfa } = automaton.re2();
  let left = NARROW_INSTRUCTIONS_MAX;
  dfa.clearCache();
  const states = new Set<unknown>([dfa.start({ context: () => BEGIN_OF_TEXT }, 0)]);
  for (const state of states as Set<{ readonly nfaStates: readonly number[]; readonly isMatch: boolean }>) {
    if (state.isMatch) continue; // found: the search ends
    for (let kind = 0; kind < dfa.numClasses; kind++) {
      left -= 1 + state.nfaStates.length;
      const next =
        left < 0 ? null : dfa.step(state, kind, kind === 0 ? 0 : dfa.classBounds[kind - 1], UNANCHORED);
      if (next === null) return false;
      states.add(next);
    }
  }
  return true;
}

const BEGIN_OF_TEXT = -1; // every flag that holds somewhere holds at the first character
