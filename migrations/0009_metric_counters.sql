CREATE TABLE "metric_counters" (
	"name" text NOT NULL,
	"labels" text NOT NULL,
	"shard" smallint NOT NULL,
	"value" double precision NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "metric_counters_name_labels_shard_pk" PRIMARY KEY("name","labels","shard"),
	CONSTRAINT "metric_counters_name_length" CHECK (char_length("metric_counters"."name") between 1 and 100),
	CONSTRAINT "metric_counters_labels_length" CHECK (char_length("metric_counters"."labels") <= 500),
	CONSTRAINT "metric_counters_shard" CHECK ("metric_counters"."shard" between 0 and 15),
	CONSTRAINT "metric_counters_value" CHECK ("metric_counters"."value" >= 0 and "metric_counters"."value" < 'Infinity')
);
--> statement-breakpoint
CREATE INDEX "dead_letters_open" ON "dead_letters" USING btree ("cause","first_at") WHERE "dead_letters"."status" = 'open';