-- A checkpoint is over a row of the audit. One over no row, or over another than there is, would be taken for the end
-- of an audit that was cut.
CREATE FUNCTION require_audit_row() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM audit_log a WHERE a.seq = NEW.seq AND a.hash = NEW.hash) THEN
    RAISE EXCEPTION 'the audit has no such row' USING ERRCODE = 'CM004';
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER audit_checkpoints_over_row BEFORE INSERT ON "audit_checkpoints"
  FOR EACH ROW EXECUTE FUNCTION require_audit_row();
