/**
 * Reads through the real API Worker in plain workerd with `n` events stored, and the ceiling: the very requests that
 * the Worker makes of the database for them, sent to the same endpoint with nothing before it.
 */

import { ensureAdmin } from "../../dev/local/admin.ts";
import { bundle } from "../../dev/workerd/bundle.ts";
import { apiConfig } from "../../dev/workerd/configuration.ts";
import { randomPassword } from "../../ops/users/operator.ts";
import { generateSigningKey } from "../../src/auth/keys.ts";
import { PAGE_ROWS_DEFAULT } from "../../src/limits.ts";
import { listCampaigns } from "../../src/storage/campaigns.ts";
import type { Database } from "../../src/storage/core/client.ts";
import { listEvents, readEvents } from "../../src/storage/events.ts";
import { listMatches } from "../../src/storage/matches.ts";
import { type Benchmark, type Figure, note } from "../figures.ts";
import { openBenchDatabase } from "../service/database.ts";
import { ask, httpRequest, run } from "../service/load.ts";
import { startWorker } from "../service/worker.ts";
import { addCampaigns } from "../service/workload.ts";
import { record } from "./recorder.ts";
import { bytesPerEvent, fill } from "./rows.ts";

const OURS = "campaign-manager";
const CEILING = "postgres";
const STORED = 300_000; // events
const DIFFERENT = 50; // requests of a case, taken in turn
const LIMIT = PAGE_ROWS_DEFAULT;

/** Requests in flight, and seconds each is measured. */
export const LOADS = { alone: 1, together: 16, seconds: 4, warmUpSeconds: 1 };

interface Read {
  readonly path: (number: number) => string;
  readonly read: (db: Database, number: number) => Promise<unknown>;
}

const idOf = (number: number) => `event-${number.toString().padStart(12, "0")}`;
const subjectOf = (number: number) => `customer-${number}`;

const READS: Readonly<Record<string, Read>> = {
  events: {
    path: () => "/v1/events",
    read: (db) => listEvents(db, {}, LIMIT, undefined),
  },
  "events-of-subject": {
    path: (number) => `/v1/events?subject=${subjectOf(number)}`,
    read: (db, number) => listEvents(db, { subject: subjectOf(number) }, LIMIT, undefined),
  },
  event: {
    path: (number) => `/v1/events/${idOf(number)}?source=shop`,
    read: (db, number) => readEvents(db, idOf(number), "shop"),
  },
  matches: {
    path: () => "/v1/matches",
    read: (db) => listMatches(db, {}, LIMIT, undefined),
  },
  campaigns: {
    path: () => "/v1/campaigns",
    read: (db) => listCampaigns(db, {}, LIMIT, undefined),
  },
};

export const read: Benchmark = {
  summary: "reads/s with many events stored, against the same SQL sent to the same endpoint",
  cases: Object.keys(READS),
  engines: [OURS, CEILING],
  runtimes: ["workerd"],
  async run(selection, emit) {
    for (const n of selection.sizes ?? [STORED]) await runSize(n, selection, emit);
    return true;
  },
};

async function runSize(
  n: number,
  selection: Parameters<Benchmark["run"]>[0],
  emit: (figure: Figure) => void,
): Promise<void> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const database = await openBenchDatabase(undefined);
    undo.push(database.drop);
    note(database.version);
    await addCampaigns(database.db);
    note(`storing ${n} events`);
    await fill(database.client, n);
    const bytes = await bytesPerEvent(database.client);
    const stored = (metric: string, value: number) =>
      emit({ bench: "read", case: "stored", n, engine: CEILING, runtime: "node", metric, value, unit: "B" });
    stored("bytes_per_event", bytes.events);
    stored("bytes_per_event_without_indexes", bytes.data);
    stored("bytes_of_matches_per_event", bytes.matches);

    const password = randomPassword();
    await ensureAdmin(database.db, { username: "bench", password, mayChange: true });
    const { pem } = await generateSigningKey();
    const values = { ...database.values, ALLOW_HTTP: "loopback", JWT_SIGNING_KEY: pem };
    const worker = await startWorker(
      apiConfig({ bundle: await bundle("wrangler.toml"), values, queueAddress: "127.0.0.1:9" }),
      undefined,
    );
    undo.push(worker.stop);
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    const grant = new URLSearchParams({ grant_type: "password", username: "bench", password }).toString();
    const answer = await ask(worker.port, httpRequest("POST", "/v1/auth/token", form, grant));
    const { access_token: token } = JSON.parse(answer.text) as { access_token: string };

    for (const [name, { path, read }] of Object.entries(READS)) {
      if (selection.cases?.includes(name) === false) continue;
      const numbers = Array.from({ length: DIFFERENT }, (_, i) => (i * 7_919) % Math.min(n, 100_000));
      const overHttp = numbers.map((number) =>
        httpRequest("GET", path(number), { Authorization: `Bearer ${token}` }),
      );
      const toEndpoint: Buffer[] = [];
      for (const number of numbers) {
        const { headers, body } = await record((db) => read(db, number));
        toEndpoint.push(httpRequest("POST", "/sql", headers, body));
      }
      const ways = [
        { engine: OURS, runtime: "workerd" as const, pid: worker.pid, port: worker.port, requests: overHttp },
        {
          engine: CEILING,
          runtime: "node" as const,
          pid: database.endpoint.pid,
          port: database.endpoint.port,
          requests: toEndpoint,
        },
      ].filter(({ engine }) => selection.engines?.includes(engine) !== false);
      const alone = new Map<string, number>();
      for (const { engine, runtime, ...load } of ways) {
        const figure = (metric: string, value: number, unit: string) =>
          emit({ bench: "read", case: name, n, engine, runtime, metric, value, unit });
        await run({ ...load, connections: LOADS.together, seconds: LOADS.warmUpSeconds, status: 200 });
        const one = await run({ ...load, connections: LOADS.alone, seconds: LOADS.seconds, status: 200 });
        const many = await run({ ...load, connections: LOADS.together, seconds: LOADS.seconds, status: 200 });
        alone.set(engine, one.p50);
        figure("requests_per_second", many.perSecond, "requests/s");
        figure("request_p50", many.p50, "ms");
        figure("request_p99", many.p99, "ms");
        figure("request_p50_alone", one.p50, "ms");
        figure("request_p99_alone", one.p99, "ms");
        if (engine === OURS) figure("processor_per_request", many.processorUs, "µs");
      }
      const [ours, ceiling] = [alone.get(OURS), alone.get(CEILING)];
      if (ours === undefined || ceiling === undefined) continue;
      emit({
        bench: "read",
        case: name,
        n,
        engine: OURS,
        runtime: "workerd",
        metric: "database_share",
        value: ceiling / ours,
        unit: "",
      });
    }
  } finally {
    for (const step of undo.reverse()) await step();
  }
}
