/** Users of another system as a CSV file (RFC 4180): `username,role,hash`. */
import { CsvError, parse } from "csv-parse/sync";
import { isPasswordHash } from "../../src/auth/passwords.ts";
import { isRole, ROLES, type Role } from "../../src/auth/roles.ts";
import { prepareUsername, USERNAME_PROBLEMS } from "../../src/auth/usernames.ts";
import { USERS_IMPORT_ROWS_MAX } from "../../src/limits.ts";

export interface ImportedUser {
  /** Where in the file, from 1. */
  readonly line: number;
  readonly username: string;
  readonly role: Role;
  readonly passwordHash: string;
}

/** `problems` read `line 3: …` and hold nothing of a hash. */
export type ParsedUsers =
  | { readonly ok: true; readonly users: readonly ImportedUser[] }
  | { readonly ok: false; readonly problems: readonly string[] };

const HEADER = "username,role,hash";

/** Every user of the file, or everything that is wrong with it. Nothing is read after a malformed line. */
export function parseUsers(text: string): ParsedUsers {
  const records = recordsOf(text);
  const [header, ...rest] = records;
  if (header?.fields?.join() !== HEADER) return { ok: false, problems: [`line 1: must be ${HEADER}`] };
  if (rest.length === 0) return { ok: false, problems: ["line 2: there is no user"] };
  if (rest.length > USERS_IMPORT_ROWS_MAX) {
    return { ok: false, problems: [`there are ${rest.length} users, more than ${USERS_IMPORT_ROWS_MAX}`] };
  }
  const lineOf = new Map<string, number>();
  const users: ImportedUser[] = [];
  const problems: string[] = [];
  for (const { line, fields } of rest) {
    const user = userOf(fields);
    if (typeof user === "string") {
      problems.push(`line ${line}: ${user}`);
      continue;
    }
    const name = user.username.toLowerCase();
    const first = lineOf.get(name);
    if (first !== undefined) problems.push(`line ${line}: the username is that of line ${first}`);
    lineOf.set(name, first ?? line);
    users.push({ line, ...user });
  }
  return problems.length === 0 ? { ok: true, users } : { ok: false, problems };
}

function userOf(fields: readonly string[] | undefined): Omit<ImportedUser, "line"> | string {
  if (fields === undefined) return "has a quotation mark that is not closed, or in the middle of a field";
  const [name = "", role = "", passwordHash = "", ...more] = fields;
  if (fields.length < 3) return `has ${fields.length} fields, not 3`;
  if (more.length > 0) return `has ${fields.length} fields, not 3: quote a hash that holds commas`;
  const prepared = prepareUsername(name);
  if (!prepared.ok) return `has a username that ${USERNAME_PROBLEMS[prepared.problem]}`;
  if (!isRole(role)) return `has a role that is none of ${ROLES.join(", ")}`;
  if (passwordHash.startsWith("$2y$")) return "has a $2y$ hash: it is the same as $2b$, write it so";
  if (!isPasswordHash(passwordHash))
    return "has a hash that is neither bcrypt ($2a$, $2b$) nor argon2id (PHC)";
  return { username: prepared.username, role, passwordHash };
}

interface Record {
  /** On which it begins. */
  readonly line: number;
  /** Undefined when it is malformed. */
  readonly fields: readonly string[] | undefined;
}

/** The records up to the first that is malformed; empty lines are none. */
function recordsOf(text: string): Record[] {
  const records: Record[] = [];
  let line = 1;
  try {
    // It counts "\r\n" within a field as two lines.
    parse(text.replaceAll("\r\n", "\n"), {
      bom: true,
      record_delimiter: "\n",
      relax_column_count: true, // the number of fields is checked with what is in them
      on_record: (fields: string[], { lines }) => {
        if (fields.length > 1 || fields[0] !== "") records.push({ line, fields });
        line = lines + 1; // `lines` is the one on which the record ends
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    records.push({ line, fields: undefined });
  }
  return records;
}
