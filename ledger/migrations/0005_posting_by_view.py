"""Entries enter the books through two views alone; what is inserted into them, PostgreSQL turns into entry and postings.

`INSERT INTO ledger_new_entry` books one entry, `INSERT INTO ledger_new_entries` a batch of them, all or none. The
triggers of the views check what they are given, make the postings themselves, and answer by RETURNING. INSERT into the
tables of entries and postings by anybody else is refused. So there is no entry whose postings don't

- sum to zero in each currency, which is added up from what is posted;
- number 1, 2, ... `line_count`, at least two, all inserted with the entry;
- have their account's currency and bound, and continue the chain of account and slot (sequence + 1, balance + amount):
  all three are read, not given;
- undo the entry it reverses, if it is a reversal, exactly.

Before, whoever inserted gave all of that and a trigger looked everything up again: a third of the time of an entry
(docs/ledger.md, Measured; docs/decisions/0012).

The triggers take locks before they read a balance: for an account the one of 1,024 that its id falls to, so that a batch
of any size stays far below what PostgreSQL's lock table holds, and for hot accounts a slot. What the books rest on is not
the locks, which the caller names: the chain of an account's postings is unique, so that who took none, or another's, is
refused and can't lose an update.

The answer for each entry is its id, posted_at, and whether it is a replay; and, if the accounts were given by code alone,
`told`: for each line the account's id, then for each line its lock, for the caller to remember. Given with ids (and the
locks of these, ascending), an account is the one that has both that id and that code; where there is none, a posting of
no account is refused (23502). If a batch is not all new, the answer is without ids, nothing was written, and the caller
asks again by code.
"""

from importlib import import_module

from django.db import migrations, models
from django.db.models import expressions, lookups

DROP_OLD = """
DROP TRIGGER ledger_check_postings ON ledger_posting;
DROP FUNCTION ledger_check_postings();
ALTER TABLE ledger_journalentry DROP CONSTRAINT entry_has_its_last_posting;
DROP FUNCTION ledger_reverse_entry(text, text, text, timestamptz, text, text);
DROP FUNCTION ledger_post_entries(text[], text[], timestamptz[], text[], smallint[], integer[], smallint[], text[],
                                  bigint[], integer[], bigint[], text, text);
DROP FUNCTION ledger_post_entry(text, text, timestamptz, text[], bigint[], integer[], bigint[], text, text, text,
                                bigint);
DROP FUNCTION ledger_answer(bigint, timestamptz, boolean);
"""

REFUSE = """
CREATE FUNCTION ledger_refuse_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are made by INSERT INTO ledger_new_entry or ledger_new_entries', TG_TABLE_NAME
    USING ERRCODE = 'LG011';
END $$;
CREATE TRIGGER ledger_refuse_insert BEFORE INSERT ON ledger_journalentry
  FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse_insert();
CREATE TRIGGER ledger_refuse_insert BEFORE INSERT ON ledger_posting
  FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse_insert();
"""

