/**
 * Real input: the 329 webhook deliveries that GitHub's users contributed to `@octokit/webhooks-examples`,
 * as the events a customer of this product would post.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** A JSON object as it came over the wire. */
export type Json = { readonly [key: string]: unknown };

/** One event as `POST /v1/events` takes it. */
export interface DeliveredEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly data: Json;
}

/** The time given to payloads that carry none, such as a ping to an app. */
const UNDATED = "2019-05-15T15:20:18.000Z";

/** Times at which something happened; `due_on`, `next_billing_date` and their like lie ahead. */
const MOMENT_KEY = /(?:_at|^timestamp)$/;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Every delivery, in the order of the package, as an event of `source`. Ids are `<event name>-<nn>`, the same
 * in every run. GitHub's payloads do not say when they were sent, but a payload cannot have been sent before the newest
 * time in it: that is taken as the event's time.
 */
export function readDeliveries(source: string): DeliveredEvent[] {
  const file = createRequire(import.meta.url).resolve("@octokit/webhooks-examples");
  const kinds = JSON.parse(readFileSync(file, "utf8")) as { name: string; examples: Json[] }[];
  return kinds.flatMap(({ name, examples }) =>
    examples.map((payload, index) => {
      const sender = payload["sender"] as { login: string } | undefined;
      return {
        id: `${name}-${String(index + 1).padStart(2, "0")}`,
        source,
        type: `github.${name}`,
        ...(sender && { subject: sender.login }),
        time: newestMoment(payload) ?? UNDATED,
        data: payload,
      };
    }),
  );
}

function newestMoment(payload: Json): string | undefined {
  let newest = Number.NEGATIVE_INFINITY;
  const visit = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const item of value) visit(item, key);
    else if (typeof value === "object" && value !== null)
      for (const [inner, item] of Object.entries(value)) visit(item, inner);
    else if (typeof value === "string" && MOMENT_KEY.test(key) && RFC_3339.test(value))
      newest = Math.max(newest, Date.parse(value));
  };
  visit(payload, "");
  return Number.isFinite(newest) ? new Date(newest).toISOString() : undefined;
}
