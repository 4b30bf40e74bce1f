import type { Access } from "../auth/roles.ts";

/** A route as `METHOD /path`, path parameters in braces as in OpenAPI. */
export type RouteKey = `${"GET" | "POST" | "PATCH" | "DELETE"} /${string}`;

/** Who may call what. `route()` refuses to define a route that is missing here, so the Worker does not start. */
export const ACCESS: Readonly<Record<RouteKey, Access>> = {
  "GET /health": "anyone",
  "GET /health/ready": "anyone",
  "GET /metrics": { scope: "metrics:read" },
  "GET /openapi.json": "anyone",
  "GET /docs": "anyone",
  "GET /docs/{file}": "anyone",
  "GET /.well-known/jwks.json": "anyone",

  "POST /v1/auth/token": "anyone",
  "POST /v1/auth/refresh": "session",
  "POST /v1/auth/logout": "session",
  "GET /v1/auth/me": "authenticated",
  "POST /v1/auth/password": "session",

  "GET /v1/users": { role: "admin" },
  "POST /v1/users": { role: "admin" },
  "GET /v1/users/{id}": { role: "admin" },
  "PATCH /v1/users/{id}": { role: "admin" },

  "GET /v1/api-keys": { role: "admin" },
  "POST /v1/api-keys": { role: "admin" },
  "POST /v1/api-keys/{id}/rotate": { role: "admin" },
  "DELETE /v1/api-keys/{id}": { role: "admin" },

  "GET /v1/campaigns": { role: "user" },
  "POST /v1/campaigns": { role: "admin" },
  "POST /v1/campaigns/analyze": { role: "user" },
  "GET /v1/campaigns/{id}": { role: "user" },
  "PATCH /v1/campaigns/{id}": { role: "admin" },
  "GET /v1/campaigns/{id}/versions": { role: "user" },
  "POST /v1/campaigns/{id}/activate": { role: "admin" },
  "POST /v1/campaigns/{id}/pause": { role: "admin" },
  "POST /v1/campaigns/{id}/archive": { role: "admin" },

  "GET /v1/audit": { role: "admin" },
  "GET /v1/audit/checkpoints": { role: "admin" },

  "POST /v1/rules/explain": { role: "user" },

  "POST /v1/events": { role: "admin", scope: "events:write" },
  "GET /v1/events": { role: "user" },
  "GET /v1/events/{id}": { role: "user" },
  "GET /v1/matches": { role: "user" },

  "GET /v1/dead-letters": { role: "admin" },
  "GET /v1/dead-letters/{id}": { role: "admin" },
  "POST /v1/dead-letters/replay": { role: "admin" },
  "POST /v1/dead-letters/discard": { role: "admin" },
  "POST /v1/dead-letters/{id}/replay": { role: "admin" },
  "POST /v1/dead-letters/{id}/discard": { role: "admin" },

  "GET /v1/subjects/{subject}/export": { role: "admin" },
  "DELETE /v1/subjects/{subject}": { role: "admin" },
};

/** The one route that must work while the database does not answer. */
export const INGESTION: RouteKey = "POST /v1/events";

/** The one route that may take seconds of CPU. */
export const ANALYSIS: RouteKey = "POST /v1/campaigns/analyze";
