import { expect, test } from "vitest";
import { evaluate } from "../../src/rules/evaluation/evaluate.ts";
import type { Rule } from "../../src/rules/language/rule.ts";
import { move, postCampaign } from "../support/posted-campaigns.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();

const amount = (operator: "at_least" | "less_than", value: number): Rule => ({
  field: "data.amount",
  operator,
  value,
});
const gold: Rule = { field: "data.tier", operator: "equals", value: "gold" };

async function active(rule: Rule): Promise<string> {
  const { id } = await postCampaign(system, { rule });
  await move(system, id, "activate");
  return id;
}

test("finds what is certain among the active campaigns and a draft, with witnesses the evaluator confirms", async () => {
  const never = await active({
    and: [amount("at_least", 10), { field: "data.amount", operator: "missing" }],
  });
  // Not a contradiction: the amount may be a list, and then each element may satisfy one of the two.
  const possible = await active({ and: [amount("at_least", 10), amount("less_than", 5)] });
  const wide = await active(amount("at_least", 100));
  const narrow = await active({ and: [amount("at_least", 200), gold] });
  const paused = await active(gold);
  await move(system, paused, "pause");

  const answer = await system.call("POST", "/v1/campaigns/analyze", {
    token: await system.login("user"),
    json: { draft: { rule: { not: { not: amount("at_least", 100) } } } },
  });
  expect(answer.status).toBe(200);
  const { findings, analyzed, complete, not_decided } = answer.json;
  expect({ analyzed, complete }).toEqual({ analyzed: 5, complete: true });
  expect(not_decided.length).toBeGreaterThan(0);
  const said = findings.map(({ kind, id, other, by }: Record<string, string>) =>
    [kind, id, other ?? by].join(" "),
  );
  expect(said).toContain(`never_matches ${never} `);
  expect(said).toContain(`covered ${narrow} ${wide}`);
  expect(said).toContain(`covered ${narrow} draft`);
  expect(
    said
      .filter((text: string) => text.startsWith("duplicates"))
      .map((text: string) => text.split(" ").slice(1).sort()),
  ).toEqual([[wide, "draft"].sort()]);
  expect(said.join()).not.toContain(paused);
  expect(said.join()).not.toContain(`never_matches ${possible}`);

  const covered = findings.find(({ kind, by }: Record<string, string>) => kind === "covered" && by === wide);
  expect(evaluate(amount("at_least", 100), covered.witness)).toBe(true);
  expect(evaluate({ and: [amount("at_least", 200), gold] }, covered.witness)).toBe(true);
  if (covered.beyond !== null) {
    expect(evaluate(amount("at_least", 100), covered.beyond)).toBe(true);
    expect(evaluate({ and: [amount("at_least", 200), gold] }, covered.beyond)).toBe(false);
  }
});

test("a draft that is no rule is refused at its place", async () => {
  const answer = await system.call("POST", "/v1/campaigns/analyze", {
    token: await system.login("user"),
    json: { draft: { rule: { and: [{ field: "type", operator: "is", value: "x" }] } } },
  });
  expect(answer.status).toBe(422);
  expect(answer.json.errors[0].pointer).toBe("/draft/rule/and/0/operator");
});
