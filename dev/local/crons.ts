/** Triggers the Workers' scheduled handlers on this machine when Cloudflare would. */
import { Cron } from "croner";
import * as z from "zod";
import { CannotRun } from "../../ops/command.ts";

export interface Trigger {
  readonly worker: string;
  /** In Cloudflare's form: five parts, UTC, Sunday is 1. */
  readonly cron: string;
}

export interface CronOptions {
  /** Of `wrangler dev`, without a path. */
  readonly url: string;
  readonly triggers: readonly Trigger[];
  /** When every trigger fires, in the place of its own expression; may have seconds as a sixth part, the first. */
  readonly schedule?: string | undefined;
  /** What ran, for how long, and how it ended. */
  readonly onLine: (line: string) => void;
}

export interface Crons {
  start(): void;
  /** Abandons what runs, and says no more. */
  stop(): Promise<void>;
}

/** Of wrangler's local API, the one that names a Worker: `/cdn-cgi/local/scheduled` reaches the first alone. */
const PATH = "/cdn-cgi/local/explorer/api/local/scheduled";

const answerSchema = z.object({
  result: z.object({ outcome: z.string() }).nullish(),
  errors: z.array(z.object({ message: z.string() })).default([]),
});

/**
 * What runs each trigger on its schedule from its start until it is stopped, never twice at the same time: a run that
 * would begin while the one before goes on is left out.
 * @throws CannotRun for an expression that is none
 */
export function createCrons({ url, triggers, schedule, onLine }: CronOptions): Crons {
  const stopped = new AbortController();
  const running = new Set<Promise<void>>();

  const run = async (trigger: Trigger, scheduledTime: Date): Promise<void> => {
    const start = performance.now();
    const outcome = await fire(url, trigger, scheduledTime, stopped.signal);
    if (stopped.signal.aborted) return;
    onLine(`${label(trigger)}: ${outcome} (${Math.round(performance.now() - start)} ms)`);
  };

  const jobs = triggers.map((trigger) => ({ trigger, job: cronOf(trigger, schedule, onLine) }));
  return {
    start() {
      for (const { trigger, job } of jobs) {
        job.schedule(async () => {
          const now = run(trigger, toSecond(job.currentRun() ?? new Date()));
          running.add(now);
          await now.finally(() => running.delete(now));
        });
      }
    },
    async stop() {
      for (const { job } of jobs) job.stop();
      stopped.abort();
      await Promise.all(running);
    },
  };
}

const label = ({ worker, cron }: Trigger) => `[cron] ${worker} ${cron}`;

function cronOf(trigger: Trigger, schedule: string | undefined, onLine: (line: string) => void): Cron {
  const expression = schedule ?? trigger.cron;
  try {
    return new Cron(expression, {
      mode: schedule === undefined ? "5-part" : "5-or-6-parts",
      timezone: "UTC",
      alternativeWeekdays: true,
      protect: () => onLine(`${label(trigger)}: left out, the run before goes on`),
    });
  } catch (error) {
    throw new CannotRun(`${JSON.stringify(expression)} is no cron expression: ${(error as Error).message}`);
  }
}

/** How a run ended, in a word: `ok`, `exception`, or why it could not begin. */
async function fire(
  url: string,
  { worker, cron }: Trigger,
  scheduledTime: Date,
  signal: AbortSignal,
): Promise<string> {
  try {
    const response = await fetch(`${url}${PATH}?${new URLSearchParams({ worker })}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ cron, scheduled_time: scheduledTime.getTime() }),
      signal,
    });
    const { result, errors } = answerSchema.parse(await response.json());
    return result?.outcome ?? errors.map(({ message }) => message).join(", ");
  } catch (error) {
    return `not run, ${(error as Error).message}`;
  }
}

/** A timer is some milliseconds late. */
const toSecond = (time: Date) => new Date(Math.floor(time.getTime() / 1_000) * 1_000);
