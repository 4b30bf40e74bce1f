/** Reads an exported audit. */
import { readFile } from "node:fs/promises";
import type { JWK } from "jose";
import * as z from "zod";
import type { AuditEntry } from "../../src/audit/record.ts";
import { CannotRun } from "../command.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string().nullable();

const entry = z.object({
  seq: z.int().min(1),
  id: z.string(),
  at: z.iso.datetime(),
  actor_type: z.string(),
  actor_id: text,
  actor_address: text,
  action: z.string(),
  target_type: z.string(),
  target_id: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  request_id: text,
  prev_hash: hash,
  hash,
});
const entryPage = z.object({ data: z.array(entry) });
const checkpoint = z.object({ seq: z.number(), signature: z.string() });
const checkpointLine = z.union([
  z.object({ data: z.array(checkpoint), witness: checkpoint.nullish() }),
  checkpoint,
]);
const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) });

/**
 * Entries of a file with one of them a line, or one page of `GET /v1/audit` a line.
 * @throws CannotRun when it cannot be read, or a line is neither
 */
export async function readEntries(path: string): Promise<AuditEntry[]> {
  const lines = await readLines(path, z.union([entryPage, entry]));
  return lines.flatMap((line) => ("data" in line ? line.data : [line]));
}

/** A checkpoint before its signature is verified: it says which row it is of, and may be wrong. */
export interface Claim {
  readonly seq: number;
  readonly signature: string;
}

/** Checkpoints as the database had them, and as they were kept outside of it. */
export interface Claims {
  readonly inside: readonly Claim[];
  readonly outside: readonly Claim[];
}

/**
 * The checkpoints of a file of `GET /v1/audit/checkpoints`, one of them or one page a line.
 * @throws CannotRun when it cannot be read, or a line is neither
 */
export async function readCheckpoints(path: string): Promise<Claims> {
  const lines = await readLines(path, checkpointLine);
  return {
    inside: lines.flatMap((line) => ("data" in line ? line.data : [line])),
    outside: lines.flatMap((line) => ("data" in line ? (line.witness ?? []) : [])),
  };
}

/**
 * Those of a file that was kept outside the database: of a page of the API, only the one that it names as `witness`.
 * @throws CannotRun when it cannot be read, or a line is neither a checkpoint nor a page of them
 */
export async function readWitness(path: string): Promise<readonly Claim[]> {
  const lines = await readLines(path, checkpointLine);
  return lines.flatMap((line) => ("data" in line ? (line.witness ?? []) : [line]));
}

/**
 * Public keys of a JWKS file, or of an address such as https://api.example.com/.well-known/jwks.json.
 * @throws CannotRun when there is no JWKS
 */
export async function readJwks(place: string): Promise<JWK[]> {
  try {
    const found = /^https?:/.test(place) ? await (await fetch(place)).text() : await readFile(place, "utf8");
    return jwks.parse(JSON.parse(found)).keys;
  } catch (error) {
    throw new CannotRun(`${place} is not a JWKS that can be read: ${(error as Error).message}`);
  }
}

/** @throws CannotRun when the file cannot be read, or a line is not as `line` says */
async function readLines<Schema extends z.ZodType>(path: string, line: Schema): Promise<z.output<Schema>[]> {
  const content = await readFile(path, "utf8").catch((error: Error) => {
    throw new CannotRun(`${path} cannot be read: ${error.message}`);
  });
  return content.split("\n").flatMap((text, index) => {
    if (text.trim() === "") return [];
    try {
      return [line.parse(JSON.parse(text))];
    } catch {
      throw new CannotRun(`${path}, line ${index + 1}: is neither an entry nor a page of them.`);
    }
  });
}
