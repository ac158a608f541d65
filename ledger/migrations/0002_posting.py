"""Opening accounts, balances as of a past time, and the key from an entry to its last posting.

The functions that post and the trigger that checks every inserted posting are in migration 0004. Plans are kept for the
life of a connection: `force_generic_plan` spares planning at every call, `enable_seqscan = off` keeps a plan that was
made while a table was empty from being slow for ever after.
"""

from django.db import migrations

LAST_POSTING = """
ALTER TABLE ledger_journalentry ADD CONSTRAINT entry_has_its_last_posting
  FOREIGN KEY (id, line_count) REFERENCES ledger_posting (entry_id, line);
"""

OPEN_ACCOUNTS = """
CREATE FUNCTION ledger_open_accounts(p_accounts text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_opened integer;
  v_code text;
BEGIN
  -- in the order of codes, so that two transactions that open the same accounts never wait for each other crosswise
  INSERT INTO ledger_account (code, type, name, currency, owner_reference, is_hot, balance_sign, opened_at)
  SELECT s.code, s.type, s.name, s.currency, s.owner_reference, s.is_hot, s.balance_sign, clock_timestamp()
    FROM jsonb_to_recordset(p_accounts::jsonb)
      AS s(code text, type text, name text, currency text, owner_reference text, is_hot boolean, balance_sign smallint)
   ORDER BY s.code
  ON CONFLICT (code) DO NOTHING;
  GET DIAGNOSTICS v_opened = ROW_COUNT;
  SELECT a.code INTO v_code
    FROM jsonb_to_recordset(p_accounts::jsonb)
      AS s(code text, type text, currency text, owner_reference text, is_hot boolean)
    JOIN ledger_account a ON a.code = s.code
   WHERE (a.type, a.currency, a.owner_reference, a.is_hot) <> (s.type, s.currency, s.owner_reference, s.is_hot)
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'account % is open already and different', v_code USING ERRCODE = 'LG005', DETAIL = v_code;
  END IF;
  RETURN v_opened;
END $$;
"""

BALANCE_AS_OF = """
CREATE FUNCTION ledger_balance_as_of(p_account_id bigint, p_is_hot boolean, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  -- Every sixteenth posting is a mark in time; from the last one before it is at most fifteen to the one asked for.
  RETURN (
    SELECT coalesce(sum(p.balance_minor), 0)
      FROM generate_series(0, CASE WHEN p_is_hot THEN 15 ELSE 0 END) AS s(slot)
     CROSS JOIN LATERAL (SELECT coalesce((SELECT k.sequence FROM ledger_posting k
                                           WHERE k.account_id = p_account_id AND k.slot = s.slot
                                             AND k.sequence % 16 = 0 AND k.posted_at <= p_at
                                           ORDER BY k.posted_at DESC, k.sequence DESC LIMIT 1), 0) OFFSET 0) AS m(mark)
     CROSS JOIN LATERAL (SELECT q.balance_minor FROM ledger_posting q
                          WHERE q.account_id = p_account_id AND q.slot = s.slot
                            AND q.sequence >= m.mark AND q.sequence < m.mark + 16 AND q.posted_at <= p_at
                          ORDER BY q.sequence DESC LIMIT 1) AS p);
END $$;
"""

DROP = """
DROP FUNCTION ledger_balance_as_of(bigint, boolean, timestamptz);
DROP FUNCTION ledger_open_accounts(text);
ALTER TABLE ledger_journalentry DROP CONSTRAINT entry_has_its_last_posting;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL([LAST_POSTING, OPEN_ACCOUNTS, BALANCE_AS_OF], reverse_sql=DROP)]
