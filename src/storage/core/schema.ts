/**
 * The tables, as the product's nouns. Migrations are generated from this file (`npm run db:generate`);
 * functions and triggers are in hand-written migrations beside the generated ones.
 *
 * Times are `timestamptz(3)`: milliseconds, so that a JavaScript Date holds every stored time exactly.
 */
import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  check,
  customType,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { OUTCOMES } from "../../decisions/outcome.ts";

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const createdAt = () => time("created_at").notNull().defaultNow();

/** SHA-256 digests; hex on the JavaScript side. */
const digest = customType<{ data: string; driverData: string }>({
  dataType: () => "bytea",
  toDriver: (hex) => `\\x${hex}`,
  fromDriver: (value) => value.slice(2),
});

/** Who sent an event: a user or an API key, by id. Null where it was accepted before this was kept, or is not known. */
const sentBy = () => ({
  senderKind: text("sender_kind", { enum: ["user", "api_key"] }),
  senderId: uuid("sender_id"),
});
const isSender = (t: { senderKind: AnyPgColumn; senderId: AnyPgColumn }) =>
  sql`(${t.senderKind} is null) = (${t.senderId} is null) and ${t.senderKind} in ('user', 'api_key')`;

export const users = pgTable(
  "users",
  {
    id: uuid("id").primaryKey(),
    username: text("username").notNull(),
    passwordHash: text("password_hash").notNull(),
    role: text("role", { enum: ["admin", "user"] }).notNull(),
    disabledAt: time("disabled_at"),
    /** Grows by one with every change; the ETag. */
    revision: integer("revision").notNull().default(1),
    createdAt: createdAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("users_username_key").on(sql`lower(${t.username})`),
    index("users_created").on(t.createdAt, t.id),
    check("users_username_length", sql`char_length(${t.username}) between 1 and 64`),
    check("users_role", sql`${t.role} in ('admin', 'user')`),
  ],
);

export const sessions = pgTable(
  "sessions",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    /** The absolute end: no refresh goes past it. */
    expiresAt: time("expires_at").notNull(),
    endedAt: time("ended_at"),
  },
  (t) => [
    index("sessions_user").on(t.userId),
    index("sessions_expires").on(t.expiresAt),
    check("sessions_expires_after_created", sql`${t.expiresAt} > ${t.createdAt}`),
  ],
);

export const apiKeys = pgTable(
  "api_keys",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    scopes: text("scopes").array().notNull(),
    /** What it may write in, or `*` alone for every source. Null in keys from before there were sources: every one. */
    sources: text("sources").array(),
    secretHash: digest("secret_hash").notNull(),
    /** After a rotation the old secret works until `previous_expires_at`. */
    previousSecretHash: digest("previous_secret_hash"),
    previousExpiresAt: time("previous_expires_at"),
    expiresAt: time("expires_at"),
    revokedAt: time("revoked_at"),
    lastUsedAt: time("last_used_at"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("api_keys_secret_hash_key").on(t.secretHash),
    uniqueIndex("api_keys_previous_secret_hash_key").on(t.previousSecretHash),
    index("api_keys_created").on(t.createdAt, t.id),
    check("api_keys_name_length", sql`char_length(${t.name}) between 1 and 255`),
    check(
      "api_keys_scopes",
      sql`cardinality(${t.scopes}) > 0 and ${t.scopes} <@ array['events:write', 'metrics:read']`,
    ),
    check(
      "api_keys_sources",
      sql`cardinality(${t.sources}) between 1 and 16 and array_position(${t.sources}, null) is null
        and ('*' <> all (${t.sources}) or cardinality(${t.sources}) = 1)`,
    ),
    check("api_keys_secret_hash_length", sql`octet_length(${t.secretHash}) = 32`),
    check("api_keys_previous", sql`(${t.previousSecretHash} is null) = (${t.previousExpiresAt} is null)`),
  ],
);

