/** The audit over HTTP, its signed checkpoints, and an export checked away from the database. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SignedCheckpoint } from "../../src/audit/end.ts";
import type { AuditEntry } from "../../src/audit/record.ts";
import { readCheckpoint } from "../../src/auth/checkpoints.ts";
import { newKey, newPerson } from "../support/accounts.ts";
import { runScript } from "../support/command.ts";
import { eventually, PASSWORD } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let admin: string;
let metricsKey: string;
beforeAll(async () => {
  admin = await system.login("admin");
  metricsKey = (await newKey(system, { name: "prometheus", scopes: ["metrics:read"] })).secret;
});

const list = async (query = ""): Promise<AuditEntry[]> => {
  const { status, json } = await system.call("GET", `/v1/audit${query}`, { token: admin });
  expect(status).toBe(200);
  return json.data;
};
const runCron = () => system.harness.getWorker("campaign-manager-api").scheduled({ cron: "*/10 * * * *" });
const checkpointPage = async () =>
  (await system.call("GET", "/v1/audit/checkpoints", { token: admin })).json as {
    readonly data: SignedCheckpoint[];
    readonly witness: SignedCheckpoint | null;
  };
const checkpoints = async () => (await checkpointPage()).data;

/** As somebody who owns the tables can. */
async function tamper(...statements: string[]): Promise<void> {
  const { sql } = system.database;
  const tables = ["audit_log", "audit_checkpoints"];
  await sql.transaction([
    ...tables.map((table) => sql.query(`alter table ${table} disable trigger user`)),
    ...statements.map((statement) => sql.query(statement)),
    ...tables.map((table) => sql.query(`alter table ${table} enable trigger user`)),
  ]);
}

/** The bucket in which the last checkpoint lies, for those who hold the Cloudflare account. */
const bucket = async () =>
  (await system.harness.getWorker<{ CHECKPOINTS: R2Bucket }>("campaign-manager-api").getEnv()).CHECKPOINTS;

/** Runs the cron and answers what it says of the audit. */
async function cronSays(): Promise<Record<string, unknown>[]> {
  system.harness.clearLogs();
  await runCron();
  return system.harness
    .getLogs()
    .filter(({ message }) => message.includes('"audit_'))
    .map(({ message }) => JSON.parse(message));
}

/** The reasons for which `GET /metrics` calls the audit broken, in its order. */
async function brokenBy(): Promise<string[]> {
  const { text } = await system.call("GET", "/metrics", { token: metricsKey });
  const found = [...text.matchAll(/^campaign_manager_audit_broken\{reason="(\w+)"\} ([01])$/gm)];
  expect(found).toHaveLength(4);
  return found.flatMap(([, reason = "", value]) => (value === "1" ? [reason] : []));
}

