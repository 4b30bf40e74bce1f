import { readFileSync } from "node:fs";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { describe, expect, test } from "vitest";
import { unstable_readConfig as readConfig } from "wrangler";
import { parseConsumerConfig } from "../../src/config.ts";
import { ERASE_BATCH_ROWS, ERASE_STATEMENTS_MAX, ERASURE_RETENTION_DAYS } from "../../src/limits.ts";
import * as schema from "../../src/storage/core/schema.ts";

const text = readFileSync(new URL("../../docs/security/privacy.md", import.meta.url), "utf8");
const tables = Object.values(schema)
  .filter((value) => value instanceof PgTable)
  .map((table) => getTableConfig(table));

/** The sections of the inventory, by table. */
const sections = new Map(
  (text.split(/^## Tables$/m)[1] ?? "")
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), section]),
);
const prose = (table: string) => (sections.get(table) ?? "").split("\n\n|")[0]?.replaceAll(/\s+/g, " ") ?? "";

describe("the data inventory", () => {
  test("has every table, and no other", () => {
    expect([...sections.keys()].toSorted()).toEqual(tables.map(({ name }) => name).toSorted());
  });

  test.each(tables.map(({ name, columns }) => [name, columns] as const))(
    "%s: every column",
    (name, columns) => {
      const rows = [...(sections.get(name) ?? "").matchAll(/^\| `(\w+)` \| (\S.*) \|$/gm)].map(
        ([, column]) => column,
      );
      expect(rows.toSorted()).toEqual(columns.map((column) => column.name).toSorted());
    },
  );

  test.each(tables.map(({ name }) => name))("%s: how long it is kept", (name) => {
    expect(prose(name)).toMatch(/[Dd]eleted|[Gg]oes with|Kept|kept|[Ff]orgotten|never changed|Nobody's data/);
  });
});

describe("what it says of time", () => {
  const parsed = parseConsumerConfig({ DATABASE_URL: "postgres://user@host/name" });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const { retention } = parsed.config;

  test.each([
    ["events", retention.events, "RETENTION_EVENTS_DAYS"],
    ["dead_letters", retention.deadLetters, "RETENTION_DEAD_LETTERS_DAYS"],
    ["sessions", retention.sessions, "RETENTION_SESSIONS_DAYS"],
  ])("%s: the default, also set in wrangler.consumer.toml", (name, days, binding) => {
    expect(prose(name)).toContain(`Deleted ${days} days after`);
    expect(prose(name)).toContain(`\`${binding}\``);
    expect(readConfig({ config: "wrangler.consumer.toml" }).vars[binding]).toBe(String(days));
  });

  test("erasures, and how much one request erases", () => {
    expect(prose("erasures")).toContain(`Deleted after ${ERASURE_RETENTION_DAYS} days`);
    expect(text).toContain(
      `more than ${(ERASE_BATCH_ROWS * ERASE_STATEMENTS_MAX).toLocaleString("en")} events`,
    );
  });
});

test.each(["wrangler.toml", "wrangler.consumer.toml"])("%s: Cloudflare logs no URL for us", (config) => {
  expect(readConfig({ config }).observability).toMatchObject({
    enabled: true,
    logs: { invocation_logs: false },
  });
});
