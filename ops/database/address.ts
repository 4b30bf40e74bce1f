/** What the address of a database says, before anything is asked of the database. */
import { databaseUrlProblem } from "../../src/config.ts";
import { CannotRun } from "../command.ts";

/**
 * The `DATABASE_URL` of this process.
 * @throws CannotRun when it is not set
 */
export function givenDatabaseUrl(): string {
  const databaseUrl = process.env["DATABASE_URL"];
  if (databaseUrl) return databaseUrl;
  throw new CannotRun("DATABASE_URL is not set: it names the database, postgres://user:password@host/name.");
}

/**
 * The `DATABASE_URL` of a command.
 * @throws CannotRun when it does not name a user, a host (or a socket's folder) and a database; the message does not
 *   show it, since it holds a password
 */
export function parseDatabaseUrl(text: string): URL {
  const problem = databaseUrlProblem(text, { fromQuery: true });
  if (problem === undefined) return new URL(text);
  throw new CannotRun(`DATABASE_URL ${problem}: it must be postgres://user:password@host/database.`);
}

export const isNeon = (hostname: string): boolean => hostname.endsWith(".neon.tech");

/** A socket's folder in `?host=` leaves the host name empty. */
export const isThisMachine = (hostname: string): boolean =>
  ["", "localhost", "127.0.0.1", "[::1]"].includes(hostname);

/**
 * Neon's pooled host lends a connection for one transaction at a time: a lock of the session would stay with whoever is
 * lent that connection next.
 * @throws CannotRun for a pooled host, with the name of the direct one
 */
export function requireDirectHost({ hostname }: URL): void {
  const direct = hostname.replace(/^([^.]+)-pooler\./, "$1.");
  if (direct === hostname) return;
  throw new CannotRun(
    `DATABASE_URL names Neon's pooled host, which cannot hold the lock of a migration. Use the direct one: ${direct}`,
  );
}
