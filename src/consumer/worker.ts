import { type ConsumerConfig, parseConsumerConfig } from "../config.ts";
import { openDatabase } from "../storage/client.ts";
import { log } from "../telemetry/log.ts";
import { type ActiveSet, createActiveSet } from "./active-set.ts";
import { keepDeadLetters } from "./dead-letters.ts";
import { decideBatch } from "./decide-batch.ts";

let config: ConsumerConfig | undefined;
/** Kept for the isolate's life, so that a batch costs no reading of campaigns. */
let activeSet: ActiveSet | undefined;

export default {
  async queue(batch, env) {
    if (config === undefined) {
      const parsed = parseConsumerConfig(env);
      if (!parsed.ok) {
        log("error", "misconfigured", { problems: parsed.problems });
        batch.retryAll({ delaySeconds: 60 });
        return;
      }
      config = parsed.config;
    }
    const db = openDatabase(config.database);
    activeSet ??= createActiveSet();
    if (batch.queue.endsWith("-dlq")) await keepDeadLetters(db, batch);
    else await decideBatch(db, activeSet, batch);
  },
} satisfies ExportedHandler<ConsumerBindings>;
