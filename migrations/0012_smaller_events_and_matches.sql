-- What an event and its matches cost to store, halved: no hash of the content, no foreign keys, shorter and fewer
-- indexes. The consumer of before goes on beside it: `data_hash` stays until the next release, and is dropped there.
ALTER TABLE "events" DROP CONSTRAINT "events_data_hash_length";--> statement-breakpoint
ALTER TABLE "events" ALTER COLUMN "data_hash" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "matches" DROP CONSTRAINT "matches_campaign_id_campaign_version_campaign_versions_campaign_id_version_fk";--> statement-breakpoint
ALTER TABLE "matches" DROP CONSTRAINT "matches_source_event_id_events_source_id_fk";--> statement-breakpoint
DROP INDEX "events_id";--> statement-breakpoint
DROP INDEX "matches_event";--> statement-breakpoint
DROP INDEX "matches_event_id";--> statement-breakpoint
DROP INDEX "events_time";--> statement-breakpoint
DROP INDEX "events_type_time";--> statement-breakpoint
DROP INDEX "events_subject_time";--> statement-breakpoint
DROP INDEX "matches_matched";--> statement-breakpoint
DROP INDEX "matches_campaign_matched";--> statement-breakpoint
DROP INDEX "matches_subject_matched";--> statement-breakpoint
-- The foreign key of conflicts, which stays, stands on the primary key.
ALTER TABLE "event_conflicts" DROP CONSTRAINT "event_conflicts_source_event_id_events_source_id_fk";--> statement-breakpoint
ALTER TABLE "events" DROP CONSTRAINT "events_source_id_pk";--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_id_source_pk" PRIMARY KEY("id","source");--> statement-breakpoint
ALTER TABLE "event_conflicts" ADD CONSTRAINT "event_conflicts_source_event_id_events_source_id_fk" FOREIGN KEY ("source","event_id") REFERENCES "public"."events"("source","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matches" DROP CONSTRAINT "matches_campaign_id_source_event_id_pk";--> statement-breakpoint
ALTER TABLE "matches" ADD CONSTRAINT "matches_event_id_source_campaign_id_pk" PRIMARY KEY("event_id","source","campaign_id");--> statement-breakpoint
CREATE INDEX "events_time" ON "events" USING btree ("time");--> statement-breakpoint
CREATE INDEX "events_type_time" ON "events" USING btree ("type","time");--> statement-breakpoint
CREATE INDEX "events_subject_time" ON "events" USING btree ("subject","time");--> statement-breakpoint
CREATE INDEX "matches_matched" ON "matches" USING btree ("matched_at");--> statement-breakpoint
CREATE INDEX "matches_campaign_matched" ON "matches" USING btree ("campaign_id","matched_at");--> statement-breakpoint
CREATE INDEX "matches_subject_matched" ON "matches" USING btree ("subject","matched_at");
