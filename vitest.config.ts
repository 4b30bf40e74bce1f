import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Every process of a run, and every command that a test starts, loads wrangler and this project's TypeScript: compiled once.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url));

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

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build-workers.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A process for many files: what they import is evaluated, and PGlite compiled, once in each.
    isolate: false,
    // More than the cores of a small runner: the longest tests mostly wait, for time-outs and redeliveries.
    maxWorkers: 4,
    maxConcurrency: 3,
    sequence: { sequencer: LongestFirst },
    // On a busy runner a real time-out of a test may strike once. A retry is reported as such.
    retry: process.env["CI"] ? 1 : 0,
  },
});
