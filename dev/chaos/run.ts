import type { Bundle } from "../workerd/bundle.ts";
import { catalogueOf } from "./check/catalogue.ts";
import { check } from "./check/check.ts";
import type { Violation } from "./check/violation.ts";
import { readActiveSetChanges, readLettersKept, readStored, type ScratchDatabase } from "./database.ts";
import { createInjector, type Fault } from "./faults.ts";
import type { AnsweredChange, Delivery, Evidence, Post, QueuedMessage } from "./history.ts";
import { createIntake } from "./intake.ts";
import { startSystem } from "./system.ts";
import { drive } from "./traffic.ts";
import { makeWorkload } from "./workload.ts";

export interface RunOptions {
  readonly seed: number;
  /** How many different events there are; more are sent, because some are repeated. */
  readonly events: number;
  /** The Workers under test. */
  readonly api: Bundle;
  readonly consumer: Bundle;
  /** A Postgres on which a database can be created. Without one, an embedded one. */
  readonly serverUrl?: string | undefined;
  /** SQL that breaks the database before the run, for tests that the checker notices. */
  readonly sabotage?: readonly string[];
  /** Aborts the run: it rejects and removes everything that it made. */
  readonly signal?: AbortSignal;
}

export interface Run {
  readonly seed: number;
  readonly events: number;
  readonly database: ScratchDatabase["kind"];
  readonly seconds: number;
  readonly faults: ReadonlyMap<Fault, number>;
  readonly evidence: Evidence;
  readonly violations: readonly Violation[];
}

/** One run: sets everything up, uses and disturbs it, lets it recover, reads everything back, and checks it. */
export async function runChaos(options: RunOptions): Promise<Run> {
  const { seed, events, api, consumer, serverUrl, sabotage = [], signal } = options;
  const began = performance.now();
  const workload = makeWorkload(seed, events, Date.now());
  const catalogue = catalogueOf(workload.contents);
  const injector = createInjector(seed);
  const posts: Post[] = [];
  const queued: QueuedMessage[] = [];
  const deliveries: Delivery[] = [];
  const answeredChanges: AnsweredChange[] = [];

  const system = await startSystem({
    seed,
    api,
    consumer,
    serverUrl,
    injector,
    intakeOf: (queue) => createIntake(queue, injector, catalogue, (message) => queued.push(message)),
    record: (delivery) => deliveries.push(delivery),
  });
  try {
    const { sql, kind } = system.database;
    for (const statement of sabotage) await sql.query(statement);
    const driven = drive({ seed, events, workload, system, injector, posts, queued, answeredChanges });
    const { stuck, scraped } = await (signal === undefined
      ? driven
      : Promise.race([driven, abortion(signal)]));
    const evidence: Evidence = {
      contents: workload.contents,
      posts,
      queued,
      deliveries,
      stuck,
      activeSetChanges: await readActiveSetChanges(sql),
      answeredChanges,
      stored: await readStored(sql),
      lettersKept: await readLettersKept(sql),
      scraped,
    };
    const violations = check(evidence);
    const seconds = (performance.now() - began) / 1_000;
    return { seed, events, database: kind, seconds, faults: injector.counts, evidence, violations };
  } finally {
    await system.stop();
  }
}

function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
