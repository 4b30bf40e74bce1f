/** Makes an empty database on the Postgres at 127.0.0.1:5432 and prints its URL; exits 1 when none answers. */
import pg from "pg";

const server = "postgres://postgres@127.0.0.1:5432/postgres";
const name = "campaign_manager_ci";

const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 5_000 });
try {
  await client.connect();
  await client.query(`drop database if exists ${name} with (force)`);
  await client.query(`create database ${name}`);
  console.log(server.replace(/postgres$/, name));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await client.end();
}
