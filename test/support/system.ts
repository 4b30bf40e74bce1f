import { v7 as uuidv7 } from "uuid";
import { createTestHarness, type TestHarness } from "wrangler";
import { ROLES } from "../../ops/database/worker-users.ts";
import { generateSigningKey } from "../../src/auth/keys.ts";
import { hashPassword } from "../../src/auth/passwords.ts";
import type { Role } from "../../src/auth/roles.ts";
import { RSA_BITS_MIN } from "../../src/limits.ts";
import type { QueueMessage } from "../../src/messages.ts";
import { type Database, openDatabase } from "../../src/storage/core/client.ts";
import { createUser } from "../../src/storage/users.ts";
import { BUNDLES } from "./build-workers.ts";
import { type Answered, checkAnswer } from "./contract.ts";
import { openTestDatabase, type TestDatabase } from "./database.ts";
import { databaseUrlOf } from "./endpoint-address.ts";
import { type FaultyEndpoint, startFaultyEndpoint } from "./faulty-endpoint.ts";
import { expectNoLeak } from "./leaks.ts";
import { PATIENCE_MS } from "./patience.ts";
import { openWorkerUsers } from "./worker-users.ts";

export const PASSWORD = "correct horse battery staple";

export interface System {
  readonly database: TestDatabase;
  /** The same database as the Workers use it, without the faults. */
  readonly db: Database;
  /** Between the Workers and their database. */
  readonly faults: FaultyEndpoint;
  readonly harness: TestHarness;
  /**
   * A request to the API Worker; `token` is sent as a bearer token, `json` as the body. Throws when the answer is
   * not what the OpenAPI document promises (contract.ts).
   */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** A token of a user of this role. */
  login(role: Role): Promise<string>;
  /** Puts a message into the queue `events`, past the API. */
  enqueue(body: QueueMessage | unknown): Promise<void>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly token?: string | undefined;
  readonly json?: unknown;
  readonly body?: BodyInit;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on its shape
  readonly json: any;
}

export interface SystemOptions {
  /** On the Postgres of TEST_DATABASE_URL instead of the embedded one. */
  readonly real?: boolean;
  /**
   * Each Worker is a database user of its own with no rights but its role's; `faults` is then between the API and the
   * database only. Needs `real`.
   */
  readonly roles?: boolean;
  /** Of the API. */
  readonly vars?: Record<string, string>;
  readonly consumerVars?: Record<string, string>;
  /** Of the API. */
  readonly secrets?: Record<string, string>;
  /** Another file than the API's wrangler.toml. */
  readonly apiConfig?: string;
}

/** Both Workers as they are built for production, in workerd, with local queues and a fresh database. */
export async function startSystem({
  real = false,
  roles = false,
  vars = {},
  consumerVars = {},
  secrets = {},
  apiConfig = "wrangler.toml",
}: SystemOptions = {}): Promise<System> {
  const database = await openTestDatabase({ real });
  const users = roles ? await openWorkerUsers(database) : undefined;
  const faults = await startFaultyEndpoint(users?.api.endpointUrl ?? database.endpointUrl);
  // The endpoint of a login user takes the user for who opened the database.
  const addressFor = (worker: keyof typeof ROLES) =>
    roles ? database.url : databaseUrlOf(database.endpointUrl, ROLES[worker]);
  const { pem } = await generateSigningKey(RSA_BITS_MIN);
  const harness = createTestHarness({
    workers: [
      {
        configPath: apiConfig,
        ...(apiConfig === "wrangler.toml" ? { prebuiltWorkerDir: BUNDLES["wrangler.toml"] } : {}),
        vars: { NEON_FETCH_ENDPOINT: faults.url, ALLOW_HTTP: "loopback", ...vars },
        secrets: { DATABASE_URL: addressFor("api"), JWT_SIGNING_KEY: pem, ...secrets },
      },
      {
        configPath: "wrangler.consumer.toml",
        prebuiltWorkerDir: BUNDLES["wrangler.consumer.toml"],
        vars: { NEON_FETCH_ENDPOINT: users?.consumer.endpointUrl ?? faults.url, ...consumerVars },
        secrets: { DATABASE_URL: addressFor("consumer") },
      },
    ],
  });
  await harness.listen();
  // Straight to the Worker: the harness's own front door makes every URL http.
  const api = harness.getWorker("campaign-manager-api");

  const db = openDatabase({ url: database.url, timeoutMs: PATIENCE_MS });
  const passwordHash = await hashPassword(PASSWORD, { algorithm: "argon2id" });
  const tokens = new Map<Role, string>();

  const call: System["call"] = async (method, path, { token, json, body, headers = {} } = {}) => {
    const response = await api.fetch(path, {
      method,
      redirect: "manual",
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(json === undefined
        ? body === undefined
          ? {}
          : { body: body as never, duplex: "half" }
        : { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    const answer = { status: response.status, headers: response.headers as unknown as Headers, text };
    expectSound(method, path, answer);
    return {
      ...answer,
      json:
        /json/.test(response.headers.get("Content-Type") ?? "") && text !== "" ? JSON.parse(text) : undefined,
    };
  };

  return {
    database,
    db,
    faults,
    harness,
    call,
    async login(role) {
      const known = tokens.get(role);
      if (known !== undefined) return known;
      const username = `${role}-${tokens.size}`;
      await createUser(
        db,
        { id: uuidv7(), username, passwordHash, role },
        { type: "operator", id: null, requestId: null },
      );
      const answer = await call("POST", "/v1/auth/token", {
        body: new URLSearchParams({ grant_type: "password", username, password: PASSWORD }).toString(),
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
      });
      if (answer.status !== 200) throw new Error(`login answered ${answer.status}: ${answer.text}`);
      tokens.set(role, answer.json.access_token);
      return answer.json.access_token;
    },
    async enqueue(body) {
      const env = await harness.getWorker<{ EVENTS: Queue }>("campaign-manager-api").getEnv();
      await env.EVENTS.send(body);
    },
    async close() {
      // Whatever a test was about: nothing of it may have leaked.
      const logs = harness.getLogs().map((line) => JSON.stringify(line));
      const audit = await database.sql`select to_jsonb(a)::text as row from audit_log a`;
      const counters = await database.sql`select c::text as row from metric_counters c`;
      await harness.close();
      await faults.close();
      await users?.close();
      await database.close();
      for (const line of logs) expectNoLeak("a log line", line);
      for (const { row } of audit) expectNoLeak("an audit row", String(row));
      for (const { row } of counters) expectNoLeak("a metric", String(row));
      await users?.drop();
    },
  };
}

/**
 * What every answer is held to, whatever a test is about.
 * @throws Error when it is not what the OpenAPI document promises, or a refusal holds what it must not
 */
export function expectSound(method: string, path: string, answer: Answered): void {
  checkAnswer(method, path, answer);
  if (answer.status >= 400) expectNoLeak(`the ${answer.status} of ${method} ${path}`, answer.text);
}

interface Queue {
  send(body: unknown): Promise<unknown>;
}

/**
 * Waits until `probe` answers something other than undefined.
 * @throws Error that says so, when a test has hardly any time left
 */
export async function eventually<Value>(
  probe: () => Promise<Value | undefined>,
  { what = "what was waited for" } = {},
): Promise<Value> {
  const deadline = Date.now() + 0.9 * PATIENCE_MS;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
