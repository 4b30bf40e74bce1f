import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";

/** A server that a token names (`jku`, `x5u`) and that nobody may ask. */
export interface Bait {
  readonly url: string;
  /** Fails when somebody asked, and proves that it would have been noticed. */
  expectUntouched(): Promise<void>;
  close(): Promise<void>;
}

export async function openBait(): Promise<Bait> {
  let fetches = 0;
  const server = createServer((_, response) => {
    fetches++;
    response.end(JSON.stringify({ keys: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async expectUntouched() {
      expect(fetches).toBe(0);
      await fetch(`${url}/jwks.json`);
      expect(fetches).toBe(1);
      fetches = 0;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