export const campaigns = pgTable(
  "campaigns",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    description: text("description"),
    status: text("status", { enum: ["draft", "active", "paused", "archived"] })
      .notNull()
      .default("draft"),
    /** The current row of campaign_versions. */
    version: integer("version").notNull().default(1),
    startsAt: time("starts_at"),
    endsAt: time("ends_at"),
    /** Grows by one with every change; the ETag. */
    revision: integer("revision").notNull().default(1),
    /**
     * The epoch that this campaign's last entry into, change in or exit from the active set began; 0 if it was
     * never active. Set by a trigger. Unique among changes, so it orders them for incremental reading.
     */
    epoch: bigint("epoch", { mode: "number" }).notNull().default(0),
    /** Steps of work (src/rules/cost) that the rule adds to an ordinary event; null until the rule is measured. */
    ordinaryEventSteps: bigint("ordinary_event_steps", { mode: "number" }),
    /** Likewise that it takes of the largest event, at most. */
    largestEventSteps: bigint("largest_event_steps", { mode: "number" }),
    /** Of the rule that was measured. An API of before 0015 changes the rule and not these. */
    measuredVersion: integer("measured_version"),
    createdAt: createdAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [
    // Both rows are written by one statement, so the circle of the two foreign keys closes at its end.
    foreignKey({
      columns: [t.id, t.version],
      foreignColumns: [campaignVersions.campaignId, campaignVersions.version],
    }),
    index("campaigns_created").on(t.createdAt, t.id),
    index("campaigns_status_created").on(t.status, t.createdAt, t.id),
    index("campaigns_epoch").on(t.epoch),
    // Of most campaigns the index of rules spares an event everything, and they are in the first of these only.
    index("campaigns_active_largest_steps").on(t.largestEventSteps).where(sql`${t.status} = 'active'`),
    index("campaigns_active_ordinary_steps")
      .on(t.ordinaryEventSteps, t.id)
      .where(sql`${t.status} = 'active' and ${t.ordinaryEventSteps} > 0`),
    index("campaigns_unmeasured").on(t.id).where(sql`${t.measuredVersion} is distinct from ${t.version}`),
    check("campaigns_name_length", sql`char_length(${t.name}) between 1 and 255`),
    check("campaigns_description_length", sql`char_length(${t.description}) <= 4096`),
    check("campaigns_status", sql`${t.status} in ('draft', 'active', 'paused', 'archived')`),
    check("campaigns_window", sql`${t.startsAt} < ${t.endsAt}`),
    check("campaigns_version", sql`${t.version} >= 1`),
  ],
);

/** One row per edit of a rule, never changed: a match names the version that decided it. */
export const campaignVersions = pgTable(
  "campaign_versions",
  {
    campaignId: uuid("campaign_id")
      .notNull()
      .references((): AnyPgColumn => campaigns.id),
    version: integer("version").notNull(),
    rule: jsonb("rule").notNull(),
    /** How the rule is to be read (rules/language/semantics.ts). What code from before this column writes is 1. */
    semantics: integer("semantics").notNull().default(1),
    /** What is asked beside the rule (decisions/gates.ts), only what is used. */
    gates: jsonb("gates").notNull().default({}),
    holdoutKey: text("holdout_key").generatedAlwaysAs(sql`gates -> 'holdout' ->> 'key'`),
    holdoutPercent: numeric("holdout_percent").generatedAlwaysAs(
      sql`(gates -> 'holdout' ->> 'percent')::numeric`,
    ),
    createdAt: createdAt(),
    createdBy: text("created_by").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.campaignId, t.version] }),
    // So that every campaign which names a holdout leaves out the same subjects.
    foreignKey({
      name: "campaign_versions_holdout",
      columns: [t.holdoutKey, t.holdoutPercent],
      foreignColumns: [holdouts.key, holdouts.percent],
    }),
    check("campaign_versions_version", sql`${t.version} >= 1`),
    check("campaign_versions_semantics", sql`${t.semantics} >= 1`),
  ],
);

/** Subjects left out of every campaign that names the key: the first that named it said how many. */
export const holdouts = pgTable(
  "holdouts",
  {
    key: text("key").primaryKey(),
    percent: numeric("percent").notNull(),
  },
  (t) => [unique("holdouts_key_percent").on(t.key, t.percent)],
);

/** One row: the number of times the active set has changed. */
export const campaignEpoch = pgTable(
  "campaign_epoch",
  {
    id: integer("id").primaryKey().default(1),
    epoch: bigint("epoch", { mode: "number" }).notNull().default(0),
  },
  (t) => [check("campaign_epoch_single", sql`${t.id} = 1`)],
);

