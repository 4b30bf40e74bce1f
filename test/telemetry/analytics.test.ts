/** The layout that docs/operations/analytics.md gives for queries: a change would break what people have stored. */
import { describe, expect, test } from "vitest";
import documentation from "../../docs/operations/analytics.md?raw";
import { batchPoint, type Point, requestPoint, writePoint } from "../../src/telemetry/analytics.ts";

const request = requestPoint({
  method: "POST",
  route: "/v1/events",
  status: 202,
  caller: "key",
  outcome: "ok",
  durationMs: 12,
  eventsAccepted: 3,
  eventsRejected: 1,
});
const batch = batchPoint({
  queue: "events",
  outcome: "decided",
  durationMs: 40,
  messages: 2,
  events: 9,
  inserted: 5,
  matched: 4,
  duplicates: 3,
  conflicts: 1,
  erased: 0,
  deadLetters: 0,
});

test("a request's point", () => {
  expect(request).toEqual({
    indexes: ["/v1/events"],
    blobs: ["request", "POST", "/v1/events", "202", "key", "ok"],
    doubles: [12, 3, 1],
  });
});

test("a batch's point", () => {
  expect(batch).toEqual({
    indexes: ["events"],
    blobs: ["batch", "events", "decided"],
    doubles: [40, 2, 9, 5, 4, 3, 1, 0, 0],
  });
});

test.each([
  ["request", request],
  ["batch", batch],
])("a %s fits what the platform takes, and every field is documented", (kind, point) => {
  expect(point.indexes).toHaveLength(1);
  expect(new TextEncoder().encode(point.indexes[0]).length).toBeLessThanOrEqual(96);
  expect(point.blobs.length).toBeLessThanOrEqual(20);
  expect(point.doubles.length).toBeLessThanOrEqual(20);
  const [, section = ""] = documentation.split(`## A point of a ${kind}\n`);
  const rows = [...(section.split("\n## ")[0] ?? "").matchAll(/^\| `(blob|double)(\d+)` \|/gm)];
  const documented = rows.map(([, type, number]) => `${type}${number}`);
  const fields = (type: string, values: readonly unknown[]) => values.map((_, i) => `${type}${i + 1}`);
  expect(documented).toEqual([...fields("blob", point.blobs), ...fields("double", point.doubles)]);
});

describe("where a point cannot be written", () => {
  test.each<[string, { writeDataPoint(point: Point): void } | undefined]>([
    ["there is no dataset", undefined],
    [
      "the platform refuses",
      {
        writeDataPoint() {
          throw new Error("limit");
        },
      },
    ],
  ])("nothing fails: %s", (_, dataset) => {
    expect(() => writePoint(dataset, request)).not.toThrow();
  });
});
