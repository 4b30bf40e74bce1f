import { QUEUE_MESSAGE_BYTES_MAX } from "../../limits.ts";
import { type AcceptedEvent, eventOfLetter, pack } from "../../messages.ts";
import type { Actor } from "../../storage/audit.ts";
import {
  type DeadLetter,
  type LetterToReplay,
  markReplayed,
  type ReplayedLetter,
} from "../../storage/dead-letters.ts";
import { type Envelope, enqueue, queueUnavailable } from "../queues/enqueue.ts";
import type { Services } from "../services.ts";

/** What became of some letters. A letter that somebody else replayed at the same time is in none of these lists. */
export interface Replay {
  /** Letters that were sent, or whose event was found decided, in their present state. */
  readonly changed: DeadLetter[];
  /** They hold no event that can be read, or one too large for the queue. */
  readonly refused: number;
  /** The queue did not take them; they are still open. */
  readonly unsent: number;
}

/**
 * Puts the events of open letters into the queue, and then records that in the audit and on the letters. After a crash
 * in between, letters are open whose events are on their way; sending those once more takes no effect twice.
 * An event keeps the time at which it was received, so that an erasure of its subject since then still applies.
 * @throws HttpProblem `queue_unavailable` when there is something to send and the queue takes none of it
 */
export async function replayLetters(
  { db, queue, metricBuffer }: Pick<Services, "db" | "queue" | "metricBuffer">,
  letters: readonly LetterToReplay[],
  envelope: Envelope,
  actor: Actor,
): Promise<Replay> {
  const decided = letters.filter((letter) => letter.decided);
  const undecided = letters.filter((letter) => !letter.decided);
  const sendable = undecided.flatMap((letter) => {
    const event = eventOfLetter(letter.body);
    return event === undefined || !isSendable(event, envelope) ? [] : [{ letter, event }];
  });
  const queued = await enqueue(
    sendable.map(({ event }) => event),
    envelope,
    queue,
    metricBuffer,
  );
  if (sendable.length > 0 && queued.size === 0) throw queueUnavailable();
  const sent = sendable.filter((_, position) => queued.has(position));
  const changed = await markReplayed(
    db,
    [
      ...decided.map((letter) => replayed(letter, null)),
      ...sent.map(({ letter, event }) => replayed(letter, event.hash)),
    ],
    actor,
  );
  return {
    changed,
    refused: undecided.length - sendable.length,
    unsent: sendable.length - sent.length,
  };
}

const replayed = ({ id, attempts }: LetterToReplay, hash: string | null): ReplayedLetter => ({
  id,
  attempts,
  hash,
});

/** An event that the API accepted always fits; one from another sender's message need not. */
const isSendable = (event: AcceptedEvent, envelope: Envelope): boolean =>
  pack([event], envelope).every(({ bytes }) => bytes <= QUEUE_MESSAGE_BYTES_MAX);
