CREATE TABLE "erasures" (
	"subject_hash" "bytea" PRIMARY KEY NOT NULL,
	"erased_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "erasures_subject_hash_length" CHECK (octet_length("erasures"."subject_hash") = 32)
);
--> statement-breakpoint
CREATE INDEX "erasures_erased" ON "erasures" USING btree ("erased_at");