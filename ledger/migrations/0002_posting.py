"""The posting functions and the trigger that checks every inserted posting.

An entry and its postings are inserted by one statement. `ledger_check_postings` runs at its end, sees all its rows, and
refuses them unless

- they are the postings 1, 2, ... `line_count` of one entry that exists, and sum to zero in each currency;
- each has its account's currency and bound, and continues the chain of its account and slot (sequence + 1, balance +
  amount);
- an entry that reverses another is its exact opposite.

So a posting can't be added later: line 1 is taken. An entry without postings can't be inserted either: a foreign key
points from it to its last posting. Both hold at once, nothing waits for the commit. One check per statement costs a
fraction of foreign keys and deferred checks per row: docs/ledger.md, Measured.

Plans are kept for the life of a connection: `force_generic_plan` spares planning at every call, `enable_seqscan = off`
keeps a plan that was made while a table was empty from being slow for ever after.
"""

from django.db import migrations

CHECK_POSTINGS = """
CREATE FUNCTION ledger_check_postings() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_is_right boolean;
  v_reverses_id bigint;
  v_entry record;
BEGIN
  -- One aggregate over all rows for what nearly every entry is: right, in one currency.
  SELECT count(*) = max(e.line_count) AND sum(n.amount_minor) = 0
         AND bool_and(n.entry_id = e.id AND n.line BETWEEN 1 AND e.line_count
                      AND n.currency = f.currency AND n.posted_at >= e.posted_at
                      AND CASE WHEN p.sequence IS NOT NULL
                               THEN n.balance_minor = p.balance_minor + n.amount_minor AND n.currency = p.currency
                                    AND n.balance_sign = p.balance_sign AND n.posted_at >= p.posted_at
                               ELSE false END),
         max(e.reverses_id)
    INTO v_is_right, v_reverses_id
    FROM (SELECT entry_id, currency FROM new_postings LIMIT 1) f
    JOIN ledger_journalentry e ON e.id = f.entry_id
   CROSS JOIN new_postings n
    LEFT JOIN ledger_posting p ON p.account_id = n.account_id AND p.slot = n.slot AND p.sequence = n.sequence - 1;
  IF v_is_right AND v_reverses_id IS NULL THEN
    RETURN NULL;
  END IF;

  -- Several currencies, the first posting of an account, a reversal, or something wrong: rule by rule.
  SELECT min(entry_id) AS id, count(DISTINCT entry_id) AS entries, count(*) AS lines, min(line) AS first_line,
         max(line) AS last_line INTO v_entry FROM new_postings;
  IF v_entry.lines = 0 THEN
    RETURN NULL;
  END IF;
  PERFORM FROM ledger_journalentry e
    WHERE e.id = v_entry.id AND v_entry.entries = 1 AND e.line_count = v_entry.lines
      AND v_entry.first_line = 1 AND v_entry.last_line = v_entry.lines;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the postings of entry % are not inserted with it, all at once', v_entry.id
      USING ERRCODE = 'LG011', CONSTRAINT = 'entry_is_complete';
  END IF;
  PERFORM FROM new_postings GROUP BY currency HAVING sum(amount_minor) <> 0;
  IF FOUND THEN
    RAISE EXCEPTION 'entry % does not sum to zero', v_entry.id
      USING ERRCODE = 'LG012', CONSTRAINT = 'entry_sums_to_zero';
  END IF;
  PERFORM FROM new_postings n
    LEFT JOIN ledger_journalentry e ON e.id = n.entry_id
    LEFT JOIN ledger_account a ON a.id = n.account_id
    LEFT JOIN ledger_posting p ON p.account_id = n.account_id AND p.slot = n.slot AND p.sequence = n.sequence - 1
   WHERE (n.currency = a.currency AND n.balance_sign = a.balance_sign AND n.posted_at >= e.posted_at
          AND (n.slot = 0 OR (a.is_hot AND n.slot BETWEEN 1 AND 15))
          AND n.balance_minor = coalesce(p.balance_minor, 0) + n.amount_minor
          AND CASE WHEN p.sequence IS NULL THEN n.sequence = 1 ELSE n.posted_at >= p.posted_at END) IS NOT TRUE;
  IF FOUND THEN
    RAISE EXCEPTION 'a posting of entry % does not fit its account or the posting before it', v_entry.id
      USING ERRCODE = 'LG010', CONSTRAINT = 'posting_fits';
  END IF;
  IF v_reverses_id IS NOT NULL AND (
       NOT EXISTS (SELECT FROM ledger_journalentry WHERE id = v_reverses_id AND reverses_id IS NULL
                      AND line_count = v_entry.lines)
    OR EXISTS (SELECT account_id, -amount_minor FROM ledger_posting WHERE entry_id = v_reverses_id
               EXCEPT ALL SELECT account_id, amount_minor FROM new_postings))
  THEN
    RAISE EXCEPTION 'entry % is not the opposite of the entry it reverses', v_entry.id
      USING ERRCODE = 'LG013', CONSTRAINT = 'reversal_is_opposite';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_check_postings AFTER INSERT ON ledger_posting
  REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_postings();
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

POST_ENTRY = """
CREATE FUNCTION ledger_refuse_balance(p_code text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'account % would leave its side of zero', p_code USING ERRCODE = 'LG003', DETAIL = p_code;
END $$;
CREATE FUNCTION ledger_post_entry(
  p_kind text, p_source text, p_effective_at timestamptz, p_codes text[], p_amounts bigint[], p_accounts text,
  p_description text, p_trace_id text, p_reverses_id bigint,
  OUT entry_id bigint, OUT posted_at timestamptz, OUT replayed boolean)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  c_lock_space CONSTANT integer := 7894;  -- of our advisory locks: one for each slot of hot accounts
  v_wanted CONSTANT smallint := cardinality(p_codes);
  v_locked integer;
  v_slot smallint := 0;
  v_opened boolean := p_accounts IS NULL;
  v_missing text;
BEGIN
  LOOP
    -- Rows of accounts that are not hot, always in the order of their ids. The statement that reads their balances
    -- comes after, so its snapshot has what the lock was waited for.
    PERFORM FROM ledger_account WHERE code = ANY (p_codes) AND NOT is_hot ORDER BY id FOR NO KEY UPDATE;
    GET DIAGNOSTICS v_locked = ROW_COUNT;
    IF v_locked < v_wanted THEN
      -- The first slot that no other transaction holds, beginning with this connection's own; with all 16 taken, wait.
      FOR v_try IN 0..16 LOOP
        v_slot := (pg_backend_pid() + v_try) & 15;
        IF v_try = 16 THEN
          PERFORM pg_advisory_xact_lock(c_lock_space, v_slot);
        ELSE
          EXIT WHEN pg_try_advisory_xact_lock(c_lock_space, v_slot);
        END IF;
      END LOOP;
    END IF;

    posted_at := clock_timestamp();
    WITH e AS (
      INSERT INTO ledger_journalentry
        (kind, source_reference, description, trace_id, effective_at, posted_at, reverses_id, line_count)
      SELECT p_kind, p_source, p_description, p_trace_id, p_effective_at, ledger_post_entry.posted_at, p_reverses_id,
             v_wanted
       -- An account that somebody opened since the locks were taken is not locked: only hot ones may be without.
       WHERE v_locked = v_wanted
          OR v_locked + (SELECT count(*) FROM ledger_account WHERE code = ANY (p_codes) AND is_hot) = v_wanted
      ON CONFLICT (source_reference) DO NOTHING RETURNING id),
    p AS (
      INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,
                                  balance_sign, posted_at)
      SELECT e.id, l.line, a.id, l.amount, a.currency, CASE WHEN a.is_hot THEN v_slot ELSE 0::smallint END,
             coalesce(q.sequence, 0) + 1,
             CASE WHEN a.balance_sign * (coalesce(q.balance_minor, 0) + l.amount) < 0
                  THEN ledger_refuse_balance(a.code) ELSE coalesce(q.balance_minor, 0) + l.amount END,
             a.balance_sign, greatest(ledger_post_entry.posted_at, q.posted_at)
        FROM e
       CROSS JOIN unnest(p_codes, p_amounts) WITH ORDINALITY AS l(code, amount, line)
        JOIN ledger_account a ON a.code = l.code
        LEFT JOIN LATERAL (SELECT b.sequence, b.balance_minor, b.posted_at FROM ledger_posting b
                            WHERE b.account_id = a.id AND b.slot = CASE WHEN a.is_hot THEN v_slot ELSE 0::smallint END
                            ORDER BY b.sequence DESC LIMIT 1) q ON true)
    SELECT e.id INTO entry_id FROM e;
    replayed := entry_id IS NULL;
    IF NOT replayed THEN
      RETURN;
    END IF;

    -- The fact was booked before, perhaps a moment ago by somebody we waited for? First whether, then what: each
    -- statement sees what was committed before it, and an entry that was seen stays.
    PERFORM FROM ledger_journalentry WHERE source_reference = p_source;
    IF FOUND THEN
      SELECT e.id, e.posted_at INTO entry_id, posted_at FROM ledger_journalentry e
       WHERE e.source_reference = p_source AND e.kind = p_kind AND e.line_count = v_wanted
         AND e.reverses_id IS NOT DISTINCT FROM p_reverses_id
         AND NOT EXISTS (SELECT a.code, p.amount_minor FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
                          WHERE p.entry_id = e.id
                         EXCEPT SELECT * FROM unnest(p_codes, p_amounts));
      IF FOUND THEN
        RETURN;
      END IF;
      RAISE EXCEPTION 'source reference % was posted with another kind or other lines', p_source
        USING ERRCODE = 'LG002', DETAIL = p_source;
    END IF;

    -- No: an account is missing, or was until a moment ago.
    IF v_opened THEN
      SELECT min(c.code) INTO v_missing FROM unnest(p_codes) AS c(code)
       WHERE NOT EXISTS (SELECT FROM ledger_account a WHERE a.code = c.code);
      CONTINUE WHEN v_missing IS NULL;
      RAISE EXCEPTION 'account % is not in the books', v_missing USING ERRCODE = 'LG001', DETAIL = v_missing;
    END IF;
    PERFORM ledger_open_accounts(p_accounts);
    v_opened := true;
  END LOOP;
