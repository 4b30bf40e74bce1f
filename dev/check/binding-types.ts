import { type CheckResult, run } from "../../ops/subprocess.ts";

const WORKERS = [
  { config: "wrangler.toml", name: "ApiBindings", file: "src/api/bindings.d.ts" },
  { config: "wrangler.consumer.toml", name: "ConsumerBindings", file: "src/consumer/bindings.d.ts" },
] as const;

/** Whether the types of both Workers' bindings are those that their wrangler files call for. */
export async function bindingTypes(): Promise<CheckResult> {
  const results = await Promise.all(
    WORKERS.map(({ config, name, file }) =>
      run(
        "wrangler",
        [
          ...["types", file, "--check", "-c", config, "--env-interface", name],
          ...["--include-runtime=false", "--strict-vars=false"],
        ],
        {
          WRANGLER_SEND_METRICS: "false",
          WRANGLER_HIDE_BANNER: "true",
          WRANGLER_WRITE_LOGS: "false",
        },
      ),
    ),
  );
  return {
    ok: results.every((result) => result.ok),
    output: results
      .filter((result) => !result.ok)
      .map((result) => result.output)
      .concat("Run npm run types.")
      .join("\n"),
  };
}
