import { Problem } from "../../errors.ts";

/** @param seconds after which the caller may come again */
export const throttled = (seconds: number): Problem =>
  new Problem("throttled", { headers: { "Retry-After": String(seconds) } });
