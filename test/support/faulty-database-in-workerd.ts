/** What `#faulty-database` is in workerd: a database on the Node.js side, with the faults in front of `fetch`. */
import { neon } from "@neondatabase/serverless";
import { inject } from "vitest";
import { openDatabase } from "../../src/storage/core/client.ts";
import { createDatabaseFaults, type DatabaseFaults } from "./database-faults.ts";
import { databaseUrlOf, useEndpointAtAddress } from "./endpoint-address.ts";
import type { FaultyDatabase } from "./faulty-database.ts";
import type { DatabaseAddress } from "./node-side.ts";
import { PATIENCE_MS } from "./patience.ts";

export async function openFaultyDatabase({ timeoutMs = PATIENCE_MS } = {}): Promise<FaultyDatabase> {
  const nodeSide = inject("nodeSide");
  const opened = await fetch(`${nodeSide}/databases`, { method: "POST" });
  if (!opened.ok) throw new Error(await opened.text());
  const { path, url, endpointUrl } = (await opened.json()) as DatabaseAddress;
  const close = async (): Promise<void> => {
    await fetch(new URL(path, nodeSide), { method: "DELETE" });
  };
  const faults = createDatabaseFaults();
  const faultyUrl = endpointUrl.replace("127.0.0.1", "faulty.test");
  faulty.set(faultyUrl, { endpointUrl, faults });
  useEndpointAtAddress();
  return {
    database: { url, endpointUrl, sql: neon(url), postgresUrl: undefined, close },
    faults,
    db: openDatabase({ url: databaseUrlOf(faultyUrl), timeoutMs }),
    async close() {
      faulty.delete(faultyUrl);
      await close();
    },
  };
}

/** Of each endpoint, by an address of no server at which `fetch` asks it, except where a fault is scripted. */
const faulty = new Map<string, { readonly endpointUrl: string; readonly faults: DatabaseFaults }>();
const direct = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const behind = faulty.get(String(input));
  if (behind === undefined) return direct(input, init);
  const hungUp = init?.signal ?? new AbortController().signal;
  const passed = behind.faults.pass(String(init?.body), hungUp, (signal) =>
    direct(behind.endpointUrl, { ...init, signal: signal ?? null }),
  );
  const reply = await Promise.race([passed, aborted(hungUp)]);
  if (reply === undefined) throw new Error("Network connection lost."); // as the runtime says it
  return reply;
};

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
