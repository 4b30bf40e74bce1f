/** Scripted faults between a client and its database, whatever carries the requests. */

/** What goes wrong with a request. */
export type Fault =
  /** It is answered in the database's place, and never reaches it. */
  | { readonly kind: "answer"; readonly status: number; readonly body?: string }
  /** The connection breaks before the database sees it. */
  | { readonly kind: "drop" }
  /** It waits for `release`, then goes on to the database; never released, it hangs. */
  | { readonly kind: "hold" }
  /** The database does its work at once, but the reply waits for `release`. */
  | { readonly kind: "hold-reply" }
  /** The database does its work, but the reply is lost: the connection breaks, or `status` is answered instead. */
  | { readonly kind: "lose-reply"; readonly status?: number };

export interface FaultOptions {
  /** Which requests: given the JSON body, and how many requests (from 1) came so far. Default: all. */
  readonly when?: (body: string, count: number) => boolean;
  /** How many of them. Default: every one. */
  readonly times?: number;
}

export interface ScriptedFault {
  /** How many requests it has struck: a test that expects a fault asserts that it happened. */
  readonly hits: number;
  /** Resolves when it strikes first. */
  readonly struck: Promise<void>;
  /** Lets held requests go on, and strikes no more. */
  release(): void;
}

export interface DatabaseFaults {
  /** Scripts a fault. Of several that fit a request, the first scripted strikes. */
  fail(fault: Fault, options?: FaultOptions): ScriptedFault;
  /**
   * One request: the database's reply, or what is scripted in its place; undefined when the connection breaks.
   * @param hungUp aborts when the client no longer waits
   * @param send to the database
   */
  pass(
    body: string,
    hungUp: AbortSignal,
    send: (signal?: AbortSignal) => Promise<Response>,
  ): Promise<Response | undefined>;
}

export function createDatabaseFaults(): DatabaseFaults {
  const script: ActiveFault[] = [];
  let count = 0;
  return {
    fail(fault, options) {
      const active = activate(fault, options);
      script.push(active);
      return active;
    },
    async pass(body, hungUp, send) {
      count += 1;
      const active = script.find((candidate) => candidate.fits(body, count));
      active?.strike();
      switch (active?.fault.kind) {
        case undefined:
          return send(hungUp);
        case "answer":
          return new Response(active.fault.body ?? "scripted fault", { status: active.fault.status });
        case "drop":
          return undefined;
        case "hold":
          await active.released;
          return hungUp.aborted ? undefined : send(hungUp);
        case "hold-reply": {
          const reply = await send();
          await active.released;
          return reply;
        }
        case "lose-reply": {
          await (await send()).arrayBuffer();
          const { status } = active.fault;
          return status === undefined ? undefined : new Response("scripted fault", { status });
        }
      }
    },
  };
}

interface ActiveFault extends ScriptedFault {
  readonly fault: Fault;
  readonly released: Promise<void>;
  fits(body: string, count: number): boolean;
  strike(): void;
}

function activate(
  fault: Fault,
  { when = () => true, times = Number.POSITIVE_INFINITY }: FaultOptions = {},
): ActiveFault {
  const struck = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let hits = 0;
  let remaining = times;
  return {
    fault,
    struck: struck.promise,
    released: released.promise,
    get hits() {
      return hits;
    },
    fits: (body, count) => remaining > 0 && when(body, count),
    strike() {
      hits += 1;
      remaining -= 1;
      struck.resolve();
    },
    release() {
      remaining = 0;
      released.resolve();
    },
  };
}
