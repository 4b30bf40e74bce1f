import buildWorkers from "../../test/support/build-workers.ts";
import { openApi } from "../../test/support/contract.ts";
import { type System, startSystem } from "../../test/support/system.ts";
import { type FuzzRequest, fuzzRequests, type OpenApi } from "./requests.ts";
import { type Population, populate } from "./system.ts";

export interface FuzzRun {
  readonly requests: number;
  /** How often each status answered each operation: `METHOD /path`, then status. */
  readonly statuses: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly failures: readonly FuzzFailure[];
}

export interface FuzzFailure {
  readonly request: FuzzRequest;
  readonly reason: string;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly requests: number;
  /** The number of the first request: any part of a run can be repeated. */
  readonly first?: number;
  /** How many requests are under way at once. */
  readonly concurrency?: number;
  progress?(done: number): void;
}

const CONCURRENCY = 24;
const FAILURES_MAX = 50;
/** An isolate hashes three passwords at once and answers 503 to those who wait too long, which is no failure here. */
const HASHES = /POST \/v1\/auth\/token|(POST|PATCH) \/v1\/users/;
const PROGRESS_EVERY = 1_000;
/** What `fetch` says of a connection that broke. */
const UNANSWERED = "fetch failed";

/**
 * Sends the requests through the real Workers, several at a time, and holds every answer to the contract.
 * @param options.real on the server of TEST_DATABASE_URL instead of the embedded database
 */
export async function fuzz(options: FuzzOptions & { readonly real: boolean }): Promise<FuzzRun> {
  await buildWorkers();
  const system = await startSystem({ real: options.real });
  try {
    return await fuzzSystem(system, await populate(system), options);
  } finally {
    await system.close();
  }
}

/** The same on a system that is already populated. Its logs and audit are checked for leaks when it is closed. */
export async function fuzzSystem(
  system: System,
  population: Population,
  { seed, requests, first = 1, concurrency = CONCURRENCY, progress }: FuzzOptions,
): Promise<FuzzRun> {
  const make = fuzzRequests(openApi as unknown as OpenApi, seed, population.existing);
  const statuses = new Map<string, Map<number, number>>();
  const failures: FuzzFailure[] = [];
  const oneByOne = turns();
  let next = first;
  let done = 0;

  const sendNext = async (): Promise<void> => {
    while (next < first + requests && failures.length < FAILURES_MAX) {
      const request = make(next++);
      const attempt = () => sendOne(system, population, request);
      const outcome = await (HASHES.test(request.operation) ? oneByOne(attempt) : attempt());
      if (outcome.failure !== undefined) failures.push({ request, reason: outcome.failure });
      if (outcome.status !== undefined) {
        const counts = statuses.get(request.operation) ?? new Map<number, number>();
        counts.set(outcome.status, (counts.get(outcome.status) ?? 0) + 1);
        statuses.set(request.operation, counts);
      }
      done += 1;
      if (done % PROGRESS_EVERY === 0) progress?.(done);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sendNext));
  return { requests: done, statuses, failures };
}

async function sendOne(
  system: System,
  population: Population,
  { method, path, headers, body, caller }: FuzzRequest,
): Promise<Outcome> {
  const send = () =>
    outcomeOf(() =>
      system.call(method, path, {
        token: population.tokenOf(caller),
        headers,
        ...(body === undefined ? {} : { body }),
      }),
    );
  const first = await send();
  // A kept-alive connection may be closed just as a request is written to it. A request that breaks a Worker fails
  // again.
  const outcome = first.failure === UNANSWERED ? await send() : first;
  if (outcome.status === 204 && path.startsWith("/v1/auth/logout")) await population.renew(caller);
  return outcome;
}

export interface Outcome {
  /** Absent when the answer was refused, or none came. */
  readonly status?: number;
  readonly failure?: string;
}

/**
 * What became of a request. `send` rejects when the answer breaks the contract or leaks. Any 5xx is a failure: the
 * document describes them, but no request may cause one while the system is well, not even the 503 of `/health/ready`.
 */
export async function outcomeOf(send: () => Promise<{ readonly status: number }>): Promise<Outcome> {
  try {
    const { status } = await send();
    return { status, ...(status >= 500 ? { failure: `answered ${status}` } : {}) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs what it is given one after the other. */
function turns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
