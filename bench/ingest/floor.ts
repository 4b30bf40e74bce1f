/**
 * The floor: what a request to post events costs whatever else is done with it. A bare Worker verifies the token with
 * jose and sends the message that the product would send, to the same queue binding.
 */
import { importJWK, jwtVerify } from "jose";
import { type AcceptedEvent, batches, pack } from "../../src/messages.ts";
import { formatTime } from "../../src/time.ts";

interface Env {
  readonly EVENTS: { sendBatch(messages: { body: string; contentType: "text" }[]): Promise<unknown> };
  readonly JWT_ISSUER: string;
  readonly JWT_AUDIENCE: string;
  /** As a JWK. */
  readonly JWT_PUBLIC_KEY: string;
}

let key: Awaited<ReturnType<typeof importJWK>> | undefined;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    key ??= await importJWK(JSON.parse(env.JWT_PUBLIC_KEY), "RS256");
    const token = request.headers.get("Authorization")?.slice("Bearer ".length) ?? "";
    const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = env;
    await jwtVerify(token, key, { issuer, audience, algorithms: ["RS256"], typ: "at+jwt" });
    const body = (await request.json()) as Posted | Posted[];
    const received_at = formatTime(Date.now());
    const events = (Array.isArray(body) ? body : [body]).map((event) => ({ ...event, received_at }));
    for (const batch of batches(pack(events, { request_id: crypto.randomUUID() }))) {
      await env.EVENTS.sendBatch(batch.map(({ body }) => ({ body, contentType: "text" })));
    }
    const results = events.map(({ id }, index) => ({ index, id, status: "accepted" }));
    return Response.json({ accepted: events.length, rejected: 0, results }, { status: 202 });
  },
};

type Posted = Omit<AcceptedEvent, "received_at">;
