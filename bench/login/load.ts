/**
 * What logins do to other routes: the same requests at the same rate, in turns without logins and with `n` of them a
 * second. Requests start when they are due, whether or not earlier ones have been answered, and their time counts from
 * then: what had to wait is not left out.
 */
import { performance } from "node:perf_hooks";
import { chance, pick, type Random, randomFor } from "../../dev/random.ts";
import type { Rule } from "../../src/rules/language/rule.ts";
import { createCampaign } from "../../src/storage/campaigns.ts";
import { type Benchmark, type Figure, note } from "../figures.ts";
import { type Api, addUsers, logIn, PASSWORD, startApis } from "./api.ts";
import { quantile } from "./statistics.ts";

const LOGINS_PER_SECOND = 10; // unless --n says otherwise
const REQUESTS_PER_SECOND = 10; // to each route
const TURN_SECONDS = 30;
const TURNS = [false, true, false, true]; // whether with logins
const WARM_UP_SECONDS = 3; // at the beginning of every turn, not counted
const USERS = 200;
const SEED = 1;

/** How many API processes share the requests: plain workerd has one isolate, on one thread. */
const CASES = { "one-isolate": 1, "four-isolates": 4 } as const;
type Case = keyof typeof CASES;

const ROUTES = {
  health: (url: string) => fetch(`${url}/health`),
  get_campaigns: (url: string, token: string) => fetch(`${url}/v1/campaigns`, bearer(token)),
  get_event: (url: string, token: string) =>
    fetch(`${url}/v1/events/event-${Math.ceil(Math.random() * EVENTS)}?source=bench`, bearer(token)),
  post_events: (url: string, token: string) =>
    fetch(`${url}/v1/events`, {
      method: "POST",
      headers: { ...bearer(token).headers, "Content-Type": "application/json" },
      body: JSON.stringify({ id: crypto.randomUUID(), type: "purchase", data: { amount: 1 } }),
    }),
} as const;
type Route = keyof typeof ROUTES;
const NAMES = Object.keys(ROUTES) as Route[];
const EVENTS = 500;
const CAMPAIGNS = 20;
const RULE: Rule = { field: "type", operator: "equals", value: "purchase" };

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

export const loginLoad: Benchmark = {
  summary: "times of other routes without logins and with --n of them a second",
  cases: Object.keys(CASES),
  engines: ["campaign-manager"],
  runtimes: ["workerd"],
  async run({ cases = Object.keys(CASES), sizes = [LOGINS_PER_SECOND] }, emit) {
    for (const name of cases as Case[]) {
      for (const n of sizes) {
        const api = await startApis(CASES[name]);
        try {
          await measure(api, name, n, emit);
        } finally {
          await api.stop();
        }
      }
    }
    return true;
  },
};

/** Times in milliseconds, by what was asked. */
type Times = Readonly<Record<Route | "login", number[]>>;

async function measure(api: Api, name: Case, n: number, emit: (figure: Figure) => void): Promise<void> {
  const figure = (metric: string, value: number, unit: string) =>
    emit({
      bench: "login-load",
      case: name,
      n,
      engine: "campaign-manager",
      runtime: "workerd",
      metric,
      value,
      unit,
    });
  const users = await addUsers(api.database, "user", USERS);
  const [admin = ""] = await addUsers(api.database, "admin", 1, { role: "admin" });
  await addData(api);
  const { access_token: token } = (await (await logIn(api.urls[0] ?? "", admin, PASSWORD)).json()) as {
    access_token: string;
  };
  const empty = (): Times => ({ health: [], get_campaigns: [], get_event: [], post_events: [], login: [] });
  const measured = { without: empty(), with: empty() };
  const processor = { without: 0, with: 0 };
  const refused = new Map<number, number>();
  const random = randomFor(SEED, name);
  for (const [turn, withLogins] of TURNS.entries()) {
    const kind = withLogins ? "with" : "without";
    note(`${name}: turn ${turn + 1} of ${TURNS.length}, ${kind} logins`);
    const before = api.processorSeconds();
    await runTurn(random, api, token, users, withLogins ? n : 0, measured[kind], refused);
    processor[kind] += api.processorSeconds() - before;
  }
  for (const route of NAMES) {
    for (const q of [0.5, 0.99]) {
      const [alone, with_] = [quantile(measured.without[route], q), quantile(measured.with[route], q)];
      figure(`${route}_p${q * 100}_without`, alone, "ms");
      figure(`${route}_p${q * 100}_with_logins`, with_, "ms");
      figure(`${route}_p${q * 100}_ratio`, with_ / alone, "");
    }
    figure(`${route}_requests`, measured.with[route].length, "requests");
  }
  figure("login_p50", quantile(measured.with.login, 0.5), "ms");
  figure("login_p99", quantile(measured.with.login, 0.99), "ms");
  figure("logins", measured.with.login.length, "logins");
  for (const [status, count] of refused) figure(`logins_answered_${status}`, count, "logins");
  const logins = TURNS.filter(Boolean).length * TURN_SECONDS * n - sum([...refused.values()]);
  figure("processor_per_login", ((processor.with - processor.without) * 1e3) / logins, "ms");
}

async function runTurn(
  random: Random,
  api: Api,
  token: string,
  users: readonly string[],
  loginsPerSecond: number,
  times: Times,
  refused: Map<number, number>,
): Promise<void> {
  const perSecond = NAMES.length * REQUESTS_PER_SECOND + loginsPerSecond;
  const under: Promise<void>[] = [];
  const begin = performance.now();
  let due = begin;
  for (;;) {
    // Independent clients: exponential pauses.
    due += (-Math.log(1 - random()) * 1e3) / perSecond;
    if (due > begin + TURN_SECONDS * 1e3) break;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const isLogin = chance(random, loginsPerSecond / perSecond);
    const url = pick(random, api.urls);
    const counts = due > begin + WARM_UP_SECONDS * 1e3;
    const record = (name: Route | "login", since: number) => {
      if (counts) times[name].push(performance.now() - since);
    };
    const since = due;
    if (isLogin) {
      const user = pick(random, users);
      under.push(
        read(logIn(url, user, PASSWORD)).then((status) => {
          if (status === 200) record("login", since);
          else refused.set(status, (refused.get(status) ?? 0) + 1);
        }),
      );
    } else {
      const route = pick(random, NAMES);
      under.push(
        read(ROUTES[route](url, token)).then((status) => {
          if (status >= 300) throw new Error(`${route} answered ${status}`);
          record(route, since);
        }),
      );
    }
  }
  await Promise.all(under);
}

async function read(asked: Promise<Response>): Promise<number> {
  const response = await asked;
  await response.arrayBuffer();
  return response.status;
}

async function addData({ database: { db, sql } }: Api): Promise<void> {
  await sql`
    insert into events (source, id, type, subject, time, received_at, data, epoch, processed_at)
    select 'bench', 'event-' || n, 'purchase', 'customer-' || n % 50, now(), now(), '{"amount": 10}'::jsonb,
           0, now()
    from generate_series(1, ${EVENTS}::int) as n`;
  for (let i = 1; i <= CAMPAIGNS; i++) {
    await createCampaign(
      db,
      crypto.randomUUID(),
      { name: `Campaign ${i}`, description: null, rule: RULE, starts_at: null, ends_at: null },
      { type: "operator", id: null, requestId: null },
    );
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
