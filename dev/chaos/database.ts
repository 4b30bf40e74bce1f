/** A database made for one run. Triggers of the harness record in it what the product's tables do not keep. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import { migratePostgres } from "../../ops/database/migrations.ts";
import { type OpenedDatabase, openAt, openEmbedded, openThrough } from "../../ops/database/open.ts";
import type { AcceptedEvent } from "../../src/messages.ts";
import type { Database } from "../../src/storage/core/client.ts";
import { createDatabase } from "../postgres-server.ts";
import type { ActiveSetChange, DeadLetterRow, EventRow, MatchRow, Stored } from "./history.ts";

type Sql = NeonQueryFunction<false, false>;

export interface ScratchDatabase {
  readonly kind: OpenedDatabase["kind"];
  /** `postgres://…` for the driver, and the endpoint that it posts to. */
  readonly url: string;
  readonly endpointUrl: string;
  readonly db: Database;
  readonly sql: Sql;
  drop(): Promise<void>;
}

/**
 * @param serverUrl a Postgres on which a database can be created; without one, an embedded one
 * @throws Error when the database is named by a Neon URL or cannot be migrated
 */
export async function openScratchDatabase(serverUrl: string | undefined): Promise<ScratchDatabase> {
  const { database, drop } = serverUrl === undefined ? await openInFolder() : await openOnServer(serverUrl);
  try {
    const { kind, url, fetchEndpoint } = database;
    if (fetchEndpoint === undefined) throw new Error("chaos runs on a database of its own, not at Neon");
    const db = openThrough(database);
    neonConfig.fetchEndpoint = () => fetchEndpoint;
    const sql = neon(url);
    for (const statement of [...CHANGE_LOG, REFUSAL]) await sql.query(statement);
    return { kind, url, endpointUrl: fetchEndpoint, db, sql, drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function openInFolder(): Promise<{ database: OpenedDatabase; drop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "chaos-postgres-"));
  const database = await openEmbedded(folder);
  const drop = async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { database, drop };
}

async function openOnServer(
  serverUrl: string,
): Promise<{ database: OpenedDatabase; drop: () => Promise<void> }> {
  const { url, drop: dropOnServer } = await createDatabase(serverUrl, "chaos");
  try {
    await migratePostgres(url);
    const database = await openAt(url);
    const drop = async () => {
      await database.close();
      await dropOnServer();
    };
    return { database, drop };
  } catch (error) {
    await dropOnServer();
    throw error;
  }
}

/**
 * The product's own BEFORE trigger sets the epoch; this one records the change that it belongs to, in the same
 * transaction.
 */
const CHANGE_LOG = [
  "create schema chaos",
  `create table chaos.active_set_changes (
     epoch bigint not null, campaign_id uuid not null, revision int not null, version int not null,
     active boolean not null, starts_at timestamptz, ends_at timestamptz)`,
  `create function chaos.write_down() returns trigger language plpgsql security definer as $$
   begin
     if tg_op = 'INSERT' then
       if new.status <> 'active' then return null; end if;
     elsif new.epoch = old.epoch then return null;
     end if;
     insert into chaos.active_set_changes
     values (new.epoch, new.id, new.revision, new.version, new.status = 'active', new.starts_at, new.ends_at);
     return null;
   end $$`,
  `create trigger chaos_write_down after insert or update on campaigns
   for each row execute function chaos.write_down()`,
  // A letter that comes again may have another cause than at first.
  "create table chaos.letters_kept (cause text not null)",
  `create function chaos.keep_letter() returns trigger language plpgsql security definer as $$
   begin
     insert into chaos.letters_kept values (new.cause);
     return null;
   end $$`,
  `create trigger chaos_keep_letter after insert on dead_letters
   for each row execute function chaos.keep_letter()`,
];

/** Nothing that the API takes is refused by the product's own tables. */
const REFUSAL = "alter table events add constraint chaos_refuses check (not data ? 'refused')";

export async function readActiveSetChanges(sql: Sql): Promise<ActiveSetChange[]> {
  const rows = await sql.query(
    `select c.*, ${ms("starts_at")}, ${ms("ends_at")}, v.rule, v.gates from chaos.active_set_changes c
     join campaign_versions v using (campaign_id, version) order by c.epoch`,
  );
  return rows.map((row) => ({
    epoch: Number(row["epoch"]),
    campaign: row["campaign_id"],
    revision: row["revision"],
    version: row["version"],
    active: row["active"],
    rule: row["rule"],
    gates: row["gates"],
    startsAt: timeOrNull(row["starts_at"]),
    endsAt: timeOrNull(row["ends_at"]),
  }));
}

export async function readLettersKept(sql: Sql): Promise<{ readonly cause: string }[]> {
  return (await sql.query("select cause from chaos.letters_kept")) as { cause: string }[];
}

/** Milliseconds since 1970, by the database's clock. */
export async function readClock(sql: Sql): Promise<number> {
  const [row] = await sql.query("select (extract(epoch from clock_timestamp()) * 1000)::float8 as now");
  return row?.["now"];
}

const PARTS = 16; // a table is read in so many queries, each far below what one answer may hold

export async function readStored(sql: Sql): Promise<Stored> {
  const event = `source, type, subject, ${ms("time")}, ${ms("received_at")}, data`;
  const [events, conflicts, matches, deadLetters] = [
    await inParts(sql, `select id, ${event}, epoch, ${ms("processed_at")} from events where`, "id"),
    await inParts(sql, `select event_id as id, ${event} from event_conflicts where`, "event_id"),
    await inParts(
      sql,
      "select campaign_id, campaign_version, source, event_id, outcome from matches where",
      "event_id",
    ),
    await inParts(sql, "select cause, body from dead_letters where", "body"),
  ];
  return {
    events: events.map((row) => ({
      ...carried(row),
      epoch: Number(row["epoch"]),
      processed_at: time(row["processed_at"]),
    })) satisfies EventRow[],
    conflicts: conflicts.map(carried),
    matches: matches as unknown as MatchRow[],
    deadLetters: deadLetters as unknown as DeadLetterRow[],
  };
}

async function inParts(sql: Sql, query: string, column: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (let part = 0; part < PARTS; part++) {
    rows.push(...(await sql.query(`${query} hashtext(${column}) & ${PARTS - 1} = ${part}`)));
  }
  return rows;
}

function carried(row: Record<string, unknown>): AcceptedEvent {
  return {
    ...(row as unknown as AcceptedEvent),
    time: time(row["time"]),
    received_at: time(row["received_at"]),
  };
}

/** How a timestamp is read: as milliseconds since 1970, whatever the driver makes of timestamps. */
const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8 as ${column}`;
const time = (value: unknown): string => new Date(value as number).toISOString();
const timeOrNull = (value: unknown): string | null => (value === null ? null : time(value));
