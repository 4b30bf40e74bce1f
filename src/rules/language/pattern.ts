import { PATTERN_BYTES_MAX } from "../../limits.ts";
import { type Automaton, bytesOf, compileAutomaton, isNarrow } from "./automaton.ts";

/**
 * A pattern in RE2's syntax, matched in time linear in the text (Cox, "Regular Expression Matching in the
 * Wild"). Backreferences and lookarounds do not exist in it, so no pattern can blow up.
 */
export interface Pattern {
  /** Whether the pattern is found anywhere in the text. */
  test(text: string): boolean;
  /** The most steps (rules/evaluation/work.ts) that asking about a text of so many characters takes. */
  steps(chars: number): number;
  /** Instructions of the compiled pattern, its repetitions expanded. */
  readonly size: number;
}

/** The pattern made ready, or a sentence that says why it is none. */
export function compilePattern(source: string): Pattern | string {
  try {
    return patternOf(source);
  } catch (error) {
    return error instanceof Error ? error.message : "not a pattern";
  }
}

/** The pattern of a rule that has passed `parseRule`. Throws on anything else: that is a bug, not input. */
export function patternOf(source: string): Pattern {
  const known = loaded.get(source);
  if (known !== undefined) return known;
  const pattern = new CompiledPattern(source);
  pattern.load();
  return pattern;
}

/** Steps of asking at all. */
const CALL_STEPS = 8;
/** Steps of a character where few states are ever needed … */
const NARROW_STEPS = 2;
/** … and of an instruction for a character where they are many: it may search the class of all letters. */
const INSTRUCTION_STEPS = 2;

class CompiledPattern implements Pattern {
  readonly size: number;
  readonly #source: string;
  /** Null once it has been dropped; it is compiled again when it is needed. */
  automaton: Automaton | null;
  bytes = 0;
  #stepsPerChar: number | undefined;

  constructor(source: string) {
    this.#source = source;
    this.automaton = compileAutomaton(source);
    this.size = this.automaton.programSize();
  }

  load(): Automaton {
    this.automaton ??= compileAutomaton(this.#source);
    loaded.set(this.#source, this);
    this.#weigh(this.automaton);
    return this.automaton;
  }

  test(text: string): boolean {
    const automaton = this.automaton ?? this.load();
    const found = automaton.test(text);
    this.#weigh(automaton);
    return found;
  }

  steps(chars: number): number {
    this.#stepsPerChar ??= isNarrow(this.automaton ?? this.load())
      ? NARROW_STEPS
      : INSTRUCTION_STEPS * this.size;
    return CALL_STEPS + this.#stepsPerChar * chars;
  }

  /** Reckons anew what its automaton takes, which grows as texts are matched, and makes room when all take too much. */
  #weigh(automaton: Automaton): void {
    const bytes = bytesOf(automaton);
    if (bytes === this.bytes) return;
    loadedBytes += bytes - this.bytes;
    this.bytes = bytes;
    if (loadedBytes > PATTERN_BYTES_MAX) makeRoom();
  }

  drop(): void {
    loadedBytes -= this.bytes;
    this.bytes = 0;
    this.automaton = null;
    loaded.delete(this.#source);
  }
}

/** All compiled patterns of the isolate, by source. */
const loaded = new Map<string, CompiledPattern>();
let loadedBytes = 0;

/** About how many bytes compiled patterns take in this isolate. */
export function patternBytes(): number {
  return loadedBytes;
}

/**
 * Drops every second pattern until half the room is free. What is still used is compiled again; dropping by age
 * would drop all of them again and again once those in use are a little too many.
 */
function makeRoom(): void {
  while (loadedBytes > PATTERN_BYTES_MAX / 2 && loaded.size > 0) {
    let odd = true;
    for (const pattern of [...loaded.values()]) {
      if (odd) pattern.drop();
      odd = !odd;
    }
  }
}
