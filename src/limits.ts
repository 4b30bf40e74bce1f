/** Every limit of the product, named, with its unit. Nothing else in the code holds a bare limit. */

// Rule language (src/rules).
export const KEY_CHARS_SHOWN = 40; // characters of an unknown key that a refusal repeats
export const DESCRIBED_LIST_VALUES = 5; // values of a list that a description in words shows
export const EXPLAINED_CHARS = 100; // characters of a text that an explanation shows
export const EXPLAINED_LIST_VALUES = 10; // values of a list that an explanation shows
export const EXPLAINED_FIELD_VALUES = 5; // values of a field of the event that an explanation shows
export const RULE_DEPTH_MAX = 16; // nested rules
export const RULE_CONDITIONS_MAX = 256; // conditions in one rule
export const RULE_BYTES_MAX = 256 * 1024; // bytes of the rule as JSON
export const PATH_SEGMENTS_MAX = 16;
export const PATH_CHARS_MAX = 256;
export const STRING_VALUE_CHARS_MAX = 1_024; // characters of a condition's string value
export const PATTERN_CHARS_MAX = 256;
export const LIST_VALUES_MAX = 10_000; // values of `in` and `not_in`
export const DURATION_DAYS_MAX = 36_525; // days in the duration of `within_last` and `older_than`
export const RULE_ERRORS_MAX = 32; // faults named in one refusal

// Cost (src/rules/cost, rules/evaluation/work.ts), in steps of one to thirty nanoseconds, counted and never timed.
export const RULE_STEPS_MAX = 48_000_000; // steps one rule may take for the largest event
export const EVENT_STEPS_MAX = 64_000_000; // steps that explaining an event may take: more than any one rule needs
export const ACTIVE_SET_STEPS_MAX = 2_000_000; // steps all active campaigns may add to an ordinary event, about
export const BATCHED_EVENT_STEPS_MAX = 2_000_000; // steps an event may take while others wait for it: beyond, it is decided alone
export const ALONE_EVENT_STEPS_MAX = 1_000_000_000; // steps an event that is decided alone may take
export const BLAME_STEPS = 100_000; // steps it may take when nothing is left, to find out which campaign is to blame
export const BATCH_STEPS_MAX = 6_000_000_000; // steps all events of one batch may take together: within cpu_ms of wrangler.consumer.toml
export const PATTERN_BYTES_MAX = 24 * 1024 * 1024; // bytes of all compiled patterns of an isolate, which has 128 MB
export const PATTERN_STATES_BYTES_MAX = 8 * 1024 * 1024; // bytes of the states that one of them makes: enough for one an instruction (docs/matching.md)

// Decisions (src/decisions).
export const SCHEDULE_WINDOWS_MAX = 50; // weekly windows of a schedule
export const SCHEDULE_DATES_MAX = 400; // dates that a schedule includes, and likewise excludes
export const SALT_CHARS_MAX = 255; // characters of a sample's salt
export const HOLDOUT_KEY_CHARS_MAX = 255;
export const GROUP_CHARS_MAX = 255;
export const PRIORITY_MAX = 1_000_000; // either sign
export const LOCAL_OFFSETS_KEPT = 4_096; // quarters of an hour whose offset from UTC is kept, a zone

// Ingestion (POST /v1/events).
export const BODY_BYTES_MAX = 1024 * 1024; // bytes of any request body
export const EVENTS_PER_REQUEST_MAX = 1_000;
export const EVENT_BYTES_MAX = 64 * 1024; // bytes of one event as JSON
export const EVENT_ATTRIBUTE_CHARS_MAX = 255; // characters of id, source, type, subject
export const EVENT_NUMBER_MAX = Number.MAX_SAFE_INTEGER; // of a number in an event or a new rule, either sign: whole ones are exact up to it
export const EVENT_AHEAD_MS_MAX = 5 * 60 * 1000; // how far in the future an event's time may lie
export const TIME_CHARS_MAX = 64; // characters of a time in a request
export const EVENT_FAULTS_MAX = 16; // faults named of one event
export const FAULTS_MAX = 256; // faults named in one answer: it must not outgrow what it answers
export const JSON_DEPTH_MAX = 64; // nested arrays and objects in any JSON that enters

