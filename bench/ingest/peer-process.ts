/**
 * The peer: what a team without our platform would write. Fastify takes the request, jose verifies its RS256 token, our
 * own schemas and limits check the events, BullMQ puts them into Redis. Arguments: Redis's port, the public key as a
 * JWK, issuer, audience, and "job an event" (how BullMQ is meant to be used) or "job a request".
 */
import type { AddressInfo } from "node:net";
import { Queue } from "bullmq";
import Fastify from "fastify";
import { importJWK, jwtVerify } from "jose";
import { checkEvent } from "../../src/api/ingest/event.ts";
import { namedFaults } from "../../src/errors.ts";
import { BODY_BYTES_MAX, EVENTS_PER_REQUEST_MAX } from "../../src/limits.ts";

const [redisPort = "", jwk = "", issuer = "", audience = "", jobs = ""] = process.argv.slice(2);
const key = await importJWK(JSON.parse(jwk), "RS256");
const queue = new Queue("events", { connection: { host: "127.0.0.1", port: Number(redisPort) } });
const app = Fastify({ bodyLimit: BODY_BYTES_MAX });

app.post("/v1/events", async (request, reply) => {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) return reply.code(401).send();
  try {
    await jwtVerify(token, key, { issuer, audience, algorithms: ["RS256"], typ: "at+jwt" });
  } catch {
    return reply.code(401).send();
  }
  const items = Array.isArray(request.body) ? request.body : [request.body];
  if (items.length > EVENTS_PER_REQUEST_MAX) return reply.code(422).send();
  const now = Date.now();
  const checked = items.map((item) => checkEvent(item, now));
  const events = checked.flatMap((item) => (item.ok ? [item.event] : []));
  if (events.length === 0) return reply.code(422).send();
  if (jobs === "job a request") await queue.add("events", { events });
  else await queue.addBulk(events.map((event) => ({ name: "event", data: event })));
  const results = checked.map((item, index) =>
    item.ok
      ? { index, id: item.event.id, status: "accepted" }
      : { index, id: null, status: "rejected", error: { code: "invalid", ...namedFaults(item.faults) } },
  );
  return reply.code(202).send({ accepted: events.length, rejected: items.length - events.length, results });
});

await queue.waitUntilReady();
await app.listen({ host: "127.0.0.1", port: 0 });
process.once("disconnect", () => process.exit());
process.send?.({ port: (app.server.address() as AddressInfo).port });