POST_ENTRY = """
CREATE VIEW ledger_new_entry AS
  SELECT ''::text AS kind, ''::text AS source_reference, ''::text AS description, ''::text AS trace_id,
         now() AS effective_at, 0::bigint AS reverses_id, ''::text AS currency, '{}'::text[] AS codes,
         '{}'::bigint[] AS account_ids, '{}'::integer[] AS locks, '{}'::bigint[] AS amounts, ''::text AS accounts,
         0::bigint AS id, now() AS posted_at, false AS is_replay, '{}'::bigint[] AS told
   WHERE false;

COMMENT ON VIEW ledger_new_entry IS 'What is inserted here is booked as one entry; holds no rows';

CREATE FUNCTION ledger_post_entry() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  c_accounts CONSTANT integer := 7895;  -- the space of the locks of accounts
  v_found record;
  v_sum numeric := 0;
  v_amount bigint;
  v_lock integer;
  v_slot smallint;
  v_now timestamptz;
  v_id bigint;
BEGIN
  IF NEW.account_ids IS NULL THEN
    v_found := ledger_find_accounts(NEW.codes, NEW.accounts);
    NEW.account_ids := v_found.ids;
    NEW.locks := v_found.locks;
  END IF;
  FOREACH v_amount IN ARRAY NEW.amounts LOOP
    v_sum := v_sum + v_amount;
  END LOOP;
  IF (v_sum = 0 AND NEW.currency <> '' AND NEW.reverses_id IS NULL AND NEW.kind <> '' AND NEW.source_reference <> ''
      AND cardinality(NEW.codes) > 1 AND cardinality(NEW.account_ids) = cardinality(NEW.codes)
      AND cardinality(NEW.amounts) = cardinality(NEW.codes)) IS NOT TRUE THEN
    PERFORM ledger_check_entry(NEW);
  END IF;
  -- The statement that reads balances comes after, so its snapshot has what a lock was waited for.
  FOREACH v_lock IN ARRAY NEW.locks LOOP
    IF v_lock > 1023 THEN
      v_slot := ledger_take_slot();
    ELSIF NOT pg_try_advisory_xact_lock(c_accounts, v_lock) THEN
      PERFORM pg_advisory_xact_lock(c_accounts, v_lock);
    END IF;
  END LOOP;
  v_now := clock_timestamp();
  v_id := nextval('ledger_journalentry_id_seq');
  WITH e AS (
    INSERT INTO ledger_journalentry
      (id, kind, source_reference, description, trace_id, effective_at, posted_at, reverses_id, line_count)
    VALUES (v_id, NEW.kind, NEW.source_reference, NEW.description, NEW.trace_id, NEW.effective_at, v_now,
            NEW.reverses_id, cardinality(NEW.codes))
    ON CONFLICT (source_reference) DO NOTHING RETURNING id)
  INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,
                              balance_sign, posted_at)
  SELECT v_id, l.line, a.id, NEW.amounts[l.line::integer], a.currency,
         CASE WHEN a.is_hot THEN v_slot ELSE 0::smallint END, coalesce(q.sequence, 0) + 1,
         CASE WHEN a.balance_sign * (coalesce(q.balance_minor, 0) + NEW.amounts[l.line::integer]) < 0
              THEN ledger_refuse_balance(a.code)
              ELSE coalesce(q.balance_minor, 0) + NEW.amounts[l.line::integer] END,
         a.balance_sign, greatest(v_now, q.posted_at)
    FROM unnest(NEW.account_ids) WITH ORDINALITY AS l(account_id, line)
    LEFT JOIN ledger_account a ON a.id = l.account_id AND a.code = NEW.codes[l.line::integer]
          AND (a.currency = NEW.currency OR NEW.currency = '')
    LEFT JOIN LATERAL (SELECT b.sequence, b.balance_minor, b.posted_at FROM ledger_posting b
                        WHERE b.account_id = a.id AND b.slot = CASE WHEN a.is_hot THEN v_slot ELSE 0::smallint END
                        ORDER BY b.sequence DESC LIMIT 1) q ON true
   WHERE (SELECT true FROM e);
  IF FOUND THEN
    NEW.id := v_id;
    NEW.posted_at := v_now;
    NEW.is_replay := false;
    IF v_found IS NOT NULL THEN
      NEW.told := ledger_to_remember(NEW.account_ids, v_found.line_locks);
    END IF;
    RETURN NEW;
  END IF;

  -- The fact was booked before, perhaps a moment ago by somebody we waited for: this statement sees it.
  SELECT e.id, e.posted_at, true INTO NEW.id, NEW.posted_at, NEW.is_replay FROM ledger_journalentry e
   WHERE e.source_reference = NEW.source_reference AND e.kind = NEW.kind AND e.line_count = cardinality(NEW.codes)
     AND e.reverses_id IS NOT DISTINCT FROM NEW.reverses_id
     AND NOT EXISTS (SELECT a.code, p.amount_minor FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
                      WHERE p.entry_id = e.id
                     EXCEPT SELECT * FROM unnest(NEW.codes, NEW.amounts));
  IF FOUND THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'source reference % was posted with another kind or other lines', NEW.source_reference
    USING ERRCODE = 'LG002', DETAIL = NEW.source_reference;
END $$;
"""

