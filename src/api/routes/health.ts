import { z } from "@hono/zod-openapi";
import { readDatabaseState } from "../../storage/health.ts";
import { route, routes } from "../route.ts";

const state = z.enum(["ok", "unavailable"]);
const readiness = z.object({
  status: state,
  dependencies: z.object({ database: state, queue: state }),
  database_role: z.enum(["ok", "too_powerful", "unknown"]).openapi({
    description: "Whether the Worker's database user may do more than it should",
  }),
  campaigns_over_limit: z.union([z.int(), z.null()]).openapi({
    description:
      "Active campaigns whose rule takes more work than a new one may; they go on. Null while the database does not answer",
  }),
});
const content = { "application/json": { schema: readiness } };

const stateOf = (answers: boolean): z.infer<typeof state> => (answers ? "ok" : "unavailable");

const roleState = (tooPowerful: boolean | undefined): z.infer<typeof readiness>["database_role"] =>
  tooPowerful === undefined ? "unknown" : tooPowerful ? "too_powerful" : "ok";

export const health = routes()
  .openapi(
    route({
      method: "get",
      path: "/health",
      tags: ["Health"],
      summary: "Whether the Worker answers",
      responses: {
        200: {
          description: "It does",
          content: { "application/json": { schema: z.object({ status: z.literal("ok") }) } },
        },
      },
    }),
    (c) => c.json({ status: "ok" as const }, 200),
  )
  .openapi(
    route({
      method: "get",
      path: "/health/ready",
      tags: ["Health"],
      summary: "Whether everything the Worker needs answers, within 2 seconds",
      description: "May be asked often: what was found is repeated for a second.",
      responses: {
        200: { description: "Everything answers", content },
        503: { description: "Something does not", content },
      },
    }),
    async (c) => {
      const { readiness, db, queue } = c.env;
      const found = await readiness.check(
        { database: () => readDatabaseState(db, "campaign_manager_api"), queue: () => queue.metrics() },
        Date.now,
      );
      const ready = found.database && found.queue;
      const dependencies = { database: stateOf(found.database), queue: stateOf(found.queue) };
      const database_role = roleState(found.found?.tooPowerful);
      const campaigns_over_limit = found.found?.campaignsOverLimit ?? null;
      const status = stateOf(ready);
      return c.json({ status, dependencies, database_role, campaigns_over_limit }, ready ? 200 : 503);
    },
  );
