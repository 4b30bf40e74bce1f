/** What api.md calls conventions: they hold on every route, so one or two routes stand for all of them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BODY_BYTES_MAX, FAULTS_MAX, JSON_DEPTH_MAX, REQUEST_ID_CHARS_MAX } from "../../src/limits.ts";
import { RULE } from "../support/posted-campaigns.ts";
import { eventually } from "../support/system.ts";
import { useSystem } from "../support/use-system.ts";

const system = useSystem();
let admin: string;
beforeAll(async () => {
  admin = await system.login("admin");
});

const VALID = { name: "Big", rule: RULE };
const JSON_TYPE = { "Content-Type": "application/json" };

/** POSTs a body as it is to a route that takes JSON. */
const post = (body: BodyInit, headers: Record<string, string> = JSON_TYPE) =>
  system.call("POST", "/v1/campaigns", { token: admin, body, headers });

describe("a body", () => {
  test.each([
    ["nothing", ""],
    ["white space", " \n"],
    ["cut short", '{"name":"Big"'],
    ["a trailing comma", '{"name":"Big",}'],
    ["a leading comma", '{,"name":"Big"}'],
    ["single quotes", "{'name':'Big'}"],
    ["a bare key", '{name:"Big"}'],
    ["a comment", '{"name":"Big"/* big */}'],
    ["NaN", '{"name":NaN}'],
    ["Infinity", '{"name":-Infinity}'],
    ["undefined", '{"name":undefined}'],
    ["a leading zero", '{"name":01}'],
    ["a leading plus", '{"name":+1}'],
    ["a bare fraction", '{"name":.5}'],
    ["a bare exponent", '{"name":1e}'],
    ["a hexadecimal number", '{"name":0x10}'],
    ["a line break in a string", '{"name":"a\nb"}'],
    ["a NUL in a string", '{"name":"a\0b"}'],
    ["an unknown escape", '{"name":"\\x41"}'],
    ["half a unicode escape", '{"name":"\\u12"}'],
    ["two values", "{}{}"],
    ["an unbalanced bracket", '{"name":["Big"}'],
    ["a byte order mark", `\ufeff${JSON.stringify(VALID)}`],
    ["a form", "name=Big"],
  ])("that is not JSON is a 400: %s", async (_, body) => {
    const answer = await post(body);
    expect([answer.status, answer.json.code]).toEqual([400, "malformed_json"]);
  });

  test.each([
    ["a byte that begins nothing", [0x22, 0xff, 0x22]],
    ["a character cut short", [0x22, 0xe2, 0x82, 0x22]],
    ["an overlong slash", [0x22, 0xc0, 0xaf, 0x22]],
    ["a surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ["UTF-16", [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])("that is not UTF-8 is a 400: %s", async (_, bytes) => {
    const answer = await post(Uint8Array.from(bytes));
    expect([answer.status, answer.json.code]).toEqual([400, "malformed_body"]);
  });

  test.each([
    ["none", {}],
    ["text", { "Content-Type": "text/plain" }],
    ["a form", { "Content-Type": "application/x-www-form-urlencoded" }],
    ["a multipart form", { "Content-Type": "multipart/form-data; boundary=x" }],
    ["another charset", { "Content-Type": "application/json; charset=utf-16" }],
    ["CloudEvents where none are taken", { "Content-Type": "application/cloudevents+json" }],
    ["something that begins alike", { "Content-Type": "application/jsonp" }],
    ["compressed", { ...JSON_TYPE, "Content-Encoding": "gzip" }],
  ])("of an unsupported type is a 415: %s", async (_, headers) => {
    const answer = await post(new TextEncoder().encode(JSON.stringify(VALID)), headers);
    expect([answer.status, answer.json.code]).toEqual([415, "unsupported_media_type"]);
  });

  test.each([
    ["application/json; charset=utf-8"],
    ['APPLICATION/JSON;charset="UTF-8"'],
    ["application/json; profile=x"],
  ])("may say its type as %s", async (type) => {
    expect((await post(JSON.stringify(VALID), { "Content-Type": type })).status).toBe(201);
  });

  const padded = (bytes: number) => JSON.stringify(VALID).padEnd(bytes, " ");
  test("of exactly the limit is read", async () => {
    expect((await post(padded(BODY_BYTES_MAX))).status).toBe(201);
  });
  test("one byte over the limit is a 413 that names it, by its Content-Length", async () => {
    const answer = await post(padded(BODY_BYTES_MAX + 1));
    expect([answer.status, answer.json.code]).toEqual([413, "body_too_large"]);
    expect(answer.json.detail).toContain(String(BODY_BYTES_MAX));
  });
  test("that never says its length is a 413 as soon as it is over the limit", async () => {
    const chunk = new Uint8Array(64 * 1024).fill(0x20);
    let sent = 0;
    const stream = new ReadableStream({
      pull(controller) {
        sent += chunk.length;
        controller.enqueue(chunk);
        if (sent > 2 * BODY_BYTES_MAX) controller.close();
      },
    });
    const answer = await post(stream);
    expect([answer.status, answer.json.code]).toEqual([413, "body_too_large"]);
  });

  test("that nests too deep is a 422, however deep", async () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    for (const depth of [JSON_DEPTH_MAX + 1, 200_000]) {
      const answer = await post(nested(depth));
      expect(answer.status).toBe(422);
      expect(answer.json.errors).toMatchObject([{ pointer: "", code: "too_deep" }]);
    }
    const answer = await post(nested(JSON_DEPTH_MAX));
    expect(answer.json.errors).toMatchObject([{ pointer: "", code: "invalid_type" }]);
  });

  test.each(["id", "role", "owner", "status", "version", "constructor", "a/b~c"])(
    "with the unknown key %s is a 422 that points at it",
    async (key) => {
      const answer = await post(JSON.stringify({ ...VALID, [key]: "admin" }));
      expect(answer.status).toBe(422);
      const pointer = `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      expect(answer.json.errors).toMatchObject([{ pointer, code: "unknown_key" }]);
    },
  );

  test.each([
    ["a field of the route", '{"name":"Big","rule":{},"name":"Small"}', "/name"],
    ["a name once escaped", '{"name":"Big","n\\u0061me":"Small"}', "/name"],
    ["the same value", '{"name":"Big","name":"Big"}', "/name"],
    [
      "a member further in",
      '{"name":"Big","rule":{"all":[{},{"value":1,"field":"x","value":2}]}}',
      "/rule/all/1/value",
    ],
    ["an unknown name with a slash", '{"a/b":[],"a/b":{"c":1}}', "/a~1b"],
    ["an empty name", '{"":1,"":2}', "/"],
    ["a prototype", '{"__proto__":1,"__proto__":2}', "/__proto__"],
  ])("that repeats %s is a 422 that points at it", async (_, body, pointer) => {
    const answer = await post(body);
    expect([answer.status, answer.json.code]).toEqual([422, "invalid"]);
    expect(answer.json.errors).toEqual([{ pointer, code: "duplicate_key", message: expect.any(String) }]);
  });

  test("that tries to reach a prototype is refused", async () => {
    const answer = await post(`{"__proto__":{"name":"Big"},"name":"Big","rule":${JSON.stringify(RULE)}}`);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer: "/__proto__", code: "unknown_key" }]);
  });

  test.each([FAULTS_MAX, FAULTS_MAX + 1, 100_000])(
    "with %i unknown keys is a 422 of bounded size",
    async (count) => {
      const unknown = Array.from({ length: count }, (_, n) => `"${n.toString(36)}":0`);
      const answer = await post(`{"name":"Big","rule":${JSON.stringify(RULE)},${unknown.join()}}`);
      expect(answer.status).toBe(422);
      expect(answer.json.errors).toHaveLength(FAULTS_MAX);
      expect(answer.json.more_errors).toBe(count === FAULTS_MAX ? undefined : count - FAULTS_MAX);
    },
  );

  test("has every fault named at once", async () => {
    const answer = await post(
      JSON.stringify({ name: "", rule: { field: "data.x", operator: "like", value: 1 }, owner: 1 }),
    );
    expect(answer.json.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual([
      "/name",
      "/owner",
      "/rule/operator",
    ]);
  });
});

describe("a query", () => {
  test.each([
    ["repeated", "?limit=1&limit=2", "/limit"],
    ["repeated alike", "?limit=1&limit=1", "/limit"],
    ["unknown", "?offset=10", "/offset"],
    ["unknown and named as every object's own", "?constructor=1", "/constructor"],
    ["in another letter case", "?Limit=1", "/Limit"],
    ["of another list", "?campaign_id=x", "/campaign_id"],
    ["a token", `?access_token=x`, "/access_token"],
  ])("parameter is refused: %s", async (_, query, pointer) => {
    const answer = await system.call("GET", `/v1/campaigns${query}`, { token: admin });
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer }]);
  });
});

describe("a path and a method", () => {
  test.each([
    "/",
    "/v1",
    "/v2/campaigns",
    "/v1/campaigns/",
    "/V1/campaigns",
    "/v1/nothing",
    "/index.html",
    "/swagger-ui.css",
    "/v1/%ff",
    "/v1/campaigns/%zz/activate/x",
  ])("unknown: GET %s is a 404", async (path) => {
    expect((await system.call("GET", path, { token: admin })).json.code).toBe("not_found");
  });

  test.each([
    ["PUT", "/v1/campaigns", "GET, HEAD, POST"],
    ["DELETE", "/v1/campaigns", "GET, HEAD, POST"],
    ["POST", "/v1/campaigns/018f0000-0000-7000-8000-000000000000", "GET, HEAD, PATCH"],
    ["GET", "/v1/auth/token", "POST"],
    ["GET", "/v1/campaigns/018f0000-0000-7000-8000-000000000000/activate", "POST"],
    ["PATCH", "/v1/api-keys/018f0000-0000-7000-8000-000000000000", "DELETE"],
    ["POST", "/health", "GET, HEAD"],
    ["POST", "/.well-known/jwks.json", "GET, HEAD"],
    ["OPTIONS", "/v1/campaigns", "GET, HEAD, POST"],
    ["PROPFIND", "/v1/events", "POST, GET, HEAD"],
  ])("not allowed: %s %s is a 405 that says what is", async (method, path, allow) => {
    const answer = await system.call(method, path, { token: admin });
    expect([answer.status, answer.json?.code, answer.headers.get("Allow")]).toEqual([
      405,
      "method_not_allowed",
      allow,
    ]);
  });

  test("a method override is not heard", async () => {
    const answer = await system.call("POST", "/v1/campaigns", {
      token: admin,
      json: VALID,
      headers: { "X-HTTP-Method-Override": "DELETE" },
    });
    expect(answer.status).toBe(201);
  });

  test("HEAD answers as GET, without a body", async () => {
    const answer = await system.call("HEAD", "/v1/campaigns", { token: admin });
    expect([answer.status, answer.text]).toEqual([200, ""]);
  });
});

describe("a problem", () => {
  test("is application/problem+json with a code, a title and the request's id", async () => {
    const answer = await system.call("GET", "/v1/nothing", { headers: { "X-Request-Id": "asked-1" } });
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(answer.json).toEqual({
      type: "urn:campaign-manager:problem:not_found",
      title: "There is nothing here",
      status: 404,
      code: "not_found",
      request_id: "asked-1",
    });
  });

  test("of a field names it: pointer, code and message", async () => {
    const answer = await post(JSON.stringify({ ...VALID, name: 7 }));
    expect(answer.json).toMatchObject({
      code: "invalid",
      errors: [{ pointer: "/name", code: "invalid_type", message: expect.stringMatching(/string/) }],
    });
  });
});

describe("X-Request-Id", () => {
  test.each(["a", "018f-A_b.9", "x".repeat(REQUEST_ID_CHARS_MAX)])(
    "that is well-formed is kept: %s",
    async (id) => {
      const answer = await system.call("GET", "/health", { headers: { "X-Request-Id": id } });
      expect(answer.headers.get("X-Request-Id")).toBe(id);
    },
  );

  test.each([
    ["nothing", ""],
    ["a space", "a b"],
    ["a quote", 'a"b'],
    ["a brace", "{a}"],
    ["two values", "a, b"],
    ["another script", "\u00e9"],
    ["too long", "x".repeat(REQUEST_ID_CHARS_MAX + 1)],
  ])("that is not is replaced: %s", async (_, id) => {
    const answer = await system.call("GET", "/health", { headers: { "X-Request-Id": id } });
    expect(answer.headers.get("X-Request-Id")).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test("is new for every request that brings none", async () => {
    const [a, b] = await Promise.all([system.call("GET", "/health"), system.call("GET", "/health")]);
    expect(a.headers.get("X-Request-Id")).not.toBe(b.headers.get("X-Request-Id"));
  });
});

describe("traceparent", () => {
  /** The lines that both Workers log about a request. */
  const linesOf = (requestId: string) =>
    system.harness
      .getLogs()
      .map((line) => line.message)
      .filter((message) => message.includes(`"request_id":"${requestId}"`))
      .map((message): Record<string, unknown> => JSON.parse(message));

  const sent = async (requestId: string, traceparent: string) => {
    const answer = await system.call("POST", "/v1/events", {
      token: admin,
      json: { id: requestId, type: "purchase" },
      headers: { "X-Request-Id": requestId, traceparent },
    });
    expect(answer.status).toBe(202);
    return eventually(
      async () => {
        const lines = linesOf(requestId);
        const messages = lines.map((line) => line["message"]);
        return messages.includes("request") && messages.includes("message_decided") ? lines : undefined;
      },
      { what: "the consumer's log line" },
    );
  };

  test("that is valid is followed through the queue into the consumer's logs", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const lines = await sent("traced-1", traceparent);
    expect(lines.map((line) => line["traceparent"])).toEqual([traceparent, traceparent]);
  });

  test.each([
    ["zeros", "00-00000000000000000000000000000000-b7ad6b7169203331-01"],
    ["another version", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
    ["free text", "select-1"],
  ])("that is not valid goes nowhere: %s", async (name, traceparent) => {
    const lines = await sent(`untraced-${name.replace(" ", "-")}`, traceparent);
    expect(lines.map((line) => line["traceparent"])).toEqual([undefined, undefined]);
  });
});

describe("HTTPS", () => {
  test.each([
    ["another host", "http://example.com/health", {}],
    ["one that claims otherwise", "http://example.com/health", { "X-Forwarded-Proto": "https" }],
    ["Forwarded", "http://example.com/health", { Forwarded: "proto=https" }],
    ["a host that looks local", "http://localhost.example.com/health", {}],
    ["an unknown path", "http://example.com/nothing", {}],
  ])("is required, and nothing redirected: %s", async (_, url, headers) => {
    const answer = await system.call("GET", url, { headers });
    expect([answer.status, answer.json.code]).toEqual([403, "insecure_transport"]);
    expect(answer.headers.has("Location")).toBe(false);
  });

  test("a credential sent without it is not even looked at", async () => {
    const answer = await system.call("GET", "http://example.com/v1/auth/me", { token: admin });
    expect(answer.json.code).toBe("insecure_transport");
  });

  test("answers on any host", async () => {
    expect((await system.call("GET", "https://example.com/health")).status).toBe(200);
  });
});

describe("CORS", () => {
  const preflight = (origin: string) =>
    system.call("OPTIONS", "/v1/events", {
      headers: {
        Origin: origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
      },
    });
  const corsHeaders = (headers: Headers) =>
    [...headers.keys()].filter((name) => name.startsWith("access-control-"));

  test.each(["https://console.example.com", "https://evil.example", "null"])(
    "is closed by default: %s",
    async (origin) => {
      expect(corsHeaders((await preflight(origin)).headers)).toEqual([]);
      const answer = await system.call("GET", "/health", { headers: { Origin: origin } });
      expect(corsHeaders(answer.headers)).toEqual([]);
    },
  );

  describe("with an origin configured", () => {
    const ORIGIN = "https://console.example.com";
    beforeAll(() => reconfigure({ CORS_ORIGINS: `${ORIGIN}, http://localhost:5173` }));
    afterAll(() => reconfigure({ CORS_ORIGINS: "" }));

    test("answers its preflight", async () => {
      const { status, headers } = await preflight(ORIGIN);
      expect(status).toBe(204);
      expect(headers.get("Access-Control-Allow-Origin")).toBe(ORIGIN);
      expect(headers.get("Access-Control-Allow-Methods")).toBe("GET,POST,PATCH,DELETE");
      expect(headers.get("Access-Control-Allow-Headers")?.toLowerCase()).toContain("authorization");
      expect(headers.has("Access-Control-Allow-Credentials")).toBe(false);
    });

    test("lets it read answers, refusals and 304s alike", async () => {
      const ok = await system.call("GET", "/openapi.json", { headers: { Origin: ORIGIN } });
      const notModified = await system.call("GET", "/openapi.json", {
        headers: { Origin: ORIGIN, "If-None-Match": ok.headers.get("ETag") ?? "" },
      });
      const refused = await system.call("GET", "/v1/campaigns", { headers: { Origin: ORIGIN } });
      expect([ok.status, notModified.status, refused.status]).toEqual([200, 304, 401]);
      for (const { headers } of [ok, notModified, refused]) {
        expect(headers.get("Access-Control-Allow-Origin")).toBe(ORIGIN);
        expect(headers.get("Access-Control-Expose-Headers")).toContain("ETag");
        expect(headers.get("Vary")).toContain("Origin");
      }
    });

    test.each(["https://console.example.com.evil.example", "http://console.example.com", "null", ""])(
      "stays closed to %j, and says that answers differ by origin",
      async (origin) => {
        expect(corsHeaders((await preflight(origin)).headers)).toEqual([]);
        const { headers } = await system.call("GET", "/openapi.json", { headers: { Origin: origin } });
        expect(corsHeaders(headers)).toEqual([]);
        expect(headers.get("Vary")).toContain("Origin");
      },
    );
  });
});

