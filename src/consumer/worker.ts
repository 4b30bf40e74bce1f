import { type ConsumerConfig, parseConsumerConfig } from "../config.ts";
import { openDatabase } from "../storage/client.ts";
import { log } from "../telemetry/log.ts";
import { type ActiveSet, createActiveSet } from "./active-set.ts";
import { keepDeadLetters } from "./dead-letters.ts";
import { decideBatch } from "./decide-batch.ts";
import { enforceRetention } from "./retention.ts";

let config: ConsumerConfig | undefined;
/** Kept for the isolate's life, so that a batch costs no reading of campaigns. */
let activeSet: ActiveSet | undefined;

export default {
  async queue(batch, env) {
    config ??= configOf(env);
    if (config === undefined) {
      batch.retryAll({ delaySeconds: 60 });
      return;
    }
    const db = openDatabase(config.database);
    activeSet ??= createActiveSet();
    if (batch.queue.endsWith("-dlq")) await keepDeadLetters(db, batch);
    else await decideBatch(db, activeSet, batch);
  },

  async scheduled(_controller, env) {
    config ??= configOf(env);
    if (config === undefined) throw new Error("misconfigured");
    await enforceRetention(openDatabase(config.database), config.retention, Date.now);
  },
} satisfies ExportedHandler<ConsumerBindings>;

/** Undefined when the environment is wrong: the log then says what, by binding name. */
function configOf(env: ConsumerBindings): ConsumerConfig | undefined {
  const parsed = parseConsumerConfig(env);
  if (parsed.ok) return parsed.config;
  log("error", "misconfigured", { problems: parsed.problems });
  return undefined;
}
