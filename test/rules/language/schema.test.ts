import { createRoute, OpenAPIHono, z as openapi } from "@hono/zod-openapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { parseRule, RULE_COMPONENT, ruleJsonSchema, ruleSchema } from "../../../src/rules/language/schema.ts";
import { newRule, rule } from "../../support/arbitrary-rules.ts";

describe("inside a request body", () => {
  const body = z.strictObject({ name: z.string(), rule: ruleSchema() });

  test("accepts what parseRule accepts, unchanged", () => {
    fc.assert(
      fc.property(newRule, (rule) => {
        expect(body.parse({ name: "n", rule })).toEqual({ name: "n", rule });
      }),
    );
  });

  test("places each fault in the body, its stable name in params", () => {
    const wrong = { and: [{ field: "data.x", operator: "at_least", value: "1" }, { not: {} }] };
    expect(body.safeParse({ name: "n", rule: wrong }).error?.issues).toMatchObject([
      { path: ["rule", "and", 0, "value"], params: { code: "invalid_type" } },
      { path: ["rule", "and", 1, "not"], params: { code: "missing_key" } },
    ]);
  });

  test("is required", () => {
    expect(body.safeParse({ name: "n" }).error?.issues).toMatchObject([{ path: ["rule"] }]);
    expect(body.safeParse({ name: "n", rule: null }).error?.issues).toMatchObject([{ path: ["rule"] }]);
  });
});

describe("as JSON Schema", () => {
  // `format` is an annotation, and Zod reads it more narrowly than RFC 3339: no lower case, no offsets.
  const schema = JSON.stringify(ruleJsonSchema("#"), (key, value) => (key === "format" ? undefined : value));
  const documented = z.fromJSONSchema(JSON.parse(schema));

  test("whatever is accepted is valid, and whatever is stored", () => {
    fc.assert(
      fc.property(rule, (rule) => {
        expect(documented.safeParse(rule).success).toBe(true);
      }),
    );
  });

  test.each([
    {},
    { and: [] },
    { and: [{ or: {} }] },
    { not: [] },
    { some: "data.x" },
    { field: "data.x", operator: "is", value: 1 },
    { field: "data.x", operator: "exists", value: 1 },
    { field: "data.x", operator: "equals" },
    { field: "data.x", operator: "equals", value: null },
    { not: { field: "data.x", operator: "at_least", value: "1" } },
    { field: "data.x", operator: "between", value: [1] },
    { field: "data.x", operator: "in", value: [] },
    { field: "data.x", operator: "in", value: [[]] },
    { field: "data.x", operator: "older_than", value: "1w" },
    { field: "data.x", operator: "exists", extra: 1 },
    { every: "data.x" },
    { some: "data.x", every: "data.x", where: { field: ".", operator: "exists" } },
    { field: "data.x", operator: "equals", value: "a", case: "upper" },
    { field: "data.x", operator: "equals", value: "a", case: "lowered" },
    { field: "data.x", operator: "matches", value: "a", case: "ignored" },
    { field: "data.x", operator: "length_equals", value: 0 },
    { field: "data.x", operator: "length_at_least", value: 1.5 },
    { field: "data.x", operator: "length", value: 1 },
    { field: "data.x", operator: "type_is", value: "null" },
    { field: "data.x", operator: "sorts_after", value: 1 },
  ])("what the structure forbids is invalid: %j", (json) => {
    expect(documented.safeParse(json).success).toBe(false);
    expect(parseRule(json).ok).toBe(false);
  });

  test("the OpenAPI document holds it once, referring to itself", () => {
    const app = new OpenAPIHono();
    const Rule = ruleSchema().openapi(RULE_COMPONENT);
    const content = { "application/json": { schema: openapi.strictObject({ rule: Rule }) } };
    const route = createRoute({
      method: "post",
      path: "/",
      request: { body: { content } },
      responses: { 200: { description: "The same", content } },
    });
    app.openapi(route, (context) => context.json(context.req.valid("json"), 200));
    const document = app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "t", version: "1" } });
    const reference = `#/components/schemas/${RULE_COMPONENT}`;
    expect(document.components?.schemas?.[RULE_COMPONENT]).toEqual(ruleJsonSchema(reference));
    expect(JSON.stringify(document.paths).match(new RegExp(reference, "g"))).toHaveLength(2);
  });
});
