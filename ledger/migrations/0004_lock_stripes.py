"""The trigger that checks every inserted posting, and the functions that post.

An entry and its postings are inserted by one statement, which may hold several entries. `ledger_check_postings` runs at
its end, sees all its rows, and refuses them unless

- they are the postings 1, 2, ... `line_count` of entries that exist, and sum to zero in each entry and currency;
- each has its account's currency and bound, and continues the chain of its account and slot (sequence + 1, balance +
  amount);
- an entry that reverses another is its exact opposite.

So a posting can't be added later: line 1 is taken. An entry without postings can't be inserted either: a foreign key
points from it to its last posting. Both hold at once, nothing waits for the commit. One check per statement costs a
fraction of foreign keys and deferred checks per row: docs/ledger.md, Measured.

The posting functions take locks before they read a balance: for an account the one of 1,024 that its id falls to, so
that a batch of any size stays far below what PostgreSQL's lock table holds, and for hot accounts a slot. Such a lock
costs a fraction of one on the account's row, which is a write. What the books rest on is not the locks: the chain of an
account's postings is unique, so that who took none, or another's, is refused and can't lose an update.

They answer with a flat array: for each entry its id, posted_at in microseconds since 1970, and 1 for a replay; then, if
the accounts were given by code alone, for each line the account's id, and for each line its lock, for the caller to
remember. Given with ids (and the locks of these, ascending), an account is the one that has both that id and that code;
where there is none, a posting of no account is refused (23502). If a batch is not all new, the answer is NULL, nothing
was written, and the caller asks again by code.
"""

from django.db import migrations