export const events = pgTable(
  "events",
  {
    source: text("source").notNull(),
    id: text("id").notNull(),
    type: text("type").notNull(),
    subject: text("subject"),
    ...sentBy(),
    /** When it happened. */
    time: time("time").notNull(),
    /** When the API accepted it. */
    receivedAt: time("received_at").notNull(),
    /** When its decision was committed. */
    processedAt: time("processed_at").notNull().defaultNow(),
    /** The campaign set that decided it. */
    epoch: bigint("epoch", { mode: "number" }).notNull(),
    data: jsonb("data").notNull(),
    /** What consumers of before 0012 write and compare. Nothing reads it any more: the next release drops it. */
    dataHash: digest("data_hash"),
  },
  // Every column of an index is written with every event: the ties of a list are sorted as it is read.
  (t) => [
    primaryKey({ columns: [t.id, t.source] }),
    index("events_time").on(t.time),
    index("events_type_time").on(t.type, t.time),
    index("events_subject_time").on(t.subject, t.time),
    index("events_received").on(t.receivedAt),
    check("events_source_length", sql`char_length(${t.source}) between 1 and 255`),
    check("events_id_length", sql`char_length(${t.id}) between 1 and 255`),
    check("events_type_length", sql`char_length(${t.type}) between 1 and 255`),
    check("events_subject_length", sql`char_length(${t.subject}) between 1 and 255`),
    check("events_sender", isSender(t)),
    check("events_data_object", sql`jsonb_typeof(${t.data}) = 'object'`),
  ],
);

/** A second event with the same (source, id) but other content. The first stays in `events`. */
export const eventConflicts = pgTable(
  "event_conflicts",
  {
    source: text("source").notNull(),
    eventId: text("event_id").notNull(),
    /** Tells conflicts over one event apart: `content_digest` (migrations), computed for conflicts alone. */
    dataHash: digest("data_hash").notNull(),
    type: text("type").notNull(),
    subject: text("subject"),
    ...sentBy(),
    time: time("time").notNull(),
    receivedAt: time("received_at").notNull(),
    recordedAt: time("recorded_at").notNull().defaultNow(),
    data: jsonb("data").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.source, t.eventId, t.dataHash] }),
    index("event_conflicts_subject").on(t.subject),
    check("event_conflicts_sender", isSender(t)),
    index("event_conflicts_recorded").on(t.recordedAt),
    foreignKey({ columns: [t.source, t.eventId], foreignColumns: [events.source, events.id] }).onDelete(
      "cascade",
    ),
  ],
);

/** No foreign keys: matches are inserted with their event, in one transaction, and deleted with it (events.ts). */
export const matches = pgTable(
  "matches",
  {
    campaignId: uuid("campaign_id").notNull(),
    source: text("source").notNull(),
    eventId: text("event_id").notNull(),
    campaignVersion: integer("campaign_version").notNull(),
    /** The event's subject, repeated here so that a subject's matches are one index read. */
    subject: text("subject"),
    matchedAt: time("matched_at").notNull().defaultNow(),
    outcome: text("outcome", { enum: OUTCOMES }).notNull().default("granted"),
    /** Why it was not granted (decisions/outcome.ts). */
    evidence: jsonb("evidence"),
  },
  (t) => [
    primaryKey({ columns: [t.eventId, t.source, t.campaignId] }),
    index("matches_matched").on(t.matchedAt),
    index("matches_campaign_matched").on(t.campaignId, t.matchedAt),
    index("matches_subject_matched").on(t.subject, t.matchedAt),
    check(
      "matches_outcome",
      sql`${t.outcome} in (${sql.raw(OUTCOMES.map((name) => `'${name}'`).join(", "))})`,
    ),
  ],
);

/**
 * What could not be processed, kept whole until an operator replays or discards it: `open`, then `replayed` while
 * its event is in the queue again, `resolved` once that is decided, or `discarded`. One that comes again is open again.
 */
