import type { Condition, Rule } from "../../../src/rules/language/schema.ts";
import { drawAttributes, drawCondition, drawData } from "./attributes.ts";
import { chance, integer, pick, type Random, randomFor } from "./random.ts";
import { NO_ARRAYS, type Workload } from "./workload.ts";

const RULES = 601;
const EVENTS = 602;
const DEPTH = 4;
const NEGATED = 0.2;
const REPEATED = 0.25;

/** W6: trees of and, or, not, four deep, two to four wide, whose leaves repeat within a rule. */
export const w6: Workload = {
  summary:
    "nested trees (depth 4, fan-out 2 to 4, 20 % not, a quarter of the leaves repeated); 20 attributes",
  arrayFields: NO_ARRAYS,
  rule(position, _count, revision = 0) {
    const random = randomFor(RULES, position, revision);
    return drawGroup(random, 1, []);
  },
  data: (position) => drawData(randomFor(EVENTS, position), 20),
};

/** `and` and `or` take turns, `and` at the top. The first child goes on to the full depth, the others may end early. */
function drawGroup(random: Random, depth: number, leaves: Condition[]): Rule {
  const children = Array.from({ length: integer(random, 2, 4) }, (_, place): Rule => {
    const ends = depth + 1 === DEPTH || (place > 0 && chance(random, 0.5));
    const child = ends ? drawLeaf(random, leaves) : drawGroup(random, depth + 1, leaves);
    return chance(random, NEGATED) ? { not: child } : child;
  });
  return depth % 2 === 1 ? { and: children } : { or: children };
}

function drawLeaf(random: Random, leaves: Condition[]): Condition {
  if (leaves.length > 0 && chance(random, REPEATED)) return pick(random, leaves);
  const [attribute] = drawAttributes(random, 1);
  if (attribute === undefined) throw new Error("no attribute drawn");
  const leaf = drawCondition(random, attribute);
  leaves.push(leaf);
  return leaf;
}