CHECK_POSTINGS = """
CREATE OR REPLACE FUNCTION ledger_check_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_line_count smallint;
  v_amounts bigint[];
  v_amount bigint;
  v_sum numeric := 0;
  v_is_right boolean;
  v_wrong_id bigint;
BEGIN
  -- What nearly every entry is: alone in its statement, in one currency, no reversal, and each posting follows another.
  -- An array and a loop cost less than aggregates, whose start is dear; a posting that does not fit has no amount here.
  SELECT e.line_count, ARRAY(
           SELECT CASE WHEN n.line BETWEEN 1 AND e.line_count AND n.posted_at >= e.posted_at
                        AND n.currency = p.currency AND n.balance_sign = p.balance_sign
                        AND n.balance_minor = p.balance_minor + n.amount_minor AND n.posted_at >= p.posted_at
                       THEN n.amount_minor END
             FROM new_postings n
             LEFT JOIN ledger_posting p
               ON p.account_id = n.account_id AND p.slot = n.slot AND p.sequence = n.sequence - 1)
    INTO v_line_count, v_amounts
    FROM (SELECT entry_id, currency FROM new_postings LIMIT 1) f
    JOIN ledger_journalentry e ON e.id = f.entry_id AND e.reverses_id IS NULL
   WHERE NOT EXISTS (SELECT FROM new_postings o WHERE o.entry_id <> f.entry_id OR o.currency <> f.currency);
  IF cardinality(v_amounts) = v_line_count THEN
    FOREACH v_amount IN ARRAY v_amounts LOOP
      v_sum := v_sum + v_amount;
    END LOOP;
    IF v_sum = 0 THEN
      RETURN NULL;
    END IF;
  END IF;

  -- The same for several entries in one statement.
  SELECT bool_and(coalesce(n.is_right AND e.line_count = n.lines AND n.first_line = 1 AND n.last_line = n.lines
                           AND e.posted_at <= n.first_posted_at AND e.reverses_id IS NULL, false)) INTO v_is_right
    FROM (SELECT n.entry_id, count(*) AS lines, min(n.line) AS first_line, max(n.line) AS last_line,
                 min(n.posted_at) AS first_posted_at,
                 sum(n.amount_minor) = 0 AND min(n.currency) = max(n.currency)
                 AND bool_and(CASE WHEN p.sequence IS NOT NULL
                                   THEN n.balance_minor = p.balance_minor + n.amount_minor AND n.currency = p.currency
                                        AND n.balance_sign = p.balance_sign AND n.posted_at >= p.posted_at
                                   ELSE false END) AS is_right
            FROM new_postings n
            LEFT JOIN LATERAL (SELECT * FROM ledger_posting b
                                WHERE b.account_id = n.account_id AND b.slot = n.slot AND b.sequence = n.sequence - 1
                               OFFSET 0) p ON true
           GROUP BY n.entry_id) n
    LEFT JOIN LATERAL (SELECT * FROM ledger_journalentry WHERE id = n.entry_id OFFSET 0) e ON true;
  IF v_is_right IS NOT FALSE THEN  -- null: no rows at all
    RETURN NULL;
  END IF;

  -- Several currencies, the first posting of an account, a reversal, or something wrong: rule by rule.
  SELECT n.entry_id INTO v_wrong_id
    FROM (SELECT entry_id, count(*) AS lines, min(line) AS first_line, max(line) AS last_line
            FROM new_postings GROUP BY entry_id) n
    LEFT JOIN ledger_journalentry e ON e.id = n.entry_id
   WHERE (e.line_count = n.lines AND n.first_line = 1 AND n.last_line = n.lines) IS NOT TRUE LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the postings of entry % are not inserted with it, all at once', v_wrong_id
      USING ERRCODE = 'LG011', CONSTRAINT = 'entry_is_complete';
  END IF;
  SELECT entry_id INTO v_wrong_id FROM new_postings
   GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'entry % does not sum to zero', v_wrong_id
      USING ERRCODE = 'LG012', CONSTRAINT = 'entry_sums_to_zero';
  END IF;
  SELECT n.entry_id INTO v_wrong_id
    FROM new_postings n
    LEFT JOIN ledger_journalentry e ON e.id = n.entry_id
    LEFT JOIN ledger_account a ON a.id = n.account_id
    LEFT JOIN ledger_posting p ON p.account_id = n.account_id AND p.slot = n.slot AND p.sequence = n.sequence - 1
   WHERE (n.currency = a.currency AND n.balance_sign = a.balance_sign AND n.posted_at >= e.posted_at
          AND (n.slot = 0 OR (a.is_hot AND n.slot BETWEEN 1 AND 15))
          AND n.balance_minor = coalesce(p.balance_minor, 0) + n.amount_minor
          AND CASE WHEN p.sequence IS NULL THEN n.sequence = 1 ELSE n.posted_at >= p.posted_at END) IS NOT TRUE
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a posting of entry % does not fit its account or the posting before it', v_wrong_id
      USING ERRCODE = 'LG010', CONSTRAINT = 'posting_fits';
  END IF;
  SELECT e.id INTO v_wrong_id
    FROM ledger_journalentry e
   WHERE e.id IN (SELECT entry_id FROM new_postings) AND e.reverses_id IS NOT NULL AND (
           NOT EXISTS (SELECT FROM ledger_journalentry o WHERE o.id = e.reverses_id AND o.reverses_id IS NULL
                          AND o.line_count = e.line_count)
        OR EXISTS (SELECT account_id, -amount_minor FROM ledger_posting WHERE entry_id = e.reverses_id
                   EXCEPT ALL SELECT account_id, amount_minor FROM new_postings n WHERE n.entry_id = e.id))
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'entry % is not the opposite of the entry it reverses', v_wrong_id
      USING ERRCODE = 'LG013', CONSTRAINT = 'reversal_is_opposite';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ledger_check_postings AFTER INSERT ON ledger_posting
  REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_postings();
"""