export const deadLetters = pgTable(
  "dead_letters",
  {
    id: uuid("id").primaryKey(),
    cause: text("cause", {
      enum: ["malformed_message", "refused_by_database", "retries_exhausted", "too_costly"],
    }).notNull(),
    /** Of a letter that was too costly: the campaign, at its version, that took most of the work. */
    campaignId: uuid("campaign_id"),
    campaignVersion: integer("campaign_version"),
    /** SQLSTATE or a code of ours that says more; never a message, which could hold the event's values. */
    errorCode: text("error_code"),
    /** Known unless the message could not be read. */
    source: text("source"),
    eventId: text("event_id"),
    type: text("type"),
    subject: text("subject"),
    ...sentBy(),
    /** The queue's body as JSON text: as text, since a poisoned body may be just what jsonb refuses. */
    body: text("body").notNull(),
    /** SHA-256 of the body: recording the same letter twice changes nothing but `attempts` and `last_at`. */
    bodyHash: digest("body_hash").notNull(),
    /** Of a letter from before 0012. Nothing reads it any more: the next release drops it. */
    dataHash: digest("data_hash"),
    attempts: integer("attempts").notNull(),
    firstAt: time("first_at").notNull(),
    lastAt: time("last_at").notNull().defaultNow(),
    status: text("status", { enum: ["open", "replayed", "resolved", "discarded"] })
      .notNull()
      .default("open"),
    /** When it was put into the queue again, last. */
    replayedAt: time("replayed_at"),
    /** When its event was found decided. */
    resolvedAt: time("resolved_at"),
    discardedAt: time("discarded_at"),
    /** What the admin who discarded it wrote. */
    discardReason: text("discard_reason"),
  },
  (t) => [
    uniqueIndex("dead_letters_body_hash_key").on(t.bodyHash),
    index("dead_letters_last").on(t.lastAt, t.id),
    index("dead_letters_status_last").on(t.status, t.lastAt, t.id),
    index("dead_letters_replayed").on(t.replayedAt, t.id).where(sql`${t.status} = 'replayed'`),
    index("dead_letters_event").on(t.eventId),
    index("dead_letters_open").on(t.cause, t.firstAt).where(sql`${t.status} = 'open'`),
    index("dead_letters_subject").on(t.subject),
    check(
      "dead_letters_cause",
      sql`${t.cause} in ('malformed_message', 'refused_by_database', 'retries_exhausted', 'too_costly')`,
    ),
    check(
      "dead_letters_campaign",
      sql`num_nonnulls(${t.campaignId}, ${t.campaignVersion}) in (0, 2) and (${t.campaignId} is null or ${t.cause} = 'too_costly')`,
    ),
    check("dead_letters_sender", isSender(t)),
    check("dead_letters_attempts", sql`${t.attempts} >= 1`),
    check("dead_letters_data_hash_length", sql`octet_length(${t.dataHash}) = 32`),
    check("dead_letters_discard_reason_length", sql`char_length(${t.discardReason}) between 1 and 1024`),
    check(
      "dead_letters_status",
      sql`case ${t.status}
        when 'open' then num_nonnulls(${t.resolvedAt}, ${t.discardedAt}, ${t.discardReason}) = 0
        when 'replayed' then ${t.replayedAt} is not null
          and num_nonnulls(${t.resolvedAt}, ${t.discardedAt}, ${t.discardReason}) = 0
        when 'resolved' then ${t.resolvedAt} is not null
          and num_nonnulls(${t.discardedAt}, ${t.discardReason}) = 0
        when 'discarded' then ${t.resolvedAt} is null
          and num_nonnulls(${t.discardedAt}, ${t.discardReason}) = 2
        else false end`,
    ),
  ],
);

/**
 * Subjects that were erased, by SHA-256, for as long as the queues may still deliver events about them
 * (src/storage/erasures.ts). Of one erased again only the last time counts.
 */
export const erasures = pgTable(
  "erasures",
  {
    subjectHash: digest("subject_hash").primaryKey(),
    /** What was received at that time or before is dropped. */
    erasedAt: time("erased_at").notNull(),
  },
  (t) => [
    index("erasures_erased").on(t.erasedAt),
    check("erasures_subject_hash_length", sql`octet_length(${t.subjectHash}) = 32`),
    // The time is an isolate's, so that it can be compared with when events were received: clocks differ a little.
    check("erasures_erased_at", sql`${t.erasedAt} <= now() + interval '5 minutes'`),
  ],
);

/**
 * Who changed what: written in the same statement as the change. A trigger sets `at`, `seq`, `prev_hash` and
 * `hash`, whatever an insert says, and chains every row to the one before (src/audit/record.ts says how).
 */
