import { setTimeout as sleep } from "node:timers/promises";
import { integer, pick, type Random } from "../random.ts";
import type { Answer, Api, Tokens } from "./api.ts";
import type { Injector } from "./faults.ts";
import type { Content, Post } from "./history.ts";
import { KEY_NAME, type PostPlan, type Workload } from "./workload.ts";

const ATTEMPTS_MAX = 40;
const BACKOFF_MS_MAX = 60;

export interface ClientOptions {
  readonly name: string;
  readonly apis: readonly Api[];
  /** An API key's secret, or tokens made from it. */
  readonly credential: string | Tokens;
  readonly workload: Workload;
  readonly injector: Injector;
  readonly random: Random;
  readonly record: (post: Post) => void;
}

/** Posts requests one after the other. Each is repeated until every event in it is accepted or refused. */
export async function postAll(options: ClientOptions, plans: Iterable<PostPlan>): Promise<void> {
  const { name, apis, credential, workload, injector, random, record } = options;
  let count = 0;
  for (const { contents, cloudEvents } of plans) {
    count += 1;
    let left = contents;
    for (let attempt = 1; left.length > 0 && attempt <= ATTEMPTS_MAX; attempt++) {
      if (attempt > 1) await sleep(integer(random, 5, BACKOFF_MS_MAX));
      const api = pick(random, apis);
      const token = typeof credential === "string" ? credential : await credential.get(api);
      if (token === undefined) continue;
      const request = `${name}-${count}-${attempt}`;
      const fault = injector.draw("request");
      const answering = api.call("POST", "/v1/events", {
        token,
        ...wireOf(
          left.map((number) => workload.contents[number] as Content),
          cloudEvents,
        ),
        headers: { "X-Request-Id": request, "Content-Type": contentType(left.length, cloudEvents) },
      });
      if (fault !== undefined) {
        injector.struck(fault);
        await sleep(integer(random, 0, 4));
        await api.worker.crash();
      }
      const answer = await answering;
      if (answer?.status === 401 && typeof credential !== "string") credential.forget(api);
      const { accepted, again } = sorted(left, answer);
      record({ request, contents: left, status: answer?.status ?? null, accepted });
      left = again;
    }
  }
}

function wireOf(contents: readonly Content[], cloudEvents: boolean): { body: string } {
  const events = contents.map(({ source, subject, time, ...event }) => ({
    ...(cloudEvents && { specversion: "1.0" }),
    // A CloudEvent must have a source; our own events may leave it to a default.
    ...((cloudEvents || source !== KEY_NAME) && { source }),
    ...(subject !== null && { subject }),
    ...(time !== null && { time }),
    ...event,
  }));
  return { body: JSON.stringify(events.length === 1 ? events[0] : events) };
}

function contentType(events: number, cloudEvents: boolean): string {
  if (!cloudEvents) return "application/json";
  return events === 1 ? "application/cloudevents+json" : "application/cloudevents-batch+json";
}

interface Receipt {
  readonly results: readonly {
    readonly index: number;
    readonly status: string;
    readonly error?: { readonly code: string };
  }[];
}

/** Which events of a request were accepted, and which a sensible client sends again. */
function sorted(sent: readonly number[], answer: Answer): { accepted: number[]; again: readonly number[] } {
  if (answer?.status === 422) return { accepted: [], again: [] };
  if (answer?.status !== 202) return { accepted: [], again: sent };
  const accepted: number[] = [];
  const again: number[] = [];
  for (const { index, status, error } of (answer.json as Receipt).results) {
    const number = sent[index];
    if (number === undefined) throw new Error("the receipt speaks of an event that was not in the request");
    if (status === "accepted") accepted.push(number);
    else if (error?.code !== "invalid") again.push(number);
  }
  return { accepted, again };
}
