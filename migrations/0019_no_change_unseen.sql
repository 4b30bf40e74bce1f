ALTER TABLE "erasures" ADD CONSTRAINT "erasures_erased_at" CHECK ("erasures"."erased_at" <= now() + interval '5 minutes');--> statement-breakpoint
-- Whether the caller owns the tables. An operator's commands leave audit rows of their own accord, and nothing could
-- hold the owner to it; what follows holds the API's role to it, whoever has its password.
CREATE FUNCTION acts_as_owner() RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'audit_log'::regclass
$$;
--> statement-breakpoint
-- What the audit rows of this very transaction say that a target became. Whoever has inserted one holds the audit's
-- lock, so that theirs are the newest.
CREATE FUNCTION audited_here(of_type text, of_id text) RETURNS SETOF jsonb LANGUAGE sql STABLE
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
  SELECT coalesce(newest.after, 'null') FROM (
    SELECT a.after, a.xmin AS writer FROM audit_log a
    WHERE a.target_type = of_type AND a.target_id = of_id
    ORDER BY a.seq DESC LIMIT 100
  ) AS newest
  WHERE newest.writer = pg_current_xact_id()::xid
$$;
--> statement-breakpoint
-- At the end of the transaction there is an audit row that says what the changed row became. Arguments: the type of
-- target; the column with its id; the columns that the audit names (`disabled` stands for `disabled_at`); columns that
-- may change without.
CREATE FUNCTION require_audit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  became jsonb := to_jsonb(NEW);
  unseen text[] := TG_ARGV[3]::text[];
  image jsonb;
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - unseen = became - unseen THEN
    RETURN NULL;
  END IF;
  became := became || jsonb_build_object('disabled', became->>'disabled_at' IS NOT NULL);
  SELECT jsonb_object_agg(name, became->name) INTO image FROM unnest(TG_ARGV[2]::text[]) AS name;
  IF NOT EXISTS (
    SELECT FROM audited_here(TG_ARGV[0], became->>TG_ARGV[1]) AS said WHERE said || image = said
  ) THEN
    RAISE EXCEPTION 'the audit does not say what this % became', TG_ARGV[0] USING ERRCODE = 'CM005';
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- A login replaces the hash of an imported password, or one with old parameters, and that is no change by a person. The
-- audit still gets a row of it, by nobody known: whoever replaces a hash to take an account over looks the same at first.
CREATE FUNCTION audit_rehash() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM audited_here('user', NEW.id::text) AS said
    WHERE said @> '{"password_changed": true}' OR said @> '{"password_rehashed": true}'
  ) THEN
    INSERT INTO audit_log (id, actor_type, action, target_type, target_id, after)
    VALUES (gen_random_uuid(), 'anyone', 'user.rehash_password', 'user', NEW.id,
            jsonb_build_object('password_rehashed', true));
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- A session only ever ends, and with the audit knowing of it: by itself, or because its user was changed or began another.
CREATE FUNCTION require_audited_end() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF (OLD.id, OLD.user_id, OLD.created_at, OLD.expires_at) <> (NEW.id, NEW.user_id, NEW.created_at, NEW.expires_at)
     OR OLD.ended_at IS NOT NULL THEN
    RAISE EXCEPTION 'a session does nothing but end' USING ERRCODE = 'CM005';
  ELSIF NOT EXISTS (SELECT FROM audited_here('session', NEW.id::text))
    AND NOT EXISTS (SELECT FROM audited_here('user', NEW.user_id::text)) THEN
    RAISE EXCEPTION 'the audit does not say that this session ended' USING ERRCODE = 'CM005';
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER users_created_audited AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NOT acts_as_owner())
  EXECUTE FUNCTION require_audit('user', 'id', '{username,role,disabled}', '{}');
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER users_changed_audited AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NOT acts_as_owner())
  EXECUTE FUNCTION require_audit('user', 'id', '{username,role,disabled}', '{password_hash}');
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER users_password_audited AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.password_hash <> NEW.password_hash AND NOT acts_as_owner())
  EXECUTE FUNCTION audit_rehash();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER sessions_started_audited AFTER INSERT ON sessions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION require_audit('session', 'id', '{user_id}', '{}');
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER sessions_ended_audited AFTER UPDATE ON sessions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NOT acts_as_owner()) EXECUTE FUNCTION require_audited_end();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER api_keys_audited AFTER INSERT OR UPDATE ON api_keys DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NOT acts_as_owner())
  EXECUTE FUNCTION require_audit('api_key', 'id', '{name,scopes,expires_at,revoked_at}', '{last_used_at}');
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER campaigns_audited AFTER INSERT OR UPDATE ON campaigns DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NOT acts_as_owner())
  EXECUTE FUNCTION require_audit('campaign', 'id', '{name,description,status,version,starts_at,ends_at}',
    '{ordinary_event_steps,largest_event_steps,measured_version}'); -- which are computed from the rule
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER campaign_versions_audited AFTER INSERT ON campaign_versions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NOT acts_as_owner())
  EXECUTE FUNCTION require_audit('campaign', 'campaign_id', '{version,rule}', '{}');
