ALTER TABLE "dead_letters" ADD COLUMN "data_hash" "bytea";--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "status" text DEFAULT 'open' NOT NULL;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "resolved_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "discarded_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "discard_reason" text;--> statement-breakpoint
CREATE INDEX "dead_letters_status_last" ON "dead_letters" USING btree ("status","last_at","id");--> statement-breakpoint
CREATE INDEX "dead_letters_replayed" ON "dead_letters" USING btree ("replayed_at","id") WHERE "dead_letters"."status" = 'replayed';--> statement-breakpoint
CREATE INDEX "dead_letters_event" ON "dead_letters" USING btree ("event_id");--> statement-breakpoint
ALTER TABLE "dead_letters" ADD CONSTRAINT "dead_letters_data_hash_length" CHECK (octet_length("dead_letters"."data_hash") = 32);--> statement-breakpoint
ALTER TABLE "dead_letters" ADD CONSTRAINT "dead_letters_discard_reason_length" CHECK (char_length("dead_letters"."discard_reason") between 1 and 1024);--> statement-breakpoint
ALTER TABLE "dead_letters" ADD CONSTRAINT "dead_letters_status" CHECK (case "dead_letters"."status"
        when 'open' then num_nonnulls("dead_letters"."resolved_at", "dead_letters"."discarded_at", "dead_letters"."discard_reason") = 0
        when 'replayed' then "dead_letters"."replayed_at" is not null
          and num_nonnulls("dead_letters"."resolved_at", "dead_letters"."discarded_at", "dead_letters"."discard_reason") = 0
        when 'resolved' then "dead_letters"."resolved_at" is not null
          and num_nonnulls("dead_letters"."discarded_at", "dead_letters"."discard_reason") = 0
        when 'discarded' then "dead_letters"."resolved_at" is null
          and num_nonnulls("dead_letters"."discarded_at", "dead_letters"."discard_reason") = 2
        else false end);--> statement-breakpoint
-- The API replays and discards letters, and settles what became of them; what a letter says it cannot change.
GRANT UPDATE (status, data_hash, replayed_at, resolved_at, discarded_at, discard_reason) ON "dead_letters"
  TO campaign_manager_api;
