import type { Violation } from "./check/violation.ts";
import { keyOf } from "./check/violation.ts";
import { FAULTS, type Fault } from "./faults.ts";
import type { Evidence } from "./history.ts";
import type { Run } from "./run.ts";

const VIOLATIONS_SHOWN = 10;
const STORY_LINES_MAX = 30;

/** A run's report, as text. */
export function describeRun({ seed, events, database, seconds, faults, evidence, violations }: Run): string {
  const { posts, queued, deliveries, stored, activeSetChanges, answeredChanges } = evidence;
  const copies = queued.reduce((sum, { contents }) => sum + contents.length, 0);
  const accepted = posts.reduce((sum, post) => sum + post.accepted.length, 0);
  const where = database === "postgres" ? "a real Postgres" : "an embedded Postgres";
  const lines = [
    `seed ${seed}: ${count(events)} events through both Workers on ${where} in ${seconds.toFixed(1)} s`,
    "",
    "  what happened",
    row("requests to POST /v1/events", posts.length, statuses(evidence)),
    row("events accepted with 202", accepted, "duplicates and conflicts included"),
    row("copies that the queue took", copies, `in ${count(queued.length)} messages`),
    row("deliveries of a message", deliveries.length, outcomes(evidence)),
    row("campaign changes answered", answeredChanges.length, `${count(activeSetChanges.length)} epochs`),
    "",
    "  faults",
    ...(Object.keys(FAULTS) as Fault[]).map((fault) => row(fault, faults.get(fault) ?? 0)),
    "",
    "  what became of the events",
    row("processed", stored.events.length, `${count(stored.matches.length)} matches`),
    row("conflicts", stored.conflicts.length),
    row("dead letters", stored.deadLetters.length, causes(evidence)),
    "",
    "  verdict",
    ...(["lost", "doubled", "wrong", "miscounted"] as const).map((kind) =>
      row(kind, violations.filter((violation) => violation.kind === kind).length),
    ),
  ];
  return lines.join("\n");
}

/** The first violations, each with all that is known of its event. */
export function describeViolations({ evidence, violations }: Run): string {
  const shown = violations.slice(0, VIOLATIONS_SHOWN).flatMap((violation) => [
    "",
    `  ${violation.kind} (invariant ${violation.invariant}): ${nameOf(violation)} ${violation.message}`,
    ...storyOf(violation, evidence)
      .slice(0, STORY_LINES_MAX)
      .map((line) => `    ${line}`),
  ]);
  const more = violations.length - VIOLATIONS_SHOWN;
  return [...shown, ...(more > 0 ? [`  and ${count(more)} more`] : [])].join("\n");
}

const nameOf = ({ event }: Violation): string =>
  event === null ? "" : `${event.source}/${event.id}`.slice(0, 80);

/** Every request, message and delivery that an event took part in. */
function storyOf({ event }: Violation, { contents, posts, queued, deliveries }: Evidence): string[] {
  if (event === null) return [];
  const numbers = new Set(
    contents.flatMap((content, number) => (keyOf(content) === keyOf(event) ? [number] : [])),
  );
  const mine = (list: readonly number[]) => list.filter((number) => numbers.has(number));
  return [
    ...posts
      .filter((post) => mine(post.contents).length > 0)
      .map(
        ({ request, contents, status, accepted }) =>
          `content ${mine(contents).join(", ")} in request ${request}: ${status ?? "no answer"}, ${mine(accepted).length} accepted`,
      ),
    ...queued
      .filter((message) => mine(message.contents).length > 0)
      .flatMap(({ message, request, copyOf, contents }) => [
        `content ${mine(contents).join(", ")} in message ${message} of request ${request}${copyOf === null ? "" : `, a copy of ${copyOf}`}`,
        ...deliveries
          .filter((delivery) => delivery.message === message)
          .map(
            ({ queue, attempt, consumer, outcome }) =>
              `  ${queue}, delivery ${attempt} to ${consumer}: ${outcome}`,
          ),
      ]),
  ];
}

const count = (value: number): string => value.toLocaleString("en");

const row = (name: string, value: number, remark = ""): string =>
  `    ${name.padEnd(52)}${count(value).padStart(9)}${remark === "" ? "" : `   ${remark}`}`;

const statuses = ({ posts }: Evidence) =>
  metricBuffer(posts.map(({ status }) => (status === null ? "no answer" : `${status}`)));
const outcomes = ({ deliveries }: Evidence) =>
  metricBuffer(deliveries.map(({ outcome }) => outcome.split(",")[0] ?? ""));
const causes = ({ stored }: Evidence) => metricBuffer(stored.deadLetters.map(({ cause }) => cause));

function metricBuffer(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, times]) => `${name}: ${count(times)}`).join(", ");
}