// Queue (Cloudflare Queues: 128,000 bytes a message with about 100 of overhead; sendBatch 100 messages or 256 kB).
export const QUEUE_MESSAGE_BYTES_MAX = 120_000;
export const QUEUE_BATCH_BYTES_MAX = 250_000;
export const QUEUE_BATCH_MESSAGES_MAX = 100;
export const QUEUE_RETENTION_SECONDS = 14 * 24 * 60 * 60; // the most there is; a queue has 4 days unless it is told
export const QUEUE_SEND_TIMEOUT_MS = 10_000; // how long one request waits for the queue, in all
export const QUEUE_RETRY_SECONDS = 5; // Retry-After when the queue takes nothing

// Passwords and tokens (src/auth).
export const TOKEN_BYTES_MAX = 8 * 1024; // bytes of a token, before anything in it is parsed
export const TOKEN_LIFE_S = 1_800; // seconds from iat to exp, at most
export const TOKEN_CLOCK_AHEAD_S = 5; // how far ahead of our clock iat and nbf may lie; exp gets no tolerance
export const TOKEN_JSON_DEPTH_MAX = 8; // nested arrays and objects in a token's header or payload
export const JWKS_AGE_SECONDS_MAX = 300; // how long anybody may keep what /.well-known/jwks.json answered
export const JWKS_DEPTH_MAX = 8; // nested arrays and objects in the previous keys' JWKS
export const RSA_BITS_MIN = 2_048; // bits of a signing key's modulus
export const RSA_BITS_DEFAULT = 3_072; // of a key that we make: 128 bits of strength; signing takes 2 ms, not 1
export const KEY_NAME_CHARS_MAX = 255; // characters of an API key's name, and of a source it may write in
export const KEY_SOURCES_MAX = 16; // sources that one API key may write in
export const KEY_CLAIMS_BYTES_MAX = 4_400; // bytes of a key's name and sources as JSON: its token holds both, and must stay below TOKEN_BYTES_MAX
export const PASSWORD_CHARS_MIN = 12; // characters are Unicode code points
export const PASSWORD_CHARS_MAX = 256;
export const PASSWORD_WORD_CHARS_MIN = 4; // characters of a word of the context for it to count
export const PASSWORD_CHARS_BEYOND_WORDS_MIN = 8; // characters that a password has beside such words
export const BCRYPT_BYTES_MAX = 72; // bytes of a password that bcrypt reads
export const BCRYPT_ROUNDS_DEFAULT = 12; // log2 of bcrypt's iterations, for new hashes
export const BCRYPT_ROUNDS_MIN = 10; // log2 of bcrypt's iterations, for new hashes
export const BCRYPT_ROUNDS_MAX = 14; // likewise, for any hash: each more doubles the time, 14 takes seconds
export const ARGON2_MEMORY_KIB_MAX = 64 * 1024; // of a stored hash: the memory that hashing has in an isolate, of 128 MB in all
export const ARGON2_PASSES_MAX = 10;
export const ARGON2_LANES_MAX = 4;

// Database.
export const DATABASE_TIMEOUT_MS = 10_000; // a query that has not answered by then is given up
export const UNAVAILABLE_RETRY_SECONDS = 5; // Retry-After when the database did not answer
export const READINESS_TIMEOUT_MS = 2_000; // the longest that /health/ready waits
export const READINESS_CACHE_MS = 1_000; // how long an isolate repeats what it found

// Lists.
export const PAGE_ROWS_DEFAULT = 50;
export const PAGE_ROWS_MAX = 100;
export const CURSOR_CHARS_MAX = 2_048;
export const EVENTS_OF_ID_READ_MAX = 2; // events of one id read without a source: enough to know that one is needed

