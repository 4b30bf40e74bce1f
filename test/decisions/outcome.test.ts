import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Candidate, decideOutcomes } from "../../src/decisions/outcome.ts";
import { bucketOf, holdoutBucketOf } from "../../src/decisions/sample.ts";

const campaign = (id: string, gates: Partial<Candidate> = {}): Candidate => ({
  id,
  version: 1,
  sample: null,
  holdout: null,
  group: null,
  priority: 0,
  ...gates,
});

describe("the outcome of a match", () => {
  test("is granted where no gate stops it", () => {
    expect(decideOutcomes("anna", [campaign("a")])).toEqual([
      { id: "a", version: 1, outcome: "granted", evidence: null },
    ]);
    expect(decideOutcomes(null, [campaign("a")])[0]?.outcome).toBe("granted");
  });

  test("says in which bucket a subject is that a sample leaves out", () => {
    const sample = { percent: 0, salt: "s" };
    expect(decideOutcomes("anna", [campaign("a", { sample })])[0]).toMatchObject({
      outcome: "not_in_sample",
      evidence: { bucket: bucketOf("s", "anna"), percent: 0 },
    });
  });

  test("is not in the sample without a subject, even in one of all", () => {
    const sample = { percent: 100, salt: "s" };
    expect(decideOutcomes(null, [campaign("a", { sample })])[0]).toMatchObject({
      outcome: "not_in_sample",
      evidence: { reason: "no_subject" },
    });
  });

  test("is held out of every campaign that names the holdout, and of no other", () => {
    const holdout = { key: "2026", percent: 100 };
    const outcomes = decideOutcomes("anna", [
      campaign("a", { holdout }),
      campaign("b", { holdout }),
      campaign("c"),
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["held_out", "held_out", "granted"]);
    expect(outcomes[0]?.evidence).toEqual({
      holdout: "2026",
      bucket: holdoutBucketOf(holdout, "anna"),
      percent: 100,
    });
    // There is nobody to hold out.
    expect(decideOutcomes(null, [campaign("a", { holdout })])[0]?.outcome).toBe("granted");
  });

  test("is asked of the sample before the holdout", () => {
    const gates = { sample: { percent: 0, salt: "s" }, holdout: { key: "2026", percent: 100 } };
    expect(decideOutcomes("anna", [campaign("a", gates)])[0]?.outcome).toBe("not_in_sample");
  });

  test("is outranked by the one of the group with the highest priority, of equal ones the smallest id", () => {
    const outcomes = decideOutcomes("anna", [
      campaign("a", { group: "checkout", priority: 1 }),
      campaign("c", { group: "checkout", priority: 2 }),
      campaign("b", { group: "checkout", priority: 2 }),
      campaign("d", { group: "other", priority: -5 }),
      campaign("e"),
    ]);
    expect(Object.fromEntries(outcomes.map(({ id, outcome }) => [id, outcome]))).toEqual({
      a: "outranked",
      b: "granted",
      c: "outranked",
      d: "granted",
      e: "granted",
    });
    expect(outcomes[0]?.evidence).toEqual({ group: "checkout", outranked_by: "b" });
  });

  test("is not outranked by one that a sample or a holdout stops", () => {
    const outcomes = decideOutcomes("anna", [
      campaign("a", { group: "g", priority: 3, sample: { percent: 0, salt: "s" } }),
      campaign("b", { group: "g", priority: 2, holdout: { key: "h", percent: 100 } }),
      campaign("c", { group: "g", priority: 1 }),
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["not_in_sample", "held_out", "granted"]);
  });
});

const candidates = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(..."abcdefgh"),
    version: fc.integer({ min: 1, max: 3 }),
    sample: fc.option(fc.record({ percent: fc.constantFrom(0, 50, 100), salt: fc.constantFrom("s", "t") })),
    holdout: fc.option(fc.record({ key: fc.constantFrom("h", "i"), percent: fc.constantFrom(0, 50, 100) })),
    group: fc.option(fc.constantFrom("g", "k")),
    priority: fc.integer({ min: -1, max: 1 }),
  }),
  { selector: ({ id }) => id },
);

test("every match has one outcome, whatever the order, and every group with a contender one grant", () => {
  fc.assert(
    fc.property(fc.option(fc.string()), candidates, fc.infiniteStream(fc.nat()), (subject, given, order) => {
      const decided = decideOutcomes(subject, given);
      expect(decided.map(({ id, version }) => [id, version])).toEqual(
        given.map(({ id, version }) => [id, version]),
      );
      const shuffled = given
        .map((candidate) => ({ candidate, at: order.next().value }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ candidate }) => candidate);
      const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
      expect(decideOutcomes(subject, shuffled).toSorted(byId)).toEqual(decided.toSorted(byId));
      for (const group of ["g", "k"]) {
        const contenders = given.filter(
          (one, at) => one.group === group && ["granted", "outranked"].includes(decided[at]?.outcome ?? ""),
        );
        const granted = contenders.filter(
          ({ id }) => decided.find((one) => one.id === id)?.outcome === "granted",
        );
        expect(granted).toHaveLength(contenders.length > 0 ? 1 : 0);
        for (const one of contenders) expect(granted[0]?.priority).toBeGreaterThanOrEqual(one.priority);
      }
    }),
  );
});
