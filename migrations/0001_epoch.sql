-- The epoch counts the changes of the active set. A consumer asserts, in the transaction that records its
-- decisions, that the epoch is still the one it decided with; a change of the set waits for such transactions
-- and they for it, through one advisory lock. An advisory lock queues fairly: shared row locks taken by ever
-- more consumers could starve the writer.
INSERT INTO "campaign_epoch" ("id", "epoch") VALUES (1, 0);
--> statement-breakpoint
CREATE FUNCTION assert_campaign_epoch(expected bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  actual bigint;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('campaign_epoch'));
  -- A new statement, so a new snapshot: it sees a change that committed while we waited.
  SELECT epoch INTO STRICT actual FROM campaign_epoch;
  IF actual <> expected THEN
    RAISE EXCEPTION 'campaign epoch moved' USING ERRCODE = 'CM001';
  END IF;
END
$$;
--> statement-breakpoint
-- In the database and not in the API, so that no code path can change the active set without moving the epoch.
CREATE FUNCTION advance_campaign_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status = 'active' THEN
      RAISE EXCEPTION 'an active campaign cannot be deleted' USING ERRCODE = 'CM002';
    END IF;
    RETURN OLD;
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'active' THEN
      RETURN NEW;
    END IF;
  ELSIF (OLD.status <> 'active' AND NEW.status <> 'active')
     OR (OLD.status, OLD.version, OLD.starts_at, OLD.ends_at)
        IS NOT DISTINCT FROM (NEW.status, NEW.version, NEW.starts_at, NEW.ends_at) THEN
    RETURN NEW;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('campaign_epoch'));
  UPDATE campaign_epoch SET epoch = epoch + 1 RETURNING epoch INTO STRICT NEW.epoch;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER campaigns_advance_epoch BEFORE INSERT OR UPDATE OR DELETE ON "campaigns"
  FOR EACH ROW EXECUTE FUNCTION advance_campaign_epoch();
--> statement-breakpoint
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is not allowed', TG_OP, TG_TABLE_NAME USING ERRCODE = 'CM003';
END
$$;
--> statement-breakpoint
CREATE TRIGGER campaign_versions_immutable BEFORE UPDATE OR DELETE ON "campaign_versions"
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON "audit_log"
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
