import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "./api.ts";
import { parseMetrics, samplesOf } from "./metrics-text.ts";

const ATTEMPTS_MAX = 50;
const RETRY_MS = 200;

/**
 * Every sample of `GET /metrics`, as Prometheus would see it now; asked again while a Worker is starting.
 * @throws Error when it does not answer 200 in time
 */
export async function scrape(
  apis: readonly Api[],
  key: { readonly client_secret: string },
): Promise<ReadonlyMap<string, number>> {
  let status: number | undefined;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const answer = await apis[attempt % apis.length]?.call("GET", "/metrics", { token: key.client_secret });
    if (answer?.status === 200) return samplesOf(parseMetrics(answer.text));
    status = answer?.status;
    await sleep(RETRY_MS);
  }
  throw new Error(`GET /metrics answers ${status ?? "nothing"}`);
}
