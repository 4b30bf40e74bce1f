/** workerd configurations (Cap'n Proto text) of the two Workers, with local stand-ins for their bindings. */
import type { Bundle } from "./bundle.ts";

/** Files of a configuration, by name; `config.capnp` is the one that workerd is given. */
export type ConfigFiles = Readonly<Record<string, string | Buffer>>;

export interface WorkerSettings {
  readonly bundle: Bundle;
  /** Values for the variables and secrets. */
  readonly values: Readonly<Record<string, string>>;
  /** `127.0.0.1:port` of what stands for the queue. */
  readonly queueAddress: string;
  /** A module that runs before the Worker's first line. */
  readonly prelude?: string;
}

/** The API Worker, answering requests itself. */
export function apiConfig(settings: WorkerSettings): ConfigFiles {
  return configuration(settings, "product", "", {});
}

/** The consumer Worker behind a dispatcher that turns a POST into a delivery of messages, and answers its result. */
export function consumerConfig(settings: WorkerSettings): ConfigFiles {
  const dispatcher = `(name = "dispatcher", worker = (
      modules = [(name = "dispatcher.js", esModule = embed "dispatcher.js")],
      compatibilityDate = "2026-01-01", compatibilityFlags = ["service_binding_extra_handlers"],
      bindings = [(name = "CONSUMER", service = "product")])),`;
  return configuration(settings, "dispatcher", dispatcher, { "dispatcher.js": DISPATCHER });
}

const DISPATCHER = `export default {
  async fetch(request, env) {
    const { queue, messages } = await request.json();
    return Response.json(
      await env.CONSUMER.queue(queue, messages.map((m) => ({ ...m, timestamp: new Date(m.timestamp) }))),
    );
  },
};
`;

function configuration(
  { bundle, values, queueAddress, prelude = "" }: WorkerSettings,
  front: string,
  services: string,
  modules: ConfigFiles,
): ConfigFiles {
  const texts = { ...bundle.variables, ...values };
  const bindings = [
    ...Object.entries(texts).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
    ...bundle.queues.map((name) => `(name = ${text(name)}, queue = "queue")`),
    ...bundle.rateLimits.map((name) => standIn(name, "rate-limit")),
    ...bundle.buckets.map((name) => standIn(name, "bucket")),
    ...bundle.datasets.map((name) => standIn(name, "dataset")),
    ...bundle.fetchers.map((name) => `(name = ${text(name)}, service = "nothing")`),
  ];
  return {
    ...modules,
    ...bundle.wasm,
    "prelude.js": prelude,
    "product.js": bundle.module,
    // Imports run in their order.
    "main.js": 'import "prelude.js";\nexport { default } from "product.js";\n',
    ...Object.fromEntries(Object.entries(STAND_INS).map(([name, code]) => [`${name}.js`, code])),
    "nothing.js": "export default { fetch: () => new Response(null, { status: 404 }) };\n",
    "config.capnp": `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "product", worker = (
      modules = [${[...["main.js", "prelude.js", "product.js"].map(moduleEntry), ...Object.keys(bundle.wasm).map(wasmEntry)].join(", ")}],
      compatibilityDate = ${text(bundle.compatibilityDate)},
      compatibilityFlags = [${bundle.compatibilityFlags.map(text).join(", ")}],
      bindings = [${bindings.join(",\n        ")}])),
    ${services}
    (name = "queue", external = (address = ${text(queueAddress)}, http = ())),
    (name = "nothing", worker = (modules = [${moduleEntry("nothing.js")}], compatibilityDate = "2026-01-01")),
    (name = "internet", network = (allow = ["private"])),
  ],
  extensions = [(modules = [${Object.keys(STAND_INS).map(standInModule).join(", ")}])],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = ${text(front)})],
);
`,
  };
}

/**
 * Answers of the bindings that runs do not examine: every request is within its limit, buckets and datasets keep
 * nothing.
 */
const STAND_INS = {
  "rate-limit": "export default () => ({ limit: async () => ({ success: true }) });\n",
  bucket:
    "export default () => ({ get: async () => null, head: async () => null, put: async () => null });\n",
  dataset: "export default () => ({ writeDataPoint() {} });\n",
};

const standIn = (binding: string, module: keyof typeof STAND_INS) =>
  `(name = ${text(binding)}, wrapped = (moduleName = "stand-in:${module}"))`;
const standInModule = (name: string) =>
  `(name = "stand-in:${name}", internal = true, esModule = embed "${name}.js")`;
const moduleEntry = (name: string) => `(name = "${name}", esModule = embed "${name}")`;
const wasmEntry = (name: string) => `(name = "${name}", wasm = embed "${name}")`;
const text = (value: string) => JSON.stringify(value);
