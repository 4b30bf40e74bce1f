import type { FuzzRequest } from "./requests.ts";
import type { FuzzFailure, FuzzRun } from "./run.ts";

const BODY_CHARS_SHOWN = 600;
const REASON_CHARS_SHOWN = 1_500;

/** Which statuses answered each operation, how often. */
export function describeRun({ requests, statuses }: FuzzRun): string {
  const width = Math.max(...[...statuses.keys()].map((key) => key.length));
  const rows = [...statuses]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([key, counts]) => {
      const cells = [...counts].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}×${count}`);
      return `${key.padEnd(width)}  ${cells.join("  ")}`;
    });
  return [...rows, `${requests} requests to ${statuses.size} operations`].join("\n");
}

/** The request, what is wrong with its answer, and how to make it again. */
export function describeFailure({ request, reason }: FuzzFailure, seed: number): string {
  return [
    `request ${request.number}, made from ${request.operation}, as ${request.caller}:`,
    `  ${request.method} ${request.path.slice(0, BODY_CHARS_SHOWN)}`,
    ...Object.entries(request.headers).map(([name, value]) => `  ${name}: ${value.slice(0, 200)}`),
    `  ${bodyOf(request)}`,
    `  => ${reason.slice(0, REASON_CHARS_SHOWN)}`,
    `  again: npm run fuzz -- --seed ${seed} --first ${request.number} --requests 1`,
  ].join("\n");
}

function bodyOf({ body }: FuzzRequest): string {
  if (body === undefined) return "(no body)";
  return typeof body === "string"
    ? JSON.stringify(body.slice(0, BODY_CHARS_SHOWN)) +
        (body.length > BODY_CHARS_SHOWN ? ` of ${body.length}` : "")
    : `bytes ${Buffer.from(body).toString("hex")}`;
}
