/**
 * Secrets and payloads in every place where something goes wrong with them. That none of it leaked is checked for
 * this system as for every other one of the test run: error bodies as they come, logs and audit rows at its close.
 */
import { expect, test } from "vitest";
import { askToken, newKey, newUser } from "../support/accounts.ts";
import { CANARY, expectNoLeak } from "../support/leaks.ts";
import { eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();

test("what is looked for would be found", () => {
  for (const text of [
    `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlc2lnbmF0dXJl`,
    `cm_live_${"a".repeat(43)}`,
    "-----BEGIN PRIVATE KEY-----",
    "$argon2id$v=19$m=19456",
    "postgres://user:secret@host/db",
    `{"data":"${CANARY}"}`,
    'Failed query: select "id" from "users" where "id" = $1',
  ]) {
    expect(() => expectNoLeak("here", text)).toThrow();
  }
});

test("refused logins, with the password in every field", async () => {
  const { username } = await newUser(system, "user");
  for (const fields of [
    { grant_type: "password", username, password: CANARY },
    { grant_type: "password", username: CANARY, password: CANARY },
    { grant_type: CANARY, username, password: CANARY },
    { grant_type: "client_credentials", client_id: CANARY, client_secret: CANARY },
    { grant_type: "password", username, password: CANARY, [CANARY]: CANARY },
  ]) {
    expect((await askToken(system, fields)).status).toBeGreaterThanOrEqual(400);
  }
});

test("refused tokens and keys", async () => {
  for (const token of [CANARY, `cm_live_${CANARY}`, `${btoa("{}")}.${CANARY}.${CANARY}`]) {
    expect((await system.call("GET", "/v1/auth/me", { token })).status).toBe(401);
  }
});

test("refused events, campaigns and users name the field, not its value", async () => {
  const token = await system.login("admin");
  for (const [path, json] of [
    ["/v1/events", { id: CANARY.repeat(20), type: "x" }],
    ["/v1/events", { id: "1", type: "x", time: CANARY, data: { card: `${CANARY}\0` } }],
    ["/v1/events", { id: "1", type: "x", data: [CANARY] }],
    ["/v1/campaigns", { name: `${CANARY}\0`, rule: { field: "data.x", operator: "matches", value: "(x" } }],
    ["/v1/campaigns", { name: "x", rule: { field: "time", operator: "before", value: CANARY } }],
    ["/v1/users", { username: "x", role: CANARY, password: CANARY }],
    ["/v1/rules/explain", { rule: { field: "type", operator: CANARY }, event: { id: CANARY, type: 1 } }],
  ] as const) {
    const answer = await system.call("POST", path, { token, json });
    expect(answer.status, path).toBe(422);
  }
});

test("accepted events through every failure of the database, a poisoned one among them", async () => {
  const key = await newKey(system);
  const post = (id: string) =>
    system.call("POST", "/v1/events", {
      token: key.secret,
      json: { id, type: CANARY, subject: CANARY, data: { card: CANARY } },
      headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
    });
  const fault = system.faults.fail(
    { kind: "answer", status: 400, body: JSON.stringify({ message: CANARY, code: "40001", detail: CANARY }) },
    { when: (body) => body.includes("commit_decisions"), times: 1 },
  );
  expect((await post("leak-1")).status).toBe(202);
  await fault.struck;
  const accepted = { source: CANARY, type: CANARY, subject: CANARY, time: "2026-11-21T10:00:00Z" };
  await system.enqueue({
    version: 1,
    request_id: "leaks",
    events: [
      {
        ...accepted,
        id: "poisoned",
        received_at: "2026-11-21T10:00:00Z",
        data: { card: `${CANARY}\0` },
        hash: "0".repeat(64),
      },
    ],
  });
  await system.enqueue({ version: 99, secret: CANARY });
  await eventually(
    async () => {
      const [letters] = await system.database.sql`select count(*)::int as count from dead_letters`;
      return letters?.["count"] === 2 ? true : undefined;
    },
    { what: "keeping both dead letters" },
  );
});

test("reads while the database fails with a message that holds everything", async () => {
  const token = await system.login("user");
  await system.call("GET", "/v1/events", { token });
  for (const code of ["42P01", "53300", "XX000"]) {
    const fault = system.faults.fail(
      {
        kind: "answer",
        status: 400,
        body: JSON.stringify({ message: `select ${CANARY} from events where id = 1`, code, detail: CANARY }),
      },
      // Counts and sweeps come in between at times of their own.
      { when: (body) => body.includes("from events e") },
    );
    const answer = await system.call("GET", `/v1/events?subject=${CANARY}`, { token });
    expect(fault.hits).toBe(1);
    expect(answer.status).toBe(code === "53300" ? 503 : 500);
    fault.release();
  }
});