export const AUDIT_FILTER_CHARS_MAX = 512; // characters of an actor, action or target to look for
export const AUDIT_PAGE_BYTES = 8 * 1024 * 1024; // bytes of images in one page of the audit

// The last row of the audit (src/api/audit), compared with its checkpoints every ten minutes and whenever metrics are
// read.
export const CHECKPOINTS_INSPECTED = 20; // the newest in the database
export const WITNESS_TIMEOUT_MS = 2_000; // how long the bucket that keeps the last checkpoint may take

// The documentation's answers and those to a browser's preflight.
export const DOCS_AGE_SECONDS_MAX = 300; // how long anybody may keep them
export const PREFLIGHT_AGE_SECONDS_MAX = 600;

// Campaigns and accounts.
export const NAME_CHARS_MAX = 255; // of a campaign
export const DESCRIPTION_CHARS_MAX = 4_096;
export const USERNAME_CHARS_MAX = 64;
export const REQUEST_ID_CHARS_MAX = 128;
export const COSTLIEST_CAMPAIGNS = 10; // campaigns named when the active set would take too much
export const MEASURED_CAMPAIGNS = 100; // campaigns whose rules are measured in one statement
export const MEASURED_STEPS_MAX = 1_000_000_000; // steps of rules measured in one run: what is costly takes long to compile

// Analysis (POST /v1/campaigns/analyze).
export const ANALYSIS_PAIRS_MAX = 20_000; // pairs of campaigns compared; each takes some tenths of a millisecond
export const ANALYSIS_STEPS_MAX = 30_000_000; // steps of one analysis in all: a second or two
export const SATISFY_WAYS_MAX = 256; // ways of being true that are decided of a rule; of parts beyond nothing is said
export const SATISFY_STEPS_MAX = 2_000_000; // steps of deciding whether one rule can be true: tens of milliseconds
export const ANALYSIS_CAMPAIGNS_MAX = 2_000; // active campaigns compared, the earliest activated first

// Sessions and API keys.
export const SESSION_SECONDS = 12 * 60 * 60; // the absolute end of a session
export const SESSIONS_OF_USER_MAX = 20; // live ones; one more ends the oldest
export const SESSION_CACHE_MS = 30_000; // how long a read may trust a session seen before
export const API_KEY_CHARS_MAX = 128; // characters of a client id or secret, before anything is looked up
export const API_KEY_CACHE_MS = 60_000; // how long a key seen before is trusted
export const API_KEY_STALE_MS = 15 * 60_000; // how much longer while the database does not answer
export const API_KEY_OVERLAP_SECONDS_DEFAULT = 24 * 60 * 60; // both secrets work after a rotation
export const API_KEY_OVERLAP_SECONDS_MAX = 30 * 24 * 60 * 60;
export const CACHE_ENTRIES_MAX = 10_000; // sessions or keys kept in one isolate

// Consumer.
export const ACTIVE_SET_PAGE_CAMPAIGNS = 5_000; // campaigns read in one query
export const ACTIVE_SET_PAGE_BYTES = 16 * 1024 * 1024; // bytes of rules read in one query; Neon answers 64 MB at most
export const QUEUE_ATTEMPTS_MAX = 101; // deliveries before a message is a dead letter: max_retries + 1
export const COMPACTION_CHANGES_MIN = 1_000; // uncompacted changes of the index below which compaction waits
export const COMPACTION_SHARE = 0.25; // likewise, as a share of the campaigns
export const SNAPSHOT_CAMPAIGNS_MIN = 1_000; // fewer are read from the database as fast
export const SNAPSHOT_SHARE = 0.01; // changes since the last snapshot, as a share of the campaigns, that want a new one
export const COMMIT_EVENTS_MAX = 2_000; // events in one transaction
export const EPOCH_RETRIES_MAX = 5; // times a batch is matched anew before it is retried later
export const RETRY_DELAY_SECONDS_MIN = 2;
export const RETRY_DELAY_SECONDS_MAX = 15 * 60;
export const MISCONFIGURED_RETRY_DELAY_SECONDS = 60; // of messages while the consumer's configuration is wrong
export const DEAD_LETTER_RETRY_DELAY_SECONDS_MAX = 8 * 60 * 60; // 100 retries outlast QUEUE_RETENTION_SECONDS

