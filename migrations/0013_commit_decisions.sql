-- Two events of one (source, id) are the same when they say the same; JSON is compared as jsonb is: 1 = 1.0, and the
-- order of keys is nothing. A time that is the time of receipt was filled in by the API, and equals any.
CREATE FUNCTION is_same_content(
  type text, subject text, "time" timestamptz, received_at timestamptz, data jsonb,
  other_type text, other_subject text, other_time timestamptz, other_received_at timestamptz, other_data jsonb
) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT type = other_type AND subject IS NOT DISTINCT FROM other_subject AND data = other_data
     AND ("time" = other_time OR "time" = received_at OR other_time = other_received_at)
$$;
--> statement-breakpoint
-- Names a conflict among those over one event; computed for conflicts alone.
CREATE FUNCTION content_digest(type text, subject text, "time" timestamptz, received_at timestamptz, data jsonb)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(type, subject, extract(epoch FROM nullif("time", received_at)), data)::text, 'UTF8'))
$$;
--> statement-breakpoint
-- Events as the queue's messages carry them, with their places from 1 on.
CREATE FUNCTION carried_events(carried jsonb)
RETURNS TABLE (
  place bigint, source text, id text, type text, subject text, "time" timestamptz, received_at timestamptz, data jsonb
) LANGUAGE sql IMMUTABLE AS $$
  SELECT c.place, c.source, c.id, c.type, c.subject, c."time", c.received_at, c.data
  FROM ROWS FROM (jsonb_to_recordset(carried) AS (
      source text, id text, type text, subject text, "time" timestamptz(3), received_at timestamptz(3), data jsonb))
    WITH ORDINALITY AS c (source, id, type, subject, "time", received_at, data, place)
$$;
--> statement-breakpoint
-- Records events, what they matched, and those whose (source, id) is taken by other content, and counts all of it, in
-- one transaction. An event that is there already keeps its first decision: the same call may be made any number of
-- times.
--
-- Everybody takes locks in one order: erasures (shared), epoch (shared), events by id and source, conflicts likewise,
-- counters. Every statement has a snapshot of its own, and so sees what it may have waited for.
--
-- Plans are made once in a session, maybe when tables were empty: these read tables by nothing but lookups in indexes.
CREATE FUNCTION commit_decisions(
  decided_epoch bigint, -- the active set that decided; SQLSTATE CM001 when it is no longer the current one
  incoming jsonb,       -- events, in the order they came: of several with one (source, id) the first is recorded
  decisions jsonb,      -- [{event, campaign_id, campaign_version}]; `event` is its position in `incoming`, from 0
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

  INSERT INTO events (source, id, type, subject, "time", received_at, epoch, data)
  SELECT n.source, n.id, n.type, n.subject, n."time", n.received_at, decided_epoch, n.data
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

  INSERT INTO matches (campaign_id, campaign_version, source, event_id, subject)
  SELECT d.campaign_id, d.campaign_version, n.source, n.id, n.subject
  FROM jsonb_to_recordset(decisions) AS d (event bigint, campaign_id uuid, campaign_version int)
    JOIN ROWS FROM (jsonb_to_recordset(incoming) AS (source text, id text, subject text))
      WITH ORDINALITY AS n (source, id, subject, place) ON n.place = d.event + 1
  WHERE n.place <> ALL (dropped) AND (recorded IS NULL OR n.place = ANY (recorded));
  GET DIAGNOSTICS matched = ROW_COUNT;

  conflicts := 0;
  IF contradicting <> '{}' THEN
    BEGIN
      INSERT INTO event_conflicts (source, event_id, data_hash, type, subject, "time", received_at, data)
      SELECT n.source, n.id, content_digest(n.type, n.subject, n."time", n.received_at, n.data),
             n.type, n.subject, n."time", n.received_at, n.data
      FROM carried_events(incoming) n
      WHERE n.place = ANY (contradicting)
      ORDER BY n.id COLLATE "C", n.source COLLATE "C", n.place
      ON CONFLICT DO NOTHING;
      GET DIAGNOSTICS conflicts = ROW_COUNT;
    EXCEPTION WHEN foreign_key_violation THEN
      RAISE EXCEPTION 'an event was deleted after its id had been found taken' USING ERRCODE = 'serialization_failure';
    END;
  END IF;

  PERFORM count_metrics(jsonb_build_array(
    jsonb_build_object('name', 'events_decided_total', 'labels', '', 'value', inserted),
    jsonb_build_object('name', 'matches_total', 'labels', '', 'value', matched),
    jsonb_build_object('name', 'event_conflicts_total', 'labels', '', 'value', conflicts),
    jsonb_build_object('name', 'events_erased_total', 'labels', '', 'value', erased),
    jsonb_build_object('name', 'event_duplicates_total', 'labels', '',
                       'value', total - inserted - conflicts - erased)));
END
$$;
--> statement-breakpoint
-- Whether a dead letter is about an event that is processed or kept as a conflict: it holds the same content, on its own
-- or alone in a message. What it holds need not be JSON that Postgres takes.
CREATE FUNCTION holds_decided_event(letter_source text, letter_event_id text, body text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  content jsonb;
BEGIN
  -- Conflicts are there only while their event is.
  IF NOT EXISTS (SELECT FROM events e WHERE (e.id, e.source) = (letter_event_id, letter_source)) THEN
    RETURN false;
  END IF;
  content := body::jsonb;
  IF content ? 'events' THEN
    content := content->'events'->0;
  END IF;
  -- With a key unknown here it says something else; `hash` is of messages of version 1.
  IF content - '{source,id,type,subject,time,received_at,data,hash}'::text[] <> '{}' THEN
    RETURN false;
  END IF;
  RETURN EXISTS (
    SELECT FROM carried_events(jsonb_build_array(content)) n JOIN events e ON (e.id, e.source) = (n.id, n.source)
    WHERE is_same_content(n.type, n.subject, n."time", n.received_at, n.data,
                          e.type, e.subject, e."time", e.received_at, e.data)
  ) OR EXISTS (
    SELECT FROM carried_events(jsonb_build_array(content)) n
      JOIN event_conflicts c ON (c.event_id, c.source) = (n.id, n.source)
    WHERE is_same_content(n.type, n.subject, n."time", n.received_at, n.data,
                          c.type, c.subject, c."time", c.received_at, c.data)
  );
EXCEPTION WHEN data_exception THEN
  RETURN false;
END
$$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION
  is_same_content(text, text, timestamptz, timestamptz, jsonb, text, text, timestamptz, timestamptz, jsonb),
  content_digest(text, text, timestamptz, timestamptz, jsonb),
  carried_events(jsonb),
  commit_decisions(bigint, jsonb, jsonb),
  holds_decided_event(text, text, text)
FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION
  is_same_content(text, text, timestamptz, timestamptz, jsonb, text, text, timestamptz, timestamptz, jsonb),
  carried_events(jsonb),
  holds_decided_event(text, text, text)
TO campaign_manager_api, campaign_manager_consumer;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION
  content_digest(text, text, timestamptz, timestamptz, jsonb),
  commit_decisions(bigint, jsonb, jsonb)
TO campaign_manager_consumer;
