/** The local Neon endpoint before the Postgres of the first argument, in a process of its own. */
import { startNeonEndpoint } from "../../ops/database/neon-endpoint/endpoint.ts";
import { openPostgres } from "../../ops/database/neon-endpoint/postgres.ts";

const backend = await openPostgres(process.argv[2] ?? "");
const { url } = await startNeonEndpoint({ backend });
process.once("disconnect", () => process.exit());
process.send?.({ port: Number(new URL(url).port) });
