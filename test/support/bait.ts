import { expect } from "vitest";
import { startHttpServer } from "../../dev/http-server.ts";

/** A server that a token names (`jku`, `x5u`) and that nobody may ask. */
export interface Bait {
  readonly url: string;
  /** Fails when somebody asked, and proves that it would have been noticed. */
  expectUntouched(): Promise<void>;
  close(): Promise<void>;
}

export async function openBait(): Promise<Bait> {
  let fetches = 0;
  const { url, close } = await startHttpServer(async (_, response) => {
    fetches++;
    response.end(JSON.stringify({ keys: [] }));
  });
  return {
    url,
    async expectUntouched() {
      expect(fetches).toBe(0);
      await fetch(`${url}/jwks.json`);
      expect(fetches).toBe(1);
      fetches = 0;
    },
    close,
  };
}
