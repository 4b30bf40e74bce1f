import { createMiddleware } from "hono/factory";
import { bytesToReserve, withReservation } from "../isolate/capacity.ts";
import type { AppEnv } from "../services.ts";

/**
 * Limits the requests of this isolate that wait for the database at once, before any of them asks it. The next one is
 * refused immediately instead of waiting, with the others, for a database that is slow.
 * @throws HttpProblem `overloaded`
 */
export const shedDatabase = createMiddleware<AppEnv>(async function shedDatabase(c, next) {
  await withReservation(c.env.capacity.database, 1, next);
});

/**
 * Limits the bytes of event bodies in this isolate at once, before a body is read: it has 128 MB for everything.
 * @throws HttpProblem `overloaded`
 */
export const shedIngestion = createMiddleware<AppEnv>(async function shedIngestion(c, next) {
  await withReservation(c.env.capacity.ingestion, bytesToReserve(c.req.header("Content-Length")), next);
});
