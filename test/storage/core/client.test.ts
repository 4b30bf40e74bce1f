import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { openDatabase } from "../../../src/storage/core/client.ts";
import { failureOf } from "../../../src/storage/core/failure.ts";
import { openBait } from "../../support/bait.ts";

test.each([301, 302, 303, 307, 308])(
  "a database that answers %i is not followed elsewhere with the connection string",
  async (status) => {
    const bait = await openBait();
    const server = createServer((_, response) => response.writeHead(status, { Location: bait.url }).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const db = openDatabase({
      url: "postgres://user:secret@database.example/name",
      fetchEndpoint: `http://127.0.0.1:${port}/sql`,
      timeoutMs: 5_000,
    });
    const error: unknown = await db.execute(sql`select 1`).catch((thrown: unknown) => thrown);
    expect(failureOf(error)).toMatchObject({ kind: "unavailable" });
    await bait.expectUntouched();
    server.close();
    await bait.close();
  },
);
