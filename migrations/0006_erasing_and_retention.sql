-- The API erases subjects; the consumer drops what is about an erased one, and deletes by cron what is too old.
GRANT SELECT, INSERT, UPDATE ON erasures TO campaign_manager_api;
--> statement-breakpoint
GRANT DELETE ON events, event_conflicts, matches, dead_letters TO campaign_manager_api, campaign_manager_consumer;
--> statement-breakpoint
GRANT SELECT, DELETE ON erasures TO campaign_manager_consumer;
--> statement-breakpoint
-- With the right of its owner: the consumer can have sessions deleted that are over, and cannot read any. Answers
-- how many were deleted, at most `rows_max`.
CREATE FUNCTION forget_sessions(ended_before timestamptz, rows_max int) RETURNS int LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  WITH forgotten AS (
    DELETE FROM sessions WHERE id IN (
      SELECT id FROM sessions WHERE expires_at < least(ended_before, now()) ORDER BY expires_at LIMIT rows_max
    )
    RETURNING 1
  )
  SELECT count(*)::int FROM forgotten
$$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION forget_sessions(timestamptz, int) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION forget_sessions(timestamptz, int) TO campaign_manager_consumer;
