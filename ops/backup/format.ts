/**
 * The text of a backup, before it is compressed and sealed: one JSON value a line, so that it is written and read piece
 * by piece, and that `age`, `gunzip` and `jq` are enough to read it.
 *
 * A header, then every table followed by its rows, then the sequences, then the end with the number of rows.
 * Values are Postgres's own text, so each comes back exactly as it was.
 */
import * as z from "zod";
import { CannotRun } from "../command.ts";

const headerSchema = z.strictObject({
  format: z.literal("campaign-manager-backup"),
  version: z.literal(1),
  /** When the snapshot was taken. */
  at: z.string(),
  /** Hashes of the migrations that the database had, in order. */
  migrations: z.array(z.string()),
});
export type Header = z.infer<typeof headerSchema>;

const tableSchema = z.strictObject({ table: z.string(), columns: z.array(z.string()).min(1) });
const rowSchema = z.array(z.string().nullable());
const sequenceSchema = z.strictObject({ sequence: z.string(), last_value: z.string().nullable() });
const endSchema = z.strictObject({ end: z.strictObject({ rows: z.int() }) });

const lineSchema = z.union([rowSchema, tableSchema, sequenceSchema, endSchema, headerSchema]);
export type Line = z.infer<typeof lineSchema>;

/** The values of one row, in the order of the table's columns. */
export type Row = z.infer<typeof rowSchema>;

export const writeLines = (...lines: Line[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("");

/**
 * The lines of a text that comes in pieces.
 * @throws CannotRun when it is not that of a backup of this version
 */
export async function* readLines(text: AsyncIterable<string>): AsyncGenerator<Line> {
  let rest = "";
  for await (const piece of text) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield readLine(line);
  }
  if (rest !== "") throw notABackup();
}

/** @throws CannotRun when it is no line of a backup */
function readLine(text: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notABackup();
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) throw notABackup();
  return parsed.data;
}

export const notABackup = () =>
  new CannotRun("The file opens, but what is in it is not a backup that this version can read.");
