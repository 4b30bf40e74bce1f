ALTER TABLE "dead_letters" DROP CONSTRAINT "dead_letters_cause";--> statement-breakpoint
ALTER TABLE "campaigns" ADD COLUMN "ordinary_event_steps" bigint;--> statement-breakpoint
ALTER TABLE "campaigns" ADD COLUMN "largest_event_steps" bigint;--> statement-breakpoint
ALTER TABLE "campaigns" ADD COLUMN "measured_version" integer;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "campaign_id" uuid;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "campaign_version" integer;--> statement-breakpoint
CREATE INDEX "campaigns_active_largest_steps" ON "campaigns" USING btree ("largest_event_steps") WHERE "campaigns"."status" = 'active';--> statement-breakpoint
CREATE INDEX "campaigns_active_ordinary_steps" ON "campaigns" USING btree ("ordinary_event_steps","id") WHERE "campaigns"."status" = 'active' and "campaigns"."ordinary_event_steps" > 0;--> statement-breakpoint
CREATE INDEX "campaigns_unmeasured" ON "campaigns" USING btree ("id") WHERE "campaigns"."measured_version" is distinct from "campaigns"."version";--> statement-breakpoint
ALTER TABLE "dead_letters" ADD CONSTRAINT "dead_letters_campaign" CHECK (num_nonnulls("dead_letters"."campaign_id", "dead_letters"."campaign_version") in (0, 2) and ("dead_letters"."campaign_id" is null or "dead_letters"."cause" = 'too_costly'));--> statement-breakpoint
ALTER TABLE "dead_letters" ADD CONSTRAINT "dead_letters_cause" CHECK ("dead_letters"."cause" in ('malformed_message', 'refused_by_database', 'retries_exhausted', 'too_costly'));