/** The documents on operating, the dashboard and the alerts name the metrics and log lines that exist, and no others. */
import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CATALOGUE, METRIC_PREFIX, type Metric } from "../../src/telemetry/catalogue.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const alerts = read("ops/monitoring/alerts.yml");

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly datasource: { uid: string };
  }[];
}
const dashboard = JSON.parse(read("ops/monitoring/grafana-dashboard.json")) as {
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { name: string; type: string; query: string }[] };
};

/** Names and bodies of the rules; expressions may run over lines. */
const rules = alerts
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((rule) => ({
    name: rule.slice(0, rule.indexOf("\n")),
    expr: (/^ {8}expr:([\s\S]*?)^ {8}(?:for|labels):/m.exec(rule)?.[1] ?? "").replace(/\s+/g, " ").trim(),
    rule,
  }));

const metrics = new Map<string, readonly string[]>(
  Object.entries<Metric>(CATALOGUE).flatMap(([name, { type, labels }]) =>
    type === "histogram"
      ? [
          [`${METRIC_PREFIX}${name}_bucket`, [...labels, "le"]],
          [`${METRIC_PREFIX}${name}_sum`, labels],
          [`${METRIC_PREFIX}${name}_count`, labels],
        ]
      : [[`${METRIC_PREFIX}${name}`, labels]],
  ),
);

/** What an expression says that no metric has: names, labels that it selects, and labels that it groups by. */
function faultsOf(expr: string): string[] {
  const used = [...expr.matchAll(/campaign_manager_[a-z_]+/g)].map(([name]) => name);
  const selected = [...expr.matchAll(/(campaign_manager_[a-z_]+)\{([^}]*)\}/g)].flatMap(
    ([, name = "", matchers = ""]) =>
      [...matchers.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => ({ name, label })),
  );
  const known = new Set(used.flatMap((name) => metrics.get(name) ?? []));
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
    list.split(",").map((l) => l.trim()),
  );
  return [
    ...(used.length === 0 ? ["no metric at all"] : []),
    ...used.filter((name) => !metrics.has(name)),
    ...selected
      .filter(({ name, label }) => !metrics.get(name)?.includes(label))
      .map(({ name, label }) => `${name}{${label}}`),
    ...grouped.filter((label) => !known.has(label)).map((label) => `by (${label})`),
  ];
}

test("faults are found in expressions that have some", () => {
  expect(faultsOf("rate(campaign_manager_no_such_total[5m])")).toEqual(["campaign_manager_no_such_total"]);
  expect(faultsOf('campaign_manager_dead_letters_open{reason="x"}')).toEqual([
    "campaign_manager_dead_letters_open{reason}",
  ]);
  expect(faultsOf("sum by (route) (campaign_manager_matches_total)")).toEqual(["by (route)"]);
  expect(faultsOf("up")).toEqual(["no metric at all"]);
});

describe("the metrics that are documented", () => {
  const [, section = ""] = read("docs/operations/metrics.md").split(
    "\n| name | type | labels | trust | what it means |\n",
  );
  const rows = [
    ...(section.split("\n\n")[0] ?? "").matchAll(/^\| `(\w+)` \| (\w+) \| (.*) \| (.*) \| (.*) \|$/gm),
  ];
  const TRUST = { transaction: "exact", isolate: "approximate", state: "as it is now" } as const;

  test("are those that there are, as they are", () => {
    expect(rows.map(([, ...row]) => row)).toEqual(
      Object.entries<Metric>(CATALOGUE).map(([name, { type, labels, from, help }]) => [
        ...[name, type],
        labels.map((label) => `\`${label}\``).join(", ") || "–",
        ...[TRUST[from], help],
      ]),
    );
  });
});

describe("the dashboard", () => {
  test("is one that Grafana reads", () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36);
    expect(dashboard.templating.list).toEqual([
      expect.objectContaining({ name: "datasource", type: "datasource", query: "prometheus" }),
    ]);
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { type, gridPos, datasource, targets } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      if (type === "row") continue;
      expect(datasource?.uid).toBe(`\${datasource}`);
      expect(targets?.length).toBeGreaterThan(0);
      expect(new Set(targets?.map(({ refId }) => refId)).size).toBe(targets?.length);
    }
    const overlap = panels.flatMap((a) => panels.filter((b) => a.id < b.id && meet(a.gridPos, b.gridPos)));
    expect(overlap).toEqual([]);
  });

  const meet = (a: Panel["gridPos"], b: Panel["gridPos"]) =>
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

  test.each(
    dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
  )("%s: %s", (_, expr) => expect(faultsOf(expr)).toEqual([]));

  test("shows every metric", () => {
    const all = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join("\n");
    const missing = Object.keys(CATALOGUE).filter(
      (name) => !new RegExp(`${METRIC_PREFIX}${name}\\b|${METRIC_PREFIX}${name}_bucket`).test(all),
    );
    expect(missing).toEqual([]);
  });
});

describe("the alerts", () => {
  test.each(rules.map(({ name, expr, rule }) => [name, expr, rule] as const))(
    "%s: %s",
    (name, expr, rule) => {
      expect(faultsOf(expr)).toEqual([]);
      expect(rule).toMatch(/severity: (page|ticket) \}/);
      expect(rule).toContain(`runbook: docs/operations/runbooks.md#${name.toLowerCase()}\n`);
    },
  );

  test("have a runbook each, in the same order, and no runbook is without its alert", () => {
    const runbooks = [...read("docs/operations/runbooks.md").matchAll(/^## (\w+)\n\n(\S.{40,})/gm)];
    expect(runbooks.map(([, name]) => name)).toEqual(rules.map(({ name }) => name));
  });
});

test("every line that is logged is documented, and no other", () => {
  const sources = globSync("src/**/*.ts", { cwd: new URL("../../", import.meta.url).pathname })
    .map(read)
    .join("\n");
  const logged = [
    ...sources.matchAll(/\blog\(\s*"(?:info|warn|error)",\s*"(\w+)"/g),
    ...sources.matchAll(/\battempt\("(\w+)"/g),
  ].map(([, message]) => message);
  const [, section = ""] = read("docs/operations/logs.md").split("\n| message | level | from | when |\n");
  const rows = [...(section.split("\n\n")[0] ?? "").matchAll(/^\| (`[^|]*`) \|/gm)];
  const documented = rows.flatMap(([, names = ""]) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(documented.toSorted()).toEqual([...new Set(logged)].toSorted());
});
