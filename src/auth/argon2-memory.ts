import { HASHING_HOLD_MS_MAX } from "../limits.ts";

/**
 * Places in the one memory that WebAssembly has here, for hashes that run at the same time. How many may is not decided
 * here but by the hashing budget (hashing-budget.ts).
 */
export interface Places {
  /** A place for so many bytes, or undefined when there is none that long. */
  take(bytes: number, now: number): Place | undefined;
  /** How many are taken. */
  count(): number;
}

export interface Place {
  /** Its first byte, a multiple of 1,024. */
  readonly base: number;
  /** False once somebody else has it, because its holder seemed to be gone. */
  isHeld(): boolean;
  release(): void;
}

interface Held {
  readonly base: number;
  readonly end: number;
  readonly until: number;
}

const ALIGNMENT = 1_024;

export function createPlaces(size: number): Places {
  const held = new Set<Held>();
  return {
    count: () => held.size,
    take(bytes, now) {
      // A request whose client hangs up is cancelled where it stands, and gives nothing back.
      for (const place of held) if (place.until < now) held.delete(place);
      const length = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
      const base = [0, ...[...held].map(({ end }) => end)]
        .toSorted((a, b) => a - b)
        .find(
          (start) =>
            start + length <= size &&
            [...held].every((other) => start + length <= other.base || start >= other.end),
        );
      if (base === undefined) return undefined;
      const place = { base, end: base + length, until: now + HASHING_HOLD_MS_MAX };
      held.add(place);
      return { base, isHeld: () => held.has(place), release: () => void held.delete(place) };
    },
  };
}
