/** Why a token was refused: for counters and logs, never shown to a client. Stable names. */
export const REFUSALS = [
  "too_large",
  "not_compact", // not three parts separated by dots
  "encoding", // a part is not canonical base64url
  "header_malformed",
  "algorithm",
  "type",
  "header_parameter", // one that we never set: crit, b64, zip, cty, jwk, jku, x5u, x5c, …
  "key_unknown",
  "key_retired",
  "signature",
  "payload_malformed",
  "issuer",
  "audience",
  "subject",
  "token_id",
  "issued_at",
  "not_before",
  "expiry",
  "lifetime", // longer than a token may live, or ends before it begins
  "expired",
  "session",
  "role",
  "client",
  "scope",
] as const;

export type Refusal = (typeof REFUSALS)[number];
