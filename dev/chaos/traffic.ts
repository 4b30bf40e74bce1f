import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureAdmin } from "../local/admin.ts";
import { randomFor } from "../random.ts";
import { type Api, apiOf, createTokens, type Tokens } from "./api.ts";
import { postAll } from "./clients.ts";
import { readClock } from "./database.ts";
import type { Injector } from "./faults.ts";
import type { AnsweredChange, Post, QueuedMessage } from "./history.ts";
import { createManager, type Manager } from "./managers.ts";
import { scrape } from "./scrape.ts";
import type { System } from "./system.ts";
import { KEY_NAME, type PostPlan, SOURCES, type Workload } from "./workload.ts";

const MANAGERS = ["anna", "ben"];
const FIRST_CAMPAIGNS = 4; // of each manager, before the first event
const EVENTS_A_CHANGE = 40;
const CHANGES_MAX = 600;
/** The share of the work after which faults stop. The rest shows that the system recovers. */
const CALM_AT = 0.95;
/** How long to wait without any progress. After that, messages are stuck, which the checker reports. */
const STANDSTILL_MS_MAX = 60_000;
const POLL_MS = 10;

export interface TrafficOptions {
  readonly seed: number;
  readonly events: number;
  readonly workload: Workload;
  readonly system: System;
  readonly injector: Injector;
  readonly posts: Post[];
  readonly queued: readonly QueuedMessage[];
  readonly answeredChanges: AnsweredChange[];
}

/**
 * Lets clients post and managers change campaigns while faults strike, then waits until the queue is empty.
 * @returns the messages that never left it, and what the metrics say then
 */
export async function drive(
  options: TrafficOptions,
): Promise<{ readonly stuck: readonly string[]; readonly scraped: ReadonlyMap<string, number> }> {
  const { seed, workload, system, injector, queued } = options;
  const apis = system.apis.map(apiOf);
  const admin = { username: "chaos-admin", password: `chaos-${randomUUID()}` };
  await ensureAdmin(system.database.db, { ...admin, mayChange: true });
  const tokens = createTokens({ grant_type: "password", ...admin });
  const managers = MANAGERS.map((name) => makeManager(name, apis, tokens, options));
  for (const manager of managers) for (let i = 0; i < FIRST_CAMPAIGNS; i++) await manager.change();
  const key = await createKey(apis, tokens);

  let posted = 0;
  const unsettled = () => system.queue.unsettled.size + system.letterQueue.unsettled.size;
  const progress = () =>
    posted / workload.posts.length / 2 + (queued.length - unsettled()) / Math.max(1, queued.length) / 2;

  injector.start();
  const plans = workload.posts[Symbol.iterator]();
  const posting = Promise.all(
    Array.from({ length: system.clients }, (_, i) =>
      postAll(
        {
          name: `client-${i + 1}`,
          apis,
          credential:
            i % 2 === 0 ? key.client_secret : createTokens({ grant_type: "client_credentials", ...key }),
          workload,
          injector,
          random: randomFor(seed, `client ${i + 1}`),
          record: (post) => options.posts.push(post),
        },
        counted(plans, () => {
          posted += 1;
        }),
      ),
    ),
  );
  const changes = Math.min(CHANGES_MAX, Math.ceil(options.events / EVENTS_A_CHANGE));
  const changing = Promise.all(
    managers.map(async (manager) => {
      for (let change = 0; change < changes / managers.length; change++) {
        await reach(progress, (change * managers.length) / changes);
        await manager.change();
      }
    }),
  );
  await posting;
  await reach(progress, CALM_AT);
  injector.calm();
  await changing;
  await reach(progress, 1);
  await system.databaseIdle();
  const stuck = [...system.queue.unsettled.keys(), ...system.letterQueue.unsettled.keys()];
  return { stuck, scraped: await scrape(apis, key) };
}

/** Waits until `progress` has come so far, or has stopped. */
async function reach(progress: () => number, goal: number): Promise<void> {
  let furthest = -1;
  for (let deadline = 0; progress() < goal; await sleep(POLL_MS)) {
    if (progress() > furthest) {
      furthest = progress();
      deadline = Date.now() + STANDSTILL_MS_MAX;
    }
    if (Date.now() > deadline) return;
  }
}

/** Counts each item when the next one is asked for, because it is done by then. */
function* counted(plans: Iterable<PostPlan>, count: () => void): Generator<PostPlan> {
  for (const plan of plans) {
    yield plan;
    count();
  }
}

function makeManager(name: string, apis: readonly Api[], tokens: Tokens, options: TrafficOptions): Manager {
  const { sql } = options.system.database;
  return createManager({
    name,
    apis,
    tokens,
    random: randomFor(options.seed, `manager ${name}`),
    answered: async (campaign, revision) => {
      options.answeredChanges.push({ campaign, revision, answeredAt: await readClock(sql) });
    },
  });
}

interface Key {
  readonly client_id: string;
  readonly client_secret: string;
}

async function createKey([api]: readonly Api[], tokens: Tokens): Promise<Key> {
  if (api === undefined) throw new Error("there is no API Worker");
  const token = await tokens.get(api);
  const answer = await api.call("POST", "/v1/api-keys", {
    ...(token !== undefined && { token }),
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: KEY_NAME, sources: SOURCES, scopes: ["events:write", "metrics:read"] }),
  });
  if (answer?.status !== 201)
    throw new Error(`no API key: ${answer?.status} ${JSON.stringify(answer?.json)}`);
  const { client_id, client_secret } = answer.json as Key;
  return { client_id, client_secret };
}