--> statement-breakpoint
-- Who asks for an erasure, as columns of the audit.
CREATE TYPE erasure_actor AS (type text, id text, address text, request_id text);
--> statement-breakpoint
-- Marks a subject as erased: from here on, whatever was received about it until `received_until` is dropped instead of
-- recorded. Whatever was being recorded has committed before.
CREATE FUNCTION mark_erased(erasure uuid, subject text, received_until timestamptz, actor erasure_actor) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('erasures'));
  INSERT INTO erasures AS x (subject_hash, erased_at)
  VALUES (sha256(convert_to(subject, 'UTF8')), received_until)
  ON CONFLICT (subject_hash) DO UPDATE SET erased_at = greatest(x.erased_at, excluded.erased_at);
  INSERT INTO audit_log (id, actor_type, actor_id, actor_address, action, target_type, target_id, request_id)
  VALUES (gen_random_uuid(), actor.type, actor.id, actor.address, 'erasure.begin', 'erasure', erasure, actor.request_id);
END
$$;
--> statement-breakpoint
-- Deletes up to `rows_max` rows of each store that are about a subject, with what depends on them, and says in the audit
-- how many. An event takes its matches with it, and the conflicts over its id. A letter is about a subject that it
-- names, or, where it names nobody because what it holds could not be read, about one that is among its strings, as
-- JSON has it or as JSON within a string of JSON. The definer's right is the only way for the API to delete.
CREATE FUNCTION erase_rows(
  erasure uuid, of_subject text, rows_max int, actor erasure_actor,
  OUT events int, OUT matches int, OUT event_conflicts int, OUT dead_letters int,
  OUT more boolean -- whether there may be
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
  once text := to_jsonb(of_subject)::text;
  twice text := to_jsonb(once)::text;
  others int;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('deleting')); -- those who delete take turns
  twice := substr(twice, 2, length(twice) - 2);
  WITH chosen AS (
    SELECT e.source, e.id FROM events e WHERE e.subject = of_subject ORDER BY e.time, e.source, e.id LIMIT rows_max
  ), deleted_matches AS (
    DELETE FROM matches m USING chosen WHERE (m.source, m.event_id) = (chosen.source, chosen.id) RETURNING 1
  ), deleted_conflicts AS (
    DELETE FROM event_conflicts c USING chosen WHERE (c.source, c.event_id) = (chosen.source, chosen.id) RETURNING 1
  ), deleted_events AS (
    DELETE FROM events e USING chosen WHERE (e.source, e.id) = (chosen.source, chosen.id) RETURNING 1
  ), other_conflicts AS (
    DELETE FROM event_conflicts WHERE (source, event_id, data_hash) IN (
      SELECT c.source, c.event_id, c.data_hash FROM event_conflicts c
      WHERE c.subject = of_subject
        AND NOT EXISTS (SELECT FROM chosen WHERE (chosen.source, chosen.id) = (c.source, c.event_id))
      LIMIT rows_max)
    RETURNING 1
  ), deleted_letters AS (
    DELETE FROM dead_letters WHERE id IN (
      SELECT d.id FROM dead_letters d
      WHERE d.subject = of_subject
         OR (d.subject IS NULL AND (position(once IN d.body) > 0 OR position(twice IN d.body) > 0))
      LIMIT rows_max)
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM deleted_events), (SELECT count(*) FROM deleted_matches),
         (SELECT count(*) FROM deleted_conflicts), (SELECT count(*) FROM deleted_letters),
         (SELECT count(*) FROM other_conflicts)
  INTO events, matches, event_conflicts, dead_letters, others;
  more := greatest(events, others, dead_letters) >= rows_max;
  event_conflicts := event_conflicts + others;
  IF events + event_conflicts + dead_letters > 0 THEN
    INSERT INTO audit_log
      (id, actor_type, actor_id, actor_address, action, target_type, target_id, after, request_id)
    VALUES (gen_random_uuid(), actor.type, actor.id, actor.address, 'erasure.delete', 'erasure', erasure,
            jsonb_build_object('events', events, 'matches', matches, 'event_conflicts', event_conflicts,
                               'dead_letters', dead_letters), actor.request_id);
  END IF;
