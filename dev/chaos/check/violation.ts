import type { Content } from "../history.ts";

/** A broken promise. `invariant` counts as in docs/reliability.md. */
export interface Violation {
  readonly invariant: 1 | 2 | 3 | 4;
  readonly kind: "lost" | "doubled" | "wrong" | "miscounted";
  /** Of the event it happened to; null when it is not about one. */
  readonly event: { readonly source: string; readonly id: string } | null;
  readonly message: string;
}

export const lost = (event: Violation["event"], message: string): Violation => ({
  invariant: 1,
  kind: "lost",
  event: identity(event),
  message,
});

export const doubled = (invariant: 1 | 2, event: Violation["event"], message: string): Violation => ({
  invariant,
  kind: "doubled",
  event: identity(event),
  message,
});

export const wrong = (invariant: 1 | 3, event: Violation["event"], message: string): Violation => ({
  invariant,
  kind: "wrong",
  event: identity(event),
  message,
});

export const miscounted = (message: string): Violation => ({
  invariant: 4,
  kind: "miscounted",
  event: null,
  message,
});

export const keyOf = ({ source, id }: Pick<Content, "source" | "id">): string => JSON.stringify([source, id]);

const identity = (event: Violation["event"]): Violation["event"] =>
  event === null ? null : { source: event.source, id: event.id };
