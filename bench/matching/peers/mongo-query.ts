import type { Condition, Rule } from "../../../src/rules/language/schema.ts";
import { fieldInData } from "../engine.ts";

/** A query in the language of MongoDB, as sift and @ucast/mongo2js read it. */
export type MongoQuery = { [key: string]: unknown };

/**
 * The rule as a MongoDB query over `data`, with the same matches on the benchmark's events: an array on a field
 * means any element there too, and `$elemMatch` is `some`.
 */
export function mongoQuery(rule: Rule): MongoQuery {
  if ("and" in rule) return { $and: rule.and.map(mongoQuery) };
  if ("or" in rule) return { $or: rule.or.map(mongoQuery) };
  if ("not" in rule) return { $nor: [mongoQuery(rule.not)] };
  if ("some" in rule) return { [fieldInData(rule.some)]: { $elemMatch: elementQuery(rule.where) } };
  if ("every" in rule) throw new Error("no workload has every");
  return { [fieldInData(rule.field)]: test(rule) };
}

/** Inside `$elemMatch` @ucast reads no `$and`: one key a field, which is enough for conditions on different fields. */
function elementQuery(where: Rule): MongoQuery {
  const conditions = "and" in where ? where.and : [where];
  const query: MongoQuery = {};
  for (const condition of conditions) {
    if (!("field" in condition) || condition.field in query) throw new Error("no workload nests inside some");
    query[condition.field] = test(condition);
  }
  return query;
}

function test(condition: Condition): MongoQuery {
  switch (condition.operator) {
    case "equals":
      return { $eq: condition.value };
    case "not_equals":
      return { $ne: condition.value };
    case "in":
      return { $in: condition.value };
    case "not_in":
      return { $nin: condition.value };
    case "greater_than":
      return { $gt: condition.value };
    case "at_least":
      return { $gte: condition.value };
    // @ucast takes a missing number for less than any: a lower bound excludes it. That costs sift nothing measurable.
    case "less_than":
      return { $gt: -Number.MAX_VALUE, $lt: condition.value };
    case "at_most":
      return { $gt: -Number.MAX_VALUE, $lte: condition.value };
    case "between":
      return { $gte: condition.value[0], $lte: condition.value[1] };
    // The workloads' text is ASCII, where the `i` flag and toLowerCase() agree.
    case "contains":
      return { $regex: new RegExp(escaped(condition.value), "i") };
    case "starts_with":
      return { $regex: new RegExp(`^${escaped(condition.value)}`, "i") };
    case "ends_with":
      return { $regex: new RegExp(`${escaped(condition.value)}$`, "i") };
    case "matches":
      return { $regex: new RegExp(condition.value) };
    default:
      throw new Error(`no workload uses ${condition.operator}`);
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
