/**
 * Accepted events a second through the real API Worker in plain workerd, through a bare one, and through the peers, in
 * turns, each alone on one core; load, queue, Redis and Postgres share the others.
 */

import { bundle } from "../../dev/workerd/bundle.ts";
import { apiConfig } from "../../dev/workerd/configuration.ts";
import { generateSigningKey, loadKeys } from "../../src/auth/keys.ts";
import { issueToken } from "../../src/auth/tokens.ts";
import { type Benchmark, type Figure, middle, note } from "../figures.ts";
import { type Child, startChild } from "../service/child.ts";
import { splitCores } from "../service/cores.ts";
import { openBenchDatabase } from "../service/database.ts";
import { ask, httpRequest, type LoadResult, run } from "../service/load.ts";
import { startWorker } from "../service/worker.ts";
import { eventAt } from "../service/workload.ts";
import { flush, jobsIn, startRedis } from "./redis.ts";

const OURS = "campaign-manager";
/** BullMQ with a job for each event, as it is meant to be used, and with a request's events packed into one job. */
const PEER = "fastify+bullmq";
const PEER_PACKED = "fastify+bullmq packed";
/** A Worker that does nothing but verify the token and send the message (floor.ts). */
const FLOOR = "bare-worker";
const ENGINES = [OURS, FLOOR, PEER, PEER_PACKED];
const CASES = ["single", "batched"] as const;
const EVENTS_PER_REQUEST = [100, 1_000]; // batched: what clients usually send, and the most that is taken
const CONNECTIONS = { single: 32, batched: 16 };
const REQUESTS = 64; // different ones, sent in turn
const ROUNDS = 5;
const PEER_TIMES_MIN = 2; // events/s, batched, as a multiple of the peer's
const PACKED_TIMES_MIN = 0.6; // likewise, of the packed peer's
const FLOOR_TIMES_MAX = 1.5; // processor time of a single event, as a multiple of the floor's

/** Seconds a round measures, and warms up before the first. */
export const DURATION = { measure: 3, warmUp: 3 };

/** What a case is held to. The floor is compared by the processor time of its process, a peer by what it takes in. */
const COMPARISONS: Readonly<Record<(typeof CASES)[number], readonly Comparison[]>> = {
  single: [
    {
      than: FLOOR,
      metric: "processor_times_the_floor",
      of: ({ processorUs }) => processorUs,
      meets: (times) => times <= FLOOR_TIMES_MAX,
    },
  ],
  batched: [
    {
      than: PEER,
      metric: "times_the_peer",
      of: ({ perSecond }) => perSecond,
      meets: (times) => times >= PEER_TIMES_MIN,
    },
    {
      than: PEER_PACKED,
      metric: "times_the_packed_peer",
      of: ({ perSecond }) => perSecond,
      meets: (times) => times >= PACKED_TIMES_MIN,
    },
  ],
};

interface Comparison {
  readonly than: string;
  readonly metric: string;
  of(measured: Measured): number;
  meets(times: number): boolean;
}

/** Medians of an engine's rounds. */
interface Measured {
  /** Events. */
  readonly perSecond: number;
  /** An event. */
  readonly processorUs: number;
}

interface Target {
  readonly engine: string;
  readonly runtime: Figure["runtime"];
  readonly child: Child;
  /** Events that its queue holds now. */
  held(events: number): Promise<number>;
  forget(): Promise<void>;
}

export const ingest: Benchmark = {
  summary:
    "accepted events/s, single and 100 and 1,000 a request, against a bare Worker and Fastify with BullMQ",
  cases: CASES,
  engines: ENGINES,
  runtimes: ["workerd"],
  async run(selection, emit) {
    const cores = splitCores();
    if (cores === undefined) note("cannot pin processes to cores: everything shares the machine");
    const undo: (() => Promise<unknown>)[] = [];
    try {
      const { targets, token } = await startTargets(selection.engines ?? ENGINES, cores, undo);
      let met = true;
      for (const name of CASES) {
        if (selection.cases?.includes(name) === false) continue;
        const sizes = name === "single" ? [1] : (selection.sizes ?? EVENTS_PER_REQUEST);
        for (const n of sizes) {
          const measured = await runCase(name, n, targets, token, emit);
          for (const { than, metric, of, meets } of COMPARISONS[name]) {
            const [ours, theirs] = [measured.get(OURS), measured.get(than)];
            if (ours === undefined || theirs === undefined) continue;
            const value = of(ours) / of(theirs);
            emit({
              bench: "ingest",
              case: name,
              n,
              engine: OURS,
              runtime: "workerd",
              metric,
              value,
              unit: "×",
            });
            if (meets(value)) continue;
            met = false;
            note(`missed: ${name}, ${n} a request: ${value.toPrecision(3)} times ${than}`);
          }
        }
      }
      return met;
    } finally {
      for (const step of undo.reverse()) await step();
    }
  },
};

