/** Purchases and the like of customers everywhere, as clients post them, and campaigns that match four in five. */
import { v7 as uuidv7 } from "uuid";
import type { AcceptedEvent } from "../../src/messages.ts";
import { createCampaign, transitionCampaign } from "../../src/storage/campaigns.ts";
import type { Database } from "../../src/storage/core/client.ts";
import { formatTime } from "../../src/time.ts";
import { mixed } from "../matching/workloads/random.ts";

const TYPES = ["purchase", "refund", "login", "page_view", "signup"];
const COUNTRIES = ["BR", "CA", "CH", "CL", "CN", "DE", "EG", "ES", "FR", "GB"];
const TIERS = ["gold", "silver", "bronze"];
const AMOUNT_MAX = 500;
/** One for each type and country, so that an event matches one campaign at most. */
export const CAMPAIGNS = TYPES.length * COUNTRIES.length * 2;

export interface PostedEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The event of this number: the same in every run. About 300 bytes as JSON. */
export function eventAt(number: number): PostedEvent {
  const draw = (salt: number, below: number) => (mixed(number * 31 + salt) >>> 0) % below;
  return {
    id: `event-${number.toString().padStart(12, "0")}`,
    type: TYPES[draw(1, TYPES.length)] ?? "",
    source: "shop",
    subject: `customer-${draw(2, 100_000)}`,
    time: timeAt(number),
    data: {
      amount: 1 + draw(3, AMOUNT_MAX),
      currency: "EUR",
      country: COUNTRIES[draw(4, COUNTRIES.length)],
      channel: draw(5, 2) === 0 ? "web" : "store",
      user: { tier: TIERS[draw(6, TIERS.length)], since: 2000 + draw(7, 26) },
      items: [{ sku: `sku-${draw(8, 10_000)}`, qty: 1 + draw(9, 5), price: 1 + draw(10, 100) }],
    },
  };
}

const EVENTS_A_REQUEST = 100;

/** The event as the API puts it into the queue: those of a request are received together, after the last of them. */
export function acceptedAt(number: number): AcceptedEvent {
  const { id, type, source, subject, time, data } = eventAt(number);
  const received_at = timeAt(number - (number % EVENTS_A_REQUEST) + EVENTS_A_REQUEST);
  return { source, id, type, subject, time, received_at, data };
}

const timeAt = (number: number): string => formatTime(Date.UTC(2026, 0, 1) + number * 250);

/** Creates and activates the campaigns. */
export async function addCampaigns(db: Database): Promise<void> {
  const actor = { type: "operator", id: null, requestId: null } as const;
  for (let i = 0; i < CAMPAIGNS; i++) {
    const rule = {
      and: [
        { field: "type", operator: "equals", value: TYPES[i % TYPES.length] ?? "" },
        {
          field: "data.country",
          operator: "equals",
          value: COUNTRIES[Math.floor(i / TYPES.length) % COUNTRIES.length] ?? "",
        },
        { field: "data.channel", operator: "equals", value: i < CAMPAIGNS / 2 ? "web" : "store" },
        { field: "data.amount", operator: "at_least", value: AMOUNT_MAX / 5 },
      ],
    } as const;
    const input = { name: `Campaign ${i}`, description: null, rule, starts_at: null, ends_at: null };
    const id = uuidv7();
    await createCampaign(db, id, input, actor);
    await transitionCampaign(db, id, "activate", undefined, actor);
  }
}
