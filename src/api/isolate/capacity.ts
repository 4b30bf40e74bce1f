import { type Bulkhead, createBulkhead } from "../../bulkhead.ts";
import { HttpProblem } from "../../errors.ts";
import {
  AUTHENTICATIONS_MAX,
  BODY_BYTES_MAX,
  DATABASE_HOLD_MS_MAX,
  DATABASE_REQUESTS_MAX,
  INGESTION_BYTES_MAX,
  INGESTION_BYTES_MIN,
  INGESTION_HOLD_MS_MAX,
  LOGIN_QUERIES_MAX,
  OVERLOAD_RETRY_SECONDS,
} from "../../limits.ts";

/** How much one isolate has taken on of what it may run out of under overload. */
export interface IsolateCapacity {
  /** Requests that wait for the database. One that hangs holds each for ten seconds. */
  readonly database: Bulkhead;
  /** Callers of `POST /v1/events` of whom the database is asked. */
  readonly authentications: Bulkhead;
  /** Queries of logins. However many log in, nobody else waits for them. */
  readonly logins: Bulkhead;
  /** Bytes of the bodies of `POST /v1/events` that are being read, checked and sent. */
  readonly ingestion: Bulkhead;
}

export const createIsolateCapacity = (): IsolateCapacity => ({
  database: createBulkhead({ max: DATABASE_REQUESTS_MAX, holdMs: DATABASE_HOLD_MS_MAX }),
  authentications: createBulkhead({ max: AUTHENTICATIONS_MAX, holdMs: DATABASE_HOLD_MS_MAX }),
  logins: createBulkhead({ max: LOGIN_QUERIES_MAX, holdMs: DATABASE_HOLD_MS_MAX }),
  ingestion: createBulkhead({ max: INGESTION_BYTES_MAX, holdMs: INGESTION_HOLD_MS_MAX }),
});

/**
 * The bytes that a body is counted as before it is read: its Content-Length, or the most that a body may have. A body
 * that is too large is counted as the maximum here, and refused when it is read.
 */
export function bytesToReserve(contentLength: string | undefined): number {
  const bytes =
    contentLength !== undefined && /^\d+$/.test(contentLength) ? Number(contentLength) : BODY_BYTES_MAX;
  return Math.min(Math.max(bytes, INGESTION_BYTES_MIN), BODY_BYTES_MAX);
}

/**
 * Does `work` while holding `amount` of `bulkhead`.
 * @throws HttpProblem `overloaded` at once, with Retry-After, when there is no room for it
 */
export async function withReservation<Result>(
  bulkhead: Bulkhead,
  amount: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const release = bulkhead.reserve(amount, Date.now());
  if (release === undefined) {
    throw new HttpProblem("overloaded", { headers: { "Retry-After": String(OVERLOAD_RETRY_SECONDS) } });
  }
  try {
    return await work();
  } finally {
    release();
  }
}
