-- Who posted an event goes through the queue with it, and is kept. The consumer of before goes on beside it, and leaves
-- it empty; so do rows of before, which nobody has to read through: what a new row says is checked.
ALTER TABLE "dead_letters" ADD COLUMN "sender_kind" text;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "sender_id" uuid;--> statement-breakpoint
ALTER TABLE "event_conflicts" ADD COLUMN "sender_kind" text;--> statement-breakpoint
ALTER TABLE "event_conflicts" ADD COLUMN "sender_id" uuid;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "sender_kind" text;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "sender_id" uuid;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD CONSTRAINT "dead_letters_sender" CHECK (("dead_letters"."sender_kind" is null) = ("dead_letters"."sender_id" is null) and "dead_letters"."sender_kind" in ('user', 'api_key')) NOT VALID;--> statement-breakpoint
ALTER TABLE "event_conflicts" ADD CONSTRAINT "event_conflicts_sender" CHECK (("event_conflicts"."sender_kind" is null) = ("event_conflicts"."sender_id" is null) and "event_conflicts"."sender_kind" in ('user', 'api_key')) NOT VALID;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_sender" CHECK (("events"."sender_kind" is null) = ("events"."sender_id" is null) and "events"."sender_kind" in ('user', 'api_key')) NOT VALID;--> statement-breakpoint
-- Events as the queue's messages carry them, with who sent them, and with their places from 1 on.
DROP FUNCTION carried_events(jsonb);
--> statement-breakpoint
CREATE FUNCTION carried_events(carried jsonb)
RETURNS TABLE (
  place bigint, source text, id text, type text, subject text, "time" timestamptz, received_at timestamptz, data jsonb,
  sender_kind text, sender_id uuid
) LANGUAGE sql IMMUTABLE AS $$
  SELECT c.place, c.source, c.id, c.type, c.subject, c."time", c.received_at, c.data,
         c.sender ->> 'kind', (c.sender ->> 'id')::uuid
  FROM ROWS FROM (jsonb_to_recordset(carried) AS (
      source text, id text, type text, subject text, "time" timestamptz(3), received_at timestamptz(3), data jsonb,
      sender jsonb))
    WITH ORDINALITY AS c (source, id, type, subject, "time", received_at, data, sender, place)
