CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"scopes" text[] NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"previous_secret_hash" "bytea",
	"previous_expires_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_keys_name_length" CHECK (char_length("api_keys"."name") between 1 and 255),
	CONSTRAINT "api_keys_scopes" CHECK (cardinality("api_keys"."scopes") > 0 and "api_keys"."scopes" <@ array['events:write', 'metrics:read']),
	CONSTRAINT "api_keys_secret_hash_length" CHECK (octet_length("api_keys"."secret_hash") = 32),
	CONSTRAINT "api_keys_previous" CHECK (("api_keys"."previous_secret_hash" is null) = ("api_keys"."previous_expires_at" is null))
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"actor_type" text NOT NULL,
	"actor_id" text,
	"action" text NOT NULL,
	"target_type" text NOT NULL,
	"target_id" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"request_id" text,
	CONSTRAINT "audit_log_actor_type" CHECK ("audit_log"."actor_type" in ('user', 'api_key', 'operator', 'anyone'))
);
--> statement-breakpoint
CREATE TABLE "campaign_epoch" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"epoch" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "campaign_epoch_single" CHECK ("campaign_epoch"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "campaign_versions" (
	"campaign_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"rule" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "campaign_versions_campaign_id_version_pk" PRIMARY KEY("campaign_id","version"),
	CONSTRAINT "campaign_versions_version" CHECK ("campaign_versions"."version" >= 1)
);
--> statement-breakpoint
CREATE TABLE "campaigns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"status" text DEFAULT 'draft' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"starts_at" timestamp (3) with time zone,
	"ends_at" timestamp (3) with time zone,
	"revision" integer DEFAULT 1 NOT NULL,
	"epoch" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "campaigns_name_length" CHECK (char_length("campaigns"."name") between 1 and 255),
	CONSTRAINT "campaigns_description_length" CHECK (char_length("campaigns"."description") <= 4096),
	CONSTRAINT "campaigns_status" CHECK ("campaigns"."status" in ('draft', 'active', 'paused', 'archived')),
	CONSTRAINT "campaigns_window" CHECK ("campaigns"."starts_at" < "campaigns"."ends_at"),
	CONSTRAINT "campaigns_version" CHECK ("campaigns"."version" >= 1)
);
--> statement-breakpoint
CREATE TABLE "dead_letters" (
	"id" uuid PRIMARY KEY NOT NULL,
	"cause" text NOT NULL,
	"error_code" text,
	"source" text,
	"event_id" text,
	"type" text,
	"subject" text,
	"body" text NOT NULL,
	"body_hash" "bytea" NOT NULL,
	"attempts" integer NOT NULL,
	"first_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"replayed_at" timestamp (3) with time zone,
	CONSTRAINT "dead_letters_cause" CHECK ("dead_letters"."cause" in ('malformed_message', 'refused_by_database', 'retries_exhausted')),
	CONSTRAINT "dead_letters_attempts" CHECK ("dead_letters"."attempts" >= 1)
);
--> statement-breakpoint
CREATE TABLE "event_conflicts" (
	"source" text NOT NULL,
	"event_id" text NOT NULL,
	"data_hash" "bytea" NOT NULL,
	"type" text NOT NULL,
	"subject" text,
	"time" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"data" jsonb NOT NULL,
	CONSTRAINT "event_conflicts_source_event_id_data_hash_pk" PRIMARY KEY("source","event_id","data_hash")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"source" text NOT NULL,
	"id" text NOT NULL,
	"type" text NOT NULL,
	"subject" text,
	"time" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"processed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"epoch" bigint NOT NULL,
	"data" jsonb NOT NULL,
	"data_hash" "bytea" NOT NULL,
	CONSTRAINT "events_source_id_pk" PRIMARY KEY("source","id"),
	CONSTRAINT "events_source_length" CHECK (char_length("events"."source") between 1 and 255),
	CONSTRAINT "events_id_length" CHECK (char_length("events"."id") between 1 and 255),
	CONSTRAINT "events_type_length" CHECK (char_length("events"."type") between 1 and 255),
	CONSTRAINT "events_subject_length" CHECK (char_length("events"."subject") between 1 and 255),
	CONSTRAINT "events_data_object" CHECK (jsonb_typeof("events"."data") = 'object'),
	CONSTRAINT "events_data_hash_length" CHECK (octet_length("events"."data_hash") = 32)
);
--> statement-breakpoint
CREATE TABLE "matches" (
	"campaign_id" uuid NOT NULL,
	"source" text NOT NULL,
	"event_id" text NOT NULL,
	"campaign_version" integer NOT NULL,
	"subject" text,
	"matched_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "matches_campaign_id_source_event_id_pk" PRIMARY KEY("campaign_id","source","event_id")
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "sessions_expires_after_created" CHECK ("sessions"."expires_at" > "sessions"."created_at")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"username" text NOT NULL,
	"password_hash" text NOT NULL,
	"role" text NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_username_length" CHECK (char_length("users"."username") between 1 and 64),
	CONSTRAINT "users_role" CHECK ("users"."role" in ('admin', 'user'))
);
--> statement-breakpoint
ALTER TABLE "campaign_versions" ADD CONSTRAINT "campaign_versions_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaigns" ADD CONSTRAINT "campaigns_id_version_campaign_versions_campaign_id_version_fk" FOREIGN KEY ("id","version") REFERENCES "public"."campaign_versions"("campaign_id","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "event_conflicts" ADD CONSTRAINT "event_conflicts_source_event_id_events_source_id_fk" FOREIGN KEY ("source","event_id") REFERENCES "public"."events"("source","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matches" ADD CONSTRAINT "matches_campaign_id_campaign_version_campaign_versions_campaign_id_version_fk" FOREIGN KEY ("campaign_id","campaign_version") REFERENCES "public"."campaign_versions"("campaign_id","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matches" ADD CONSTRAINT "matches_source_event_id_events_source_id_fk" FOREIGN KEY ("source","event_id") REFERENCES "public"."events"("source","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_secret_hash_key" ON "api_keys" USING btree ("secret_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_previous_secret_hash_key" ON "api_keys" USING btree ("previous_secret_hash");--> statement-breakpoint
CREATE INDEX "api_keys_created" ON "api_keys" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "audit_log_at" ON "audit_log" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "audit_log_target" ON "audit_log" USING btree ("target_type","target_id","at","id");--> statement-breakpoint
CREATE INDEX "audit_log_actor" ON "audit_log" USING btree ("actor_id","at","id");--> statement-breakpoint
CREATE INDEX "campaigns_created" ON "campaigns" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "campaigns_status_created" ON "campaigns" USING btree ("status","created_at","id");--> statement-breakpoint
CREATE INDEX "campaigns_epoch" ON "campaigns" USING btree ("epoch");--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letters_body_hash_key" ON "dead_letters" USING btree ("body_hash");--> statement-breakpoint
CREATE INDEX "dead_letters_last" ON "dead_letters" USING btree ("last_at","id");--> statement-breakpoint
CREATE INDEX "dead_letters_subject" ON "dead_letters" USING btree ("subject");--> statement-breakpoint
CREATE INDEX "event_conflicts_subject" ON "event_conflicts" USING btree ("subject");--> statement-breakpoint
CREATE INDEX "event_conflicts_recorded" ON "event_conflicts" USING btree ("recorded_at");--> statement-breakpoint
CREATE INDEX "events_time" ON "events" USING btree ("time","source","id");--> statement-breakpoint
CREATE INDEX "events_type_time" ON "events" USING btree ("type","time","source","id");--> statement-breakpoint
CREATE INDEX "events_subject_time" ON "events" USING btree ("subject","time","source","id");--> statement-breakpoint
CREATE INDEX "events_id" ON "events" USING btree ("id");--> statement-breakpoint
CREATE INDEX "events_received" ON "events" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "matches_event" ON "matches" USING btree ("source","event_id");--> statement-breakpoint
CREATE INDEX "matches_event_id" ON "matches" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "matches_matched" ON "matches" USING btree ("matched_at","campaign_id","source","event_id");--> statement-breakpoint
CREATE INDEX "matches_campaign_matched" ON "matches" USING btree ("campaign_id","matched_at","source","event_id");--> statement-breakpoint
CREATE INDEX "matches_subject_matched" ON "matches" USING btree ("subject","matched_at","campaign_id","source","event_id");--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_expires" ON "sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_username_key" ON "users" USING btree (lower("username"));--> statement-breakpoint
CREATE INDEX "users_created" ON "users" USING btree ("created_at","id");