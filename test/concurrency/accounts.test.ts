import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApiKey, revokeApiKey, rotateApiKey, useApiKey } from "../../src/storage/api-keys.ts";
import { transitionCampaign, updateCampaign } from "../../src/storage/campaigns.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { createUser, updateUser } from "../../src/storage/users.ts";
import { draftCampaign, OPERATOR } from "../support/campaigns.ts";
import { describeWithPostgres, openTestDatabase, type TestDatabase } from "../support/database.ts";
import { PATIENCE_MS } from "../support/patience.ts";

/** How often a race is run: each time all start at once, on connections of their own. */
const ROUNDS = 10;

describeWithPostgres("changes by several people at once", () => {
  let database: TestDatabase;
  let db: Database;

  beforeAll(async () => {
    database = await openTestDatabase({ real: true });
    db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  });
  afterAll(() => database.close());

  const newUser = (username: string, role: "admin" | "user") =>
    createUser(db, { id: uuidv7(), username, passwordHash: "hash", role }, OPERATOR);
  const audited = async (action: string, id: string) =>
    Number(
      (
        await database.sql`
          select count(*) as n from audit_log where action = ${action} and target_id = ${id}`
      )[0]?.["n"],
    );
  type Outcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };
  const newKey = (id: string, secretHash: string) => ({
    id,
    name: id,
    scopes: ["events:write" as const],
    sources: [id],
    expiresAt: null,
    secretHash,
  });
  const count = (outcomes: readonly Outcome[], expected: string) =>
    outcomes.filter((found) => (found.ok ? "ok" : found.reason) === expected).length;
  const hash = (n: number) => n.toString(16).padStart(64, "0");
  const rounds = Array.from({ length: ROUNDS }, (_, n) => n);

  test("two admins who demote or disable each other: one remains", async () => {
    const created = [await newUser("first", "admin"), await newUser("second", "admin")];
    const admins = created.map((made) => {
      if (!made.ok) throw new Error(made.reason);
      return made.user;
    });
    for (const round of rounds) {
      const changes = round % 2 === 0 ? ({ role: "user" } as const) : { disabled: true };
      const outcomes = await Promise.all(
        admins.map(({ id, revision }) => updateUser(db, id, revision, changes, OPERATOR)),
      );
      expect([count(outcomes, "ok"), count(outcomes, "last_admin")]).toEqual([1, 1]);
      for (const [n, admin] of admins.entries()) {
        if (!outcomes[n]?.ok) continue;
        const restore = { role: "admin", disabled: false } as const;
        const restored = await updateUser(db, admin.id, admin.revision + 1, restore, OPERATOR);
        if (!restored.ok) throw new Error(restored.reason);
        admins[n] = restored.user;
      }
    }
  });

  test("a username, letter case ignored, goes to one", async () => {
    for (const round of rounds) {
      const spellings = ["bob", "Bob", "BOB", "boB"].map((name) => `${name}-${round}`);
      const outcomes = await Promise.all(spellings.map((name) => newUser(name, "user")));
      expect([count(outcomes, "ok"), count(outcomes, "username_taken")]).toEqual([1, 3]);
    }
    expect(
      await database.sql`
      select count(*)::int as users, count(distinct lower(username))::int as names,
             (select count(*)::int from audit_log where action = 'user.create' and after ->> 'role' = 'user') as audited
      from users where role = 'user'`,
    ).toEqual([{ users: ROUNDS, names: ROUNDS, audited: ROUNDS }]);
  });

  test("of changes to a campaign that name the same revision one wins, the others are stale", async () => {
    for (const round of rounds) {
      const { id, revision } = await draftCampaign(db);
      const outcomes = await Promise.all(
        [1, 2, 3, 4, 5].map((n) =>
          updateCampaign(
            db,
            id,
            revision,
            // In odd rounds the rule changes too: a new version is where two could collide.
            round % 2 === 0
              ? { name: `Name ${n}` }
              : { rule: { field: "data.n", operator: "equals", value: n } },
            OPERATOR,
          ),
        ),
      );
      expect([count(outcomes, "ok"), count(outcomes, "stale")]).toEqual([1, 4]);
      expect(await audited("campaign.update", id)).toBe(1);
      const versions = await database.sql`select version from campaign_versions where campaign_id = ${id}`;
      expect(versions).toHaveLength(round % 2 === 0 ? 1 : 2);
    }
  });

  test("the name of an API key goes to one of several that are created at once", async () => {
    for (const round of rounds) {
      const outcomes = await Promise.all(
        Array.from({ length: 4 }, (_, n) =>
          createApiKey(
            db,
            { ...newKey(uuidv7(), hash(2_000 + round * 10 + n)), name: `till ${round}` },
            OPERATOR,
          ),
        ),
      );
      expect([count(outcomes, "ok"), count(outcomes, "name_taken")]).toEqual([1, 3]);
    }
  });

  test("of transitions to the same status one happens", async () => {
    for (const _ of rounds) {
      const { id } = await draftCampaign(db);
      const outcomes = await Promise.all(
        [1, 2, 3, 4].map(() => transitionCampaign(db, id, "activate", undefined, OPERATOR)),
      );
      expect([count(outcomes, "ok"), count(outcomes, "not_allowed")]).toEqual([1, 3]);
      expect(await audited("campaign.activate", id)).toBe(1);
    }
  });

  test("an API key rotated by several: the last two secrets work, each rotation in its turn", async () => {
    for (const round of rounds) {
      const id = uuidv7();
      const secrets = Array.from({ length: 5 }, (_, n) => hash(round * 10 + n + 1));
      const [first, ...rotated] = secrets;
      if (first === undefined) throw new Error("five secrets");
      const key = newKey(id, first);
      await createApiKey(db, key, OPERATOR);
      await Promise.all(rotated.map((secretHash) => rotateApiKey(db, id, secretHash, 3_600, OPERATOR)));
      const usable = await Promise.all(secrets.map((secretHash) => useApiKey(db, secretHash)));
      expect(usable.filter((found) => found !== undefined)).toHaveLength(2);
      expect(usable[0]).toBeUndefined();
      expect(await audited("api_key.rotate", id)).toBe(rotated.length);
    }
  });

  test("an API key revoked while it is rotated works with no secret afterwards", async () => {
    for (const round of rounds) {
      const id = uuidv7();
      const [before, after] = [hash(1_000 + round * 10), hash(1_001 + round * 10)];
      const key = newKey(id, before);
      await createApiKey(db, key, OPERATOR);
      const [, revoked] = await Promise.all([
        rotateApiKey(db, id, after, 3_600, OPERATOR),
        revokeApiKey(db, id, OPERATOR),
      ]);
      expect(revoked).toMatchObject({ ok: true, key: { revoked_at: expect.any(String) } });
      expect(await useApiKey(db, before)).toBeUndefined();
      expect(await useApiKey(db, after)).toBeUndefined();
    }
  });
});
