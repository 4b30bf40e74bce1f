import { log } from "../telemetry/log.ts";
import { createApp, misconfigured } from "./app.ts";
import { runSchedule } from "./scheduled/schedule.ts";
import { loadServices, type Services } from "./services.ts";

const app = createApp();
let services: Services | undefined;

export default {
  async fetch(request, env, context) {
    services ??= await start(env);
    return services === undefined ? misconfigured() : app.fetch(request, services, context);
  },
  async scheduled(controller, env) {
    services ??= await start(env);
    if (services !== undefined) await runSchedule(services, controller.scheduledTime);
  },
} satisfies ExportedHandler<ApiBindings>;

async function start(env: ApiBindings): Promise<Services | undefined> {
  const loaded = await loadServices(env);
  if (loaded.ok) return loaded.services;
  log("error", "misconfigured", { problems: loaded.problems });
  return undefined;
}
