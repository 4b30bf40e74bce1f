/** The peer: a Worker with the same router and nothing to do. */
import { Hono } from "hono";

export default new Hono().get("/health", (c) => c.json({ status: "ok" }));