FIND_AND_LOCK = """
-- as databases have them that were made before this migration
DROP FUNCTION IF EXISTS ledger_reverse_entry(text, text, text, timestamptz, text, text);
DROP FUNCTION IF EXISTS ledger_post_entries(text[], text[], timestamptz[], integer[], text[], bigint[], text, text[],
                                            text);
DROP FUNCTION IF EXISTS ledger_post_entries(text[], text[], timestamptz[], text[], smallint[], integer[], smallint[],
                                            text[], bigint[], bigint[], text, text);
DROP FUNCTION IF EXISTS ledger_post_entry(text, text, timestamptz, text[], bigint[], text, text, text, bigint);
DROP FUNCTION IF EXISTS ledger_post_entry(text, text, timestamptz, text[], bigint[], bigint[], text, text, text,
                                          bigint);
DROP FUNCTION IF EXISTS ledger_take_slot();
DROP FUNCTION IF EXISTS ledger_ids_to_remember(bigint[]);
DROP FUNCTION IF EXISTS ledger_account_ids(text[], text);
CREATE OR REPLACE FUNCTION ledger_answer(p_id bigint, p_at timestamptz, p_replayed boolean) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
  SELECT ARRAY[p_id, (extract(epoch FROM p_at) * 1000000)::bigint, p_replayed::integer]
$$;
-- STABLE, so that the planner need not keep the rows that it is asked about apart.
CREATE OR REPLACE FUNCTION ledger_refuse_balance(p_code text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RAISE EXCEPTION 'account % would leave its side of zero', p_code USING ERRCODE = 'LG003', DETAIL = p_code;
END $$;
-- The number of the lock under which an account is posted to; 1024 stands for any slot.
CREATE FUNCTION ledger_lock_of(p_account_id bigint, p_is_hot boolean) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_is_hot THEN 1024 ELSE (p_account_id & 1023)::integer END
$$;
-- Takes locks, which must come in ascending order: then no two transactions wait for each other crosswise, and who
-- waits for a slot, the last, holds none. Gives the slot, if one was wanted.
CREATE FUNCTION ledger_lock(p_locks integer[]) RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
  c_slots CONSTANT integer := 7894;  -- spaces of our advisory locks
  c_accounts CONSTANT integer := 7895;
  v_lock integer;
  v_slot smallint;
BEGIN
  FOREACH v_lock IN ARRAY p_locks LOOP
    IF v_lock < 1024 THEN
      IF NOT pg_try_advisory_xact_lock(c_accounts, v_lock) THEN
        PERFORM pg_advisory_xact_lock(c_accounts, v_lock);
      END IF;
    ELSE
      -- The first slot that no other transaction holds, beginning with this connection's own; with all taken, wait.
      FOR v_try IN 0..15 LOOP
        v_slot := (pg_backend_pid() + v_try) & 15;
        IF pg_try_advisory_xact_lock(c_slots, v_slot) THEN
          RETURN v_slot;
        END IF;
      END LOOP;
      v_slot := pg_backend_pid() & 15;
      PERFORM pg_advisory_xact_lock(c_slots, v_slot);
    END IF;
  END LOOP;
  RETURN v_slot;
END $$;
-- Ids and locks of accounts, line by line, and the locks in the order in which to take them; opens what is missing.
CREATE FUNCTION ledger_find_accounts(
  p_codes text[], p_accounts text, OUT ids bigint[], OUT line_locks integer[], OUT locks integer[]) LANGUAGE plpgsql
  SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_missing text;
BEGIN
  FOR v_try IN 1..2 LOOP
    SELECT array_agg(a.id ORDER BY l.line), array_agg(a.lock ORDER BY l.line), array_agg(DISTINCT a.lock ORDER BY a.lock),
           min(l.code) FILTER (WHERE a.id IS NULL)
      INTO ids, line_locks, locks, v_missing
      FROM unnest(p_codes) WITH ORDINALITY AS l(code, line)
      LEFT JOIN LATERAL (SELECT id, ledger_lock_of(id, is_hot) AS lock FROM ledger_account
                          WHERE code = l.code OFFSET 0) a ON true;
    IF v_missing IS NULL THEN
      RETURN;
    END IF;
    EXIT WHEN v_try = 2 OR p_accounts IS NULL;
    PERFORM ledger_open_accounts(p_accounts);
  END LOOP;
  RAISE EXCEPTION 'account % is not in the books', v_missing USING ERRCODE = 'LG001', DETAIL = v_missing;
END $$;
CREATE FUNCTION ledger_to_remember(p_ids bigint[], p_line_locks integer[]) RETURNS bigint[] LANGUAGE plpgsql
  SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  -- Not those of accounts that were opened by this transaction: it may be rolled back.
  PERFORM FROM ledger_account WHERE id = ANY (p_ids) AND opened_at >= transaction_timestamp();
  RETURN CASE WHEN NOT FOUND THEN p_ids || p_line_locks::bigint[] END;
END $$;
"""