// Throttling. The edge's limits are approximate and hold per location; wrangler.toml repeats them, a test compares.
export const EDGE_PERIOD_SECONDS = 10; // also Retry-After
export const ADDRESS_REQUESTS_MAX = 2_000; // requests from one address in a period
export const KEY_INGESTIONS_MAX = 1_000; // requests to POST /v1/events with one API key in a period
export const ANALYSIS_PERIOD_SECONDS = 60; // also its Retry-After
export const CALLER_ANALYSES_MAX = 12; // requests to POST /v1/campaigns/analyze by one caller in that period

// Failed logins (storage/login-throttle.ts): how many are free, and how long the wait after more may grow.
export const LOGIN_MEMORY_SECONDS = 60 * 60; // a row of failures this old is forgotten
export const LOGIN_DELAY_SECONDS_MIN = 1; // the first wait; every further failure doubles it
export const LOGIN_DOUBLINGS_MAX = 30; // after which the wait is above any of the limits below
export const LOGIN_PAIR_FREE_MAX = 5; // failures for one user from one address
export const LOGIN_PAIR_DELAY_SECONDS_MAX = 15 * 60;
export const LOGIN_USER_FREE_MAX = 50; // failures for one user from everywhere
export const LOGIN_USER_DELAY_SECONDS_MAX = 30;
export const LOGIN_ADDRESS_FREE_MAX = 100; // failures from one address for all users
export const LOGIN_ADDRESS_DELAY_SECONDS_MAX = 5 * 60;
export const LOGIN_TRUST_SECONDS = 30 * 24 * 60 * 60; // how long an address a user logged in from is known
export const LOGIN_CLEANUP_ROWS_MAX = 5_000; // rows forgotten in one statement
export const LOGIN_CLEANUP_STATEMENTS_MAX = 20; // statements in one run

// Password hashing (auth/hashing-budget.ts).
export const HASHING_KIB_MAX = 64 * 1024; // KiB of the hashes that an isolate takes on at once
export const HASHING_HOLD_MS_MAX = 30_000; // a hash that has not ended by then was cancelled with its request
export const HASHING_GONE_MS = 1_000; // whoever has not looked for room this long was cancelled while it waited
export const HASHING_WAIT_MS_MAX = 5_000; // how long a request waits for room
export const HASHING_WAIT_STEP_MS = 25; // how often it looks
export const HASHING_RETRY_SECONDS = 2; // Retry-After when there was none

// Commands.
export const USERS_IMPORT_ROWS_MAX = 10_000; // users imported at once

// Dead letters (/v1/dead-letters).
export const REPLAY_LETTERS_MAX = 1_000; // letters replayed in one request
export const REPLAY_BYTES_MAX = 8 * 1024 * 1024; // bytes of their bodies, likewise
export const DISCARD_LETTERS_MAX = 1_000; // letters discarded in one request
export const DISCARD_REASON_CHARS_MAX = 1_024;

// What is stuck (api/scheduled/sweep.ts), looked for every ten minutes.
export const STUCK_COUNT_MAX = 10_000; // letters counted; more are reported as that many
export const STUCK_LETTER_SECONDS = 24 * 60 * 60; // how long a dead letter may wait for an operator
export const STUCK_MESSAGE_SECONDS = 15 * 60; // how old a queue's oldest message may get
export const STUCK_REPLAY_SECONDS = 60 * 60; // how long a replayed letter may stay undecided once its queue is past it
export const RESOLVE_LETTERS = 1_000; // replayed letters looked after in one statement
export const RESOLVE_STATEMENTS_MAX = 20; // statements in one run

