import type { OpenAPIHono } from "@hono/zod-openapi";
import { eventSchema } from "./ingest/event-input.ts";
import type { AppEnv } from "./services.ts";

/** The OpenAPI 3.1 document, made from the schemas that validate. */
export function openApiDocument(app: OpenAPIHono<AppEnv>) {
  // The schema of no route: a request may hold several, and each is checked on its own.
  app.openAPIRegistry.register("EventInput", eventSchema);
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "A token from POST /v1/auth/token, or an API key (`cm_live_…`)",
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Campaign Manager",
      version: "1",
      description:
        "Campaigns are rules over customer events. Every event is decided against every active campaign exactly once, and every decision can be explained.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }],
  });
}
