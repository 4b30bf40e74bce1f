-- What each Worker may do in the database, as roles that nobody logs in with: a login user is made a member
-- (docs/database-roles.md). Whoever runs the migrations owns the tables. Roles belong to the whole server, where
-- another database of this product may have made them already, or be making them right now.
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['campaign_manager_api', 'campaign_manager_consumer'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
  END LOOP;
END
$$;
--> statement-breakpoint
-- Up to Postgres 14 anybody may create tables in this schema.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION assert_campaign_epoch(bigint), audit_record(audit_log) FROM PUBLIC;
--> statement-breakpoint
-- Nobody but its trigger moves the epoch.
ALTER FUNCTION advance_campaign_epoch() SECURITY DEFINER SET search_path = public, pg_temp;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO campaign_manager_api, campaign_manager_consumer;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON users, sessions, api_keys, campaigns, security_counters TO campaign_manager_api;
--> statement-breakpoint
GRANT SELECT, INSERT ON campaign_versions, audit_log, audit_checkpoints TO campaign_manager_api;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON login_throttle TO campaign_manager_api;
--> statement-breakpoint
GRANT SELECT ON events, event_conflicts, matches, dead_letters TO campaign_manager_api;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION assert_campaign_epoch(bigint) TO campaign_manager_consumer;
--> statement-breakpoint
GRANT SELECT ON campaigns, campaign_versions, campaign_epoch TO campaign_manager_consumer;
--> statement-breakpoint
GRANT SELECT, INSERT ON events, event_conflicts, matches TO campaign_manager_consumer;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON dead_letters TO campaign_manager_consumer;