async function startTargets(
  engines: readonly string[],
  cores: { readonly measured: string; readonly others: string } | undefined,
  undo: (() => Promise<unknown>)[],
): Promise<{ readonly targets: readonly Target[]; readonly token: string }> {
  const { pem, jwk } = await generateSigningKey();
  const loaded = await loadKeys({ signingKey: pem });
  if (!loaded.ok) throw new Error("the key just made does not load");
  const worker = await bundle("wrangler.toml");
  const settings = {
    issuer: worker.variables["JWT_ISSUER"] ?? "",
    audience: worker.variables["JWT_AUDIENCE"] ?? "",
  };
  const subject = {
    kind: "key",
    keyId: crypto.randomUUID(),
    keyName: "shop",
    scopes: ["events:write"],
    sources: ["*"],
  } as const;
  const { token } = await issueToken(loaded.keys, settings, subject, new Date());

  const targets: Target[] = [];
  const workers = engines.filter((engine) => engine === OURS || engine === FLOOR);
  if (workers.length > 0) {
    const database = await openBenchDatabase(cores?.others);
    undo.push(database.drop);
    const queue = await startChild(
      new URL("../service/queue-process.ts", import.meta.url),
      [],
      cores?.others,
    );
    undo.push(queue.stop);
    const values = {
      ...database.values,
      ALLOW_HTTP: "loopback",
      JWT_SIGNING_KEY: pem,
      JWT_PUBLIC_KEY: JSON.stringify(jwk),
    };
    for (const engine of workers) {
      const bundled = engine === OURS ? worker : await bundle("wrangler.toml", "bench/ingest/floor.ts");
      const config = apiConfig({ bundle: bundled, values, queueAddress: `127.0.0.1:${queue.port}` });
      const child = await startWorker(config, cores?.measured);
      undo.push(child.stop);
      targets.push({
        engine,
        runtime: "workerd",
        child,
        held: async () => Number((await ask(queue.port, httpRequest("GET", "/", {}))).text),
        forget: async () => void (await ask(queue.port, httpRequest("DELETE", "/", {}))),
      });
    }
  }
  const peers = engines.filter((engine) => engine === PEER || engine === PEER_PACKED);
  const redis = peers.length === 0 ? undefined : await startRedis(cores?.others);
  if (redis === undefined) {
    if (peers.length > 0) note("redis-server is not installed: the peers are left out");
    return { targets, token };
  }
  undo.push(redis.stop);
  for (const engine of peers) {
    const jobs = engine === PEER_PACKED ? "job a request" : "job an event";
    const child = await startChild(
      new URL("./peer-process.ts", import.meta.url),
      [String(redis.port), JSON.stringify(jwk), settings.issuer, settings.audience, jobs],
      cores?.measured,
    );
    undo.push(child.stop);
    targets.push({
      engine,
      runtime: "node",
      child,
      held: async (eventsPerRequest) =>
        (await jobsIn(redis.port)) * (engine === PEER_PACKED ? eventsPerRequest : 1),
      forget: () => flush(redis.port),
    });
  }
  return { targets, token };
}

/** Measures the targets in turns, so that what else the machine does meets them alike. By engine. */
async function runCase(
  name: (typeof CASES)[number],
  n: number,
  targets: readonly Target[],
  token: string,
  emit: (figure: Figure) => void,
): Promise<ReadonlyMap<string, Measured>> {
  const requests = Array.from({ length: REQUESTS }, (_, request) => {
    const events = Array.from({ length: n }, (_, i) => eventAt(request * n + i));
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    return httpRequest("POST", "/v1/events", headers, JSON.stringify(name === "single" ? events[0] : events));
  });
  const results = new Map<Target, LoadResult[]>(targets.map((target) => [target, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const target of targets) {
      const seconds = round === 0 ? DURATION.warmUp : DURATION.measure;
      const { port, pid } = target.child;
      const result = await run({ port, pid, connections: CONNECTIONS[name], seconds, requests, status: 202 });
      const held = await target.held(n);
      if (held !== result.answered * n) {
        throw new Error(`${target.engine} accepted ${result.answered * n} events, its queue holds ${held}`);
      }
      await target.forget();
      if (round > 0) results.get(target)?.push(result);
    }
  }
  const measured = new Map<string, Measured>();
  for (const [{ engine, runtime }, rounds] of results) {
    const figure = (metric: string, value: number, unit: string) =>
      emit({ bench: "ingest", case: name, n, engine, runtime, metric, value, unit });
    const median = (of: (result: LoadResult) => number) => middle(rounds.map(of));
    const perSecond = median((result) => result.perSecond) * n;
    const processorUs = median((result) => result.processorUs) / n;
    measured.set(engine, { perSecond, processorUs });
    figure("events_per_second", perSecond, "events/s");
    figure(
      "requests_per_second",
      median((result) => result.perSecond),
      "requests/s",
    );
    figure(
      "request_p50",
      median((result) => result.p50),
      "ms",
    );
    figure(
      "request_p99",
      median((result) => result.p99),
      "ms",
    );
    figure("processor_per_event", processorUs, "µs");
    figure(
      "load_generator_share",
      median((result) => result.generatorShare),
      "cores",
    );
  }
  return measured;
}