POST_ENTRY = """
CREATE FUNCTION ledger_post_entry(
  p_kind text, p_source text, p_effective_at timestamptz, p_codes text[], p_account_ids bigint[], p_locks integer[],
  p_amounts bigint[], p_accounts text, p_description text, p_trace_id text, p_reverses_id bigint) RETURNS bigint[]
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_found record;
  v_slot smallint;
  v_now timestamptz;
  v_id bigint;
BEGIN
  IF p_account_ids IS NULL THEN
    v_found := ledger_find_accounts(p_codes, p_accounts);
    p_account_ids := v_found.ids;
    p_locks := v_found.locks;
  END IF;
  -- The statement that reads balances comes after, so its snapshot has what a lock was waited for.
  v_slot := ledger_lock(p_locks);
  v_now := clock_timestamp();
  v_id := nextval('ledger_journalentry_id_seq');
  WITH e AS (
    INSERT INTO ledger_journalentry
      (id, kind, source_reference, description, trace_id, effective_at, posted_at, reverses_id, line_count)
    VALUES (v_id, p_kind, p_source, p_description, p_trace_id, p_effective_at, v_now, p_reverses_id,
            cardinality(p_codes))
    ON CONFLICT (source_reference) DO NOTHING RETURNING id)
  INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,
                              balance_sign, posted_at)
  SELECT v_id, l.line, a.id, p_amounts[l.line::integer], a.currency, CASE WHEN a.is_hot THEN v_slot ELSE 0::smallint END,
         coalesce(q.sequence, 0) + 1,
         CASE WHEN a.balance_sign * (coalesce(q.balance_minor, 0) + p_amounts[l.line::integer]) < 0
              THEN ledger_refuse_balance(a.code)
              ELSE coalesce(q.balance_minor, 0) + p_amounts[l.line::integer] END,
         a.balance_sign, greatest(v_now, q.posted_at)
    FROM unnest(p_account_ids) WITH ORDINALITY AS l(account_id, line)
    LEFT JOIN ledger_account a ON a.id = l.account_id AND a.code = p_codes[l.line::integer]
    LEFT JOIN LATERAL (SELECT b.sequence, b.balance_minor, b.posted_at FROM ledger_posting b
                        WHERE b.account_id = a.id AND b.slot = CASE WHEN a.is_hot THEN v_slot ELSE 0::smallint END
                        ORDER BY b.sequence DESC LIMIT 1) q ON true
   WHERE (SELECT true FROM e);
  IF FOUND THEN
    IF v_found IS NULL THEN
      RETURN ledger_answer(v_id, v_now, false);
    END IF;
    RETURN ledger_answer(v_id, v_now, false) || ledger_to_remember(p_account_ids, v_found.line_locks);
  END IF;

  -- The fact was booked before, perhaps a moment ago by somebody we waited for: this statement sees it.
  SELECT e.id, e.posted_at INTO v_id, v_now FROM ledger_journalentry e
   WHERE e.source_reference = p_source AND e.kind = p_kind AND e.line_count = cardinality(p_codes)
     AND e.reverses_id IS NOT DISTINCT FROM p_reverses_id
     AND NOT EXISTS (SELECT a.code, p.amount_minor FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
                      WHERE p.entry_id = e.id
                     EXCEPT SELECT * FROM unnest(p_codes, p_amounts));
  IF FOUND THEN
    RETURN ledger_answer(v_id, v_now, true);
  END IF;
  RAISE EXCEPTION 'source reference % was posted with another kind or other lines', p_source
    USING ERRCODE = 'LG002', DETAIL = p_source;
END $$;
"""

