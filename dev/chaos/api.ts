import type { Worker } from "./worker.ts";

/** An answer, or null when the connection broke before there was one. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
} | null;

/** An API Worker as a client sees it. */
export interface Api {
  readonly worker: Worker;
  call(method: string, path: string, options: CallOptions): Promise<Answer>;
}

export interface CallOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams;
}

const ANSWER_MS_MAX = 30_000;

export function apiOf(worker: Worker): Api {
  return {
    worker,
    async call(method, path, { token, headers = {}, body }) {
      try {
        const response = await fetch(`${await worker.url()}${path}`, {
          method,
          headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...headers },
          body: body ?? null,
          signal: AbortSignal.timeout(ANSWER_MS_MAX),
        });
        const text = await response.text();
        return {
          status: response.status,
          headers: response.headers,
          text,
          json: text.startsWith("{") ? JSON.parse(text) : undefined,
        };
      } catch {
        return null;
      }
    },
  };
}

/** A token by an OAuth 2.0 grant, or undefined when the API gives none now. */
export async function tokenFrom(
  api: Api,
  grant: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const answer = await api.call("POST", "/v1/auth/token", { body: new URLSearchParams(grant) });
  return answer?.status === 200 ? (answer.json as { access_token: string }).access_token : undefined;
}

/** Tokens for each API Worker: their clocks differ, so that one's token may not be valid yet at another. */
export interface Tokens {
  get(api: Api): Promise<string | undefined>;
  /** Forgets a token, after a 401. */
  forget(api: Api): void;
}

export function createTokens(grant: Readonly<Record<string, string>>): Tokens {
  const tokens = new Map<Api, string>();
  return {
    async get(api) {
      const known = tokens.get(api) ?? (await tokenFrom(api, grant));
      if (known !== undefined) tokens.set(api, known);
      return known;
    },
    forget: (api) => void tokens.delete(api),
  };
}
