-- Every row is updated again and again: room in its page keeps the new version beside the old one.
ALTER TABLE metric_counters SET (fillfactor = 50);
--> statement-breakpoint
-- The only way to count. With the right of its owner, so that a Worker can add and do nothing else: not set a counter
-- back, not read it (but for the API, which shows them). One shard for the whole call and one order for all callers,
-- so that two that share a shard wait for each other and never in a circle. Each (name, labels) at most once in a call.
CREATE FUNCTION count_metrics(added jsonb) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  INSERT INTO metric_counters AS m (name, labels, shard, value)
  SELECT a.name, a.labels, chosen.shard, a.value
  FROM (SELECT floor(random() * 16)::smallint AS shard OFFSET 0) AS chosen,
       jsonb_to_recordset(added) AS a (name text, labels text, value double precision)
  WHERE a.value > 0
  ORDER BY a.name, a.labels
  ON CONFLICT (name, labels, shard) DO UPDATE SET value = m.value + excluded.value, updated_at = now()
$$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION count_metrics(jsonb) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION count_metrics(jsonb) TO campaign_manager_api, campaign_manager_consumer;
--> statement-breakpoint
GRANT SELECT ON metric_counters, campaign_epoch TO campaign_manager_api;
--> statement-breakpoint
-- Refusals are counted like everything else from here on. Their names were ours, free of quotes and backslashes.
INSERT INTO metric_counters (name, labels, shard, value)
SELECT 'security_refusals_total', format('kind="%s",reason="%s"', name, reason), 0, count FROM security_counters;
--> statement-breakpoint
-- What is there already is the truth that the counters of decisions start from.
INSERT INTO metric_counters (name, labels, shard, value)
SELECT name, labels, 0, value FROM (
  SELECT 'events_decided_total' AS name, '' AS labels, count(*) AS value FROM events
  UNION ALL SELECT 'matches_total', '', count(*) FROM matches
  UNION ALL SELECT 'event_conflicts_total', '', count(*) FROM event_conflicts
  UNION ALL SELECT 'dead_letters_total', format('cause="%s"', cause), count(*) FROM dead_letters GROUP BY cause
) AS so_far WHERE value > 0;
