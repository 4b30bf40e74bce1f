-- Every audit row holds a hash over itself and its predecessor's hash, so that an edit, a removal or a reordering
-- shows, to whoever recomputes the chain without this database (npm run audit:verify; src/audit/record.ts).
CREATE FUNCTION audit_record(a audit_log) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_array(
    a.seq, a.id, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    a.actor_type, a.actor_id, a.actor_address, a.action, a.target_type, a.target_id,
    a.before, a.after, a.request_id, encode(a.prev_hash, 'hex'))::text
$$;
--> statement-breakpoint
-- With the right of its owner, so that a Worker's role needs no other right than to insert.
CREATE FUNCTION chain_audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  last audit_log;
BEGIN
  -- Held until commit: rows get their numbers in the order in which they become visible.
  PERFORM pg_advisory_xact_lock(hashtext('audit_log'));
  -- A new statement, so a new snapshot: it sees what committed while we waited.
  SELECT * INTO last FROM audit_log ORDER BY seq DESC LIMIT 1;
  NEW.at := greatest(date_trunc('milliseconds', clock_timestamp()), last.at);
  NEW.seq := coalesce(last.seq, 0) + 1;
  NEW.prev_hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
  NEW.hash := sha256(convert_to(audit_record(NEW), 'UTF8'));
  RETURN NEW;
END
$$;
--> statement-breakpoint
ALTER TABLE "audit_log" DISABLE TRIGGER audit_log_append_only;
--> statement-breakpoint
DO $$
DECLARE
  r audit_log;
  previous bytea := decode(repeat('00', 32), 'hex');
  n bigint := 0;
BEGIN
  FOR r IN SELECT * FROM audit_log ORDER BY at, id LOOP
    n := n + 1;
    r.seq := n;
    r.prev_hash := previous;
    r.hash := sha256(convert_to(audit_record(r), 'UTF8'));
    UPDATE audit_log SET seq = r.seq, prev_hash = r.prev_hash, hash = r.hash WHERE id = r.id;
    previous := r.hash;
  END LOOP;
END
$$;
--> statement-breakpoint
ALTER TABLE "audit_log" ENABLE TRIGGER audit_log_append_only;
--> statement-breakpoint
ALTER TABLE "audit_log" ALTER COLUMN "seq" SET NOT NULL, ALTER COLUMN "prev_hash" SET NOT NULL,
  ALTER COLUMN "hash" SET NOT NULL;
--> statement-breakpoint
CREATE TRIGGER audit_log_chain BEFORE INSERT ON "audit_log" FOR EACH ROW EXECUTE FUNCTION chain_audit_row();
--> statement-breakpoint
CREATE TRIGGER audit_log_keep BEFORE TRUNCATE ON "audit_log" EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER audit_checkpoints_append_only BEFORE UPDATE OR DELETE ON "audit_checkpoints"
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER audit_checkpoints_keep BEFORE TRUNCATE ON "audit_checkpoints" EXECUTE FUNCTION refuse_change();
