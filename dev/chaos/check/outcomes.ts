/** Invariant 1: a 202 means that the queue holds the event, and what the queue holds ends exactly one way. */
import type { AcceptedEvent } from "../../../src/messages.ts";
import type { Content, Evidence } from "../history.ts";
import { type Catalogue, isCopy } from "./catalogue.ts";
import { doubled, keyOf, lost, type Violation, wrong } from "./violation.ts";

/** How often a content was put into the queue, and where it was found at the end. */
interface Fate {
  copies: number;
  processed: number;
  conflicts: number;
  /** Letters by cause. */
  readonly refused: Set<string>;
  readonly exhausted: Set<string>;
}

export function checkOutcomes(evidence: Evidence, catalogue: Catalogue): Violation[] {
  const { contents, stored } = evidence;
  const violations: Violation[] = [];
  const fates = contents.map(
    (): Fate => ({ copies: 0, processed: 0, conflicts: 0, refused: new Set(), exhausted: new Set() }),
  );
  const fateOf = (event: AcceptedEvent, where: string): Fate | undefined => {
    const fate = fates[catalogue.find(event) ?? -1];
    if (fate === undefined) violations.push(wrong(1, event, `${where} holds content that no client sent`));
    return fate;
  };

  for (const { contents: numbers, unknown, message } of evidence.queued) {
    if (unknown > 0)
      violations.push(wrong(1, null, `message ${message} holds ${unknown} events nobody sent`));
    for (const number of numbers) (fates[number] as Fate).copies += 1;
  }
  const processed = new Map<string, Content | undefined>();
  for (const row of stored.events) {
    const fate = fateOf(row, "events");
    if (fate !== undefined) fate.processed += 1;
    processed.set(keyOf(row), contents[catalogue.find(row) ?? -1]);
  }
  for (const row of stored.conflicts) {
    const fate = fateOf(row, "event_conflicts");
    if (fate !== undefined) fate.conflicts += 1;
    if (!processed.has(keyOf(row)))
      violations.push(lost(row, "is in conflict with an event that is not there"));
  }
  const foreign = new Set(evidence.queued.flatMap(({ foreign }) => foreign ?? []));
  const foreignFound = new Set<string>();
  for (const { cause, body } of stored.deadLetters) {
    if (cause === "malformed_message") {
      if (foreign.has(body)) foreignFound.add(body);
      else
        violations.push(wrong(1, null, `a dead letter calls malformed what is not: ${body.slice(0, 200)}`));
      continue;
    }
    const fate = fateOf(JSON.parse(body) as AcceptedEvent, "dead_letters");
    (cause === "refused_by_database" ? fate?.refused : fate?.exhausted)?.add(body);
  }
  for (const body of foreign) {
    if (!foreignFound.has(body))
      violations.push(lost(null, `a foreign message left no dead letter: ${body}`));
  }

  fates.forEach((fate, number) => {
    const content = contents[number];
    if (content === undefined) return;
    const taken = processed.get(keyOf(content));
    const isCopied = taken !== undefined && isCopy(content, taken);
    violations.push(...judge(fate, isCopied).map((verdict) => verdict(content)));
  });
  violations.push(...checkAnswers(evidence), ...checkDrained(evidence));
  return violations;
}

type Verdict = (event: { source: string; id: string }) => Violation;

/**
 * What became of one content. Every copy that the queue took ends in one way: the first to be committed is processed or
 * a conflict; further copies take no effect, or become dead letters when their retries are exhausted.
 * @param isCopied what is processed under its id is the same, but for a time that a client left to the server
 */
function judge({ copies, processed, conflicts, refused, exhausted }: Fate, isCopied: boolean): Verdict[] {
  const letters = refused.size + exhausted.size;
  const verdicts: Verdict[] = [];
  if (copies === 0) {
    if (processed + conflicts + letters > 0) {
      verdicts.push((event) => wrong(1, event, "was stored although the queue never took it"));
    }
    return verdicts;
  }
  if (processed + conflicts + letters === 0 && !isCopied) {
    verdicts.push((event) => lost(event, `was queued ${times(copies)}, and is nowhere`));
  }
  if (processed > 0 && conflicts > 0) {
    verdicts.push((event) => doubled(1, event, "is both processed and in conflict with itself"));
  }
  if (refused.size > 0 && processed + conflicts > 0) {
    verdicts.push((event) => doubled(1, event, "was refused by the database and yet recorded"));
  }
  if (letters + Math.min(1, processed + conflicts) > copies) {
    verdicts.push((event) =>
      doubled(
        1,
        event,
        `was queued ${times(copies)} and ended more often: ${processed} processed, ${conflicts} in conflict, ${letters} dead letters`,
      ),
    );
  }
  return verdicts;
}

/** For every event of a 202, the queue took a message of the same request that holds it. */
function checkAnswers({ posts, queued, contents }: Evidence): Violation[] {
  const held = new Set(
    queued.flatMap(({ request, contents: numbers }) => numbers.map((number) => `${request}/${number}`)),
  );
  return posts.flatMap(({ request, accepted }) =>
    accepted
      .filter((number) => !held.has(`${request}/${number}`))
      .map((number) =>
        lost(contents[number] ?? null, `was accepted by request ${request}, but the queue never took it`),
      ),
  );
}

function checkDrained({ stuck, queued, contents }: Evidence): Violation[] {
  const messages = new Map(queued.map((message) => [message.message, message]));
  return stuck.map((id) =>
    lost(contents[messages.get(id)?.contents[0] ?? -1] ?? null, `message ${id} never left the queue`),
  );
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);
