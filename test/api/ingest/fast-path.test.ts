import fc from "fast-check";
import { expect, test } from "vitest";
import { eventAt } from "../../../bench/service/workload.ts";
import { eventSchema } from "../../../src/api/ingest/event-input.ts";
import { needsNoSchema } from "../../../src/api/ingest/fast-path.ts";
import { EVENT_ATTRIBUTE_CHARS_MAX } from "../../../src/limits.ts";

const attribute = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.string({ maxLength: 3, unit: "binary" }),
  fc.constantFrom("", "\0", "\u007f", "\ud800", "é", "a\nb", "a\n", null, undefined, 1, {}, []),
  fc
    .integer({ min: EVENT_ATTRIBUTE_CHARS_MAX - 1, max: EVENT_ATTRIBUTE_CHARS_MAX + 1 })
    .map((length) => "x".repeat(length)),
);
const two = (value: number) => value.toString().padStart(2, "0");
/** Near what a time is: the calendar's own days and others, every form of the seconds' end and of the offset. */
const time = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("0000", "0001", "1900", "2000", "2026", "9999"),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
      fc.integer({ min: 0, max: 24 }),
      fc.constantFrom("00", "59", "60"),
      fc.constantFrom("00", "59", "60", "61"),
      fc.constantFrom("", ".0", ".000", ".5", ".001", ".120", ".1234", "."),
      fc.constantFrom("Z", "z", "+00:00", "-00:00", "+01:30", "", "Z "),
    )
    .map(
      ([year, month, day, hour, minute, second, fraction, offset]) =>
        `${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}${fraction}${offset}`,
    ),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom("", "now", 0, null, undefined),
);
const data = fc.oneof(
  fc.dictionary(fc.string(), fc.jsonValue()),
  fc.constantFrom(null, [], "x", 1, undefined),
);
/** Mostly in order, so that faults come alone. */
const mostly = <T>(good: fc.Arbitrary<T>, any: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary: good, weight: 6 }, { arbitrary: any, weight: 1 });
const name = fc.constantFrom("purchase", "customer-42", "a b~!");
const event = fc
  .tuple(
    fc.record(
      {
        id: mostly(name, attribute),
        type: mostly(name, attribute),
        source: mostly(name, attribute),
        subject: mostly(name, attribute),
        time: mostly(fc.constant("2026-11-21T10:00:00Z"), time),
        data: mostly(fc.constant({}), data),
      },
      { requiredKeys: [] },
    ),
    mostly(fc.constant([]), fc.constantFrom(["__proto__"], ["toString"], ["more"])),
  )
  .map(([members, unknown]) =>
    Object.fromEntries([...Object.entries(members), ...(unknown as string[]).map((key) => [key, 1])]),
  );

test("the schema takes a plain event, and leaves it as it is", () => {
  let plain = 0;
  fc.assert(
    fc.property(fc.oneof(event, fc.anything()), (input) => {
      if (!needsNoSchema(input)) return;
      plain += 1;
      expect(eventSchema.parse(input)).toEqual(input);
    }),
    { numRuns: 20_000 },
  );
  expect(plain).toBeGreaterThan(1_000);
});

test.each([
  "2026-01-01T00:00:00Z",
  "2024-02-29T23:59:59.123Z",
  "0001-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999Z",
])("a time in our own form is plain: %s", (time) => {
  const input = { id: "1", type: "t", time };
  expect(needsNoSchema(input)).toBe(true);
  expect(eventSchema.parse(input)).toEqual(input);
});

test("what clients usually post is plain", () => {
  for (let number = 0; number < 100; number++) expect(needsNoSchema(eventAt(number))).toBe(true);
});
