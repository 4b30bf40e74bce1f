/** The consumer, but every message is acknowledged before anything is committed. */
import worker from "../../../src/consumer/worker.ts";

export default {
  async queue(batch, env, context) {
    for (const message of batch.messages) message.ack(); // the first of ack and retry wins
    await worker.queue(batch, env, context);
  },
} satisfies ExportedHandler<ConsumerBindings>;