END $$;
"""

POST_ENTRIES = """
CREATE FUNCTION ledger_post_entries(
  p_kinds text[], p_sources text[], p_effective_at timestamptz[], p_line_counts integer[], p_codes text[],
  p_amounts bigint[], p_accounts text, p_descriptions text[], p_trace_id text)
RETURNS TABLE (entry_id bigint, posted_at timestamptz, replayed boolean) LANGUAGE plpgsql AS $$
DECLARE
  v_from integer := 1;
  v_to integer;
BEGIN
  -- all locks first, in the order of ids: the entries one by one would take them in the order of the batch
  PERFORM 1 FROM ledger_account WHERE code = ANY (p_codes) AND NOT is_hot ORDER BY id FOR NO KEY UPDATE;
  FOR i IN 1..cardinality(p_sources) LOOP
    v_to := v_from + p_line_counts[i] - 1;
    SELECT r.entry_id, r.posted_at, r.replayed INTO entry_id, posted_at, replayed
      FROM ledger_post_entry(p_kinds[i], p_sources[i], p_effective_at[i], p_codes[v_from:v_to],
                             p_amounts[v_from:v_to], p_accounts, p_descriptions[i], p_trace_id, NULL) r;
    v_from := v_to + 1;
    RETURN NEXT;
  END LOOP;
