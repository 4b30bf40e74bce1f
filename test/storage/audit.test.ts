import { createHash } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiKey, revokeApiKey, rotateApiKey } from "../../src/storage/api-keys.ts";
import type { Actor } from "../../src/storage/audit.ts";
import { listCheckpoints, recordCheckpoint } from "../../src/storage/audit-checkpoints.ts";
import { createCampaign, transitionCampaign, updateCampaign } from "../../src/storage/campaigns.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import {
  type DeadLetterInput,
  discardDeadLetters,
  markReplayed,
  recordDeadLetters,
} from "../../src/storage/dead-letters.ts";
import { endSession, startSession } from "../../src/storage/sessions.ts";
import { changeOwnPassword, createUser, updateUser } from "../../src/storage/users.ts";
import { ANY_TYPE, draftCampaign } from "../support/campaigns.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
});
afterAll(() => database.close());

const ADMIN: Actor = { type: "user", id: "01900000-0000-7000-8000-0000000000ad", requestId: "request-1" };
const hash = (digit: string) => digit.repeat(64);

const PAYLOAD = "card 4111";
const letter = (id: string): DeadLetterInput => ({
  id,
  cause: "malformed_message",
  ...{ campaign: null, errorCode: null },
  ...{ source: null, eventId: null, type: null, subject: null, possibleSubjects: [], sender: undefined },
  body: PAYLOAD,
  bodyHash: createHash("sha256").update(id).digest("hex"),
  attempts: 1,
  firstAt: "2026-11-21T10:00:00Z",
});

/** Every mutation of the product, in an order in which each has something to change. */
function mutations() {
  const [user, session, key, campaign] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  const [discarded, replayed] = [uuidv7(), uuidv7()];
  const input = { name: "Campaign", description: null, rule: ANY_TYPE, starts_at: null, ends_at: null };
  const scopes = ["events:write" as const];
  return [
    [
      "user.create",
      user,
      () => createUser(db, { id: user, username: "ann", passwordHash: "one", role: "user" }, ADMIN),
    ],
    [
      "session.start",
      session,
      () => startSession(db, { id: session, userId: user, passwordHash: "one", seconds: 60 }, ADMIN),
    ],
    ["session.end", session, () => endSession(db, session, ADMIN)],
    ["user.update", user, () => updateUser(db, user, 1, { passwordHash: "two" }, ADMIN)],
    ["user.change_password", user, () => changeOwnPassword(db, user, "two", "three", ADMIN)],
    [
      "api_key.create",
      key,
      () =>
        createApiKey(
          db,
          { id: key, name: "shop", scopes, sources: ["shop"], expiresAt: null, secretHash: hash("a") },
          ADMIN,
        ),
    ],
    ["api_key.rotate", key, () => rotateApiKey(db, key, hash("b"), 60, ADMIN)],
    ["api_key.revoke", key, () => revokeApiKey(db, key, ADMIN)],
    ["campaign.create", campaign, () => createCampaign(db, campaign, input, ADMIN)],
    ["campaign.update", campaign, () => updateCampaign(db, campaign, 1, { name: "Renamed" }, ADMIN)],
    ["campaign.activate", campaign, () => transitionCampaign(db, campaign, "activate", undefined, ADMIN)],
    ["campaign.pause", campaign, () => transitionCampaign(db, campaign, "pause", undefined, ADMIN)],
    ["campaign.archive", campaign, () => transitionCampaign(db, campaign, "archive", undefined, ADMIN)],
    [
      "dead_letter.discard",
      discarded,
      async () => {
        await recordDeadLetters(db, [letter(discarded)]);
        await discardDeadLetters(db, { id: discarded }, "known fault", 1, ADMIN);
      },
    ],
    [
      "dead_letter.replay",
      replayed,
      async () => {
        await recordDeadLetters(db, [letter(replayed)]);
        await markReplayed(db, [{ id: replayed, attempts: 1, sent: true }], ADMIN);
      },
    ],
  ] as const;
}

const rows = async (action: string, target: string) =>
  database.sql`
    select actor_type, actor_id, request_id, before, after from audit_log
    where action = ${action} and target_id = ${target}`;

