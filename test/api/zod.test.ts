/** What stands for a schema: it builds nothing too early, and what it builds is what zod would. */

import { z as zod } from "@hono/zod-openapi";
import { describe, expect, test, vi } from "vitest";
import { openApiDocument } from "../../src/api/openapi.ts";
import { route, routes } from "../../src/api/route.ts";
import * as z from "../../src/api/zod.ts";

/** A schema, and how often it was built. */
function counted() {
  const make = vi.fn(() => zod.string().max(3));
  return { make, schema: z.deferred(make) };
}

describe("a route's schemas", () => {
  const [param, query, json, answer] = [counted(), counted(), counted(), counted()];
  const app = routes().openapi(
    route({
      method: "post",
      path: "/v1/dead-letters/{id}/discard",
      request: {
        params: z.object({ id: param.schema }),
        query: z.strictObject({ q: query.schema.optional() }),
        body: { required: true, content: { "application/json": { schema: z.array(json.schema).min(1) } } },
      },
      responses: {
        200: { description: "", content: { "application/json": { schema: z.object({ a: answer.schema }) } } },
      },
    }),
    (c) => c.json({ a: "" }, 200),
  );
  const times = () => [param, query, json, answer].map(({ make }) => make.mock.calls.length);

  test("are not built when the route is defined", () => {
    expect(times()).toEqual([0, 0, 0, 0]);
  });

  test("are all in the document", () => {
    const { paths } = openApiDocument(app);
    const operation = paths?.["/v1/dead-letters/{id}/discard"]?.post;
    expect(operation?.parameters).toMatchObject([{ name: "id" }, { name: "q" }]);
    expect(JSON.stringify(operation)).toMatch(/"minItems":1.*"a":\{"type":"string","maxLength":3\}/);
    expect(times()).toEqual([1, 1, 1, 1]);
  });
});

describe("what stands for a schema", () => {
  test("builds it once", () => {
    const { make, schema } = counted();
    expect([schema.safeParse("abc").success, schema.safeParse("abcd").success]).toEqual([true, false]);
    expect(make).toHaveBeenCalledOnce();
  });

  test("hands on what is checked as it came", () => {
    const given = { nested: { list: [1] } };
    let seen: unknown;
    const schema = z.unknown().refine((value) => {
      seen = value;
      return true;
    });
    expect(schema.parse(given)).toBe(given);
    expect(seen).toBe(given);
  });

  test("leaves the schema it was made from as it was", () => {
    const { schema } = counted();
    const optional = schema.optional();
    expect(optional.safeParse(undefined).success).toBe(true);
    expect(schema.safeParse(undefined).success).toBe(false);
  });

  test.each([
    [
      z.object({ a: z.int(), b: z.string().nullable() }),
      zod.object({ a: zod.int(), b: zod.string().nullable() }),
    ],
    [
      z.strictObject({ a: z.enum(["x", "y"]) }).partial(),
      zod.strictObject({ a: zod.enum(["x", "y"]) }).partial(),
    ],
    [z.object({ a: z.literal(1) }).extend({ b: z.uuid() }), zod.object({ a: zod.literal(1), b: zod.uuid() })],
    [z.union([z.boolean(), z.array(z.number())]), zod.union([zod.boolean(), zod.array(zod.number())])],
    [z.record(z.string(), z.iso.datetime()), zod.record(zod.string(), zod.iso.datetime())],
  ])("is to JSON Schema what zod's own is: %#", (ours, theirs) => {
    expect(zod.toJSONSchema(z.built<z.ZodType>(ours))).toEqual(zod.toJSONSchema(theirs));
  });
});
