CREATE TABLE "holdouts" (
	"key" text PRIMARY KEY NOT NULL,
	"percent" numeric NOT NULL,
	CONSTRAINT "holdouts_key_percent" UNIQUE("key","percent")
);
--> statement-breakpoint
ALTER TABLE "campaign_versions" ADD COLUMN "gates" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "campaign_versions" ADD COLUMN "holdout_key" text GENERATED ALWAYS AS (gates -> 'holdout' ->> 'key') STORED;--> statement-breakpoint
ALTER TABLE "campaign_versions" ADD COLUMN "holdout_percent" numeric GENERATED ALWAYS AS ((gates -> 'holdout' ->> 'percent')::numeric) STORED;--> statement-breakpoint
ALTER TABLE "matches" ADD COLUMN "outcome" text DEFAULT 'granted' NOT NULL;--> statement-breakpoint
ALTER TABLE "matches" ADD COLUMN "evidence" jsonb;--> statement-breakpoint
ALTER TABLE "campaign_versions" ADD CONSTRAINT "campaign_versions_holdout" FOREIGN KEY ("holdout_key","holdout_percent") REFERENCES "public"."holdouts"("key","percent") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Rows of before are granted by the default: nobody has to read through them.
ALTER TABLE "matches" ADD CONSTRAINT "matches_outcome" CHECK ("matches"."outcome" in ('granted', 'held_out', 'not_in_sample', 'outranked')) NOT VALID;