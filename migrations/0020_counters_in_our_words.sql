ALTER TABLE "metric_counters" DROP CONSTRAINT "metric_counters_value";--> statement-breakpoint
ALTER TABLE "metric_counters" ADD CONSTRAINT "metric_counters_name" CHECK ("metric_counters"."name" ~ '^[a-z][a-z0-9_]*$');--> statement-breakpoint
ALTER TABLE "metric_counters" ADD CONSTRAINT "metric_counters_labels" CHECK ("metric_counters"."labels" ~ '^((method="[A-Za-z]{1,16}"|route="[A-Za-z0-9_./:{}*-]{0,128}"|status="[0-9]{3}"|(kind|reason|cause|outcome)="[a-z0-9_]{1,64}"|queue="[a-z-]{1,32}"|failure="[A-Za-z0-9_]{1,64}"|le="([0-9.]{1,12}|[+]Inf)")(,(?=[a-z])|$))*$');--> statement-breakpoint
ALTER TABLE "metric_counters" ADD CONSTRAINT "metric_counters_value" CHECK ("metric_counters"."value" >= 0 and "metric_counters"."value" <= 9007199254740992);--> statement-breakpoint
-- As before (0010), but no counter jumps: more than 10^12 at once, or what is not a number, is refused by a constraint,
-- and a counter stays at 2^53, beyond which it would not be exact, instead of refusing what is counted with it.
CREATE OR REPLACE FUNCTION count_metrics(added jsonb) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  INSERT INTO metric_counters AS m (name, labels, shard, value)
  SELECT a.name, a.labels, chosen.shard, CASE WHEN a.value <= 1e12 THEN a.value ELSE -1 END
  FROM (SELECT floor(random() * 16)::smallint AS shard OFFSET 0) AS chosen,
       jsonb_to_recordset(added) AS a (name text, labels text, value double precision)
  WHERE a.value > 0
  ORDER BY a.name, a.labels
  ON CONFLICT (name, labels, shard) DO UPDATE
    SET value = least(m.value + excluded.value, 9007199254740992), updated_at = now()
$$;
--> statement-breakpoint
-- What is counted has as many labels as we have words. Asked only when there is a new one, not with every count; a
-- counter without labels, such as those of decisions, is always counted.
CREATE FUNCTION limit_counters() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT count(*) FROM metric_counters WHERE name = NEW.name) > 50000 THEN
    RAISE EXCEPTION 'there are too many kinds of %', NEW.name USING ERRCODE = 'program_limit_exceeded';
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER metric_counters_limited AFTER INSERT ON metric_counters
  FOR EACH ROW WHEN (NEW.labels <> '') EXECUTE FUNCTION limit_counters();
