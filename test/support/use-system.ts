import { beforeAll } from "vitest";
import { type System, type SystemOptions, startSystem } from "./system.ts";

/** A system for the tests of a file, or of the `describe` it is called in: there from their `beforeAll` on. */
export function useSystem(options: SystemOptions = {}): System {
  const system = {} as System;
  beforeAll(async () => {
    Object.assign(system, await startSystem(options));
    return system.close;
  });
  return system;
}
