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
const checkpoint = z.object({ signature: z.string() });
const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) });

/**
 * Entries of a file with one of them a line, or one page of `GET /v1/audit` a line.
 * @throws CannotRun when it cannot be read, or a line is neither
 */
export const readEntries = (path: string): Promise<AuditEntry[]> => readLines(path, entry);

/**
 * The signatures of a file of checkpoints, likewise.
 * @throws CannotRun likewise
 */
export async function readSignatures(path: string): Promise<string[]> {
  return (await readLines(path, checkpoint)).map(({ signature }) => signature);
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

/** @throws CannotRun when the file cannot be read, or a line is neither an item nor a page */
async function readLines<Schema extends z.ZodType>(path: string, item: Schema): Promise<z.output<Schema>[]> {
  const content = await readFile(path, "utf8").catch((error: Error) => {
    throw new CannotRun(`${path} cannot be read: ${error.message}`);
  });
  const page = z.object({ data: z.array(item) });
  return content.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      const value: unknown = JSON.parse(line);
      const isPage = typeof value === "object" && value !== null && "data" in value;
      return isPage ? page.parse(value).data : [item.parse(value)];
    } catch {
      throw new CannotRun(`${path}, line ${index + 1}: is neither an entry nor a page of them.`);
    }
  });
}
