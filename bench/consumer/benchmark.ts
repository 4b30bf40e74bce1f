/**
 * Decided and stored events a second through the real consumer Worker in plain workerd, delivered to its queue handler
 * as the platform does, compared with bare inserts of the same rows into the same Postgres.
 */
import { bundle } from "../../dev/workerd/bundle.ts";
import { consumerConfig } from "../../dev/workerd/configuration.ts";
import type { AcceptedEvent } from "../../src/messages.ts";
import { evaluate } from "../../src/rules/evaluation/evaluate.ts";
import type { Rule } from "../../src/rules/language/rule.ts";
import { type Benchmark, type Figure, middle, note } from "../figures.ts";
import { type BenchDatabase, openBenchDatabase } from "../service/database.ts";
import { processorMs } from "../service/processor.ts";
import { type Timed, timeMany } from "../service/timed.ts";
import { startWorker } from "../service/worker.ts";
import { acceptedAt, addCampaigns } from "../service/workload.ts";
import { bareInserts, type MatchRow } from "./ceiling.ts";

const OURS = "campaign-manager";
const CEILING = "postgres";
/** How many batches at once: what `max_concurrency` is to a queue. */
const CASES = { "one-at-once": 1, "two-at-once": 2, "four-at-once": 4 } as const;
const BATCHES = [100, 500, 1_000]; // events
const MESSAGES_MAX = 10; // in a batch, as in wrangler.consumer.toml
const ROUNDS = 3;
const FULL = 1_000; // events of a full batch: what a backlog makes
const TARGET = 0.8; // of bare inserts into the same tables, with full batches

/** Events of a round, about. */
export const EVENTS = { measure: 10_000, warmUp: 3_000 };

export const consumer: Benchmark = {
  summary: "decided and stored events/s, against bare multi-row inserts into the same Postgres",
  cases: Object.keys(CASES),
  engines: [OURS, CEILING],
  runtimes: ["workerd"],
  async run(selection, emit) {
    const undo: (() => Promise<unknown>)[] = [];
    try {
      const worker = await bundle("wrangler.consumer.toml");
      const database = await openBenchDatabase(undefined);
      undo.push(database.drop);
      note(database.version);
      await addCampaigns(database.db);
      // Not pinned to a core: it mostly waits for Postgres, as the ceiling does.
      const child = await startWorker(
        consumerConfig({ bundle: worker, values: database.values, queueAddress: "127.0.0.1:9" }),
        undefined,
      );
      undo.push(child.stop);
      const system: System = {
        database,
        pid: child.pid,
        deliver: deliverTo(child.port),
        insert: bareInserts(database.values.DATABASE_URL),
        rowsOf: await rowsOf(database),
        next: 0,
      };
      await system.deliver(takeEvents(system, 10), 1); // loads the campaigns
      const shares: number[] = [];
      for (const [name, atOnce] of Object.entries(CASES)) {
        if (selection.cases?.includes(name) === false) continue;
        for (const n of selection.sizes ?? BATCHES) {
          const share = await runCase(system, name, atOnce, n, selection.engines, emit);
          if (share !== undefined && n >= FULL) shares.push(share);
        }
      }
      const met = shares.length === 0 || middle(shares) >= TARGET;
      if (!met)
        note(`missed: ${middle(shares).toFixed(2)} of the ceiling with full batches, below ${TARGET}`);
      return met;
    } finally {
      for (const step of undo.reverse()) await step();
    }
  },
};

interface System {
  readonly database: BenchDatabase;
  readonly pid: number;
  readonly deliver: (events: readonly AcceptedEvent[], messages: number) => Promise<void>;
  readonly insert: ReturnType<typeof bareInserts>;
  readonly rowsOf: (events: readonly AcceptedEvent[]) => MatchRow[];
  /** The number of the next event: none is used twice. */
  next: number;
}

function takeEvents(system: System, count: number): AcceptedEvent[] {
  const events = Array.from({ length: count }, (_, i) => acceptedAt(system.next + i));
  system.next += count;
  return events;
}

