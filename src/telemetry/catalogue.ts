import { OUTCOMES } from "../decisions/outcome.ts";

/**
 * Every metric that `GET /metrics` shows: its name (without the prefix), what it means, its labels. The list in
 * docs/operations/metrics.md, the dashboard and the alerts are compared with this one by a test.
 *
 * `from` says how far a value can be trusted:
 * - `transaction`: counted in the transaction that does what is counted. Exact, whatever is killed, retried or lost.
 * - `isolate`: collected by an isolate and written about once a second. A killed isolate loses its last second; a
 *   write whose reply is lost may be counted twice.
 * - `state`: not counted, but read when the metrics are asked for.
 */
export interface Metric {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  readonly from: "transaction" | "isolate" | "state";
  /** Of a histogram: the upper bounds of its buckets, ascending, without +Inf. */
  readonly buckets?: readonly number[];
  /** Labels that are always shown, with 0 until something happens; a counter without labels always is. */
  readonly always?: readonly Readonly<Record<string, string>>[];
}

export const METRIC_PREFIX = "campaign_manager_";

const LATENCY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const AGE_SECONDS = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 21_600, 86_400];

const CAUSES = [
  { cause: "malformed_message" },
  { cause: "refused_by_database" },
  { cause: "retries_exhausted" },
  { cause: "too_costly" },
];

