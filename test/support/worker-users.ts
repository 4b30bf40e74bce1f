import { randomUUID } from "node:crypto";
import { type NeonQueryFunction, neon } from "@neondatabase/serverless";
import { runOnServer } from "../../dev/postgres-server.ts";
import { startNeonEndpoint } from "../../ops/database/neon-endpoint/endpoint.ts";
import { openPostgres } from "../../ops/database/neon-endpoint/postgres.ts";
import { type ROLES, workerUserStatements } from "../../ops/database/worker-users.ts";
import type { TestDatabase } from "./database.ts";
import { databaseUrlOf } from "./endpoint-address.ts";

export interface WorkerUser {
  readonly url: string;
  /** Posts SQL as this user. */
  readonly endpointUrl: string;
  readonly sql: NeonQueryFunction<false, false>;
}

export interface WorkerUsers {
  readonly api: WorkerUser;
  readonly consumer: WorkerUser;
  close(): Promise<void>;
  /** Users belong to the server: they outlive the database unless they are dropped, after it. */
  drop(): Promise<void>;
}

/** Login users as docs/security/database-roles.md has an operator create them, one a Worker, on a real Postgres. */
export async function openWorkerUsers({ postgresUrl }: TestDatabase): Promise<WorkerUsers> {
  if (postgresUrl === undefined) throw new Error("roles need a real Postgres");
  const open = async (worker: keyof typeof ROLES) => {
    const name = `test_${worker}_${randomUUID().replaceAll("-", "")}`;
    const password = randomUUID();
    for (const statement of workerUserStatements(worker, name, password)) {
      await runOnServer(postgresUrl, statement);
    }
    const url = new URL(postgresUrl);
    url.username = name;
    url.password = password;
    const backend = await openPostgres(url.href);
    const endpoint = await startNeonEndpoint({ backend });
    const endpointAddress = databaseUrlOf(endpoint.url);
    const sql = neon(endpointAddress);
    return { name, backend, endpoint, url: endpointAddress, endpointUrl: endpoint.url, sql };
  };
  const [api, consumer] = await Promise.all([open("api"), open("consumer")]);
  return {
    api,
    consumer,
    close: async () => {
      for (const { endpoint, backend } of [api, consumer]) {
        await endpoint.close();
        await backend.close();
      }
    },
    drop: async () => {
      const server = new URL(postgresUrl);
      server.pathname = "postgres";
      for (const { name } of [api, consumer]) await runOnServer(server.href, `DROP ROLE ${name}`);
    },
  };
}
