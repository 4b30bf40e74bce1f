/** The consumer, but what is a duplicate is decided by memory, before the commit that may fail. */
import worker from "../../../src/consumer/worker.ts";
import { parseBody, type QueueMessage } from "../../../src/messages.ts";

const seen = new Set<string>();

export default {
  async queue(batch, env, context) {
    const messages = batch.messages.flatMap((message) => {
      const body = parseBody(message.body) as QueueMessage;
      if (!Array.isArray(body.events)) return [message];
      const events = body.events.filter(({ received_at: _, ...content }) => isNew(JSON.stringify(content)));
      if (events.length > 0) return [withOwn(message, { body: { ...body, events } })];
      message.ack();
      return [];
    });
    if (messages.length > 0) await worker.queue(withOwn(batch, { messages }), env, context);
  },
} satisfies ExportedHandler<ConsumerBindings>;

function isNew(content: string): boolean {
  if (seen.has(content)) return false;
  seen.add(content);
  return true;
}

/** The platform's object with some properties replaced; its methods insist on being called on itself. */
function withOwn<T extends object>(object: T, own: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      if (name in own) return Reflect.get(own, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
