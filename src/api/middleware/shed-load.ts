import { createMiddleware } from "hono/factory";
import { bytesToReserve, withReservation } from "../isolate/capacity.ts";
import type { AppEnv } from "../services.ts";

/**
 * Before a request asks the database for anything: so many in this isolate at once, and the next one is sent away at
 * once instead of waiting with the others for a database that is slow.
 */
export const shedDatabase = createMiddleware<AppEnv>(async function shedDatabase(c, next) {
  await withReservation(c.env.capacity.database, 1, next);
});

/** Before an event's body is read: so many bytes in this isolate at once, since it has 128 MB for everything. */
export const shedIngestion = createMiddleware<AppEnv>(async function shedIngestion(c, next) {
  await withReservation(c.env.capacity.ingestion, bytesToReserve(c.req.header("Content-Length")), next);
});
