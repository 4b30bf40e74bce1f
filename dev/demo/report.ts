/** Prints what the demo found, in lines of at most `WIDTH` columns. */

import { styleText } from "node:util";
import type { Explanation } from "../../src/rules/evaluation/explain.ts";
import { describe } from "../../src/rules/language/describe.ts";
import type { Rule } from "../../src/rules/language/rule.ts";
import { type CampaignResult, EXAMPLE, type ReplayOutcome } from "./outcome.ts";

const WIDTH = 100;
const RULE_LINES = 3;
const MARGIN = 20;

const agrees = ({ matched, expected }: CampaignResult): boolean =>
  matched.length === expected.length && matched.every((id, index) => id === expected[index]);

/** Prints everything that the demo found. */
export function printOutcome(outcome: ReplayOutcome, events: number, secondsInAll: number): void {
  const { results, explanation, faults, seconds } = outcome;
  console.log(`\n${campaignTable(results)}\n`);

  const example = results.find(({ name }) => name === EXAMPLE.campaign);
  if (example !== undefined) {
    console.log(`  ${styleText("bold", `Why ${EXAMPLE.event} is in "${example.name}"`)}\n`);
    console.log(`${explanationTree(example.rule, explanation)}\n`);
  }

  const wrong = [...results.filter((result) => !agrees(result)).map(difference), ...faults];
  if (wrong.length > 0) {
    console.log(
      `${styleText("red", `  ✗ ${wrong.length} differences from the independent count`)}\n${wrong.join("\n")}\n`,
    );
  } else {
    const matches = results.reduce((sum, { matched }) => sum + matched.length, 0);
    const summary = `All ${matches} matches of ${results.length} campaigns are those of an independent count.`;
    console.log(`  ${styleText("green", "✓")} ${styleText("bold", summary)}`);
  }
  const rate = Math.round(events / seconds);
  console.log(
    `  ${events} events decided in ${seconds.toFixed(1)} s, ${rate} a second (under wrangler dev); ` +
      `${secondsInAll.toFixed(0)} s in all.`,
  );
}

export const isRight = ({ results, faults }: ReplayOutcome): boolean =>
  results.every(agrees) && faults.length === 0;

/** The campaigns with their rules in words, and what each matched beside what it should have. */
function campaignTable(results: readonly CampaignResult[]): string {
  const lines = [styleText("dim", ` ${"matches".padStart(8)}${"expected".padStart(9)}`)];
  for (const result of results) {
    const ok = agrees(result);
    const counts = ` ${String(result.matched.length).padStart(8)}${String(result.expected.length).padStart(9)}`;
    lines.push(
      `${counts} ${styleText(ok ? "green" : "red", ok ? "✓" : "✗")} ${styleText("bold", result.name)}`,
    );
    for (const line of wrap(describe(result.rule), WIDTH - MARGIN, RULE_LINES)) {
      lines.push(" ".repeat(MARGIN) + styleText("dim", line));
    }
  }
  return lines.join("\n");
}

/** Which ids are missing, should not be there, or are there twice; empty when the campaign is right. */
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
export function explanationTree(rule: Rule, explanation: Explanation): string {
  return treeLines(rule, explanation, "  ").join("\n");
}

function treeLines(rule: Rule, explanation: Explanation, indent: string): string[] {
  const { matched } = explanation;
  const inner = `${indent}  `;
  const all = (rules: readonly Rule[], explanations: readonly Explanation[]) =>
    rules.flatMap((part, index) => {
      const explained = explanations[index];
      return explained === undefined ? [] : treeLines(part, explained, inner);
    });

  if ("and" in rule && "and" in explanation) {
    return [...nodeLines(matched, "all of", "", indent), ...all(rule.and, explanation.and)];
  }
  if ("or" in rule && "or" in explanation) {
    return [...nodeLines(matched, "any of", "", indent), ...all(rule.or, explanation.or)];
  }
  if ("not" in rule && "not" in explanation) {
    return [...nodeLines(matched, "not", "", indent), ...treeLines(rule.not, explanation.not, inner)];
  }
  if ("some" in rule && "some" in explanation) {
    const { where, elements, element } = explanation;
    const which = element === null ? `none of ${elements}` : `element ${element + 1} of ${elements}`;
    const heading = nodeLines(matched, `some element of ${rule.some} has`, which, indent);
    return where === null ? heading : [...heading, ...treeLines(rule.where, where, inner)];
  }
  if ("every" in rule && "every" in explanation) {
    const { where, elements, element } = explanation;
    const which = element === null ? `all ${elements}` : `not element ${element + 1} of ${elements}`;
    const heading = nodeLines(matched, `every element of ${rule.every} has`, which, indent);
    return where === null ? heading : [...heading, ...treeLines(rule.where, where, inner)];
  }
  if (!("found" in explanation)) throw new Error("The explanation is not of this rule.");
  const values = explanation.found.map(({ type, value }) =>
    value === undefined ? type : JSON.stringify(value),
  );
  return nodeLines(
    matched,
    describe(rule),
    values.length === 0 ? "nothing there" : values.join(", "),
    indent,
  );
}

/** A mark, a text, and what was found: on the same line where there is room. */
function nodeLines(matched: boolean, text: string, found: string, indent: string): string[] {
  const mark = matched ? styleText("green", "✓") : styleText("red", "✗");
  const room = WIDTH - indent.length - 2;
  const [first = "", ...others] = wrap(text, room, RULE_LINES);
  const lines = [`${indent}${mark} ${first}`, ...others.map((line) => `${indent}  ${line}`)];
  if (found === "") return lines;
  const note = cut(`← ${found}`, room);
  const last = others.at(-1) ?? first;
  if (last.length + 2 + note.length > room) return [...lines, `${indent}  ${styleText("dim", note)}`];
  return [...lines.slice(0, -1), `${lines.at(-1)}  ${styleText("dim", note)}`];
}

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
  if (lines.length <= linesMax) return lines.map((long) => cut(long, width));
  const last = lines[linesMax - 1] ?? "";
  return [...lines.slice(0, linesMax - 1), `${last.slice(0, width - 2)} …`].map((long) => cut(long, width));
}

const cut = (text: string, width: number) => (text.length > width ? `${text.slice(0, width - 1)}…` : text);
