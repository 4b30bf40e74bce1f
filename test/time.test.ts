import fc from "fast-check";
import { expect, test } from "vitest";
import { formatTime } from "../src/time.ts";

test.each([
  [Date.UTC(2026, 10, 21, 10, 0, 0, 0), "2026-11-21T10:00:00Z"],
  [Date.UTC(2026, 10, 21, 10, 0, 0, 120), "2026-11-21T10:00:00.120Z"],
  [0, "1970-01-01T00:00:00Z"],
  [-1, "1969-12-31T23:59:59.999Z"],
])("formatTime(%d) is %s", (milliseconds, text) => {
  expect(formatTime(milliseconds)).toBe(text);
});

test("what formatTime writes is the same instant, in one form only", () => {
  const instants = fc.date({
    min: new Date("0001-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instants, (date) => {
      const text = formatTime(date.getTime());
      expect(Date.parse(text)).toBe(date.getTime());
      expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(?!000)\d{3})?Z$/);
    }),
  );
});