END
$$;
--> statement-breakpoint
-- The API of before still erases by statements of its own, with an audit row in the same one. The next release takes
-- the rights that it needs away, and these triggers with them. Argument: what the newest such row must be called.
CREATE FUNCTION require_audited_erasing() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT a.xmin FROM audit_log a WHERE a.action = TG_ARGV[0] ORDER BY a.seq DESC LIMIT 1)
     IS DISTINCT FROM pg_current_xact_id()::xid THEN
    RAISE EXCEPTION 'the audit does not say that this was erased' USING ERRCODE = 'CM005';
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER erasures_audited AFTER INSERT OR UPDATE ON erasures FOR EACH ROW
  WHEN (pg_has_role(current_user, 'campaign_manager_api', 'USAGE') AND NOT acts_as_owner())
  EXECUTE FUNCTION require_audited_erasing('erasure.begin');
--> statement-breakpoint
CREATE TRIGGER events_erasing_audited AFTER DELETE ON events FOR EACH ROW
  WHEN (pg_has_role(current_user, 'campaign_manager_api', 'USAGE') AND NOT acts_as_owner())
  EXECUTE FUNCTION require_audited_erasing('erasure.delete');
--> statement-breakpoint
CREATE TRIGGER matches_erasing_audited AFTER DELETE ON matches FOR EACH ROW
  WHEN (pg_has_role(current_user, 'campaign_manager_api', 'USAGE') AND NOT acts_as_owner())
  EXECUTE FUNCTION require_audited_erasing('erasure.delete');
--> statement-breakpoint
CREATE TRIGGER event_conflicts_erasing_audited AFTER DELETE ON event_conflicts FOR EACH ROW
  WHEN (pg_has_role(current_user, 'campaign_manager_api', 'USAGE') AND NOT acts_as_owner())
  EXECUTE FUNCTION require_audited_erasing('erasure.delete');
--> statement-breakpoint
CREATE TRIGGER dead_letters_erasing_audited AFTER DELETE ON dead_letters FOR EACH ROW
  WHEN (pg_has_role(current_user, 'campaign_manager_api', 'USAGE') AND NOT acts_as_owner())
  EXECUTE FUNCTION require_audited_erasing('erasure.delete');
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION
  acts_as_owner(),
  audited_here(text, text),
  mark_erased(uuid, text, timestamptz, erasure_actor),
  erase_rows(uuid, text, int, erasure_actor)
FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION acts_as_owner() TO campaign_manager_api, campaign_manager_consumer;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION
  audited_here(text, text),
  mark_erased(uuid, text, timestamptz, erasure_actor),
  erase_rows(uuid, text, int, erasure_actor)
TO campaign_manager_api;
