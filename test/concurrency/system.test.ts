import { expect, test } from "vitest";
import { activeCampaign } from "../support/campaigns.ts";
import { describeWithPostgres } from "../support/database.ts";
import { recorded } from "../support/recorded.ts";
import { eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

describeWithPostgres("both Workers on a real Postgres", () => {
  const system = useSystem({ real: true });

  test("every event that overlapping requests bring is decided once, while a campaign comes and goes", async () => {
    const token = await system.login("admin");
    const rule = { field: "data.n", operator: "at_least", value: 500 } as const;
    const [stays, goes] = [await activeCampaign(system.db, { rule }), await activeCampaign(system.db)];
    const post = (from: number, to: number) =>
      system.call("POST", "/v1/events", {
        token,
        json: Array.from({ length: to - from }, (_, n) => ({
          id: String(from + n),
          type: "purchase",
          time: "2026-11-21T10:00:00Z",
          data: { n: from + n, text: "x".repeat(400) },
        })),
      });
    const answers = await Promise.all([post(0, 600), post(300, 900), post(500, 1_000), post(0, 100)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    const paused = await system.call("POST", `/v1/campaigns/${goes.id}/pause`, { token });
    expect(paused.status).toBe(200);
    expect((await post(1_000, 1_100)).status).toBe(202);

    const { events, matches, conflicts, deadLetters } = await eventually(
      async () => {
        const found = await recorded(system.database);
        return found.events.length >= 1_100 ? found : undefined;
      },
      { what: "all events are processed" },
    );
    expect(new Set(events.map(({ id }) => id)).size).toBe(1_100);
    expect([conflicts, deadLetters]).toEqual([[], []]);
    const matched = (id: string) =>
      matches.filter(({ campaign_id }) => campaign_id === id).map(({ event_id }) => Number(event_id));
    expect(matched(stays.id).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 600 }, (_, n) => 500 + n),
    );
    // Accepted after the pause was answered: it must not match any of them.
    expect(matched(goes.id).filter((n) => n >= 1_000)).toEqual([]);
  });
});
