import { setTimeout as sleep } from "node:timers/promises";
import { chance, integer, pick, type Random, weighted } from "../random.ts";
import type { Answer, Api, Tokens } from "./api.ts";
import { DAY_MS, dayOf, makeGates, makeRule } from "./rules.ts";

const ACTIVE_MAX = 8; // campaigns of one manager
const RETRY_MS = 20;

export interface ManagerOptions {
  readonly name: string;
  readonly apis: readonly Api[];
  readonly tokens: Tokens;
  readonly random: Random;
  /** A change that was answered, with the revision that it made. */
  readonly answered: (campaign: string, revision: number) => Promise<void>;
}

interface Campaign {
  readonly id: string;
  status: string;
  etag: string;
}

/** Somebody who changes campaigns: creates, activates and pauses them, changes their rules, gates and windows. */
export interface Manager {
  /** Makes one change, repeating the request until there is an answer; false when the change was not made. */
  change(): Promise<boolean>;
}

export function createManager({ name, apis, tokens, random, answered }: ManagerOptions): Manager {
  const campaigns: Campaign[] = [];
  let created = 0;

  async function call(method: string, path: string, body?: unknown, etag?: string): Promise<Answer> {
    const api = pick(random, apis);
    const token = await tokens.get(api);
    if (token === undefined) return null;
    const answer = await api.call(method, path, {
      token,
      headers: {
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(etag !== undefined && { "If-Match": etag }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (answer?.status === 401) tokens.forget(api);
    return answer;
  }

  /** Reads the campaign's present state, after an answer that was lost or refused. */
  async function lookAgain(campaign: Campaign): Promise<void> {
    for (;;) {
      const answer = await call("GET", `/v1/campaigns/${campaign.id}`);
      if (answer?.status === 200) return learn(campaign, answer);
      await sleep(RETRY_MS);
    }
  }

  function learn(campaign: Campaign, answer: NonNullable<Answer>): void {
    campaign.status = (answer.json as { status: string }).status;
    campaign.etag = answer.headers.get("ETag") ?? "";
  }

  async function create(): Promise<boolean> {
    created += 1;
    const answer = await call("POST", "/v1/campaigns", {
      name: `${name} ${created}`,
      rule: makeRule(random),
      ...(chance(random, 0.3) && windowOf(random)),
      ...(chance(random, 0.5) && makeGates(random)),
    });
    if (answer?.status !== 201) return false; // perhaps it is there: a draft, which decides nothing
    const campaign = { id: (answer.json as { id: string }).id, status: "", etag: "" };
    learn(campaign, answer);
    campaigns.push(campaign);
    return move(campaign, "activate");
  }

  const move = (campaign: Campaign, transition: string): Promise<boolean> =>
    alter(campaign, "POST", `/v1/campaigns/${campaign.id}/${transition}`);

  const edit = (campaign: Campaign, changes: unknown): Promise<boolean> =>
    alter(campaign, "PATCH", `/v1/campaigns/${campaign.id}`, changes);

  async function alter(campaign: Campaign, method: string, path: string, body?: unknown): Promise<boolean> {
    const answer = await call(method, path, body, campaign.etag);
    if (answer?.status !== 200) {
      await lookAgain(campaign);
      return false;
    }
    learn(campaign, answer);
    await answered(campaign.id, Number(campaign.etag.replaceAll('"', "")));
    return true;
  }

  return {
    change() {
      const active = campaigns.filter(({ status }) => status === "active");
      const resting = campaigns.filter(({ status }) => status === "paused" || status === "draft");
      return weighted<() => Promise<boolean>>(random, [
        [active.length < ACTIVE_MAX ? 3 : 0, create],
        [active.length < 2 ? 0 : 4, () => move(pick(random, active), "pause")],
        [
          resting.length === 0 || active.length >= ACTIVE_MAX ? 0 : 4,
          () => move(pick(random, resting), "activate"),
        ],
        [active.length === 0 ? 0 : 4, () => edit(pick(random, active), { rule: makeRule(random) })],
        [active.length === 0 ? 0 : 1, () => edit(pick(random, active), windowOf(random))],
        [active.length === 0 ? 0 : 2, () => edit(pick(random, active), makeGates(random))],
        [active.length === 0 ? 1 : 0, create],
      ])();
    },
  };
}

/** A window that covers some of the days on which events happen. */
function windowOf(random: Random): { starts_at: string; ends_at: string } {
  const starts_at = dayOf(random);
  return {
    starts_at,
    ends_at: new Date(Date.parse(starts_at) + integer(random, 1, 20) * DAY_MS).toISOString(),
  };
}
