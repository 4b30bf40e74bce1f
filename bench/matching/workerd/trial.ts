import type { Digest, Witness } from "../agreement.ts";
import { ENGINES } from "../engines.ts";
import { type Metric, percentiles } from "../measured.ts";
import { eventsOf } from "../prepared.ts";
import {
  BYTES_FROM,
  CANDIDATE_EVENTS,
  checkedEvents,
  EVENT_MS_MAX,
  type Outcome,
  type Trial,
} from "../trial.ts";
import { CHANGING } from "../workloads/index.ts";
import { EVENTS } from "../workloads/workload.ts";
import { liveBytes } from "./heap.ts";
import { threadMicroseconds } from "./processor.ts";
import type { Operation } from "./protocol.ts";
import { type RunningWorker, serve } from "./serve.ts";

const MEASURE_US = 600_000;
const WARM_UP_US = 400_000;
/** An event is repeated until its requests take this long, so that the cost of a request itself drowns. */
const SAMPLE_US = 4_000;
const SAMPLED_EVENTS = 256;
const CALIBRATIONS = 200;

interface Timed<T> {
  readonly answer: T;
  /** Microseconds of the isolate's thread, less what a request that does nothing takes. */
  readonly microseconds: number;
}

/** Sends operations to one workerd and times them. */
interface Client {
  ask<T>(operation: Operation): Promise<Timed<T>>;
  post<T>(query: string, bytes: ArrayBuffer): Promise<Timed<T>>;
}

/**
 * The same trial as in Node, in an isolate of a workerd of its own.
 * @throws Error that names the trial, when it fails
 */
export async function runInWorkerd({ case: name, n, engine: engineName }: Trial): Promise<Outcome> {
  const engine = ENGINES.find((known) => known.name === engineName);
  const cannot = engine?.cannot[name];
  if (cannot !== undefined) return { kind: "left out", why: cannot };

  const worker = await serve();
  try {
    const { ask } = await connect(worker);
    await ask({ operation: "prepare", case: name, n });
    const generate = await ask<number>({ operation: "generate" });
    const bytesBefore = await liveBytes(worker);
    const build = await ask({ operation: "build", engine: engineName });
    const bytes = await liveBytes(worker);
    const metrics: Metric[] = [
      { metric: "build_per_rule", value: (build.microseconds - generate.microseconds) / n, unit: "µs" },
    ];
    if (n >= BYTES_FROM) {
      metrics.push({ metric: "bytes_per_rule", value: (bytes - bytesBefore) / n, unit: "B" });
      metrics.push({ metric: "isolate_bytes", value: bytes, unit: "B" });
    }

    const one = { operation: "match", count: 1, repeat: 1, parse: false } as const;
    await ask({ ...one, from: 0 });
    const eventMs = (await ask({ ...one, from: 1 })).microseconds / 1e3;
    if (eventMs > EVENT_MS_MAX) return { kind: "left out", why: `one event took ${Math.round(eventMs)} ms` };

    for (const parse of [false, true]) metrics.push(...(await timeEvents(ask, parse)));
    // Estimated from the mean once warm: a first event is far slower than the rest, so that too few would be compared.
    const mean = metrics.find(({ metric }) => metric === "event_mean")?.value ?? eventMs * 1e3;
    const checked = checkedEvents(mean / 1e3);
    const witness = async (rules: Witness["rules"], what = ""): Promise<Witness> => {
      const { answer } = await ask<Digest[]>({ operation: "digests", count: checked });
      return { name: engineName + what, rules, digests: answer };
    };
    const witnesses = [await witness("as built")];
    const candidates = await ask<number | null>({ operation: "candidates", count: CANDIDATE_EVENTS });
    if (candidates.answer !== null) {
      metrics.push({ metric: "candidates_per_event", value: candidates.answer, unit: "rules" });
    }
    const snapshot = await ask<ArrayBuffer | null>({ operation: "snapshot" });
    if (snapshot.answer !== null) {
      metrics.push({ metric: "snapshot_store", value: snapshot.microseconds / 1e3, unit: "ms" });
      const cold = await coldStart({ case: name, n, engine: engineName }, snapshot.answer, checked);
      metrics.push(...cold.metrics);
      witnesses.push(cold.witness);
    }
    if (name === CHANGING) {
      const { answer: changes } = await ask<number>({ operation: "changes" });
      const replaced = await ask({ operation: "replace" });
      metrics.push(
        { metric: "change_mean", value: replaced.microseconds / changes, unit: "µs" },
        { metric: "changes", value: changes, unit: "changes" },
      );
      witnesses.push(await witness("changed"));
      const compacted = await ask<boolean>({ operation: "compact" });
      if (compacted.answer) {
        metrics.push({ metric: "compact", value: compacted.microseconds / 1e3, unit: "ms" });
        witnesses.push(await witness("changed", " compacted"));
      }
    }
    return { kind: "measured", metrics, witnesses };
  } catch (error) {
    if (/heap out of memory|heap limit/.test(worker.errors())) {
      return { kind: "left out", why: "ran out of heap" };
    }
    throw new Error(`${engineName} on ${name}, n=${n}, in workerd: ${String(error)}\n${worker.errors()}`);
  } finally {
    await worker.stop();
  }
}

