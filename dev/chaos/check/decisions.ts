/**
 * Invariant 3: the recorded matches are those that the reference evaluator finds for the campaigns active at the
 * event's epoch, each with the outcome that their gates give it, and that epoch had not ended when the decision began.
 */
import { compileGates } from "../../../src/decisions/gates.ts";
import { decideOutcomes, type Outcome } from "../../../src/decisions/outcome.ts";
import { evaluate } from "../../../src/rules/evaluation/evaluate.ts";
import type { ActiveSetChange, AnsweredChange, EventRow, Evidence } from "../history.ts";
import { type ActiveSets, activeSetsOf } from "./active-sets.ts";
import { keyOf, type Violation, wrong } from "./violation.ts";

export function checkDecisions({ activeSetChanges, answeredChanges, stored }: Evidence): Violation[] {
  const sets = activeSetsOf(activeSetChanges);
  const oldest = oldestEpochAllowed(activeSetChanges, answeredChanges);
  const recorded = new Map<string, string[]>();
  for (const { source, event_id: id, campaign_id, campaign_version, outcome } of stored.matches) {
    const key = keyOf({ source, id });
    const found = recorded.get(key);
    const match = matchOf(campaign_id, campaign_version, outcome);
    if (found === undefined) recorded.set(key, [match]);
    else found.push(match);
  }

  const violations: Violation[] = [];
  for (const event of stored.events) {
    const matches = new Set(recorded.get(keyOf(event)));
    violations.push(...checkMatches(event, matches, sets));
    const { epoch, at } = oldest(Date.parse(event.processed_at));
    if (event.epoch < epoch) {
      violations.push(
        wrong(
          3,
          event,
          `was decided at ${event.processed_at} with the campaigns of epoch ${event.epoch}, although epoch ${epoch} was answered at ${new Date(at).toISOString()}`,
        ),
      );
    }
  }
  const known = new Set(stored.events.map(keyOf));
  for (const key of recorded.keys()) {
    if (known.has(key)) continue;
    const [source, id] = JSON.parse(key) as [string, string];
    violations.push(wrong(3, { source, id }, "has matches but is not there"));
  }
  return violations;
}

function checkMatches(event: EventRow, recorded: ReadonlySet<string>, sets: ActiveSets): Violation[] {
  const set = sets.get(event.epoch);
  if (set === undefined) return [wrong(3, event, `names epoch ${event.epoch}, which there never was`)];
  const candidates = set
    .filter((change) => matches(change, event))
    .map(({ campaign, version, gates }) => ({ id: campaign, version, ...compileGates(campaign, gates) }))
    .filter(({ isInSchedule }) => isInSchedule === null || isInSchedule(Date.parse(event.time)));
  const expected = new Set(
    decideOutcomes(event.subject, candidates).map(({ id, version, outcome }) =>
      matchOf(id, version, outcome),
    ),
  );
  const missing = [...expected].filter((match) => !recorded.has(match));
  const extra = [...recorded].filter((match) => !expected.has(match));
  if (missing.length + extra.length === 0) return [];
  const parts = [
    ...(missing.length === 0 ? [] : [`no match with ${missing.join(", ")}`]),
    ...(extra.length === 0 ? [] : [`a match with ${extra.join(", ")}`]),
  ];
  return [wrong(3, event, `has ${parts.join(" and ")}; the campaigns of epoch ${event.epoch} say otherwise`)];
}

function matches({ rule, startsAt, endsAt }: ActiveSetChange, event: EventRow): boolean {
  const time = Date.parse(event.time);
  if (startsAt !== null && time < Date.parse(startsAt)) return false;
  if (endsAt !== null && time >= Date.parse(endsAt)) return false;
  return evaluate(rule, event);
}

const matchOf = (campaign: string, version: number, outcome: Outcome): string =>
  `${campaign} version ${version}, ${outcome}`;

/** Stored times are rounded to the millisecond, up or down. */
const ROUNDING_MS = 1;

/**
 * For a transaction that began at a given moment (by the database's clock, as `answeredAt` is): the newest epoch that
 * an answer to a client had confirmed by then. A decision with an older epoch used a stale set.
 */
function oldestEpochAllowed(
  changes: readonly ActiveSetChange[],
  answered: readonly AnsweredChange[],
): (began: number) => { epoch: number; at: number } {
  const epochs = new Map(changes.map((change) => [`${change.campaign}/${change.revision}`, change.epoch]));
  const steps: { epoch: number; at: number }[] = [];
  for (const { campaign, revision, answeredAt } of [...answered].sort(
    (a, b) => a.answeredAt - b.answeredAt,
  )) {
    const epoch = epochs.get(`${campaign}/${revision}`); // undefined for a change that left the set as it was
    if (epoch !== undefined && epoch > (steps.at(-1)?.epoch ?? 0)) steps.push({ epoch, at: answeredAt });
  }
  return (began) => {
    let low = 0;
    let high = steps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((steps[middle]?.at ?? 0) + ROUNDING_MS < began) low = middle + 1;
      else high = middle;
    }
    return steps[low - 1] ?? { epoch: 0, at: 0 };
  };
}