/** The share of the ceiling; undefined when only one of the two was asked for. */
async function runCase(
  system: System,
  name: string,
  atOnce: number,
  n: number,
  engines: readonly string[] | undefined,
  emit: (figure: Figure) => void,
): Promise<number | undefined> {
  const ways = [OURS, CEILING].filter((engine) => engines?.includes(engine) !== false);
  const measured = new Map<string, (Timed & { processorUs: number })[]>(ways.map((way) => [way, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const way of ways) {
      const count = Math.max(2 * atOnce, Math.ceil((round === 0 ? EVENTS.warmUp : EVENTS.measure) / n));
      const batches = Array.from({ length: count }, () => takeEvents(system, n));
      const rows = way === CEILING ? batches.map(system.rowsOf) : [];
      // The same for both sides: empty tables, and no background work of Postgres.
      await system.database.client.query("truncate events, event_conflicts, matches");
      await system.database.client.query("checkpoint").catch(() => {});
      const processor = processorMs(system.pid);
      const timed = await timeMany(count, atOnce, (i) =>
        way === OURS
          ? system.deliver(batches[i] ?? [], Math.min(MESSAGES_MAX, Math.ceil(n / 100)))
          : system.insert(batches[i] ?? [], rows[i] ?? []),
      );
      const processorUs = ((processorMs(system.pid) - processor) * 1_000) / (count * n);
      await check(
        system,
        count * n,
        batches.reduce((sum, batch) => sum + system.rowsOf(batch).length, 0),
      );
      if (round > 0) measured.get(way)?.push({ ...timed, processorUs });
    }
  }
  const rates = new Map<string, number>();
  for (const [engine, rounds] of measured) {
    const figure = (metric: string, value: number, unit: string) =>
      emit({
        bench: "consumer",
        case: name,
        n,
        engine,
        runtime: engine === OURS ? "workerd" : "node",
        metric,
        value,
        unit,
      });
    const rate = middle(rounds.map(({ perSecond }) => perSecond * n));
    rates.set(engine, rate);
    figure("events_per_second", rate, "events/s");
    figure("commit_p50", middle(rounds.map(({ p50 }) => p50)), "ms");
    figure("commit_p99", middle(rounds.map(({ p99 }) => p99)), "ms");
    if (engine === OURS)
      figure("processor_per_event", middle(rounds.map(({ processorUs }) => processorUs)), "µs");
  }
  const [ours, ceiling] = [rates.get(OURS), rates.get(CEILING)];
  if (ours === undefined || ceiling === undefined) return undefined;
  emit({
    bench: "consumer",
    case: name,
    n,
    engine: OURS,
    runtime: "workerd",
    metric: "share_of_ceiling",
    value: ours / ceiling,
    unit: "",
  });
  return ours / ceiling;
}

/** Both sides must have stored the same rows, or their times cannot be compared. */
async function check({ database }: System, events: number, matches: number): Promise<void> {
  const { rows } = await database.client.query<{ events: number; matches: number }>(
    "select (select count(*)::int from events) as events, (select count(*)::int from matches) as matches",
  );
  if (rows[0]?.events === events && rows[0].matches === matches) return;
  throw new Error(`stored ${JSON.stringify(rows[0])} instead of ${events} events and ${matches} matches`);
}

function deliverTo(port: number): System["deliver"] {
  let message = 0;
  return async (events, messages) => {
    const each = Math.ceil(events.length / messages);
    const body = {
      queue: "events",
      messages: Array.from({ length: messages }, (_, i) => ({
        id: `message-${message++}`,
        attempts: 1,
        timestamp: Date.now(),
        // As text, as the API sends it.
        body: JSON.stringify({
          version: 2,
          request_id: "bench",
          events: events.slice(i * each, (i + 1) * each),
        }),
      })),
    };
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: JSON.stringify(body) });
    const text = await response.text();
    const acknowledged = response.ok
      ? (JSON.parse(text) as { explicitAcks: unknown[] }).explicitAcks.length
      : 0;
    if (acknowledged !== messages) throw new Error(`acknowledged ${acknowledged} of ${messages}: ${text}`);
  };
}

/** The rows that the campaigns make of events. */
async function rowsOf({ client }: BenchDatabase): Promise<System["rowsOf"]> {
  const { rows } = await client.query<{ id: string; version: number; rule: Rule }>(
    "select c.id, c.version, v.rule from campaigns c join campaign_versions v on (v.campaign_id, v.version) = (c.id, c.version)",
  );
  return (events) =>
    events.flatMap((event) =>
      rows
        .filter(({ rule }) => evaluate(rule, event))
        .map(({ id, version }) => ({
          campaign_id: id,
          campaign_version: version,
          source: event.source,
          event_id: event.id,
          subject: event.subject,
        })),
    );
}