CHECK_ENTRY = """
-- What an entry needs beyond that the amounts of one currency sum to zero: several currencies, reversals, and to say what
-- is wrong.
CREATE FUNCTION ledger_check_entry(p_entry ledger_new_entry) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (p_entry.kind <> '' AND p_entry.source_reference <> '' AND cardinality(p_entry.codes) > 1
      AND cardinality(p_entry.account_ids) = cardinality(p_entry.codes)
      AND cardinality(p_entry.amounts) = cardinality(p_entry.codes)) IS NOT TRUE THEN
    RAISE EXCEPTION 'entry % is not complete', p_entry.source_reference USING ERRCODE = 'LG011';
  END IF;
  PERFORM FROM unnest(p_entry.codes, p_entry.amounts) AS l(code, amount)
    GROUP BY CASE p_entry.currency WHEN '' THEN right(l.code, 3) END
    HAVING (sum(l.amount) = 0 AND count(l.amount) = count(*)) IS NOT TRUE;
  IF FOUND OR p_entry.currency IS NULL THEN
    RAISE EXCEPTION 'entry % does not sum to zero', p_entry.source_reference USING ERRCODE = 'LG012';
  END IF;
  IF p_entry.reverses_id IS NOT NULL THEN
    PERFORM FROM ledger_journalentry o
      WHERE o.id = p_entry.reverses_id AND o.reverses_id IS NULL AND o.line_count = cardinality(p_entry.codes)
        AND NOT EXISTS (SELECT a.code, -p.amount_minor
                          FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id WHERE p.entry_id = o.id
                        EXCEPT ALL SELECT * FROM unnest(p_entry.codes, p_entry.amounts));
    IF NOT FOUND THEN
      RAISE EXCEPTION 'entry % is not the opposite of the entry it reverses', p_entry.source_reference
        USING ERRCODE = 'LG013';
    END IF;
  END IF;
END $$;
-- The first slot that no other transaction holds, beginning with this connection's own; with all taken, waits. Taken
-- after all other locks: who waits for a slot holds none.
CREATE FUNCTION ledger_take_slot() RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
  c_slots CONSTANT integer := 7894;
  v_slot smallint;
BEGIN
  FOR v_try IN 0..15 LOOP
    v_slot := (pg_backend_pid() + v_try) & 15;
    IF pg_try_advisory_xact_lock(c_slots, v_slot) THEN
      RETURN v_slot;
    END IF;
  END LOOP;
  v_slot := pg_backend_pid() & 15;
  PERFORM pg_advisory_xact_lock(c_slots, v_slot);
  RETURN v_slot;
END $$;
-- Takes locks, which must come in ascending order: then no two transactions wait for each other crosswise.
CREATE OR REPLACE FUNCTION ledger_lock(p_locks integer[]) RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
  c_accounts CONSTANT integer := 7895;
  v_lock integer;
BEGIN
  FOREACH v_lock IN ARRAY p_locks LOOP
    IF v_lock > 1023 THEN
      RETURN ledger_take_slot();
    ELSIF NOT pg_try_advisory_xact_lock(c_accounts, v_lock) THEN
      PERFORM pg_advisory_xact_lock(c_accounts, v_lock);
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
"""

