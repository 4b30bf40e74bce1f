/**
 * Every field that may reach a log. Errors are never logged as they are: a driver's error holds the connection
 * string, a query error the statement and its values.
 */
export interface LogFields {
  readonly request_id?: string;
  readonly traceparent?: string;
  readonly method?: string;
  /** The route's pattern, never the path: a path holds subjects and ids. */
  readonly route?: string;
  readonly status?: number;
  readonly duration_ms?: number;
  readonly caller?: string;
  readonly reason?: string;
  /** A class of failure: an error's name, an SQLSTATE. */
  readonly failure?: string;
  readonly problems?: readonly string[];
  readonly queue?: string;
  readonly messages?: number;
  readonly events?: number;
  readonly inserted?: number;
  readonly duplicates?: number;
  readonly conflicts?: number;
  /** Events dropped because their subject was erased after they were received. */
  readonly erased?: number;
  readonly matched?: number;
  readonly dead_letters?: number;
  /** Numbers of dead letters: open for too long, replayed and not decided yet, found decided, opened again. */
  readonly overdue?: number;
  readonly replayed?: number;
  readonly resolved?: number;
  readonly reopened?: number;
  /** How long the oldest of them, or a queue's oldest message, has waited. */
  readonly age_seconds?: number;
  /** What retention deleted: rows of a kind, in how many statements, and whether that was all. */
  readonly kind?: string;
  /** How many of what an anomaly is about. */
  readonly count?: number;
  readonly rows?: number;
  readonly matches?: number;
  readonly statements?: number;
  readonly complete?: boolean;
  readonly epoch?: number;
  readonly campaigns?: number;
  /** The campaign that took most of the work of an event that was too costly. */
  readonly campaign_id?: string;
  readonly campaign_version?: number;
  readonly bytes?: number;
  readonly attempts?: number;
  readonly delay_seconds?: number;
  readonly audit_seq?: number;
  readonly audit_hash?: string;
  /** Where an unexpected error was thrown: function names, files and lines. */
  readonly stack?: readonly string[];
}

/** One JSON line. `message` is a stable name such as `request` or `batch`. */
export function log(level: "info" | "warn" | "error", message: string, fields: LogFields): void {
  console[level](JSON.stringify({ level, message, ...fields }));
}

/** What may be logged of an unexpected error: its class and where it was thrown, never its message. */
export function describeError(error: unknown): Pick<LogFields, "failure" | "stack"> {
  if (!(error instanceof Error)) return { failure: typeof error };
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  return { failure: error.name, stack: frames.slice(0, 8).map((line) => line.trim()) };
}
