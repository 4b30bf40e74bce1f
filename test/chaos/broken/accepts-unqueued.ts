/** The API, but it answers 202 whether or not the queue took the events. */
import worker from "../../../src/api/worker.ts";

export default {
  fetch(request, env, context) {
    const forgiving = {
      sendBatch: (messages: Iterable<MessageSendRequest>) =>
        env.EVENTS.sendBatch(messages).catch(() => undefined),
    };
    return worker.fetch(request, { ...env, EVENTS: forgiving as unknown as Queue }, context);
  },
} satisfies ExportedHandler<ApiBindings>;
