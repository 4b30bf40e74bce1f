import { z } from "@hono/zod-openapi";
import { readMetrics } from "../../storage/metrics.ts";
import { labelText } from "../../telemetry/labels.ts";
import { PROMETHEUS_CONTENT_TYPE, renderMetrics } from "../../telemetry/prometheus.ts";
import { VERSION } from "../../version.ts";
import { readAuditSamples } from "../audit/inspect.ts";
import { queuesOf, readBacklog } from "../queues/backlog.ts";
import { route, routes } from "../route.ts";

export const metrics = routes().openapi(
  route({
    method: "get",
    path: "/metrics",
    tags: ["Metrics"],
    summary: "Metrics of the whole product, in Prometheus' text format",
    description:
      "Every isolate gives the same answer: counters are kept in the database. docs/operations/metrics.md says what each means.",
    responses: {
      200: {
        description:
          "Every metric; those of the queue, and of the audit's bucket, are absent while it does not answer",
        content: { "text/plain": { schema: z.string() } },
      },
    },
  }),
  async (c) => {
    const [stored, ...others] = await Promise.all([
      readMetrics(c.env.db),
      readAuditSamples(c.env, Date.now),
      ...queuesOf(c.env).map(([name, queue]) => readBacklog(name, queue, Date.now)),
    ]);
    const build = { name: "build_info", labels: labelText({ version: VERSION }), value: 1 };
    return c.text(renderMetrics([...stored, ...others.flat(), build]), 200, {
      "Content-Type": PROMETHEUS_CONTENT_TYPE,
    });
  },
);
