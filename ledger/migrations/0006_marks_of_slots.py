"""Past balances of hot accounts: each of the slots 1 to 15 has all its postings in the index by time,
and their balances with them.

Their balance is read from 16 slots. With a mark at every eighth posting alone, each slot takes a second look-up and some
postings more, which lie far from each other in a large table: 1.6 times as long with a hundred times the postings. A
posting of a hot account pays for one more index; those of sellers, and slot 0, have a mark at every sixteenth posting.

And INSERT by others is refused by the function itself: PostgreSQL reads the text of a trigger's WHEN anew for each
statement, which costs more than the call.
"""

from importlib import import_module

from django.db import migrations, models
from django.db.models import expressions, lookups

REFUSE = """
CREATE OR REPLACE FUNCTION ledger_refuse_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() = 1 THEN  -- this trigger alone: no trigger of the views is at work
    RAISE EXCEPTION 'rows of % are made by INSERT INTO ledger_new_entry or ledger_new_entries', TG_TABLE_NAME
      USING ERRCODE = 'LG011';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ledger_refuse_insert BEFORE INSERT ON ledger_journalentry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_insert();
CREATE OR REPLACE TRIGGER ledger_refuse_insert BEFORE INSERT ON ledger_posting
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_insert();
"""

BALANCE_AS_OF = """
CREATE OR REPLACE FUNCTION ledger_balance_as_of(p_account_id bigint, p_is_hot boolean, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_mark bigint;
  v_balance bigint;
BEGIN
  -- Every sixteenth posting is a mark in time; from the last one before it is at most fifteen to the one asked for.
  v_mark := (SELECT k.sequence FROM ledger_posting k
              WHERE k.account_id = p_account_id AND k.slot = 0 AND k.sequence % 16 = 0 AND k.posted_at <= p_at
              ORDER BY k.posted_at DESC, k.sequence DESC LIMIT 1);
  v_balance := (SELECT q.balance_minor FROM ledger_posting q
                 WHERE q.account_id = p_account_id AND q.slot = 0 AND q.sequence >= coalesce(v_mark, 0)
                   AND q.sequence < coalesce(v_mark, 0) + 16 AND q.posted_at <= p_at
                 ORDER BY q.sequence DESC LIMIT 1);
  IF NOT p_is_hot THEN
    RETURN coalesce(v_balance, 0);
  END IF;
  -- Of the other slots every posting is one.
  RETURN coalesce(v_balance, 0) + (
    SELECT coalesce(sum(p.balance_minor), 0)
      FROM generate_series(1, 15) AS s(slot)
     CROSS JOIN LATERAL (SELECT k.balance_minor FROM ledger_posting k
                          WHERE k.account_id = p_account_id AND k.slot = s.slot AND k.slot > 0 AND k.posted_at <= p_at
                          ORDER BY k.posted_at DESC, k.sequence DESC LIMIT 1) AS p);
END $$;
"""

before = import_module("ledger.migrations.0005_posting_by_view")
REFUSE_BEFORE = f"""
DROP TRIGGER ledger_refuse_insert ON ledger_journalentry;
DROP TRIGGER ledger_refuse_insert ON ledger_posting;
DROP FUNCTION ledger_refuse_insert();
{before.REFUSE}
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_posting_by_view")]
    operations = [
        migrations.RunSQL([REFUSE], reverse_sql=[REFUSE_BEFORE]),
        migrations.RemoveIndex(model_name="posting", name="posting_time_mark"),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                condition=models.Q(
                    lookups.Exact(
                        expressions.CombinedExpression(models.F("sequence"), "%%", models.Value(16)),
                        0,
                    ),
                    ("slot__gt", 0),
                    _connector="OR",
                ),
                fields=["account", "slot", "posted_at", "sequence"],
                include=["balance_minor"],
                name="posting_time_mark",
            ),
        ),
        migrations.RunSQL([BALANCE_AS_OF], reverse_sql=[before.BALANCE_AS_OF]),
    ]