describe("a Worker whose environment is wrong", () => {
  beforeAll(() => reconfigure({ JWT_ISSUER: "canary", CORS_ORIGINS: "*" }));
  afterAll(() => reconfigure({ JWT_ISSUER: "https://campaign-manager.example", CORS_ORIGINS: "" }));

  test("answers 500 to everything, and only its log says what is wrong, by name and never by value", async () => {
    system.harness.clearLogs();
    for (const path of ["/health", "/v1/campaigns"]) {
      const answer = await system.call("GET", path, { token: admin });
      expect([answer.status, answer.json.code]).toEqual([500, "internal"]);
    }
    const [line] = system.harness.getLogs().filter(({ message }) => message.includes("misconfigured"));
    expect(JSON.parse(line?.message ?? "{}").problems).toEqual([
      "JWT_ISSUER is not a URL",
      expect.stringMatching(/^CORS_ORIGINS is not /),
    ]);
    expect(line?.message).not.toContain("canary");
  });
});

/** Starts the API Worker anew with other variables. */
async function reconfigure(vars: Record<string, string>): Promise<void> {
  await system.harness.update((options) => ({
    ...options,
    workers: options.workers.map((worker, index) =>
      index === 0 && "configPath" in worker ? { ...worker, vars: { ...worker.vars, ...vars } } : worker,
    ),
  }));
}
