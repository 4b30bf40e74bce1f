CREATE TABLE "counter_readings" (
	"name" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"value" double precision NOT NULL,
	CONSTRAINT "counter_readings_name_at_pk" PRIMARY KEY("name","at")
);
--> statement-breakpoint
ALTER TABLE "login_throttle" ADD COLUMN "network" "bytea";--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON counter_readings TO campaign_manager_api;
