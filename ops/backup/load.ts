import type pg from "pg";
import { CannotRun } from "../command.ts";
import { quoted } from "../database/connect.ts";
import { readMigrationHashes, readSequences, readTables, type Table } from "./catalog.ts";
import { type Header, type Line, notABackup, type Row } from "./format.ts";
import type { Counts } from "./snapshot.ts";

/** Tables into which the migrations themselves write: what they hold in a fresh database. */
const SEEDED: { readonly [table: string]: string } = {
  campaign_epoch: "epoch = 0",
};

export interface Loaded extends Counts {
  /** When the backup was taken. */
  readonly at: string;
}

const PARAMETERS_PER_INSERT = 20_000; // Postgres takes 65,535
const BYTES_PER_INSERT = 4 * 1024 * 1024;

/**
 * Writes the lines of a backup into an empty database, all or nothing: everything is one transaction, committed
 * once the end was read and every constraint holds. Triggers are off meanwhile, so nothing is computed anew: the
 * audit's chain and the campaigns' epochs are those of the backup.
 * @throws CannotRun when the database is not empty or not at the backup's migrations, or the lines are no backup
 */
export async function load(client: pg.Client, lines: AsyncIterable<Line>): Promise<Loaded> {
  await client.query("begin");
  try {
    const loaded = await loadAll(client, lines);
    await client.query("commit");
    return loaded;
  } catch (error) {
    await client.query("rollback").catch(() => {}); // the connection may be what failed
    throw error;
  }
}

/** @throws CannotRun as `load` */
async function loadAll(client: pg.Client, lines: AsyncIterable<Line>): Promise<Loaded> {
  const tables = new Map((await readTables(client)).map((table) => [table.name, table]));
  if (tables.size === 0) throw differentVersion();
  const names = [...tables.keys()].map(quoted).join(", ");
  await client.query(`lock table ${names} in access exclusive mode`);
  await requireEmpty(client, [...tables.values()]);
  const restoreConstraints = await suspendConstraints(client);
  const restoreTriggers = await suspendTriggers(client);
  for (const table of Object.keys(SEEDED)) await client.query(`delete from ${quoted(table)}`);

  const counts: Counts = { tables: 0, rows: 0 };
  let header: Header | undefined;
  let insert: Insert | undefined;
  let ended = false;
  for await (const line of lines) {
    if (ended || (header === undefined) !== "format" in line) throw notABackup();
    if (Array.isArray(line)) {
      if (insert === undefined) throw notABackup();
      await insert.add(line);
      counts.rows += 1;
      continue;
    }
    await insert?.flush();
    insert = undefined;
    if ("format" in line) {
      header = line;
      await requireSameMigrations(client, header);
    } else if ("table" in line) {
      const table = tables.get(line.table);
      if (table === undefined || table.columns.join() !== line.columns.join()) throw differentVersion();
      tables.delete(line.table);
      counts.tables += 1;
      insert = insertInto(client, table);
    } else if ("sequence" in line) {
      await setSequence(client, line.sequence, line.last_value);
    } else {
      ended = line.end.rows === counts.rows;
      if (!ended) throw notABackup();
    }
  }
  if (header === undefined || !ended || tables.size > 0) throw notABackup();

  await restoreTriggers();
  await restoreConstraints(); // Postgres checks every row against them
  return { ...counts, at: header.at };
}

/** @throws CannotRun when a table holds more than the migrations wrote into it */
async function requireEmpty(client: pg.Client, tables: readonly Table[]): Promise<void> {
  for (const { name } of tables) {
    const seeded = SEEDED[name];
    const { rows } = await client.query(
      `select 1 from ${quoted(name)} where ${seeded === undefined ? "true" : `not (${seeded})`} limit 1`,
    );
    if (rows.length > 0) {
      throw new CannotRun(`The database is not empty (${name} has rows): a backup goes into an empty one.`);
    }
  }
}

/** @throws CannotRun when the database has other migrations */
async function requireSameMigrations(client: pg.Client, { migrations }: Header): Promise<void> {
  const applied = await readMigrationHashes(client);
  if (applied.join() !== migrations.join()) throw differentVersion();
}

const differentVersion = () =>
  new CannotRun(
    "The database is not at the migrations that the backup was taken with. Check out that version of the project, " +
      "run npm run db:migrate on the empty database, and restore into it.",
  );

/**
 * Takes the foreign keys away and returns what puts them back. Rows can then come table by table, although
 * campaigns and their versions refer to each other; and the owner of the tables may do it, where switching their
 * triggers off takes a superuser, which a hosted Postgres gives to nobody.
 */
async function suspendConstraints(client: pg.Client): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ table: string; name: string; definition: string }>(`
    select c.relname as table, f.conname as name, pg_get_constraintdef(f.oid) as definition
    from pg_constraint f join pg_class c on c.oid = f.conrelid
    where f.contype = 'f' and f.connamespace = 'public'::regnamespace`);
  for (const { table, name } of rows) {
    await client.query(`alter table ${quoted(table)} drop constraint ${quoted(name)}`);
  }
  return async () => {
    for (const { table, name, definition } of rows) {
      await client.query(`alter table ${quoted(table)} add constraint ${quoted(name)} ${definition}`);
    }
  };
}

/** Switches our own triggers off and returns what switches them back, each to what it was. */
async function suspendTriggers(client: pg.Client): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ table: string; name: string; enable: string }>(`
    select c.relname as table, t.tgname as name,
      case t.tgenabled when 'A' then 'enable always' when 'R' then 'enable replica' else 'enable' end as enable
    from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'public'::regnamespace and not t.tgisinternal and t.tgenabled <> 'D'`);
  for (const { table, name } of rows) {
    await client.query(`alter table ${quoted(table)} disable trigger ${quoted(name)}`);
  }
  return async () => {
    for (const { table, name, enable } of rows) {
      await client.query(`alter table ${quoted(table)} ${enable} trigger ${quoted(name)}`);
    }
  };
}

/** @throws CannotRun when the database has no such sequence */
async function setSequence(client: pg.Client, name: string, lastValue: string | null): Promise<void> {
  const known = await readSequences(client);
  if (!known.some((sequence) => sequence.name === name)) throw differentVersion();
  if (lastValue !== null) await client.query("select setval($1::regclass, $2)", [quoted(name), lastValue]);
}

interface Insert {
  /** @throws CannotRun for a row with another number of columns */
  add(row: Row): Promise<void>;
  flush(): Promise<void>;
}

/** Collects rows and writes many with one statement. */
function insertInto(client: pg.Client, { name, columns }: Table): Insert {
  const rowsMax = Math.floor(PARAMETERS_PER_INSERT / columns.length);
  const into = `insert into ${quoted(name)} (${columns.map(quoted).join(", ")}) overriding system value values `;
  let rows: Row[] = [];
  let bytes = 0;
  const flush = async () => {
    if (rows.length === 0) return;
    const places = rows.map(
      (_, row) => `(${columns.map((_, column) => `$${row * columns.length + column + 1}`).join()})`,
    );
    await client.query(into + places.join(), rows.flat());
    rows = [];
    bytes = 0;
  };
  return {
    flush,
    async add(row) {
      if (row.length !== columns.length) throw notABackup();
      rows.push(row);
      for (const value of row) bytes += value?.length ?? 0;
      if (rows.length >= rowsMax || bytes >= BYTES_PER_INSERT) await flush();
    },
  };
}
