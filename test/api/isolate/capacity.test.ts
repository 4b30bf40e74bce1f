import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { bytesToReserve, createIsolateCapacity } from "../../../src/api/isolate/capacity.ts";
import { shedDatabase, shedIngestion } from "../../../src/api/middleware/shed-load.ts";
import type { AppEnv, Services } from "../../../src/api/services.ts";
import type { HttpProblem } from "../../../src/errors.ts";
import {
  BODY_BYTES_MAX,
  DATABASE_REQUESTS_MAX,
  INGESTION_BYTES_MAX,
  INGESTION_BYTES_MIN,
  OVERLOAD_RETRY_SECONDS,
} from "../../../src/limits.ts";

describe("a body counts as", () => {
  test.each<[string, string | undefined, number]>([
    ["as much as there may be of an unknown length", undefined, BODY_BYTES_MAX],
    ["its length", "500000", 500_000],
    ["some, however small", "0", INGESTION_BYTES_MIN],
    ["some, however small", "20", INGESTION_BYTES_MIN],
    ["no more than is ever read", "99999999999999999999999", BODY_BYTES_MAX],
    ["as much as there may be of a length that is none", "-1", BODY_BYTES_MAX],
    ["as much as there may be of a length that is none", "1e9", BODY_BYTES_MAX],
  ])("%s (%s)", (_, contentLength, expected) => expect(bytesToReserve(contentLength)).toBe(expected));
});

/** An app whose handlers wait until they are let go. */
function open() {
  const gate = Promise.withResolvers<void>();
  let inside = 0;
  const app = new Hono<AppEnv>();
  app.get("/read", shedDatabase, async (c) => {
    inside += 1;
    await gate.promise;
    return c.text("read");
  });
  app.post("/events", shedIngestion, async (c) => {
    inside += 1;
    await gate.promise;
    return c.text("accepted");
  });
  app.get("/broken", shedDatabase, () => {
    throw new Error("broken");
  });
  app.onError((error, c) =>
    c.text((error as HttpProblem).code ?? "broken", 503, (error as HttpProblem).options?.headers ?? {}),
  );
  const services = { capacity: createIsolateCapacity() } as Services;
  return {
    read: () => app.request("/read", {}, services),
    post: (bytes: number) =>
      app.request("/events", { method: "POST", headers: { "Content-Length": String(bytes) } }, services),
    broken: () => app.request("/broken", {}, services),
    inside: () => inside,
    letGo: () => gate.resolve(),
  };
}

test("as many as may wait for the database are let in, the next is sent away at once, and in again later", async () => {
  const app = open();
  const waiting = Array.from({ length: DATABASE_REQUESTS_MAX }, () => app.read());
  const refused = await app.read();
  expect([refused.status, await refused.text()]).toEqual([503, "overloaded"]);
  expect(refused.headers.get("Retry-After")).toBe(String(OVERLOAD_RETRY_SECONDS));
  expect(app.inside()).toBe(DATABASE_REQUESTS_MAX);
  app.letGo();
  expect((await Promise.all(waiting)).every(({ status }) => status === 200)).toBe(true);
  expect((await app.read()).status).toBe(200);
});

test("a request that fails gives its place back", async () => {
  const app = open();
  for (let n = 0; n <= DATABASE_REQUESTS_MAX; n++) expect(await (await app.broken()).text()).toBe("broken");
});

test("bodies are let in by their bytes, and do not take the places of those that wait for the database", async () => {
  const app = open();
  const whole = INGESTION_BYTES_MAX / BODY_BYTES_MAX;
  const waiting = Array.from({ length: whole }, () => app.post(BODY_BYTES_MAX));
  expect(await (await app.post(20)).text()).toBe("overloaded");
  const read = app.read();
  app.letGo();
  expect((await read).status).toBe(200);
  expect((await Promise.all(waiting)).every(({ status }) => status === 200)).toBe(true);
  expect((await app.post(20)).status).toBe(200);
});