POST_ENTRIES = """
-- Line by line: number of the entry, number of the line in it, code, id and amount. Ids, times and replays come back in
-- the order of the entries.
CREATE VIEW ledger_new_entries AS
  SELECT '{}'::text[] AS kinds, '{}'::text[] AS source_references, '{}'::text[] AS descriptions, ''::text AS trace_id,
         '{}'::timestamptz[] AS effective_at, '{}'::smallint[] AS line_counts, '{}'::integer[] AS entries,
         '{}'::smallint[] AS lines, '{}'::text[] AS codes, '{}'::bigint[] AS account_ids, '{}'::integer[] AS locks,
         '{}'::bigint[] AS amounts, ''::text AS accounts,
         '{}'::bigint[] AS ids, '{}'::timestamptz[] AS posted_at, '{}'::boolean[] AS are_replays, '{}'::bigint[] AS told
   WHERE false;

COMMENT ON VIEW ledger_new_entries IS 'What is inserted here is booked as a batch of entries; holds no rows';

CREATE FUNCTION ledger_post_entries() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_found record;
  v_posted record;
  v_size integer := cardinality(NEW.source_references);
  v_is_right boolean;
  v_slot smallint;
  v_now timestamptz;
  v_from integer := 1;
  v_to integer;
BEGIN
  IF NEW.account_ids IS NULL THEN
    v_found := ledger_find_accounts(NEW.codes, NEW.accounts);
    NEW.account_ids := v_found.ids;
    NEW.locks := v_found.locks;
  END IF;
  -- A code ends in its account's currency. Each entry 1, 2, ... has its lines 1, 2, ... line_count; none twice, which is
  -- the key of postings.
  SELECT bool_and((e.is_zero AND e.lines = NEW.line_counts[e.entry] AND e.lines > 1 AND e.first_line = 1
                   AND e.last_line = e.lines) IS TRUE)
         AND count(*) = v_size AND min(e.entry) = 1 AND max(e.entry) = v_size
    INTO v_is_right
    FROM (SELECT c.entry, bool_and(c.is_zero) AS is_zero, sum(c.lines) AS lines, min(c.first_line) AS first_line,
                 max(c.last_line) AS last_line
            FROM (SELECT l.entry, sum(l.amount) = 0 AS is_zero, count(l.amount) AS lines, min(l.line) AS first_line,
                         max(l.line) AS last_line
                    FROM unnest(NEW.entries, NEW.lines, NEW.codes, NEW.amounts) AS l(entry, line, code, amount)
                   GROUP BY l.entry, right(l.code, 3)) c
           GROUP BY c.entry) e;
  IF (v_is_right AND array_position(NEW.kinds, '') IS NULL AND array_position(NEW.source_references, '') IS NULL)
     IS NOT TRUE THEN
    RAISE EXCEPTION 'an entry of a batch is not complete or does not sum to zero' USING ERRCODE = 'LG012';
  END IF;
  -- All locks first, in their order: the entries one by one would take them in the order of the batch.
  v_slot := ledger_lock(NEW.locks);
  NEW.ids := ARRAY(SELECT nextval('ledger_journalentry_id_seq') FROM generate_series(1, v_size));
  v_now := clock_timestamp();
  BEGIN
    WITH e AS (
      INSERT INTO ledger_journalentry
        (id, kind, source_reference, description, trace_id, effective_at, posted_at, line_count)
      SELECT NEW.ids[n.entry], n.kind, n.source, n.description, NEW.trace_id, n.effective_at, v_now, n.line_count
        FROM unnest(NEW.kinds, NEW.source_references, NEW.descriptions, NEW.effective_at, NEW.line_counts)
             WITH ORDINALITY AS n(kind, source, description, effective_at, line_count, entry))
    INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,
                                balance_sign, posted_at)
    SELECT NEW.ids[c.entry], c.line, c.account_id, c.amount, c.currency, c.slot, c.sequence,
           CASE WHEN c.balance_sign * c.balance < 0 THEN ledger_refuse_balance(c.code) ELSE c.balance END,
           c.balance_sign, greatest(v_now, c.posted_at)
      FROM (SELECT l.*, a.currency, a.balance_sign, q.posted_at,
                   CASE WHEN a.is_hot THEN v_slot ELSE 0::smallint END AS slot,
                   coalesce(q.sequence, 0) + row_number() OVER chain AS sequence,
                   (coalesce(q.balance_minor, 0) + sum(l.amount) OVER chain)::bigint AS balance
              FROM unnest(NEW.entries, NEW.lines, NEW.codes, NEW.account_ids, NEW.amounts)
                   WITH ORDINALITY AS l(entry, line, code, account_id, amount, position)
              LEFT JOIN LATERAL (SELECT currency, is_hot, balance_sign FROM ledger_account
                                  WHERE id = l.account_id AND code = l.code OFFSET 0) a ON true
              LEFT JOIN LATERAL (SELECT b.sequence, b.balance_minor, b.posted_at FROM ledger_posting b
                                  WHERE b.account_id = l.account_id
                                    AND b.slot = CASE WHEN a.is_hot THEN v_slot ELSE 0::smallint END
                                  ORDER BY b.sequence DESC LIMIT 1) q ON true
            WINDOW chain AS (PARTITION BY l.account_id ORDER BY l.position ROWS UNBOUNDED PRECEDING)) c;
    NEW.posted_at := ARRAY[v_now];
    IF v_found IS NOT NULL THEN
      NEW.told := ledger_to_remember(NEW.account_ids, v_found.line_locks);
    END IF;
    RETURN NEW;
  EXCEPTION
    WHEN unique_violation OR not_null_violation OR numeric_value_out_of_range OR SQLSTATE 'LG003' THEN
      -- A fact is booked already or stands here twice, so that it would be counted twice: entry by entry, below. Or a
      -- remembered id is of no account.
      NEW.ids := NULL;
      IF v_found IS NULL THEN
        RETURN NEW;
      END IF;
  END;
  NEW.posted_at := NULL;
  FOR i IN 1..v_size LOOP
    v_to := v_from + NEW.line_counts[i] - 1;
    INSERT INTO ledger_new_entry (kind, source_reference, description, trace_id, effective_at, currency, codes, amounts,
                                  accounts)
    VALUES (NEW.kinds[i], NEW.source_references[i], NEW.descriptions[i], NEW.trace_id, NEW.effective_at[i], '',
            NEW.codes[v_from:v_to], NEW.amounts[v_from:v_to], NEW.accounts)
    RETURNING id, posted_at, is_replay INTO v_posted;
    NEW.ids := NEW.ids || v_posted.id;
    NEW.posted_at := NEW.posted_at || v_posted.posted_at;
    NEW.are_replays := NEW.are_replays || v_posted.is_replay;
    v_from := v_to + 1;
  END LOOP;
  RETURN NEW;
END $$;
"""

