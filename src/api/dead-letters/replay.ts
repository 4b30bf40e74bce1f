import { QUEUE_MESSAGE_BYTES_MAX } from "../../limits.ts";
import { eventOfLetter, packBySender } from "../../messages.ts";
import type { Actor } from "../../storage/audit.ts";
import { type DeadLetter, type LetterToReplay, markReplayed } from "../../storage/dead-letters.ts";
import { type Envelope, queueUnavailable, send } from "../queues/enqueue.ts";
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
 * An event keeps its sender, and the time at which it was received, so that an erasure of its subject since then still applies.
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
  const readable = undecided.flatMap((letter) => {
    const event = eventOfLetter(letter.body);
    const sender = letter.sender ?? event?.sender;
    return event === undefined ? [] : [{ letter, event: { ...event, sender } }];
  });
  const packed = packBySender(
    readable.map(({ event }) => event),
    envelope,
  );
  // What the API accepted fits into a message; what some other producer sent need not.
  const sendable = packed.filter(({ bytes }) => bytes <= QUEUE_MESSAGE_BYTES_MAX);
  const sent = await send(sendable, envelope.request_id, queue, metricBuffer);
  if (sendable.length > 0 && sent.size === 0) throw queueUnavailable();
  const changed = await markReplayed(
    db,
    [
      ...decided.map(({ id, attempts }) => ({ id, attempts, sent: false })),
      ...readable
        .filter((_, position) => sent.has(position))
        .map(({ letter: { id, attempts } }) => ({ id, attempts, sent: true })),
    ],
    actor,
  );
  const sendableEvents = sendable.reduce((sum, { positions }) => sum + positions.length, 0);
  return {
    changed,
    refused: undecided.length - sendableEvents,
    unsent: sendableEvents - sent.size,
  };
}
