/** Every limit of the product, named, with its unit. Nothing else in the code holds a bare limit. */

// Rule language (src/rules).
export const RULE_DEPTH_MAX = 16; // nested rules
export const RULE_CONDITIONS_MAX = 256; // conditions in one rule
export const RULE_BYTES_MAX = 256 * 1024; // bytes of the rule as JSON
export const PATH_SEGMENTS_MAX = 16;
export const PATH_CHARS_MAX = 256;
export const STRING_VALUE_CHARS_MAX = 1_024; // characters of a condition's string value
export const PATTERN_CHARS_MAX = 256;
export const LIST_VALUES_MAX = 10_000; // values of `in` and `not_in`

// Ingestion (POST /v1/events).
export const BODY_BYTES_MAX = 1024 * 1024; // bytes of any request body
export const EVENTS_PER_REQUEST_MAX = 1_000;
export const EVENT_BYTES_MAX = 64 * 1024; // bytes of one event as JSON
export const EVENT_ATTRIBUTE_CHARS_MAX = 255; // characters of id, source, type, subject
export const EVENT_AHEAD_MS_MAX = 5 * 60 * 1000; // how far in the future an event's time may lie
export const JSON_DEPTH_MAX = 64; // nested arrays and objects in any JSON that enters

// Queue (Cloudflare Queues: 128,000 bytes a message with about 100 of overhead; sendBatch 100 messages or 256 kB).
export const QUEUE_MESSAGE_BYTES_MAX = 120_000;
export const QUEUE_BATCH_BYTES_MAX = 250_000;
export const QUEUE_BATCH_MESSAGES_MAX = 100;