export const CATALOGUE = {
  events_accepted_total: {
    type: "counter",
    help: "Events that were answered with 202: the queue holds them.",
    labels: [],
    from: "isolate",
  },
  events_rejected_total: {
    type: "counter",
    help: "Events that were not accepted, by reason: invalid, from a source that the key may not write in, or the queue did not take them.",
    labels: ["reason"],
    from: "isolate",
    always: [{ reason: "invalid" }, { reason: "source_not_allowed" }, { reason: "queue_unavailable" }],
  },
  queue_send_failures_total: {
    type: "counter",
    help: "Attempts to put a batch of messages into the queue that failed.",
    labels: [],
    from: "isolate",
  },
  events_decided_total: {
    type: "counter",
    help: "Events whose decision was committed, each once.",
    labels: [],
    from: "transaction",
  },
  matches_total: {
    type: "counter",
    help: "Matches of an event with a campaign that were committed, by what became of them.",
    labels: ["outcome"],
    from: "transaction",
    always: OUTCOMES.map((outcome) => ({ outcome })),
  },
  event_duplicates_total: {
    type: "counter",
    help: "Copies of events that changed nothing, since the same event was decided already.",
    labels: [],
    from: "transaction",
  },
  event_conflicts_total: {
    type: "counter",
    help: "Events kept aside because their source and id were taken by other content.",
    labels: [],
    from: "transaction",
  },
  events_erased_total: {
    type: "counter",
    help: "Events dropped because their subject had been erased since they were received.",
    labels: [],
    from: "transaction",
  },
  dead_letters_total: {
    type: "counter",
    help: "Dead letters that were kept, by cause; one that comes again is not counted again.",
    labels: ["cause"],
    from: "transaction",
    always: CAUSES,
  },
  dead_letters_open: {
    type: "gauge",
    help: "Dead letters that wait for an operator, by cause; counted up to 10,000.",
    labels: ["cause"],
    from: "state",
    always: CAUSES,
  },
  dead_letter_oldest_open_age_seconds: {
    type: "gauge",
    help: "Time since the oldest open dead letter was received; 0 when there is none.",
    labels: [],
    from: "state",
  },
  queue_backlog_messages: {
    type: "gauge",
    help: "Messages in the queue that are not acknowledged. Absent while the queue does not answer.",
    labels: ["queue"],
    from: "state",
  },
  queue_backlog_bytes: {
    type: "gauge",
    help: "Bytes of the messages in the queue. Absent while the queue does not answer.",
    labels: ["queue"],
    from: "state",
  },
  queue_oldest_message_age_seconds: {
    type: "gauge",
    help: "Age of the oldest message in the queue; 0 when it is empty. Absent while the queue does not answer.",
    labels: ["queue"],
    from: "state",
  },
  consumer_batch_messages: {
    type: "histogram",
    help: "Messages decided in one transaction.",
    labels: [],
    from: "isolate",
    buckets: [1, 2, 5, 10],
  },
  consumer_batch_events: {
    type: "histogram",
    help: "Events decided in one transaction, duplicates included.",
    labels: [],
    from: "isolate",
    buckets: [1, 10, 50, 100, 250, 500, 1_000, 2_000],
  },
  consumer_decision_duration_seconds: {
    type: "histogram",
    help: "Time from taking up a batch until everything in it was decided and committed.",
    labels: [],
    from: "isolate",
    buckets: LATENCY_SECONDS,
  },
  consumer_commit_duration_seconds: {
    type: "histogram",
    help: "Time of one attempt to commit decisions, refused ones included.",
    labels: [],
    from: "isolate",
    buckets: LATENCY_SECONDS,
  },
  event_age_seconds: {
    type: "histogram",
    help: "Time from the receipt of an event until the batch it came in was committed.",
    labels: [],
    from: "isolate",
    buckets: AGE_SECONDS,
  },
  events_decided_alone_total: {
    type: "counter",
    help: "Events that took more work than one may while others wait for it, and were decided alone.",
    labels: [],
    from: "isolate",
  },
  epoch_reloads_total: {
    type: "counter",
    help: "Commits refused because a campaign had changed since the match; matched and committed again.",
    labels: [],
    from: "isolate",
  },
  messages_retried_total: {
    type: "counter",
    help: "Messages sent back to their queue, by failure: an SQLSTATE or a class of ours.",
    labels: ["queue", "failure"],
    from: "isolate",
  },
  http_requests_total: {
    type: "counter",
    help: "Requests that were answered, by method, pattern of the route and status.",
    labels: ["method", "route", "status"],
    from: "isolate",
  },
  http_request_duration_seconds: {
    type: "histogram",
    help: "Time until a request was answered, by method and pattern of the route.",
    labels: ["method", "route"],
    from: "isolate",
    buckets: LATENCY_SECONDS,
  },
  requests_shed_total: {
    type: "counter",
    help: "Requests sent away at once because an isolate had all that it can take on, by pattern of the route.",
    labels: ["route"],
    from: "isolate",
  },
  security_refusals_total: {
    type: "counter",
    help: "Requests that were refused, by kind and reason.",
    labels: ["kind", "reason"],
    from: "isolate",
  },
  anomalies_total: {
    type: "counter",
    help: "Times that the scheduled job found something out of the ordinary, by kind; again every ten minutes while it lasts.",
    labels: ["kind"],
    from: "isolate",
    always: [
      { kind: "password_spraying" },
      { kind: "forbidden_burst" },
      { kind: "made_at_odd_hours" },
      { kind: "many_exports" },
      { kind: "many_conflicts" },
      { kind: "accepted_fell" },
    ],
  },
  campaigns_active: {
    type: "gauge",
    help: "Campaigns that events are matched against.",
    labels: [],
    from: "state",
  },
  campaigns_over_limit: {
    type: "gauge",
    help: "Active campaigns whose rule takes more work than a new one may: written before there was the limit.",
    labels: [],
    from: "state",
  },
  active_set_steps: {
    type: "gauge",
    help: "Steps of work that the active campaigns add to an ordinary event, about; at most 2,000,000 for one more.",
    labels: [],
    from: "state",
  },
  campaign_epoch: {
    type: "gauge",
    help: "How often the set of active campaigns has changed; only a restored database goes back.",
    labels: [],
    from: "state",
  },
  audit_broken: {
    type: "gauge",
    help: "Whether the audit's end is not what its checkpoints say, by reason: 1 or 0. Absent while their bucket does not answer.",
    labels: ["reason"],
    from: "state",
  },
  audit_unwitnessed_age_seconds: {
    type: "gauge",
    help: "Age of the oldest audit row that no checkpoint outside the database covers; 0 when there is none. Absent likewise.",
    labels: [],
    from: "state",
  },
  database_role_too_powerful: {
    type: "gauge",
    help: "Whether the API's database user may do more than it should: 1 or 0.",
    labels: [],
    from: "state",
  },
  build_info: {
    type: "gauge",
    help: "Always 1; the label says which version of the API answers.",
    labels: ["version"],
    from: "state",
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof CATALOGUE;
type Counted = "transaction" | "isolate";

/** Metrics that are counted, of a type. */
type OfType<Type extends Metric["type"], From extends Metric["from"]> = {
  [Name in MetricName]: (typeof CATALOGUE)[Name] extends { type: Type; from: From } ? Name : never;
}[MetricName];

export type CounterName = OfType<"counter", Counted>;
export type HistogramName = OfType<"histogram", Counted>;
/** Metrics that are read when they are asked for, of any type. */
export type StateName = OfType<Metric["type"], "state">;

/** A value for each label that the catalogue names. Values are words of our own, never something that a client sent. */
export type Labels<Name extends MetricName> = {
  readonly [Label in (typeof CATALOGUE)[Name]["labels"][number]]: string;
};