describe("GET /v1/audit", () => {
  test("tells who did what to what, in which request and from which network", async () => {
    const created = await system.call("POST", "/v1/users", {
      token: admin,
      json: { username: "ada", password: PASSWORD, role: "user" },
      headers: { "CF-Connecting-IP": "203.0.113.77", "X-Request-Id": "the-request" },
    });
    const [entry] = await list(`?target=user/${created.json.id}`);
    const me = (await system.call("GET", "/v1/auth/me", { token: admin })).json;
    expect(entry).toMatchObject({
      actor_type: "user",
      actor_id: me.id,
      actor_address: "203.0.113.0/24",
      action: "user.create",
      target_type: "user",
      target_id: created.json.id,
      before: null,
      after: { username: "ada", role: "user", disabled: false },
      request_id: "the-request",
    });
  });

  test.each([
    ["2001:db8:aaaa:bbbb:cccc::1", "2001:db8:aaaa::/48"],
    ["::ffff:198.51.100.9", "198.51.100.0/24"],
    ["not an address", null],
    ["203.0.113.77, 198.51.100.1", null],
  ])("of the address %s keeps %s", async (address, prefix) => {
    const created = await system.call("POST", "/v1/api-keys", {
      token: admin,
      json: { name: `shop at ${address}`, scopes: ["events:write"] },
      headers: { "CF-Connecting-IP": address, "X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.1" },
    });
    const [entry] = await list(`?target=api_key/${created.json.id}`);
    expect(entry?.actor_address).toBe(prefix);
    expect(JSON.stringify(await list())).not.toContain("192.0.2");
  });

  test("holds no password, secret or hash of one", async () => {
    const user = await newPerson(system, "user");
    const found = await system.call("GET", `/v1/users/${user.id}`, { token: admin });
    await system.call("PATCH", `/v1/users/${user.id}`, {
      token: admin,
      json: { password: "a canary in a coal mine" },
      headers: { "If-Match": found.headers.get("ETag") ?? "" },
    });
    const key = await newKey(system);
    const rotated = await system.call("POST", `/v1/api-keys/${key.id}/rotate`, { token: admin });
    const rows = JSON.stringify(await system.database.sql`select * from audit_log`);
    const secrets = await system.database.sql`
      select password_hash as secret from users
      union all select encode(secret_hash, 'hex') from api_keys
      union all select encode(previous_secret_hash, 'hex') from api_keys where previous_secret_hash is not null`;
    for (const secret of [
      ...secrets.map((row) => String(row["secret"])),
      "a canary in a coal mine",
      key.secret,
      rotated.json.client_secret,
      user.token,
    ]) {
      expect(rows).not.toContain(secret);
    }
  });

  test("filters by actor, action, target and time", async () => {
    const all = await list("?limit=100");
    const me = (await system.call("GET", "/v1/auth/me", { token: admin })).json;
    const by = (keep: (entry: AuditEntry) => boolean) => all.filter(keep).map(({ seq }) => seq);
    const found = async (query: string) => (await list(`?limit=100&${query}`)).map(({ seq }) => seq);
    const middle = all[Math.floor(all.length / 2)]?.at ?? "";

    expect(await found(`actor=${me.id}`)).toEqual(by(({ actor_id }) => actor_id === me.id));
    expect(await found("actor=operator")).toEqual(by(({ actor_type }) => actor_type === "operator"));
    expect(await found("action=user.create")).toEqual(by(({ action }) => action === "user.create"));
    expect(await found("target=api_key")).toEqual(by(({ target_type }) => target_type === "api_key"));
    expect(await found(`from=${middle}`)).toEqual(by(({ at }) => Date.parse(at) >= Date.parse(middle)));
    expect(await found(`to=${middle}`)).toEqual(by(({ at }) => Date.parse(at) < Date.parse(middle)));
    expect(await found("action=user.create&actor=nobody")).toEqual([]);
    for (const query of ["actor=operator", "action=user.create", "target=api_key"]) {
      expect((await found(query)).length, query).toBeGreaterThan(0);
    }
  });

  test("pages without a gap while rows are added", async () => {
    const expected = (await list("?limit=100")).map(({ seq }) => seq);
    const seen: number[] = [];
    let cursor = "";
    do {
      const { json } = await system.call("GET", `/v1/audit?limit=3${cursor}`, { token: admin });
      seen.push(...json.data.map(({ seq }: AuditEntry) => seq));
      cursor = json.next_cursor === null ? "" : `&cursor=${json.next_cursor}`;
      if (seen.length === 3) await newKey(system);
    } while (cursor !== "");
    expect(seen).toEqual(expected);
  });

  test("ends a page early where its rows are large", async () => {
    await system.database.sql`
      insert into audit_log (id, actor_type, action, target_type, target_id, after)
      select gen_random_uuid(), 'operator', 'large', 'large', n::text,
             jsonb_build_object('text', repeat('x', 3 * 1024 * 1024))
      from generate_series(1, 4) n`;
    const first = await system.call("GET", "/v1/audit?action=large", { token: admin });
    expect(first.json.data).toHaveLength(2);
    const second = await system.call("GET", `/v1/audit?action=large&cursor=${first.json.next_cursor}`, {
      token: admin,
    });
    expect(second.json.data).toHaveLength(2);
    expect(second.json.next_cursor).toBeNull();
  });
});

describe("a checkpoint", () => {
  test("is signed over the audit's end, once for every end, and logged", async () => {
    system.harness.clearLogs();
    await runCron();
    await runCron();
    const [end] = await list("?limit=1");
    const [latest, ...others] = await checkpoints();
    expect(latest).toMatchObject({ seq: end?.seq, hash: end?.hash });
    expect(others.map(({ seq }: { seq: number }) => seq)).not.toContain(end?.seq);
    const logged = system.harness.getLogs().filter(({ message }) => message.includes("audit_checkpoint"));
    expect(logged.map(({ message }) => JSON.parse(message))).toEqual([
      { level: "info", message: "audit_checkpoint", audit_seq: end?.seq, audit_hash: end?.hash },
    ]);

    const jwks = (await system.call("GET", "/.well-known/jwks.json")).json.keys;
    expect(await readCheckpoint(jwks, latest?.signature ?? "")).toEqual({
      ok: true,
      checkpoint: { seq: latest?.seq, hash: latest?.hash, at: latest?.at },
    });
  });

  test("is kept outside the database too, the last one", async () => {
    await newKey(system);
    await runCron();
    const { data, witness } = await checkpointPage();
    expect(witness).toEqual(data[0]);
    const object = await (await bucket()).get("last-checkpoint.json");
    expect(await object?.json()).toEqual(witness);
  });

  test("is never taken for a token, nor a token for a checkpoint", async () => {
    await newKey(system);
    await runCron();
    const [checkpoint] = await checkpoints();
    expect((await system.call("GET", "/v1/auth/me", { token: checkpoint?.signature })).status).toBe(401);
    const jwks = (await system.call("GET", "/.well-known/jwks.json")).json.keys;
    expect(await readCheckpoint(jwks, admin)).toEqual({ ok: false, reason: "invalid" });
    await eventually(async () => {
      const rows = await system.database.sql`select 1 from metric_counters where labels like '%token_type%'`;
      return rows[0];
    });
  });
});