END $$;
"""

REVERSE_ENTRY = """
CREATE FUNCTION ledger_reverse_entry(
  p_original text, p_kind text, p_source text, p_effective_at timestamptz, p_description text, p_trace_id text,
  OUT entry_id bigint, OUT posted_at timestamptz, OUT replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
  v_original record;
  v_codes text[];
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
  SELECT array_agg(a.code ORDER BY p.line), array_agg(-p.amount_minor ORDER BY p.line) INTO v_codes, v_amounts
    FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id WHERE p.entry_id = v_original.id;
  SELECT r.entry_id, r.posted_at, r.replayed INTO entry_id, posted_at, replayed
    FROM ledger_post_entry(p_kind, p_source, p_effective_at, v_codes, v_amounts, NULL, p_description, p_trace_id,
                           v_original.id) r;
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
DROP FUNCTION ledger_reverse_entry(text, text, text, timestamptz, text, text);
DROP FUNCTION ledger_post_entries(text[], text[], timestamptz[], integer[], text[], bigint[], text, text[], text);
DROP FUNCTION ledger_post_entry(text, text, timestamptz, text[], bigint[], text, text, text, bigint);
DROP FUNCTION ledger_refuse_balance(text);
DROP FUNCTION ledger_open_accounts(text);
ALTER TABLE ledger_journalentry DROP CONSTRAINT entry_has_its_last_posting;
DROP TRIGGER ledger_check_postings ON ledger_posting;
DROP FUNCTION ledger_check_postings();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(
            [CHECK_POSTINGS, OPEN_ACCOUNTS, POST_ENTRY, POST_ENTRIES, REVERSE_ENTRY, BALANCE_AS_OF], reverse_sql=DROP
        )
    ]