// Anomalies (api/scheduled/anomalies.ts), looked for every ten minutes: from how many on something is one.
export const ANOMALY_WINDOW_MINUTES = 10; // what "just now" means: the time between two runs
export const ANOMALY_USERS_TRIED = 20; // users with a wrong password from one network within an hour
export const ANOMALY_FORBIDDEN = 100; // requests answered 403 in ten minutes
export const ANOMALY_EXPORTS = 20; // subjects exported by one admin within an hour
export const ANOMALY_CONFLICTS = 100; // conflicts under one source within an hour
export const ANOMALY_ACCEPTED_MIN = 1_000; // events an hour, below which a fall says nothing
export const ANOMALY_ACCEPTED_SHARE = 0.1; // of the poorest same hour of the days before
export const ANOMALY_HOURS_COMPARED_MIN = 3; // such hours that must be known
export const ANOMALY_HISTORY_DAYS = 28; // days of the audit that show when people work
export const ANOMALY_HISTORY_DAYS_MIN = 7; // days of it without which that is not known
export const ANOMALY_READING_DAYS = 8; // days that readings of counters are kept
export const ANOMALY_COUNT_MAX = 10_000; // rows counted

// Shedding load (api/middleware/shed-load.ts): what one isolate takes on at once.
export const DATABASE_REQUESTS_MAX = 100; // requests that wait for the database
export const AUTHENTICATIONS_MAX = 100; // callers of POST /v1/events who wait for the database, beside those
export const AUTHENTICATION_TIMEOUT_MS = 2_000; // how long they wait
export const LOGIN_QUERIES_MAX = 20; // queries of logins that wait for the database, beside all of these
export const BREAKER_PROBE_MS = 1_000; // how often a database that did not answer is asked for those who can do without
export const DATABASE_HOLD_MS_MAX = 60_000; // one that has not ended by then was cancelled
export const INGESTION_BYTES_MAX = 16 * 1024 * 1024; // bytes of bodies of POST /v1/events being worked on
export const INGESTION_BYTES_MIN = 16 * 1024; // what a smaller body counts as
export const INGESTION_HOLD_MS_MAX = 60_000; // one that has not ended by then was cancelled
export const OVERLOAD_RETRY_SECONDS = 2; // Retry-After

// Retention (consumer/scheduled/retention.ts), every five minutes.
export const RETENTION_DAYS_MAX = 3_650;
export const RETENTION_BATCH_ROWS = 2_000; // rows deleted in one statement
export const RETENTION_STATEMENTS_MAX = 500; // statements in one run
export const RETENTION_RUN_MS_MAX = 4 * 60_000; // a run ends before the next one begins
// Cloudflare keeps a message 14 days in a queue, and then 14 days in its dead-letter queue.
export const ERASURE_RETENTION_DAYS = 30;

// One subject's data (GET, DELETE /v1/subjects).
export const EXPORT_PAGE_ROWS = 100; // rows read in one query; a dead letter is up to 128 kB
export const EXPORT_RULES_SCANNED = 5_000; // rules searched in one query
export const ERASE_BATCH_ROWS = 2_000; // rows of each store deleted in one statement
export const ERASE_STATEMENTS_MAX = 50; // statements in one request

// Backups (ops/backup).
export const BACKUP_PASSPHRASE_CHARS_MIN = 16;

// Metrics (src/telemetry, GET /metrics).
export const COUNTS_FLUSH_MS = 1_000; // how long an isolate gathers counts before it writes them to the database
export const COUNTS_CLAIM_MS = 10_000; // after which a write that has not ended was cancelled, and another begins
export const QUEUE_METRICS_TIMEOUT_MS = 2_000; // a queue that has not said its backlog by then is left out
