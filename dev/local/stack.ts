/** The whole product on this machine: both Workers, the queue between them, a database, somebody to sign in. */

import { CannotRun } from "../../ops/command.ts";
import { migratePostgres } from "../../ops/database/migrations.ts";
import { OPENER } from "../../ops/database/neon-endpoint/request.ts";
import {
  addressOf,
  type OpenedDatabase,
  openAt,
  openEmbedded,
  openThrough,
} from "../../ops/database/open.ts";
import { ROLES } from "../../ops/database/worker-users.ts";
import { randomPassword } from "../../ops/users/operator.ts";
import { generateSigningKey } from "../../src/auth/keys.ts";
import { ensureAdmin } from "./admin.ts";
import { type DataDir, openDataDir } from "./data-dir.ts";
import { freePort, isFree } from "./port.ts";
import { mayTakeRoles } from "./roles.ts";
import type { LocalWorker } from "./worker-configs.ts";
import { startWorkers, type Workers } from "./workers.ts";

export interface LocalOptions {
  /** Of the API, on this machine only. */
  readonly port: number;
  /** Without it, an embedded Postgres in the data folder. */
  readonly databaseUrl?: string | undefined;
  /** Keeps the embedded database, the signing key and the admin's password between runs. */
  readonly dataDir: string;
  /** Empties the data folder first; never touches the database that `databaseUrl` names. */
  readonly fresh: boolean;
  /** Without a password, the one of the last run with this data folder, or else a random one. */
  readonly admin: { readonly username: string; readonly password?: string | undefined };
  /** A cron expression in the place of the Workers' own, with seconds if wanted. */
  readonly cron?: string | undefined;
  /** What the Workers have to say, line by line. */
  readonly onLine: (line: string) => void;
  /** Gives up starting. */
  readonly signal?: AbortSignal | undefined;
}

export interface LocalStack {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly url: string;
  readonly database: OpenedDatabase["kind"];
  /** Whether each Worker has the rights of its own database role, as in production, or those of `databaseUrl`'s user. */
  readonly ownRoles: boolean;
  readonly admin: { readonly username: string; readonly password: string };
  /** Resolves when the Workers ended, asked or not. */
  readonly ended: Promise<unknown>;
  /** Stops all that was started, newest first. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts everything and resolves once the API answers and the admin can sign in. When it rejects, nothing is
 * left running.
 * @throws CannotRun for what the user can repair: a port that is taken, a database that does not answer
 */
export async function startLocal(options: LocalOptions): Promise<LocalStack> {
  const { port, databaseUrl, admin, onLine } = options;
  if (!(await isFree(port))) {
    throw new CannotRun(`Port ${port} is taken. Stop what listens there, or set PORT to another one.`);
  }
  const dataDir = openDataDir(options.dataDir, { fresh: options.fresh });
  const endpointPort = await freePort();
  const password = admin.password ?? dataDir.read("admin-password") ?? randomPassword();

  const giveUp = new AbortController();
  options.signal?.addEventListener("abort", () => giveUp.abort(), { once: true });
  if (options.signal?.aborted) giveUp.abort();
  const { signal } = giveUp;

  let workers: Workers | undefined;
  let database: OpenedDatabase | undefined;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      await workers?.stop(); // first: what they are doing still needs the database
      await database?.close();
      dataDir.release();
    })();
    return stopped;
  };

  const openDatabase = async () => {
    if (databaseUrl === undefined) {
      database = await openEmbedded(dataDir.path("postgres"), endpointPort);
    } else {
      await migratePostgres(databaseUrl);
      signal.throwIfAborted();
      database = await openAt(databaseUrl, endpointPort);
    }
    signal.throwIfAborted();
    return database;
  };

  const prepareAdmin = async (opening: Promise<OpenedDatabase>) => {
    const opened = await opening;
    await ensureAdmin(openThrough(opened), { ...admin, password, mayChange: opened.isLocal });
    dataDir.write("admin-password", password);
    return opened.kind;
  };

  const prepareWorkers = async (opening: Promise<OpenedDatabase>) => {
    // An embedded database has the roles: the Workers need not wait for it.
    const ownRoles = databaseUrl === undefined || (await mayTakeRoles(await opening));
    signal.throwIfAborted();
    const addressFor = (worker: LocalWorker) => {
      const { url, fetchEndpoint = "" } = addressOf(
        databaseUrl,
        endpointPort,
        ownRoles ? ROLES[worker] : OPENER,
      );
      // A URL means the same with it, and a single quote cannot be handed over.
      return { DATABASE_URL: url.replaceAll("'", "%27"), NEON_FETCH_ENDPOINT: fetchEndpoint };
    };
    const values = {
      api: {
        ...addressFor("api"),
        JWT_SIGNING_KEY: await signingKeyOf(dataDir),
        ALLOW_HTTP: "loopback",
      },
      consumer: addressFor("consumer"),
    };
    const stateDir = dataDir.path("workers");
    workers = await startWorkers({ port, stateDir, values, cron: options.cron, onLine }, signal);
    return { ...workers, ownRoles };
  };

  const opening = openDatabase();
  const starting = [prepareAdmin(opening), prepareWorkers(opening)] as const;
  try {
    const [kind, { url, ended, ownRoles }] = await Promise.all(starting);
    const { username } = admin;
    return { url, database: kind, ownRoles, admin: { username, password }, ended, stop };
  } catch (error) {
    giveUp.abort();
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
}

/** The same key in every run, so that a token outlives a restart. */
async function signingKeyOf(dataDir: DataDir): Promise<string> {
  const kept = dataDir.read("signing-key.pem");
  if (kept !== undefined) return kept;
  const { pem } = await generateSigningKey();
  dataDir.write("signing-key.pem", pem);
  return pem;
}