export const auditLog = pgTable(
  "audit_log",
  {
    id: uuid("id").primaryKey(),
    at: time("at").notNull().defaultNow(),
    actorType: text("actor_type", { enum: ["user", "api_key", "operator", "anyone"] }).notNull(),
    actorId: text("actor_id"),
    /** The network that the request came from: an IPv4 /24 or an IPv6 /48, never a whole address. */
    actorAddress: text("actor_address"),
    action: text("action").notNull(),
    targetType: text("target_type").notNull(),
    targetId: text("target_id").notNull(),
    before: jsonb("before"),
    after: jsonb("after"),
    requestId: text("request_id"),
    /** 1, 2, 3, … in the order of commit. */
    seq: bigint("seq", { mode: "number" }).notNull(),
    /** The hash of row `seq - 1`; zeros for the first. */
    prevHash: digest("prev_hash").notNull(),
    hash: digest("hash").notNull(),
  },
  (t) => [
    uniqueIndex("audit_log_seq").on(t.seq),
    index("audit_log_at").on(t.at, t.seq),
    index("audit_log_target").on(t.targetType, t.targetId, t.seq),
    index("audit_log_actor").on(t.actorId, t.seq),
    index("audit_log_action").on(t.action, t.seq),
    check("audit_log_actor_type", sql`${t.actorType} in ('user', 'api_key', 'operator', 'anyone')`),
  ],
);

/** The audit's end at some moments, signed, so that cutting rows off the end shows. */
export const auditCheckpoints = pgTable("audit_checkpoints", {
  /** Of the audit's last row then, with its hash. */
  seq: bigint("seq", { mode: "number" }).primaryKey(),
  hash: digest("hash").notNull(),
  at: time("at").notNull(),
  /** A compact JWS over the three (src/auth/checkpoints.ts). */
  signature: text("signature").notNull(),
});

/**
 * Failed logins by user, by address and by both (src/storage/login-throttle.ts). The key is a keyed hash: neither a
 * username nor an address can be read from it.
 */
export const loginThrottle = pgTable(
  "login_throttle",
  {
    key: digest("key").primaryKey(),
    failures: integer("failures").notNull().default(0),
    blockedUntil: time("blocked_until"),
    lastAt: time("last_at").notNull().defaultNow(),
    /** Of a pair of user and address: until when a successful login there spares it the limits of others. */
    trustedUntil: time("trusted_until"),
    /** Of a pair: the network of the address, hashed likewise, so that it shows how many users are tried from there. */
    network: digest("network"),
  },
  (t) => [index("login_throttle_last").on(t.lastAt)],
);

/**
 * What some counters were at moments of the last days: how fast they grow, and whether that is as usual, is read from
 * here (src/storage/anomalies.ts).
 */
export const counterReadings = pgTable(
  "counter_readings",
  {
    name: text("name").notNull(),
    at: time("at").notNull(),
    value: doublePrecision("value").notNull(),
  },
  (t) => [primaryKey({ columns: [t.name, t.at] })],
);

/**
 * What happened how often since the beginning, for the operator's metrics (src/telemetry/catalogue.ts). A counter is
 * the sum of its shards: whoever counts picks one at random, so that consumers do not queue for one row. Written
 * through the function `count_metrics` only, which can add and nothing else.
 */
export const metricCounters = pgTable(
  "metric_counters",
  {
    name: text("name").notNull(),
    /** In Prometheus' own form, `cause="malformed_message"`: names of ours, nothing that a client sent. */
    labels: text("labels").notNull(),
    shard: smallint("shard").notNull(),
    /** Whole numbers are exact up to 2^53, where counters end; sums of seconds are not whole. */
    value: doublePrecision("value").notNull(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.name, t.labels, t.shard] }),
    check("metric_counters_name_length", sql`char_length(${t.name}) between 1 and 100`),
    check("metric_counters_labels_length", sql`char_length(${t.labels}) <= 500`),
    check("metric_counters_shard", sql`${t.shard} between 0 and 15`),
    check("metric_counters_value", sql`${t.value} >= 0 and ${t.value} <= 9007199254740992`),
    check("metric_counters_name", sql`${t.name} ~ '^[a-z][a-z0-9_]*$'`),
    // Words and numbers of ours under labels of ours: no place for anything that a client sent.
    check(
      "metric_counters_labels",
      sql`${t.labels} ~ '^((method="[A-Za-z]{1,16}"|route="[A-Za-z0-9_./:{}*-]{0,128}"|status="[0-9]{3}"|(kind|reason|cause|outcome)="[a-z0-9_]{1,64}"|queue="[a-z-]{1,32}"|failure="[A-Za-z0-9_]{1,64}"|le="([0-9.]{1,12}|[+]Inf)")(,(?=[a-z])|$))*$'`,
    ),
  ],
);