$$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION carried_events(jsonb) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION carried_events(jsonb) TO campaign_manager_api, campaign_manager_consumer;
--> statement-breakpoint
-- Records events, what they matched, and those whose (source, id) is taken by other content, and counts all of it, in
-- one transaction. An event that is there already keeps its first decision: the same call may be made any number of
-- times.
--
-- Everybody takes locks in one order: erasures (shared), epoch (shared), events by id and source, conflicts likewise,
-- counters. Every statement has a snapshot of its own, and so sees what it may have waited for.
--
-- Plans are made once in a session, maybe when tables were empty: these read tables by nothing but lookups in indexes.
CREATE OR REPLACE FUNCTION commit_decisions(
  decided_epoch bigint, -- the active set that decided; SQLSTATE CM001 when it is no longer the current one
  incoming jsonb,       -- events, in the order they came: of several with one (source, id) the first is recorded
  decisions jsonb,      -- [{event, campaign_id, campaign_version, outcome, evidence}]; `event` is its position in
                        -- `incoming`, from 0; without an outcome, as consumers of before say it, it is granted
  OUT inserted int, OUT matched int, OUT conflicts int, OUT erased int -- events that are none of these were there
) LANGUAGE plpgsql SET search_path = public, pg_temp
  SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
  total int := jsonb_array_length(incoming);
  last_erasure timestamptz;
  dropped bigint[] := '{}';    -- places of events about a subject that was erased since they were received
  recorded bigint[];           -- places of events that are inserted here; null when all are that are not dropped
  contradicting bigint[];      -- places of events whose (source, id) is taken by other content
  freed int;
  counted_matches jsonb;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('erasures'));
  PERFORM assert_campaign_epoch(decided_epoch);

  SELECT max(x.erased_at) INTO last_erasure FROM erasures x;
  IF last_erasure IS NOT NULL THEN
    SELECT coalesce(array_agg(n.place), '{}') INTO dropped
    FROM carried_events(incoming) n
    WHERE n.received_at <= last_erasure AND EXISTS (
      SELECT FROM erasures x
      WHERE x.subject_hash = sha256(convert_to(n.subject, 'UTF8')) AND x.erased_at >= n.received_at);
  END IF;
  erased := cardinality(dropped);

  INSERT INTO events (source, id, type, subject, "time", received_at, epoch, data, sender_kind, sender_id)
  SELECT n.source, n.id, n.type, n.subject, n."time", n.received_at, decided_epoch, n.data, n.sender_kind, n.sender_id
  FROM carried_events(incoming) n
  WHERE n.place <> ALL (dropped)
  ORDER BY n.id COLLATE "C", n.source COLLATE "C", n.place
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS inserted = ROW_COUNT;

  IF inserted + erased < total THEN
    SELECT coalesce(array_agg(n.place) FILTER (WHERE n.is_first AND e.is_new), '{}'),
           coalesce(array_agg(n.place) FILTER (WHERE NOT e.is_same), '{}'),
           count(*) FILTER (WHERE e.is_new IS NULL)
    INTO recorded, contradicting, freed
    FROM (
      SELECT c.*, row_number() OVER (PARTITION BY c.id, c.source ORDER BY c.place) = 1 AS is_first
      FROM carried_events(incoming) c WHERE c.place <> ALL (dropped)
    ) AS n
    LEFT JOIN LATERAL (
      SELECT e.xmin = pg_current_xact_id()::xid AS is_new, -- inserted by this transaction
             is_same_content(n.type, n.subject, n."time", n.received_at, n.data,
                             e.type, e.subject, e."time", e.received_at, e.data) AS is_same
      FROM events e WHERE e.id = n.id AND e.source = n.source
      OFFSET 0 -- keeps it a lookup for each event
    ) AS e ON true;
    IF freed > 0 THEN
      RAISE EXCEPTION 'an event was deleted after its id had been found taken' USING ERRCODE = 'serialization_failure';
    ELSIF cardinality(recorded) <> inserted THEN
      RAISE EXCEPTION 'commit_decisions wants a transaction of its own';
    END IF;
  END IF;

  WITH recorded_matches AS (
    INSERT INTO matches (campaign_id, campaign_version, source, event_id, subject, outcome, evidence)
    SELECT d.campaign_id, d.campaign_version, n.source, n.id, n.subject, coalesce(d.outcome, 'granted'),
           nullif(d.evidence, 'null')
    FROM jsonb_to_recordset(decisions)
        AS d (event bigint, campaign_id uuid, campaign_version int, outcome text, evidence jsonb)
      JOIN ROWS FROM (jsonb_to_recordset(incoming) AS (source text, id text, subject text))
        WITH ORDINALITY AS n (source, id, subject, place) ON n.place = d.event + 1
    WHERE n.place <> ALL (dropped) AND (recorded IS NULL OR n.place = ANY (recorded))
    RETURNING outcome
  ), by_outcome AS (
    SELECT outcome, count(*) AS count FROM recorded_matches GROUP BY outcome
  )
  SELECT coalesce(sum(count), 0),
         coalesce(jsonb_agg(jsonb_build_object(
           'name', 'matches_total', 'labels', format('outcome="%s"', outcome), 'value', count)), '[]')
  INTO matched, counted_matches
  FROM by_outcome;

  conflicts := 0;
  IF contradicting <> '{}' THEN
    BEGIN
      INSERT INTO event_conflicts (source, event_id, data_hash, type, subject, "time", received_at, data, sender_kind,
                                   sender_id)
      SELECT n.source, n.id, content_digest(n.type, n.subject, n."time", n.received_at, n.data),
             n.type, n.subject, n."time", n.received_at, n.data, n.sender_kind, n.sender_id
      FROM carried_events(incoming) n
      WHERE n.place = ANY (contradicting)
      ORDER BY n.id COLLATE "C", n.source COLLATE "C", n.place
      ON CONFLICT DO NOTHING;
      GET DIAGNOSTICS conflicts = ROW_COUNT;
    EXCEPTION WHEN foreign_key_violation THEN
      RAISE EXCEPTION 'an event was deleted after its id had been found taken' USING ERRCODE = 'serialization_failure';
    END;
  END IF;

  PERFORM count_metrics(counted_matches || jsonb_build_array(
    jsonb_build_object('name', 'events_decided_total', 'labels', '', 'value', inserted),
    jsonb_build_object('name', 'event_conflicts_total', 'labels', '', 'value', conflicts),
    jsonb_build_object('name', 'events_erased_total', 'labels', '', 'value', erased),
    jsonb_build_object('name', 'event_duplicates_total', 'labels', '',
                       'value', total - inserted - conflicts - erased)));
END
$$;
