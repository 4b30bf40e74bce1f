ALTER TABLE "api_keys" ADD COLUMN "sources" text[];--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_sources" CHECK (cardinality("api_keys"."sources") between 1 and 16 and array_position("api_keys"."sources", null) is null
        and ('*' <> all ("api_keys"."sources") or cardinality("api_keys"."sources") = 1));