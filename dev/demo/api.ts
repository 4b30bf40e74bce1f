/** The product's HTTP API, as the demo calls it. */

export interface Campaign {
  readonly id: string;
  readonly name: string;
}

export interface Match {
  readonly campaign_id: string;
  readonly event_id: string;
  readonly source: string;
  readonly matched_at: string;
}

export interface StoredEvent {
  readonly id: string;
  readonly source: string;
  readonly received_at: string;
  readonly processed_at: string;
  readonly matches: readonly { readonly campaign_id: string }[];
}

interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

const PAGE_ROWS = 100;

/** Calls that carry one bearer token, or none. Each rejects, with what the API said, on an answer it did not expect. */
export interface Api {
  post<T>(path: string, body?: unknown): Promise<T>;
  get<T>(path: string): Promise<T>;
  /** Undefined where there is nothing (404). */
  find<T>(path: string): Promise<T | undefined>;
  /** Changes a resource, with the ETag of its present state. */
  patch(path: string, changes: unknown): Promise<void>;
  delete(path: string): Promise<void>;
  /** The items of a list, page by page: all of them, or those of the first `pagesMax` pages. */
  list<T>(path: string, query: Record<string, string>, pagesMax?: number): Promise<T[]>;
}

export function apiAt(url: string, token: string): Api {
  const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  const api: Api = {
    post: async (path, body) => answerOf(await call("POST", path, body)),
    get: async (path) => answerOf(await call("GET", path)),
    find: async (path) => {
      const response = await call("GET", path);
      if (response.status !== 404) return answerOf(response);
      await response.body?.cancel();
      return undefined;
    },
    patch: async (path, changes) => {
      const current = await call("GET", path);
      await answerOf(current);
      const etag = current.headers.get("ETag") ?? "";
      await answerOf(await call("PATCH", path, changes, { "If-Match": etag }));
    },
    delete: async (path) => {
      await answerOf(await call("DELETE", path));
    },
    list: async <T>(path: string, query: Record<string, string>, pagesMax = Number.POSITIVE_INFINITY) => {
      const items: T[] = [];
      let cursor: string | null = "";
      for (let pages = 0; cursor !== null && pages < pagesMax; pages++) {
        const parameters = new URLSearchParams({
          ...query,
          limit: String(PAGE_ROWS),
          ...(cursor && { cursor }),
        });
        const page: Page<T> = await api.get(`${path}?${parameters}`);
        items.push(...page.data);
        cursor = page.next_cursor;
      }
      return items;
    },
  };
  return api;
}

/** A token for a user, by the OAuth 2.0 password grant. */
export async function logIn(url: string, username: string, password: string): Promise<string> {
  const response = await fetch(`${url}/v1/auth/token`, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "password", username, password }),
  });
  const { access_token } = await answerOf<{ access_token: string }>(response);
  return access_token;
}

async function answerOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${new URL(response.url).pathname} answered ${response.status}: ${text.slice(0, 1_000)}`);
  }
  return (text === "" ? undefined : JSON.parse(text)) as T;
}
