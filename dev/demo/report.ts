/** How the demo tells what it found, in lines of at most `WIDTH` columns. */
import { describe } from "../../src/rules/describe.ts";
import type { Explanation } from "../../src/rules/explain.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { style } from "../command.ts";
import { EXAMPLE, type ReplayOutcome } from "./replay.ts";

const WIDTH = 100;
const RULE_LINES = 3;
const MARGIN = 20;

export interface CampaignResult {
  readonly name: string;
  readonly rule: Rule;
  /** Event ids, as recorded and as counted independently, both sorted. A list that holds one twice is wrong. */
  readonly matched: readonly string[];
  readonly expected: readonly string[];
}

const agrees = ({ matched, expected }: CampaignResult): boolean =>
  matched.length === expected.length && matched.every((id, index) => id === expected[index]);

/** Everything that the demo found, as a person reads it. */
export function printOutcome(outcome: ReplayOutcome, events: number, secondsInAll: number): void {
  const { results, explanation, faults, seconds } = outcome;
  console.log(`\n${campaignTable(results)}\n`);

  const example = results.find(({ name }) => name === EXAMPLE.campaign);
  if (example !== undefined) {
    console.log(`  ${style("bold", `Why ${EXAMPLE.event} is in "${example.name}"`)}\n`);
    console.log(`${explanationTree(example.rule, explanation)}\n`);
  }

  const wrong = [...results.filter((result) => !agrees(result)).map(difference), ...faults];
  if (wrong.length > 0) {
    console.log(
      `${style("red", `  ✗ ${wrong.length} differences from the independent count`)}\n${wrong.join("\n")}\n`,
    );
  } else {
    const matches = results.reduce((sum, { matched }) => sum + matched.length, 0);
    const summary = `All ${matches} matches of ${results.length} campaigns are those of an independent count.`;
    console.log(`  ${style("green", "✓")} ${style("bold", summary)}`);
  }
  const rate = Math.round(events / seconds);
  console.log(
    `  ${events} events decided in ${seconds.toFixed(1)} s, ${rate} a second under wrangler dev; ` +
      `${secondsInAll.toFixed(0)} s in all.`,
  );
}

export const isRight = ({ results, faults }: ReplayOutcome): boolean =>
  results.every(agrees) && faults.length === 0;

/** The campaigns with their rules in words, and what each matched beside what it should have. */
function campaignTable(results: readonly CampaignResult[]): string {
  const lines = [style("dim", ` ${"matches".padStart(8)}${"expected".padStart(9)}`)];
  for (const result of results) {
    const ok = agrees(result);
    const counts = ` ${String(result.matched.length).padStart(8)}${String(result.expected.length).padStart(9)}`;
    lines.push(`${counts} ${style(ok ? "green" : "red", ok ? "✓" : "✗")} ${style("bold", result.name)}`);
    for (const line of wrap(describe(result.rule), WIDTH - MARGIN, RULE_LINES)) {
      lines.push(" ".repeat(MARGIN) + style("dim", line));
    }
  }
  return lines.join("\n");
}

/** Which ids are missing, too many or there twice; empty when the campaign is right. */
export function difference({ name, matched, expected }: CampaignResult): string {
  const parts = [
    ["missing", expected.filter((id) => !matched.includes(id))],
    ["not expected", matched.filter((id) => !expected.includes(id))],
    ["recorded twice", matched.filter((id, index) => matched.indexOf(id) !== index)],
  ] as const;
  return parts
    .filter(([, ids]) => ids.length > 0)
    .map(([what, ids]) => `${name}: ${what}: ${ids.join(", ")}`)
    .join("\n");
}

/** A rule beside what the API explained of it: each part with a mark, each condition with what was found. */
export function explanationTree(rule: Rule, explanation: Explanation, depth = 1): string {
  const indent = "  ".repeat(depth);
  const mark = explanation.matched ? style("green", "✓") : style("red", "✗");
  const lines = (heading: string, parts: readonly string[]) =>
    [`${indent}${mark} ${heading}`, ...parts].join("\n");

  if ("and" in rule && "and" in explanation)
    return lines("all of", children(rule.and, explanation.and, depth));
  if ("or" in rule && "or" in explanation) return lines("any of", children(rule.or, explanation.or, depth));
  if ("not" in rule && "not" in explanation) {
    return lines("not", [explanationTree(rule.not, explanation.not, depth + 1)]);
  }
  if ("some" in rule && "some" in explanation) {
    const { where, elements, element } = explanation;
    const which = element === null ? `none of ${elements}` : `element ${element + 1} of ${elements}`;
    const parts = where === null ? [] : [explanationTree(rule.where, where, depth + 1)];
    return lines(`some element of ${rule.some} has  ${style("dim", `← ${which}`)}`, parts);
  }
  if (!("found" in explanation)) throw new Error("The explanation is not of this rule.");
  const values = explanation.found.map(({ type, value }) =>
    value === undefined ? type : JSON.stringify(value),
  );
  const found = values.length === 0 ? "nothing there" : values.join(", ");
  return `${indent}${mark} ${describe(rule)}  ${style("dim", `← ${found}`)}`;
}

const children = (rules: readonly Rule[], explanations: readonly Explanation[], depth: number) =>
  rules.flatMap((rule, index) => {
    const explanation = explanations[index];
    return explanation === undefined ? [] : [explanationTree(rule, explanation, depth + 1)];
  });

/** `text` in lines of at most `width` columns, broken at spaces; what does not fit `linesMax` ends in "…". */
export function wrap(text: string, width: number, linesMax: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  const cut = (long: string) => (long.length > width ? `${long.slice(0, width - 1)}…` : long);
  if (lines.length <= linesMax) return lines.map(cut);
  const last = lines[linesMax - 1] ?? "";
  return [...lines.slice(0, linesMax - 1), `${last.slice(0, width - 2)} …`].map(cut);
}
