import { generateSigningKey } from "../../src/auth/keys.ts";
import { QUEUE_ATTEMPTS_MAX } from "../../src/limits.ts";
import { chance, integer, randomFor } from "../random.ts";
import type { Bundle } from "../workerd/bundle.ts";
import {
  apiConfig,
  type ConfigFiles,
  consumerConfig,
  type WorkerSettings,
} from "../workerd/configuration.ts";
import { skewedClock } from "./clock.ts";
import { openScratchDatabase, type ScratchDatabase } from "./database.ts";
import { openDatabaseProxy } from "./database-fault-proxy.ts";
import { deliver } from "./delivery.ts";
import type { Injector } from "./faults.ts";
import type { Delivery } from "./history.ts";
import type { Intake } from "./intake.ts";
import { createQueue, type Queue } from "./queue.ts";
import { openQueueProxy } from "./queue-fault-proxy.ts";
import { startWorker, type Worker } from "./worker.ts";

const CLOCK_OFFSET_MS_MAX = 200_000;
const API_WORKERS = 2;
const LETTER_BATCH_TIMEOUT_SECONDS = 5; // max_batch_timeout in wrangler.consumer.toml

export interface SystemOptions {
  readonly seed: number;
  readonly api: Bundle;
  readonly consumer: Bundle;
  readonly serverUrl: string | undefined;
  readonly injector: Injector;
  /** Records messages and injects faults where they enter the queue. */
  readonly intakeOf: (queue: Queue) => Intake;
  readonly record: (delivery: Delivery) => void;
}

/** Both Workers, several processes of each, the queue between them and a fresh database. */
export interface System {
  readonly database: ScratchDatabase;
  readonly apis: readonly Worker[];
  /** Whether this many clients at once make sense. */
  readonly clients: number;
  readonly queue: Queue;
  readonly letterQueue: Queue;
  /** Resolves when nothing is on its way to the database any more. */
  databaseIdle(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSystem(options: SystemOptions): Promise<System> {
  const { seed, injector, serverUrl } = options;
  // Embedded Postgres has one session: several processes would only wait for one another.
  const scale =
    serverUrl === undefined ? { consumers: 1, lanes: 2, clients: 3 } : { consumers: 2, lanes: 3, clients: 8 };
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const database = await openScratchDatabase(serverUrl);
    undo.push(database.drop);

    // A message that this queue gives up is gone, as in production. The checker would report it as lost.
    const letterQueue = createQueue("events-dlq", randomFor(seed, "letter queue"), () => {});
    const queue = createQueue("events", randomFor(seed, "queue"), (message) =>
      letterQueue.put(
        { ...message, attempts: 0, attemptsMax: QUEUE_ATTEMPTS_MAX },
        LETTER_BATCH_TIMEOUT_SECONDS,
      ),
    );
    const queueProxy = await openQueueProxy(injector, options.intakeOf(queue));
    undo.push(queueProxy.close);

    const workers = new Map<string, Worker>();
    const databaseProxy = await openDatabaseProxy(database.endpointUrl, injector, async (name) => {
      await workers.get(name)?.crash();
    });
    undo.push(databaseProxy.close);

    const { pem } = await generateSigningKey();
    const clocks = randomFor(seed, "clocks");
    const startAll = (count: number, role: string, bundle: Bundle, configOf: typeof apiConfig) => {
      const configure = (name: string): ConfigFiles => {
        const clockOffsetMs = chance(clocks, 0.4)
          ? 0
          : integer(clocks, -CLOCK_OFFSET_MS_MAX, CLOCK_OFFSET_MS_MAX);
        if (clockOffsetMs !== 0) injector.struck("clock skewed");
        const settings: WorkerSettings = {
          bundle,
          values: {
            DATABASE_URL: database.url,
            NEON_FETCH_ENDPOINT: databaseProxy.urlFor(name),
            ALLOW_HTTP: "loopback",
            JWT_SIGNING_KEY: pem,
          },
          queueAddress: queueProxy.address,
          prelude: skewedClock(clockOffsetMs),
        };
        return configOf(settings);
      };
      return Promise.all(
        Array.from({ length: count }, async (_, i) => {
          const name = `${role}-${i + 1}`;
          const worker = await startWorker(name, () => configure(name));
          workers.set(name, worker);
          undo.push(worker.stop);
          return worker;
        }),
      );
    };
    const apis = await startAll(API_WORKERS, "api", options.api, apiConfig);
    const consumers = await startAll(scale.consumers, "consumer", options.consumer, consumerConfig);

    const delivering = new AbortController();
    const lanes = consumers.flatMap((consumer) => [
      ...Array.from({ length: scale.lanes }, () => ({ consumer, queue })),
      { consumer, queue: letterQueue },
    ]);
    const delivered = Promise.all(
      lanes.map(({ consumer, queue }, lane) =>
        deliver(
          { queue, consumer, injector, random: randomFor(seed, `lane ${lane}`), record: options.record },
          delivering.signal,
        ),
      ),
    );
    undo.push(() => {
      delivering.abort();
      return delivered;
    });
    return {
      database,
      apis,
      clients: scale.clients,
      queue,
      letterQueue,
      databaseIdle: databaseProxy.idle,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
