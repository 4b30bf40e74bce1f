/** Put into payloads and passwords by tests: wherever it turns up that is not an answer to a read, it has leaked. */
export const CANARY = "canary-7f3a9b21";

/** What must never reach a log line, an error body, a metric or an audit row. */
const SECRETS: Readonly<Record<string, RegExp>> = {
  "a token": /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/,
  "an API key": /cm_live_[\w-]{20,}/,
  "a private key": /PRIVATE KEY|"d":"[\w-]{40,}/,
  "a password hash": /\$argon2id\$|\$2[aby]\$\d\d\$/,
  "a connection string": /postgres(ql)?:\/\//,
  "a password": /correct horse battery staple/,
  "a payload": new RegExp(CANARY),
  SQL: /\b(select|insert into|update|delete from)\b.+\b(from|values|set|where)\b/i,
};

/** @throws Error that says what leaked where, without repeating it */
export function expectNoLeak(where: string, text: string): void {
  for (const [what, pattern] of Object.entries(SECRETS)) {
    if (pattern.test(text)) throw new Error(`${where} holds ${what}`);
  }
}