describe("npm run audit:verify", () => {
  let folder: string;
  let entries: AuditEntry[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "audit-"));
    for (let n = 0; n < 5; n++) await newKey(system);
    await runCron();
    entries = [];
    let cursor = "";
    const pages: string[] = [];
    do {
      const { text, json } = await system.call("GET", `/v1/audit?limit=7${cursor}`, { token: admin });
      pages.push(text);
      entries.push(...json.data);
      cursor = json.next_cursor === null ? "" : `&cursor=${json.next_cursor}`;
    } while (cursor !== "");
    await writeFile(join(folder, "pages"), pages.join("\n"));
    const { text } = await system.call("GET", "/v1/audit/checkpoints?limit=100", { token: admin });
    await writeFile(join(folder, "checkpoints"), text);
    await writeFile(join(folder, "jwks"), (await system.call("GET", "/.well-known/jwks.json")).text);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const verify = (file: string, ...more: string[]) =>
    runScript("ops/audit/verify.ts", [join(folder, file), ...more]);
  const vouched = () => ["--checkpoints", join(folder, "checkpoints"), "--jwks", join(folder, "jwks")];
  const write = (name: string, lines: readonly AuditEntry[]) =>
    writeFile(join(folder, name), lines.map((line) => JSON.stringify(line)).join("\n"));

  test("finds an export intact", async () => {
    const { ok, output } = await verify("pages", ...vouched());
    expect(output).toContain(`rows 1 to ${entries.length} are as they were written`);
    expect(output).toContain(`the last over row ${entries.length}`);
    expect(ok).toBe(true);
  });

  test("names what was edited, removed, reordered and cut off", async () => {
    const [last, ...rest] = entries as [AuditEntry, ...AuditEntry[]];
    const end = last.seq;
    await write(
      "edited",
      entries.map((entry) => (entry.seq === 2 ? { ...entry, actor_id: "mallory" } : entry)),
    );
    await write(
      "removed",
      entries.filter(({ seq }) => seq !== 2),
    );
    await write("reordered", [...rest.slice(0, 1), last, ...rest.slice(1)]);
    await write("cut", rest);
    for (const [file, said] of [
      ["edited", "edited: row 2 is not what was written"],
      ["removed", "removed: row 2 is missing"],
      ["reordered", `reordered: row ${end - 1} stands after row ${end}`],
      ["cut", `truncated: a checkpoint was signed over row ${end}, but the audit ends with row ${end - 1}`],
    ] as const) {
      const { ok, output } = await verify(file, ...vouched());
      expect(output, file).toContain(said);
      expect(output, file).toContain("Problems: 1");
      expect(ok, file).toBe(false);
    }
  });

  test("believes no checkpoint whose signature does not hold, or whose key it was not given", async () => {
    const [first] = await checkpoints();
    if (first === undefined) throw new Error("no checkpoint");
    const [head, , tail] = first.signature.split(".");
    const body = Buffer.from(JSON.stringify({ ...first, seq: 999 })).toString("base64url");
    await writeFile(
      join(folder, "forged"),
      JSON.stringify({ ...first, signature: `${head}.${body}.${tail}` }),
    );
    await writeFile(join(folder, "no-keys"), '{"keys": [{"kty": "RSA", "kid": "another"}]}');
    const forged = await verify(
      "pages",
      "--checkpoints",
      join(folder, "forged"),
      "--jwks",
      join(folder, "jwks"),
    );
    expect(forged).toMatchObject({
      ok: false,
      output: expect.stringMatching(/the checkpoint over row \d+ is forged/),
    });
    const unknown = await verify(
      "pages",
      ...["--checkpoints", join(folder, "checkpoints"), "--jwks", join(folder, "no-keys")],
    );
    expect(unknown).toMatchObject({ ok: false, output: expect.stringContaining("a key that no --jwks has") });
  });

  test("refuses what is no export, naming the line", async () => {
    await writeFile(join(folder, "bad"), `${JSON.stringify(entries[0])}\n{"seq": 1}\n`);
    expect(await verify("bad")).toMatchObject({ ok: false, output: expect.stringContaining("bad, line 2") });
  });

  test("does not take what lies in the database for a witness of where its rows end", async () => {
    const { data } = await checkpointPage();
    await writeFile(join(folder, "inside"), data.map((line) => JSON.stringify(line)).join("\n"));
    const keys = ["--jwks", join(folder, "jwks")];
    const alone = await verify("pages", "--checkpoints", join(folder, "inside"), ...keys);
    expect(alone).toMatchObject({
      ok: false,
      output: expect.stringContaining("✗ no_witness: nothing outside"),
    });
    expect(alone.output).toContain("Problems: 1");

    const object = await (await bucket()).get("last-checkpoint.json");
    await writeFile(join(folder, "witness"), (await object?.text()) ?? "");
    const both = await verify(
      "pages",
      ...["--checkpoints", join(folder, "inside"), "--witness", join(folder, "witness"), ...keys],
    );
    expect(both).toMatchObject({ ok: true, output: expect.stringContaining("outside the database: row") });
    expect(await verify("pages", "--witness", join(folder, "witness"))).toMatchObject({
      ok: false,
      output: expect.stringContaining("--witness goes with --jwks"),
    });
  });

  test("finds the end cut off although the database's checkpoints of it are gone", async () => {
    const [end, ...rest] = entries as [AuditEntry, ...AuditEntry[]];
    const { data, witness } = await checkpointPage();
    expect(witness?.seq).toBe(end.seq);
    await write("cut-clean", rest);
    await writeFile(join(folder, "fewer"), JSON.stringify({ data: data.slice(1), witness }));
    const { ok, output } = await verify(
      "cut-clean",
      ...["--checkpoints", join(folder, "fewer"), "--jwks", join(folder, "jwks")],
    );
    expect(output).toContain(`✗ truncated: a checkpoint was signed over row ${end.seq}`);
    expect(ok).toBe(false);
  });
});