async function connect(worker: RunningWorker): Promise<Client> {
  let overhead = 0;
  async function send<T>(url: string, contentType: string, body: string | ArrayBuffer): Promise<Timed<T>> {
    const began = threadMicroseconds(worker.pid);
    const response = await fetch(url, { method: "POST", headers: { "content-type": contentType }, body });
    if (!response.ok) throw new Error(await response.text());
    const json = response.headers.get("content-type")?.startsWith("application/json");
    const answer = (json ? await response.json() : await response.arrayBuffer()) as T;
    const microseconds = threadMicroseconds(worker.pid) - began - overhead;
    return { answer, microseconds };
  }
  const client: Client = {
    ask: (operation) => send(worker.url, "application/json", JSON.stringify(operation)),
    post: (query, bytes) =>
      send(`${worker.url}?${encodeURIComponent(query)}`, "application/octet-stream", bytes),
  };
  const empty = new Float64Array(CALIBRATIONS);
  for (let i = 0; i < CALIBRATIONS; i++) empty[i] = (await client.ask({ operation: "nothing" })).microseconds;
  overhead = percentiles(empty.slice(CALIBRATIONS / 2)).median;
  return client;
}

async function timeEvents(ask: Client["ask"], parse: boolean): Promise<Metric[]> {
  const suffix = parse ? "_with_parse" : "";
  const request = (from: number, count: number, repeat: number) =>
    ask<number>({ operation: "match", from, count, repeat, parse });

  // Twice as many events each time: warms the code up, and finds how many fill the time.
  let count = 1;
  let spent = 0;
  let last = 0;
  while (spent < WARM_UP_US) {
    last = (await request(0, count, 1)).microseconds;
    spent += last;
    if (last < WARM_UP_US / 2) count *= 2;
  }
  const rounds = Math.max(1, Math.round(MEASURE_US / Math.max(1, last)));
  const events = count * rounds;
  const measured = await request(0, events, 1);
  const mean = measured.microseconds / events;

  const repeat = Math.max(1, Math.ceil(SAMPLE_US / mean));
  const sampled = Math.min(
    SAMPLED_EVENTS,
    EVENTS,
    Math.max(1, Math.floor((2 * MEASURE_US) / (repeat * mean))),
  );
  const samples = new Float64Array(sampled);
  for (let i = 0; i < sampled; i++) samples[i] = (await request(i, 1, repeat)).microseconds / repeat;
  const { median, p99 } = percentiles(samples);
  const metrics: Metric[] = [
    { metric: `events_per_second${suffix}`, value: 1e6 / mean, unit: "events/s" },
    { metric: `event_mean${suffix}`, value: mean, unit: "µs" },
    // Across events, each the mean of its repeats: no single run of an event can be timed from outside.
    { metric: `event_median_of_means${suffix}`, value: median, unit: "µs" },
    { metric: `event_p99_of_means${suffix}`, value: p99, unit: "µs" },
  ];
  if (!parse) {
    metrics.push(
      { metric: "matches_per_event", value: measured.answer / events, unit: "matches" },
      { metric: "events_measured", value: events, unit: "events" },
    );
  }
  return metrics;
}

/** A new isolate that gets the snapshot and one event: how long until it has matched, and what it then holds. */
async function coldStart(
  { case: name, n, engine }: Trial,
  snapshot: ArrayBuffer,
  checked: number,
): Promise<{ readonly metrics: readonly Metric[]; readonly witness: Witness }> {
  const worker = await serve();
  try {
    const { ask, post } = await connect(worker);
    // Receiving the bytes is not loading them: no engine has this name, so that they are only received.
    const received = await post("none", snapshot);
    const bytesBefore = await liveBytes(worker);
    const loaded = await post(`${engine}\n${eventsOf(name, n, 1).texts[0]}`, snapshot);
    const bytes = await liveBytes(worker);
    const metrics: Metric[] = [
      {
        metric: "snapshot_load",
        value: Math.max(0, loaded.microseconds - received.microseconds) / 1e3,
        unit: "ms",
      },
      { metric: "snapshot_bytes_per_rule", value: snapshot.byteLength / n, unit: "B" },
      { metric: "loaded_bytes_per_rule", value: (bytes - bytesBefore) / n, unit: "B" },
      { metric: "loaded_isolate_bytes", value: bytes, unit: "B" },
    ];
    await ask({ operation: "prepare", case: name, n });
    const { answer: digests } = await ask<Digest[]>({ operation: "digests", count: checked });
    return { metrics, witness: { name: `${engine} from its snapshot`, rules: "as built", digests } };
  } finally {
    await worker.stop();
  }
}
