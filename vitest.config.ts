import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { unstable_readConfig } from "wrangler";
import { PATIENCE_MS } from "./test/support/patience.ts";

// Every process of a run, and every command that a test starts, loads wrangler and this project's TypeScript: compiled once.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url));

/**
 * Unit tests of what runs in Workers: they run in workerd. In test/api and test/consumer they are in the folders, which
 * mirror those of src; the files beside the folders start whole systems, from Node.js as all other tests.
 */
const IN_WORKERD = [
  "test/*.test.ts",
  "test/{auth,decisions,rules,telemetry}/**/*.test.ts",
  "test/{api,consumer}/*/**/*.test.ts",
  "test/storage/core/**/*.test.ts",
];

/** Files that take longest, so that none of them is still running when all others are done. */
const FIRST = [
  "chaos/chaos",
  "consumer/system",
  "chaos/broken",
  "api/outage",
  "dev/local",
  "api/throttling",
  "ops/backup",
  "api/ingestion",
  "ops/deploy",
  "security/attacks",
  "api/security-counters",
  "api/key-rotation",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = FIRST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return place < 0 ? FIRST.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

const { compatibility_date } = unstable_readConfig({ config: "wrangler.toml" });

export default defineConfig({
  test: {
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    // A process for many files: what they import is evaluated, and PGlite compiled, once in each.
    isolate: false,
    maxConcurrency: 3,
    // What tests log is shown where one fails.
    silent: "passed-only",
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        plugins: [
          cloudflareTest({
            miniflare: {
              ...(compatibility_date === undefined ? {} : { compatibilityDate: compatibility_date }),
              modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
            },
          }),
        ],
        test: {
          name: "workerd",
          include: IN_WORKERD,
          globalSetup: ["test/support/node-side.ts"],
          // They compute and hardly wait.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...IN_WORKERD],
          globalSetup: ["test/support/build-workers.ts"],
          // More than the cores of a small runner: the longest tests mostly wait, for time-outs and redeliveries.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
