/** When the Workers' crons run on this machine. That the Workers are reached: local.test.ts. */
import type { ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { type HttpServer, startHttpServer } from "../../dev/http-server.ts";
import { type Crons, createCrons, type Trigger } from "../../dev/local/crons.ts";
import { CannotRun } from "../../ops/command.ts";
import { eventually } from "../support/system.ts";

const EVERY_SECOND = "* * * * * *";
const TRIGGER: Trigger = { worker: "a-worker", cron: "*/5 * * * *" };
const OK = JSON.stringify({ success: true, errors: [], result: { outcome: "ok", noRetry: false } });

interface Fired {
  readonly url: string;
  readonly body: { readonly cron: string; readonly scheduled_time: number };
}

let wrangler: HttpServer | undefined;
let crons: Crons | undefined;
afterEach(async () => {
  await crons?.stop();
  await wrangler?.close();
});

/** Crons whose triggers reach `answer` in the place of wrangler; what they ask and say is in `fired` and `lines`. */
async function start(
  answer: (response: ServerResponse) => unknown,
  triggers: readonly Trigger[] = [TRIGGER],
) {
  const fired: Fired[] = [];
  const lines: string[] = [];
  wrangler = await startHttpServer(async (request, response) => {
    fired.push({ url: request.url ?? "", body: (await json(request)) as Fired["body"] });
    await answer(response);
  });
  crons = createCrons({
    url: wrangler.url,
    triggers,
    schedule: EVERY_SECOND,
    onLine: (line) => lines.push(line),
  });
  crons.start();
  return { fired, lines };
}

test("name the Worker, its own expression and the second that they were due", async () => {
  const { fired } = await start((response) => response.end(OK));
  const [first, second] = await eventually(async () => (fired.length > 1 ? fired : undefined));
  expect(first?.url).toBe("/cdn-cgi/local/explorer/api/local/scheduled?worker=a-worker");
  expect(first?.body.cron).toBe(TRIGGER.cron);
  const times = [first?.body.scheduled_time ?? 0, second?.body.scheduled_time ?? 0];
  expect(times.map((time) => time % 1_000)).toEqual([0, 0]);
  expect(times[1]).toBeGreaterThan(times[0] ?? 0);
});

test.each<[why: string, answer: (response: ServerResponse) => unknown, said: RegExp]>([
  ["succeeded", (response) => response.end(OK), /: ok \(\d+ ms\)$/],
  ["threw", (response) => response.end(OK.replace('"ok"', '"exception"')), /: exception \(\d+ ms\)$/],
  [
    "did not begin",
    (response) =>
      response.writeHead(502).end('{"success":false,"errors":[{"message":"unavailable"}],"result":null}'),
    /: unavailable \(\d+ ms\)$/,
  ],
  ["was answered with something else", (response) => response.end("<p>"), /: not run, .*JSON/],
  ["reached nobody", (response) => response.destroy(), /: not run, fetch failed \(\d+ ms\)$/],
])("say of a run that it %s", async (_why, answer, said) => {
  const { lines } = await start(answer);
  const [line] = await eventually(async () => (lines.length > 0 ? lines : undefined));
  expect(line?.startsWith("[cron] a-worker */5 * * * *: ")).toBe(true);
  expect(line).toMatch(said);
});

test("never run one twice at the same time, and do not keep another waiting", async () => {
  const other: Trigger = { worker: "another", cron: "0 0 * * *" };
  const held: ServerResponse[] = [];
  const { fired, lines } = await start(
    (response) => {
      if (fired.at(-1)?.url.endsWith("a-worker")) held.push(response);
      else response.end(OK);
    },
    [TRIGGER, other],
  );
  const of = (worker: string) => fired.filter(({ url }) => url.endsWith(`worker=${worker}`)).length;
  const leftOut = "[cron] a-worker */5 * * * *: left out, the run before goes on";
  await eventually(
    async () => (lines.filter((line) => line === leftOut).length > 1 && of("another") > 1) || undefined,
  );
  expect(of("a-worker")).toBe(1);
  held[0]?.end(OK);
  await eventually(async () => of("a-worker") > 1 || undefined);
});

test("abandon what runs when they are stopped, and say no more", async () => {
  const { fired, lines } = await start(() => {});
  await eventually(async () => fired.length > 0 || undefined);
  await crons?.stop();
  const said = [...lines];
  await new Promise((resolve) => setImmediate(resolve));
  expect(lines).toEqual(said);
  expect(lines.filter((line) => !line.includes("left out"))).toEqual([]);
});

test.each([
  ["a word", "daily"],
  ["seconds, which Cloudflare has not", EVERY_SECOND],
  ["a minute that there is not", "60 * * * *"],
  ["a day of the week that Cloudflare numbers otherwise", "0 0 * * 0"],
])("refuse in a wrangler file %s", (_what, cron) => {
  const options = { url: "http://127.0.0.1:1", triggers: [TRIGGER, { worker: "a-worker", cron }] };
  expect(() => createCrons({ ...options, onLine: () => {} })).toThrow(CannotRun);
});
