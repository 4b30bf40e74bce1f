/** Checkpoints while what they lie in fails, and what is told of them. */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type FaultyDatabase, openFaultyDatabase } from "#faulty-database";
import { readAuditSamples } from "../../../src/api/audit/inspect.ts";
import { bucketWitness, type Witness } from "../../../src/api/audit/witness.ts";
import { writeCheckpoint } from "../../../src/api/scheduled/checkpoint.ts";
import { generateSigningKey, type Keys, loadKeys } from "../../../src/auth/keys.ts";
import { RSA_BITS_MIN } from "../../../src/limits.ts";
import { listCheckpoints } from "../../../src/storage/audit-checkpoints.ts";
import { draftCampaign } from "../../support/campaigns.ts";

const NOW = Date.parse("2026-11-21T10:00:00Z");

let { database, db } = {} as FaultyDatabase;
let keys: Keys;
let logged: string[];
const newKeys = async (): Promise<Keys> => {
  const { pem } = await generateSigningKey(RSA_BITS_MIN);
  const loaded = await loadKeys({ signingKey: pem });
  if (!loaded.ok) throw new Error("a key of ours");
  return loaded.keys;
};
beforeAll(async () => {
  keys = await newKeys();
});
beforeEach(async () => {
  const opened = await openFaultyDatabase();
  ({ database, db } = opened);
  logged = [];
  for (const level of ["info", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line: string) => void logged.push(JSON.parse(line).message));
  }
  return opened.close;
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A bucket with one object, which fails while told to. */
function memoryBucket() {
  const held = { body: undefined as string | undefined, fails: false };
  const check = () => {
    if (held.fails) throw new Error("R2 is down");
  };
  const bucket = {
    async get() {
      check();
      const { body } = held;
      return body === undefined ? null : { json: async () => JSON.parse(body) };
    },
    async put(_key: string, body: string) {
      check();
      held.body = body;
    },
  };
  return { held, witness: bucketWitness(bucket as unknown as R2Bucket) };
}

const kept = async () => (await listCheckpoints(db, 10, undefined)).rows.map(({ seq }) => seq);
const outside = async (witness: Witness) => (await witness.last())?.seq;
const samples = async (witness: Witness, now = Date.now()) =>
  Object.fromEntries(
    (await readAuditSamples({ db, keys, witness }, () => now)).map(({ name, labels, value }) => [
      labels === "" ? name : `${name}{${labels}}`,
      value,
    ]),
  );
const SOUND = {
  'audit_broken{reason="row_missing"}': 0,
  'audit_broken{reason="row_differs"}': 0,
  'audit_broken{reason="checkpoint_removed"}': 0,
  'audit_broken{reason="checkpoint_forged"}': 0,
};

test("an audit that is empty has no checkpoint", async () => {
  const { witness } = memoryBucket();
  await writeCheckpoint({ db, keys, witness }, NOW);
  expect([await kept(), await outside(witness)]).toEqual([[], undefined]);
  expect(await samples(witness)).toEqual({ ...SOUND, audit_unwitnessed_age_seconds: 0 });
});

test("a checkpoint that did not get out of the database gets out with the next run", async () => {
  const { held, witness } = memoryBucket();
  await draftCampaign(db);
  const failing: Witness = { last: witness.last, keep: async () => Promise.reject(new Error("R2 is down")) };
  await expect(writeCheckpoint({ db, keys, witness: failing }, NOW)).rejects.toThrow();
  expect([await kept(), held.body]).toEqual([[1], undefined]);

  await writeCheckpoint({ db, keys, witness }, NOW);
  expect([await kept(), await outside(witness)]).toEqual([[1], 1]);
});

test("nothing is signed while what lies outside cannot be compared", async () => {
  const { held, witness } = memoryBucket();
  await draftCampaign(db);
  held.fails = true;
  await expect(writeCheckpoint({ db, keys, witness }, NOW)).rejects.toThrow();
  expect(await kept()).toEqual([]);
  expect(await samples(witness)).toEqual({});
  expect(logged).toEqual(["audit_witness_unavailable"]);

  Object.assign(held, { fails: false, body: '{"seq": 1}' });
  await expect(writeCheckpoint({ db, keys, witness }, NOW)).rejects.toThrow();
  expect(await kept()).toEqual([]);
});

test("what no checkpoint outside covers has an age", async () => {
  const { witness } = memoryBucket();
  await draftCampaign(db);
  const [row] = await database.sql`select at from audit_log`;
  const later = Number(row?.["at"]) + 90_000;
  expect((await samples(witness, later))["audit_unwitnessed_age_seconds"]).toBe(90);
  await writeCheckpoint({ db, keys, witness }, NOW);
  expect(await samples(witness, later)).toEqual({ ...SOUND, audit_unwitnessed_age_seconds: 0 });
});

test("a forged checkpoint over the very row that ends the audit does not keep ours from getting out", async () => {
  const { witness } = memoryBucket();
  await draftCampaign(db);
  await database.sql`insert into audit_checkpoints select seq, hash, at, 'forged' from audit_log`;
  await writeCheckpoint({ db, keys, witness }, NOW);
  expect([await kept(), await outside(witness)]).toEqual([[1], 1]);
  expect((await samples(witness))['audit_broken{reason="checkpoint_forged"}']).toBe(1);
});

test("a checkpoint is ours for the row that it was signed over alone", async () => {
  const { witness } = memoryBucket();
  await draftCampaign(db);
  await writeCheckpoint({ db, keys, witness }, NOW);
  await draftCampaign(db);
  await database.sql`
    insert into audit_checkpoints
    select a.seq, a.hash, c.at, c.signature from audit_log a, audit_checkpoints c where a.seq = 2`;
  expect((await samples(witness))['audit_broken{reason="checkpoint_forged"}']).toBe(1);
});

test("a key that was replaced leaves its checkpoints unbroken", async () => {
  const { witness } = memoryBucket();
  await draftCampaign(db);
  await writeCheckpoint({ db, keys: await newKeys(), witness }, NOW);
  await draftCampaign(db);
  await writeCheckpoint({ db, keys, witness }, NOW);
  expect([await kept(), await outside(witness)]).toEqual([[2, 1], 2]);
  expect(await samples(witness)).toMatchObject(SOUND);
});