test("each mutation leaves one row that says who, what before and what after, and no secret", async () => {
  for (const [action, target, mutate] of mutations()) {
    await mutate();
    const found = await rows(action, target);
    expect([action, found]).toEqual([
      action,
      [expect.objectContaining({ actor_type: "user", actor_id: ADMIN.id, request_id: "request-1" })],
    ]);
    const [{ before, after } = {}] = found;
    expect(after).not.toBeNull();
    if (/create|start|end/.test(action)) expect(before).toBeNull();
    // Of a rotation the action says all: what changes is the secret's hash, which the audit never holds.
    else if (action !== "api_key.rotate") expect(before).not.toEqual(after);
  }
  const [kept] =
    await database.sql`select jsonb_agg(to_jsonb(a) - 'hash' - 'prev_hash')::text as all from audit_log a`;
  for (const secret of [hash("a"), hash("b"), '"one"', '"two"', PAYLOAD])
    expect(kept?.["all"]).not.toContain(secret);
});

test("a mutation whose audit row cannot be written does not happen", async () => {
  const { sql } = database;
  await sql`alter table audit_log add constraint refuses check (request_id <> 'refused') not valid`;
  const refused: Actor = { ...ADMIN, requestId: "refused" };
  const { id } = await draftCampaign(db);
  try {
    await expect(updateCampaign(db, id, 1, { name: "Renamed" }, refused)).rejects.toThrow();
    await expect(transitionCampaign(db, id, "activate", undefined, refused)).rejects.toThrow();
  } finally {
    await sql`alter table audit_log drop constraint refuses`;
  }
  expect(await sql`select name, status, revision from campaigns where id = ${id}`).toEqual([
    { name: "Campaign", status: "draft", revision: 1 },
  ]);
});

test("what changes nothing leaves no row", async () => {
  const { id } = await draftCampaign(db);
  expect(await updateCampaign(db, id, 9, { name: "Stale" }, ADMIN)).toEqual({ ok: false, reason: "stale" });
  expect(await transitionCampaign(db, id, "pause", undefined, ADMIN)).toEqual({
    ok: false,
    reason: "not_allowed",
    status: "draft",
  });
  expect(await transitionCampaign(db, uuidv7(), "pause", undefined, ADMIN)).toEqual({
    ok: false,
    reason: "not_found",
  });
  expect(await rotateApiKey(db, uuidv7(), hash("c"), 60, ADMIN)).toEqual({ ok: false, reason: "not_found" });
  await endSession(db, uuidv7(), ADMIN);
  expect(
    await database.sql`
    select action from audit_log where target_id = ${id} and action <> 'campaign.create'`,
  ).toEqual([]);
});

describe("a checkpoint", () => {
  const signed = (seq: number, hash: string) => ({ seq, hash, at: "2026-11-21T10:00:00Z", signature: "x" });
  const last = async () => {
    const [row] = await database.sql`
      select seq::int, encode(hash, 'hex') as hash from audit_log order by seq desc limit 1`;
    return row as { seq: number; hash: string };
  };

  test("over a row that the audit does not have, or has otherwise, is refused", async () => {
    await draftCampaign(db);
    const { seq, hash } = await last();
    for (const checkpoint of [
      signed(9e15, hash),
      signed(seq + 1, hash),
      signed(seq, "0".repeat(64)),
      signed(seq - 1, hash),
    ]) {
      await expect(recordCheckpoint(db, checkpoint)).rejects.toMatchObject({ code: "CM004" });
    }
    await recordCheckpoint(db, signed(seq, hash));
    expect((await listCheckpoints(db, 10, undefined)).rows).toEqual([signed(seq, hash)]);
  });

  test("stays as it was when it is kept again", async () => {
    await draftCampaign(db);
    const { seq, hash } = await last();
    await recordCheckpoint(db, signed(seq, hash));
    await recordCheckpoint(db, { ...signed(seq, hash), signature: "y" });
    const { rows } = await listCheckpoints(db, 1, undefined);
    expect(rows).toEqual([signed(seq, hash)]);
  });
});
