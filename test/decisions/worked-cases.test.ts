/** The table of docs/decisions.md, decided. */
import { expect, test } from "vitest";
import text from "../../docs/decisions.md?raw";
import { type CampaignGates, compileGates } from "../../src/decisions/gates.ts";
import { decideOutcomes } from "../../src/decisions/outcome.ts";

const cases = [...text.matchAll(/^\| ([^|]+) \| `({.*})` \| `({.*})` \| `({.*})` \|$/gm)].map(
  ([, name = "", campaigns = "", event = "", outcomes = ""]) => ({
    name,
    campaigns: JSON.parse(campaigns) as Record<string, CampaignGates>,
    event: JSON.parse(event) as { subject?: string | null; time?: string },
    outcomes: JSON.parse(outcomes) as Record<string, string>,
  }),
);

test("there are cases, for every gate", () => {
  expect(cases.length).toBeGreaterThan(10);
  const gates = new Set(cases.flatMap(({ campaigns }) => Object.values(campaigns).flatMap(Object.keys)));
  expect([...gates].toSorted()).toEqual(["group", "holdout", "priority", "sample", "schedule"]);
});

test.each(cases)("$name", ({ campaigns, event, outcomes }) => {
  const candidates = Object.entries(campaigns)
    .map(([id, gates]) => ({ id, version: 1, ...compileGates(id, gates) }))
    .filter(({ isInSchedule }) => isInSchedule?.(Date.parse(event.time ?? "")) !== false);
  const decided = decideOutcomes(event.subject ?? null, candidates);
  expect(Object.fromEntries(decided.map(({ id, outcome }) => [id, outcome]))).toEqual(outcomes);
});
