import { z } from "@hono/zod-openapi";
import { isReachable } from "../../storage/health.ts";
import { route, routes } from "../route.ts";

const readiness = z.object({
  status: z.enum(["ok", "unavailable"]),
  dependencies: z.object({ database: z.enum(["ok", "unavailable"]) }),
});
const content = { "application/json": { schema: readiness } };

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
      responses: {
        200: { description: "Everything answers", content },
        503: { description: "Something does not", content },
      },
    }),
    async (c) => {
      const database = (await isReachable(c.env.db)) ? "ok" : "unavailable";
      return c.json({ status: database, dependencies: { database } } as const, database === "ok" ? 200 : 503);
    },
  );