POST_ENTRIES = """
CREATE FUNCTION ledger_post_entries(
  p_kinds text[], p_sources text[], p_effective_at timestamptz[], p_descriptions text[], p_line_counts smallint[],
  p_entries integer[], p_lines smallint[], p_codes text[], p_account_ids bigint[], p_locks integer[],
  p_amounts bigint[], p_accounts text, p_trace_id text) RETURNS bigint[] LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_found record;
  v_ids bigint[];
  v_id bigint;
  v_slot smallint;
  v_now timestamptz;
  v_answers bigint[];
  v_from integer := 1;
  v_to integer;
BEGIN
  IF p_account_ids IS NULL THEN
    v_found := ledger_find_accounts(p_codes, p_accounts);
    p_account_ids := v_found.ids;
    p_locks := v_found.locks;
  END IF;
  -- All locks first, in their order: the entries one by one would take them in the order of the batch.
  v_slot := ledger_lock(p_locks);
  v_ids := ARRAY(SELECT nextval('ledger_journalentry_id_seq') FROM generate_series(1, cardinality(p_sources)));
  v_now := clock_timestamp();
  BEGIN
    WITH e AS (
      INSERT INTO ledger_journalentry
        (id, kind, source_reference, description, trace_id, effective_at, posted_at, line_count)
      SELECT v_ids[n.entry], n.kind, n.source, n.description, p_trace_id, n.effective_at, v_now, n.line_count
        FROM unnest(p_kinds, p_sources, p_descriptions, p_effective_at, p_line_counts)
             WITH ORDINALITY AS n(kind, source, description, effective_at, line_count, entry))
    INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,
                                balance_sign, posted_at)
    SELECT v_ids[c.entry], c.line, c.account_id, c.amount, c.currency, c.slot, c.sequence,
           CASE WHEN c.balance_sign * c.balance < 0 THEN ledger_refuse_balance(c.code) ELSE c.balance END,
           c.balance_sign, greatest(v_now, c.posted_at)
      FROM (SELECT l.*, a.currency, a.balance_sign, q.posted_at,
                   CASE WHEN a.is_hot THEN v_slot ELSE 0::smallint END AS slot,
                   coalesce(q.sequence, 0) + row_number() OVER chain AS sequence,
                   (coalesce(q.balance_minor, 0) + sum(l.amount) OVER chain)::bigint AS balance
              FROM unnest(p_entries, p_lines, p_codes, p_account_ids, p_amounts)
                   WITH ORDINALITY AS l(entry, line, code, account_id, amount, position)
              LEFT JOIN LATERAL (SELECT currency, is_hot, balance_sign FROM ledger_account
                                  WHERE id = l.account_id AND code = l.code OFFSET 0) a ON true
              LEFT JOIN LATERAL (SELECT b.sequence, b.balance_minor, b.posted_at FROM ledger_posting b
                                  WHERE b.account_id = l.account_id
                                    AND b.slot = CASE WHEN a.is_hot THEN v_slot ELSE 0::smallint END
                                  ORDER BY b.sequence DESC LIMIT 1) q ON true
            WINDOW chain AS (PARTITION BY l.account_id ORDER BY l.position ROWS UNBOUNDED PRECEDING)) c;
    FOREACH v_id IN ARRAY v_ids LOOP
      v_answers := v_answers || ledger_answer(v_id, v_now, false);
    END LOOP;
    IF v_found IS NULL THEN
      RETURN v_answers;
    END IF;
    RETURN v_answers || ledger_to_remember(p_account_ids, v_found.line_locks);
  EXCEPTION
    WHEN unique_violation OR not_null_violation OR numeric_value_out_of_range OR SQLSTATE 'LG003' THEN
      -- A fact is booked already or stands here twice, so that it would be counted twice: entry by entry, below. Or a
      -- remembered id is of no account.
      IF v_found IS NULL THEN
        RETURN NULL;
      END IF;
  END;
  FOR i IN 1..cardinality(p_sources) LOOP
    v_to := v_from + p_line_counts[i] - 1;
    v_answers := v_answers || (ledger_post_entry(
      p_kinds[i], p_sources[i], p_effective_at[i], p_codes[v_from:v_to], NULL, NULL, p_amounts[v_from:v_to],
      p_accounts, p_descriptions[i], p_trace_id, NULL))[1:3];
    v_from := v_to + 1;
  END LOOP;
  RETURN v_answers;
END $$;
"""

REVERSE_ENTRY = """
CREATE FUNCTION ledger_reverse_entry(
  p_original text, p_kind text, p_source text, p_effective_at timestamptz, p_description text, p_trace_id text)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  v_original record;
  v_codes text[];
  v_account_ids bigint[];
  v_locks integer[];
  v_amounts bigint[];
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
  SELECT array_agg(a.code ORDER BY p.line), array_agg(a.id ORDER BY p.line),
         array_agg(DISTINCT ledger_lock_of(a.id, a.is_hot)), array_agg(-p.amount_minor ORDER BY p.line)
    INTO v_codes, v_account_ids, v_locks, v_amounts
    FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id WHERE p.entry_id = v_original.id;
  RETURN ledger_post_entry(p_kind, p_source, p_effective_at, v_codes, v_account_ids, v_locks, v_amounts, NULL,
                           p_description, p_trace_id, v_original.id);
END $$;
"""

DROP = """
DROP FUNCTION ledger_reverse_entry(text, text, text, timestamptz, text, text);
DROP FUNCTION ledger_post_entries(text[], text[], timestamptz[], text[], smallint[], integer[], smallint[], text[],
                                  bigint[], integer[], bigint[], text, text);
DROP FUNCTION ledger_post_entry(text, text, timestamptz, text[], bigint[], integer[], bigint[], text, text, text,
                                bigint);
DROP FUNCTION ledger_to_remember(bigint[], integer[]);
DROP FUNCTION ledger_find_accounts(text[], text);
DROP FUNCTION ledger_lock(integer[]);
DROP FUNCTION ledger_lock_of(bigint, boolean);
DROP FUNCTION ledger_refuse_balance(text);
DROP FUNCTION ledger_answer(bigint, timestamptz, boolean);
DROP TRIGGER ledger_check_postings ON ledger_posting;
DROP FUNCTION ledger_check_postings();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_set_based_posting")]
    operations = [
        migrations.RunSQL([CHECK_POSTINGS, FIND_AND_LOCK, POST_ENTRY, POST_ENTRIES, REVERSE_ENTRY], reverse_sql=DROP)
    ]