REVERSE_ENTRY = """
CREATE FUNCTION ledger_reverse_entry(
  p_original text, p_kind text, p_source text, p_effective_at timestamptz, p_description text, p_trace_id text,
  OUT id bigint, OUT posted_at timestamptz, OUT is_replay boolean) LANGUAGE plpgsql AS $$
DECLARE
  v_original record;
  v_lines record;
BEGIN
  SELECT e.id, e.reverses_id, r.source_reference AS reversed_by INTO v_original
    FROM ledger_journalentry e LEFT JOIN ledger_journalentry r ON r.reverses_id = e.id
   WHERE e.source_reference = p_original;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no entry has the source reference %', p_original USING ERRCODE = 'LG006', DETAIL = p_original;
  END IF;
  IF v_original.reverses_id IS NOT NULL THEN
    RAISE EXCEPTION 'entry % is itself a reversal', p_original USING ERRCODE = 'LG007', DETAIL = p_original;
  END IF;
  IF v_original.reversed_by <> p_source THEN
    RAISE EXCEPTION 'entry % is reversed already', p_original USING ERRCODE = 'LG004', DETAIL = p_original;
  END IF;
  SELECT array_agg(a.code ORDER BY p.line) AS codes, array_agg(a.id ORDER BY p.line) AS ids,
         array_agg(DISTINCT ledger_lock_of(a.id, a.is_hot)) AS locks,
         array_agg(-p.amount_minor ORDER BY p.line) AS amounts
    INTO v_lines
    FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id WHERE p.entry_id = v_original.id;
  INSERT INTO ledger_new_entry AS n (kind, source_reference, description, trace_id, effective_at, reverses_id, currency,
                                     codes, account_ids, locks, amounts)
  VALUES (p_kind, p_source, p_description, p_trace_id, p_effective_at, v_original.id, '', v_lines.codes, v_lines.ids,
          v_lines.locks, v_lines.amounts)
  RETURNING n.id, n.posted_at, n.is_replay INTO id, posted_at, is_replay;
END $$;
"""

