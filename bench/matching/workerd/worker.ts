/**
 * The Worker that the benchmark runs under workerd: the same engines, workloads and checks as in Node, each step on
 * request. It reads no clock: in production a Worker's clock stands still between I/O, so Node times the requests.
 */
import type { Campaign } from "../../../src/rules/evaluation/matcher.ts";
import { type Digest, digestOf } from "../agreement.ts";
import { changesOf } from "../changing.ts";
import type { Engine, Matcher } from "../engine.ts";
import { ENGINES } from "../engines.ts";
import { campaignAt, campaignSource, type Events, eventsOf } from "../prepared.ts";
import { type CaseName, WORKLOADS } from "../workloads/index.ts";
import type { Operation } from "./protocol.ts";

interface Prepared {
  readonly name: CaseName;
  readonly n: number;
  readonly events: Events;
}

let prepared: Prepared | undefined;
let engine: Engine | undefined;
let matcher: Matcher | undefined;
let changes: readonly { readonly position: number; readonly campaign: Campaign }[] = [];

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return await answer(request);
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 });
    }
  },
};

async function answer(request: Request): Promise<Response> {
  if (request.headers.get("content-type") === "application/octet-stream") {
    return Response.json(await load(request));
  }
  const result = await perform((await request.json()) as Operation);
  return result instanceof ArrayBuffer ? new Response(result) : Response.json(result);
}

async function perform(asked: Operation): Promise<unknown> {
  switch (asked.operation) {
    case "nothing":
      return null;
    case "prepare":
      prepared = { name: asked.case, n: asked.n, events: eventsOf(asked.case, asked.n) };
      // The first rule fills the tables that rules share, which are no engine's memory.
      campaignAt(asked.case, 0, asked.n);
      return null;
    case "generate": {
      const { name, n } = the(prepared);
      let made = 0;
      for (const _ of campaignSource(name, n).campaigns) made++;
      return made;
    }
    case "build": {
      const { name, n } = the(prepared);
      engine = ENGINES.find((known) => known.name === asked.engine);
      matcher = the(engine).build(campaignSource(name, n).campaigns, WORKLOADS[name].arrayFields);
      return null;
    }
    case "digests": {
      const digests: Digest[] = [];
      for (const event of the(prepared).events.documents.slice(0, asked.count)) {
        digests.push(digestOf(await the(matcher).match(event)));
      }
      return digests;
    }
    case "match":
      return match(asked);
    case "candidates": {
      const count = the(matcher).candidates?.bind(matcher);
      const sample = the(prepared).events.documents.slice(0, asked.count);
      return count === undefined
        ? null
        : sample.reduce((sum, event) => sum + count(event), 0) / sample.length;
    }
    case "changes": {
      const { name, n } = the(prepared);
      changes = changesOf(n).map((position) => ({ position, campaign: campaignAt(name, position, n, 1) }));
      return changes.length;
    }
    case "replace":
      for (const { position, campaign } of changes) the(matcher).replace(position, campaign);
      return null;
    case "compact":
      the(matcher).compact?.();
      return the(matcher).compact !== undefined;
    case "snapshot":
      return the(matcher).snapshot?.() ?? null;
  }
}

async function match({
  from,
  count,
  repeat,
  parse,
}: Extract<Operation, { operation: "match" }>): Promise<number> {
  const { texts, documents } = the(prepared).events;
  const current = the(matcher);
  let matches = 0;
  for (let round = 0; round < repeat; round++) {
    for (let i = 0; i < count; i++) {
      const position = (from + i) % documents.length;
      const event = parse ? JSON.parse(texts[position] ?? "") : documents[position];
      const matched = current.match(event);
      matches += "length" in matched ? matched.length : (await matched).length;
    }
  }
  return matches;
}

/** The first event of an isolate that has nothing but the snapshot: loads it and matches. */
async function load(request: Request): Promise<number> {
  const [engineName = "", text = ""] = decodeURIComponent(new URL(request.url).search.slice(1)).split("\n");
  const bytes = await request.arrayBuffer();
  const loader = ENGINES.find(({ name }) => name === engineName)?.load;
  if (loader === undefined) return bytes.byteLength;
  matcher = loader(bytes);
  return (await matcher.match(JSON.parse(text))).length;
}

function the<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("asked out of order");
  return value;
}