describe("an audit that somebody who owns the database has changed", () => {
  test("is signed on beside a forged checkpoint, which is told until it is removed", async () => {
    await runCron();
    expect(await brokenBy()).toEqual([]);
    const forged = "9000000000000000000";
    await tamper(`insert into audit_checkpoints values (${forged}, sha256('x'), now(), 'forged')`);
    await newKey(system);
    const [end] = await list("?limit=1");
    const told = {
      level: "error",
      message: "audit_broken",
      reason: "checkpoint_forged",
      audit_seq: end?.seq,
    };
    const signed = { level: "info", message: "audit_checkpoint", audit_seq: end?.seq, audit_hash: end?.hash };
    expect(await cronSays()).toEqual([told, signed]);
    expect(await brokenBy()).toEqual(["checkpoint_forged"]);
    expect((await checkpointPage()).witness?.seq).toBe(end?.seq);
    expect(await cronSays()).toEqual([told]);

    await tamper(`delete from audit_checkpoints where seq = ${forged}`);
    expect(await brokenBy()).toEqual([]);
    expect(await cronSays()).toEqual([]);
  });

  test("has its end cut off together with its checkpoints: told by the cron and the metrics, and not signed over", async () => {
    await newKey(system);
    await runCron();
    const { witness } = await checkpointPage();
    await tamper(
      `delete from audit_log where seq >= ${witness?.seq}`,
      `delete from audit_checkpoints where seq >= ${witness?.seq}`,
    );
    const before = await checkpoints();
    expect(await cronSays()).toEqual([
      expect.objectContaining({ message: "audit_broken", reason: "row_missing" }),
      expect.objectContaining({ message: "audit_broken", reason: "checkpoint_removed" }),
    ]);
    expect(await brokenBy()).toEqual(["checkpoint_removed", "row_missing"]);
    expect(await checkpointPage()).toMatchObject({ data: before, witness });

    // Written on, the row is there again, and another.
    await newKey(system);
    expect(await brokenBy()).toEqual(["checkpoint_removed", "row_differs"]);
    await runCron();
    expect(await checkpointPage()).toMatchObject({ data: before, witness });
  });

  test("is signed again once an operator has put the witness away", async () => {
    await (await bucket()).delete("last-checkpoint.json");
    const [end] = await list("?limit=1");
    expect(await cronSays()).toEqual([
      expect.objectContaining({ message: "audit_checkpoint", audit_seq: end?.seq }),
    ]);
    expect(await brokenBy()).toEqual([]);
    const { data, witness } = await checkpointPage();
    expect(data[0]).toEqual(witness);
  });

  test("loses the row of a checkpoint that is still there: not covered up by the next one", async () => {
    await tamper("delete from audit_log where seq = (select max(seq) from audit_checkpoints)");
    const before = await checkpointPage();
    await newKey(system);
    const said = await cronSays();
    expect(said).not.toEqual([]);
    expect(said).toEqual(said.map(() => expect.objectContaining({ message: "audit_broken" })));
    expect(await checkpointPage()).toEqual(before);
  });
});
