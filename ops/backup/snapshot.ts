import type pg from "pg";
import { quoted } from "../database/connect.ts";
import { readMigrationHashes, readSequences, readTables, type Table } from "./catalog.ts";
import { type Row, writeLines } from "./format.ts";

const ROWS_PER_FETCH = 200; // an event is up to 64 KiB

export interface Counts {
  tables: number;
  rows: number;
}

/**
 * The text of a backup, piece by piece: all tables as they were at one moment, whoever writes meanwhile.
 * @param counts filled while the text is read
 */
export async function* snapshot(client: pg.Client, counts: Counts): AsyncGenerator<string> {
  await client.query("begin isolation level repeatable read read only");
  const { rows } = await client.query<{ at: string }>("select now()::text as at");
  const migrations = await readMigrationHashes(client);
  yield writeLines({ format: "campaign-manager-backup", version: 1, at: rows[0]?.at ?? "", migrations });
  for (const table of await readTables(client)) {
    counts.tables += 1;
    yield writeLines({ table: table.name, columns: [...table.columns] });
    for await (const rows of readRows(client, table)) {
      counts.rows += rows.length;
      yield writeLines(...rows);
    }
  }
  for (const { name, last_value } of await readSequences(client))
    yield writeLines({ sequence: name, last_value });
  await client.query("commit");
  yield writeLines({ end: { rows: counts.rows } });
}

async function* readRows(client: pg.Client, { name, columns, orderBy }: Table): AsyncGenerator<Row[]> {
  const order = orderBy.length === 0 ? "" : `order by ${orderBy.map(quoted).join(", ")}`;
  await client.query(
    `declare rows no scroll cursor for select ${columns.map(quoted).join(", ")} from ${quoted(name)} ${order}`,
  );
  for (;;) {
    const { rows } = await client.query<Row>({
      text: `fetch ${ROWS_PER_FETCH} from rows`,
      rowMode: "array",
      types: { getTypeParser: () => (text: string) => text },
    });
    if (rows.length === 0) break;
    yield rows;
  }
  await client.query("close rows");
}
