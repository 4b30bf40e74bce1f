/** Schemas of what a campaign asks beside its window and its rule, and of what that makes of a match. */

import { z } from "@hono/zod-openapi";
import type { CampaignGates, GatesChange } from "../../decisions/gates.ts";
import { isZone } from "../../decisions/local-time.ts";
import { OUTCOMES } from "../../decisions/outcome.ts";
import { dayOf, parseTimeOfDay, WEEKDAYS } from "../../decisions/schedule.ts";
import {
  GROUP_CHARS_MAX,
  HOLDOUT_KEY_CHARS_MAX,
  PRIORITY_MAX,
  SALT_CHARS_MAX,
  SCHEDULE_DATES_MAX,
  SCHEDULE_WINDOWS_MAX,
} from "../../limits.ts";
import { line } from "./schemas.ts";

const timeOfDay = z
  .string()
  .refine((text) => !Number.isNaN(parseTimeOfDay(text)), "must be a time of day from 00:00 to 24:00")
  .openapi({ example: "22:00" });

const date = z
  .string()
  .refine((text) => !Number.isNaN(dayOf(text)), "must be a date such as 2026-12-24")
  .openapi({ format: "date" });

const differ = ({ from = "00:00", to = "24:00" }: { from?: string | undefined; to?: string | undefined }) =>
  from !== to;
const SAME_TIMES = { path: ["to"], message: 'must differ from "from"; a whole day is 00:00 to 24:00' };

const schedule = z
  .strictObject({
    zone: line(1, 64)
      .refine(isZone, "must be a zone of the IANA time zone database, such as Europe/Berlin")
      .openapi({ example: "Europe/Berlin" }),
    weekly: z
      .array(
        z
          .strictObject({
            days: z.array(z.enum(WEEKDAYS)).min(1).max(WEEKDAYS.length).readonly().openapi({
              description: "On which it starts",
            }),
            from: timeOfDay,
            to: timeOfDay.openapi({ description: "Excluded; on the next day when it is not after `from`" }),
          })
          .refine(differ, SAME_TIMES),
      )
      .max(SCHEDULE_WINDOWS_MAX)
      .readonly()
      .optional(),
    include: z
      .array(
        z
          .strictObject({ date, from: timeOfDay.optional(), to: timeOfDay.optional() })
          .refine(differ, SAME_TIMES),
      )
      .max(SCHEDULE_DATES_MAX)
      .readonly()
      .optional()
      .openapi({ description: "Dates on which it is open besides, the whole day without times" }),
    exclude: z
      .array(date)
      .max(SCHEDULE_DATES_MAX)
      .readonly()
      .optional()
      .openapi({ description: "Dates on which no weekly window starts" }),
  })
  .refine(({ weekly = [], include = [] }) => weekly.length + include.length > 0, {
    message: "must have a window: it would never be open",
  })
  .openapi("Schedule", {
    description: "When a campaign may match, by the local time of the event; outside there is no match",
  });

const percent = z
  .number()
  .min(0)
  .max(100)
  .refine((value) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-6, "has at most two decimals");

const sample = z
  .strictObject({
    percent,
    salt: line(1, SALT_CHARS_MAX).optional().openapi({
      description: "The same subjects for the same salt; without one, the campaign's id",
    }),
  })
  .openapi("Sample", {
    description: "Grants to this part of all subjects alone, by GrowthBook's hash of version 2",
  });

const holdout = z.strictObject({ key: line(1, HOLDOUT_KEY_CHARS_MAX), percent }).openapi("Holdout", {
  description:
    "Leaves this part of all subjects out of every campaign that names the key; the first that did fixed the percentage",
});

const orNull = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.null()]);

/** Fields of a campaign; null where it has none. */
export const gates = {
  schedule: orNull(schedule),
  sample: orNull(sample),
  holdout: orNull(holdout),
  group: orNull(line(1, GROUP_CHARS_MAX)).openapi({
    description: "Of the campaigns of a group one is granted for an event, the one with the highest priority",
  }),
  priority: orNull(z.int().min(-PRIORITY_MAX).max(PRIORITY_MAX)).openapi({
    description: "In its group, 0 where it is null; of equal ones the smallest id wins",
    example: 10,
  }),
};

export const outcome = z.enum(OUTCOMES).openapi({
  description: "What became of the match: only a granted one has effects",
});

/** Of these shapes (decisions/outcome.ts), and of others to come. */
export const evidence = z.union([z.record(z.string(), z.unknown()), z.null()]).openapi({
  description: "Why it was not granted; null when it was",
});

const given = z.object(gates).partial();

/** The gates that are given of a campaign, apart from what else is. */
export function splitGates<Given extends z.output<typeof given>>({
  schedule,
  sample,
  holdout,
  group,
  priority,
  ...rest
}: Given) {
  const all = { schedule, sample, holdout, group, priority };
  const gates: GatesChange = Object.fromEntries(Object.entries(all).filter(([, gate]) => gate !== undefined));
  return { rest, gates };
}

/** As the API shows gates: null where there is none. */
export const showGates = ({ schedule, sample, holdout, group, priority }: CampaignGates) => ({
  schedule: schedule ?? null,
  sample: sample ?? null,
  holdout: holdout ?? null,
  group: group ?? null,
  priority: priority ?? null,
});
