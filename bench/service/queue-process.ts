/**
 * Stands in for Cloudflare Queues: takes the batches that workerd's queue binding posts and keeps them in memory, as
 * they came, until it is asked to forget them. It uses no disk, like the peer's Redis.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const TAKEN = JSON.stringify({
  metadata: { metrics: { backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: 0 } },
});

let held: Buffer[] = [];

const server = createServer((request, response) => {
  if (request.method === "GET") {
    response.end(String(held.reduce((sum, batch) => sum + messagesIn(batch), 0)));
    return;
  }
  if (request.method === "DELETE") {
    held = [];
    response.end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    held.push(Buffer.concat(chunks));
    response.writeHead(200, { "Content-Type": "application/json" }).end(TAKEN);
  });
});
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once("disconnect", () => process.exit());

/** Counts the events in a batch of messages, only when it is asked to. */
function messagesIn(batch: Buffer): number {
  const { messages } = JSON.parse(batch.toString()) as { messages: { body: string }[] };
  return messages
    .map(({ body }) => JSON.parse(Buffer.from(body, "base64").toString()) as { events: unknown[] })
    .reduce((sum, { events }) => sum + events.length, 0);
}
