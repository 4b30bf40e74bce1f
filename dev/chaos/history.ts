/**
 * What a run writes down and the checker reads. Contents (an event exactly as a client sent it) are numbered by
 * their place in `Evidence.contents`. Times are RFC 3339 in UTC as `formatTime` writes them, unless said otherwise.
 */
import type { CampaignGates } from "../../src/decisions/gates.ts";
import type { Outcome } from "../../src/decisions/outcome.ts";
import type { AcceptedEvent } from "../../src/messages.ts";
import type { Rule } from "../../src/rules/language/rule.ts";

/** An event as a client sends it; `time` is null when the client leaves it to the server. */
export interface Content {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  readonly time: string | null;
  readonly data: { readonly [key: string]: unknown };
}

/** A request to `POST /v1/events` with its answer. */
export interface Post {
  /** Its `X-Request-Id`, different for every attempt. */
  readonly request: string;
  readonly contents: readonly number[];
  /** Null when no answer came: the connection broke. */
  readonly status: number | null;
  /** The contents that the answer calls accepted. */
  readonly accepted: readonly number[];
}

/** A message that the queue accepted. */
export interface QueuedMessage {
  readonly message: string;
  /** The request that it came from; null for what no client sent. */
  readonly request: string | null;
  readonly contents: readonly number[];
  /** Events in it that no client sent: always a violation. */
  readonly unknown: number;
  /** The message that the queue doubled. */
  readonly copyOf: string | null;
  /** JSON of a body that is not the product's, put there by the harness; else null. */
  readonly foreign: string | null;
}

/** One delivery of a message and what became of it, as a sentence. */
export interface Delivery {
  readonly message: string;
  readonly queue: string;
  readonly attempt: number;
  readonly consumer: string;
  readonly outcome: string;
}

/** A change of the active set, written down by the database itself in the transaction that made it. */
export interface ActiveSetChange {
  readonly epoch: number;
  readonly campaign: string;
  readonly revision: number;
  readonly version: number;
  readonly active: boolean;
  readonly rule: Rule;
  readonly gates: CampaignGates;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
}

/** A change of a campaign that the API answered with 200 or 201. */
export interface AnsweredChange {
  readonly campaign: string;
  readonly revision: number;
  /** By the database's clock, read after the answer arrived. Milliseconds since 1970. */
  readonly answeredAt: number;
}

export interface EventRow extends AcceptedEvent {
  readonly epoch: number;
  readonly processed_at: string;
}

export interface MatchRow {
  readonly campaign_id: string;
  readonly campaign_version: number;
  readonly source: string;
  readonly event_id: string;
  readonly outcome: Outcome;
}

export interface DeadLetterRow {
  readonly cause: string;
  readonly body: string;
}

/** Everything that the database holds at the end. */
export interface Stored {
  readonly events: readonly EventRow[];
  readonly matches: readonly MatchRow[];
  readonly conflicts: readonly AcceptedEvent[];
  readonly deadLetters: readonly DeadLetterRow[];
}

export interface Evidence {
  readonly contents: readonly Content[];
  readonly posts: readonly Post[];
  readonly queued: readonly QueuedMessage[];
  readonly deliveries: readonly Delivery[];
  /** Messages still in the queue after faults stopped and it had time to drain. */
  readonly stuck: readonly string[];
  readonly activeSetChanges: readonly ActiveSetChange[];
  readonly answeredChanges: readonly AnsweredChange[];
  readonly stored: Stored;
  /** Every dead letter when it was first kept, written down by the database in the transaction that kept it. */
  readonly lettersKept: readonly { readonly cause: string }[];
  /** What `GET /metrics` answered at the end, by name and labels. */
  readonly scraped: ReadonlyMap<string, number>;
}