VIEW_TRIGGERS = """
CREATE TRIGGER ledger_post_entry INSTEAD OF INSERT ON ledger_new_entry
  FOR EACH ROW EXECUTE FUNCTION ledger_post_entry();
CREATE TRIGGER ledger_post_entries INSTEAD OF INSERT ON ledger_new_entries
  FOR EACH ROW EXECUTE FUNCTION ledger_post_entries();
"""

BALANCE_AS_OF = """
CREATE OR REPLACE FUNCTION ledger_balance_as_of(p_account_id bigint, p_is_hot boolean, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  -- Every eighth posting is a mark in time; from the last one before it is at most seven to the one asked for.
  RETURN (
    SELECT coalesce(sum(p.balance_minor), 0)
      FROM generate_series(0, CASE WHEN p_is_hot THEN 15 ELSE 0 END) AS s(slot)
     CROSS JOIN LATERAL (SELECT coalesce((SELECT k.sequence FROM ledger_posting k
                                           WHERE k.account_id = p_account_id AND k.slot = s.slot
                                             AND k.sequence % 8 = 0 AND k.posted_at <= p_at
                                           ORDER BY k.posted_at DESC, k.sequence DESC LIMIT 1), 0) OFFSET 0) AS m(mark)
     CROSS JOIN LATERAL (SELECT q.balance_minor FROM ledger_posting q
                          WHERE q.account_id = p_account_id AND q.slot = s.slot
                            AND q.sequence >= m.mark AND q.sequence < m.mark + 8 AND q.posted_at <= p_at
                          ORDER BY q.sequence DESC LIMIT 1) AS p);
END $$;
"""

DROP_NEW = """
DROP FUNCTION ledger_reverse_entry(text, text, text, timestamptz, text, text);
DROP FUNCTION ledger_check_entry(ledger_new_entry);
DROP VIEW ledger_new_entry, ledger_new_entries;
DROP FUNCTION ledger_post_entry();
DROP FUNCTION ledger_post_entries();
DROP TRIGGER ledger_refuse_insert ON ledger_journalentry;
DROP TRIGGER ledger_refuse_insert ON ledger_posting;
DROP FUNCTION ledger_refuse_insert();
DROP FUNCTION ledger_take_slot();
DROP FUNCTION ledger_lock(integer[]);
DROP FUNCTION ledger_to_remember(bigint[], integer[]);
DROP FUNCTION ledger_find_accounts(text[], text);
DROP FUNCTION ledger_lock_of(bigint, boolean);
DROP FUNCTION ledger_refuse_balance(text);
"""
DROP_BALANCE_AS_OF = "DROP FUNCTION ledger_balance_as_of(bigint, boolean, timestamptz);"
before = import_module("ledger.migrations.0004_lock_stripes")
beginnings = import_module("ledger.migrations.0002_posting")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_lock_stripes")]
    operations = [
        migrations.RunSQL(
            [DROP_OLD, REFUSE, POST_ENTRY, CHECK_ENTRY, POST_ENTRIES, REVERSE_ENTRY, VIEW_TRIGGERS],
            reverse_sql=[
                *(DROP_NEW, before.CHECK_POSTINGS, before.FIND_AND_LOCK, before.POST_ENTRY, before.POST_ENTRIES),
                *(before.REVERSE_ENTRY, beginnings.LAST_POSTING),
            ],
        ),
        migrations.RemoveConstraint(model_name="journalentry", name="entry_is_named"),
        migrations.RemoveIndex(model_name="posting", name="posting_time_mark"),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                condition=models.Q(
                    lookups.Exact(expressions.CombinedExpression(models.F("sequence"), "%%", models.Value(8)), 0)
                ),
                fields=["account", "slot", "posted_at", "sequence"],
                name="posting_time_mark",
            ),
        ),
        migrations.RunSQL([BALANCE_AS_OF], reverse_sql=[DROP_BALANCE_AS_OF, beginnings.BALANCE_AS_OF]),
    ]
