import { log } from "../telemetry/log.ts";
import { createApp, misconfigured } from "./app.ts";
import { loadServices, type Services } from "./services.ts";

const app = createApp();
let services: Services | undefined;

export default {
  async fetch(request, env, context) {
    if (services === undefined) {
      const loaded = await loadServices(env);
      if (!loaded.ok) {
        log("error", "misconfigured", { problems: loaded.problems });
        return misconfigured();
      }
      services = loaded.services;
    }
    return app.fetch(request, services, context);
  },
} satisfies ExportedHandler<ApiBindings>;
