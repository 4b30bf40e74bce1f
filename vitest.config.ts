import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build-workers.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // On a busy runner a real time-out of a test may strike once. A retry is reported as such.
    retry: process.env["CI"] ? 1 : 0,
  },
});
