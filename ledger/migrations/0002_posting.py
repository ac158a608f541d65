"""The posting functions and the triggers that check every inserted row.

An entry and its postings are inserted by one statement. Two triggers run at its end and see all its rows:

- `ledger_check_postings`: every posting belongs to an entry and account that exist, has their currency, time and bound,
  and continues the chain of its account and slot (sequence + 1, balance + amount).
- `ledger_check_entries`: every entry has exactly `line_count` postings, which sum to zero in each currency; a reversal
  is the exact opposite of what it reverses.

So a posting can't be added later (its line number would be above `line_count`, or taken), and an entry without
postings can't be inserted. Measured against a deferred check per row this costs about half; see docs/ledger.md.

The planner is told to use indexes and nested loops: plans are kept for the life of a connection, and one made while a
table is still small would be slow for long after.
"""

from django.db import migrations

CHECK_POSTINGS = """
CREATE FUNCTION ledger_check_postings() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_line text;
BEGIN
  SELECT n.entry_id || '/' || n.line INTO v_line
    FROM new_postings n
    LEFT JOIN ledger_journalentry e ON e.id = n.entry_id
    LEFT JOIN ledger_account a ON a.id = n.account_id
    LEFT JOIN ledger_posting p
           ON p.account_id = n.account_id AND p.slot = n.slot AND p.sequence = n.sequence - 1
   WHERE (n.line <= e.line_count AND n.posted_at = e.posted_at
          AND n.currency = a.currency AND n.balance_sign = a.balance_sign AND (n.slot = 0 OR a.is_hot)
          AND n.balance_minor = coalesce(p.balance_minor, 0) + n.amount_minor
          AND CASE WHEN p.sequence IS NULL THEN n.sequence = 1 ELSE n.posted_at >= p.posted_at END) IS NOT TRUE
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'posting % does not fit its entry, its account or the posting before it', v_line
      USING ERRCODE = 'LG010', CONSTRAINT = 'posting_fits';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_check_postings AFTER INSERT ON ledger_posting
  REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_postings();
"""

CHECK_ENTRIES = """
CREATE FUNCTION ledger_check_entries() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_entry record;
  v_lines bigint;
  v_is_off boolean;
BEGIN
  FOR v_entry IN SELECT id, line_count, reverses_id, source_reference FROM new_entries LOOP
    SELECT sum(g.lines), bool_or(g.total <> 0) INTO v_lines, v_is_off
      FROM (SELECT count(*) AS lines, sum(amount_minor) AS total
              FROM ledger_posting WHERE entry_id = v_entry.id GROUP BY currency) g;
    IF v_lines IS DISTINCT FROM v_entry.line_count THEN
      RAISE EXCEPTION 'entry % was inserted with % of its % postings',
        v_entry.source_reference, coalesce(v_lines, 0), v_entry.line_count
        USING ERRCODE = 'LG011', CONSTRAINT = 'entry_is_complete';
    END IF;
    IF v_is_off THEN
      RAISE EXCEPTION 'entry % does not sum to zero', v_entry.source_reference
        USING ERRCODE = 'LG012', CONSTRAINT = 'entry_sums_to_zero';
    END IF;
    IF v_entry.reverses_id IS NOT NULL AND (
         EXISTS (SELECT FROM ledger_journalentry WHERE id = v_entry.reverses_id AND reverses_id IS NOT NULL)
      OR EXISTS (SELECT account_id, -amount_minor FROM ledger_posting WHERE entry_id = v_entry.reverses_id
                 EXCEPT ALL SELECT account_id, amount_minor FROM ledger_posting WHERE entry_id = v_entry.id)
      OR v_entry.line_count <> (SELECT line_count FROM ledger_journalentry WHERE id = v_entry.reverses_id))
    THEN
      RAISE EXCEPTION 'entry % is not the opposite of the entry it reverses', v_entry.source_reference
        USING ERRCODE = 'LG013', CONSTRAINT = 'reversal_is_opposite';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_check_entries AFTER INSERT ON ledger_journalentry
  REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_entries();
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
CREATE FUNCTION ledger_post_entry(
  p_kind text, p_source text, p_effective_at timestamptz, p_codes text[], p_amounts bigint[], p_accounts text,
  p_description text, p_trace_id text, p_reverses_id bigint,
  OUT entry_id bigint, OUT posted_at timestamptz, OUT replayed boolean)
LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  c_lock_space CONSTANT bigint := 7894::bigint << 48;  -- advisory locks of ours: space, account, slot
  v_wanted CONSTANT integer := cardinality(p_codes);
  v_found integer := 0;
  v_lines smallint[]; v_accounts bigint[]; v_amounts bigint[]; v_currencies text[]; v_slots smallint[];
  v_sequences bigint[]; v_balances bigint[]; v_signs smallint[];
  v_account record;
  v_last record;
  v_at timestamptz := '-infinity';
  v_position integer;
  v_slot smallint;
  v_refused text;
  v_pass integer := 0;
BEGIN
  LOOP
    -- 1. accounts with a row lock, always in the order of their ids; 2. hot ones, by a free slot; 3. opened just now
    v_pass := v_pass + 1;
    FOR v_account IN
      SELECT id, code, currency, balance_sign FROM ledger_account
       WHERE code = ANY (p_codes) AND NOT is_hot ORDER BY id FOR NO KEY UPDATE
    LOOP
      CONTINUE WHEN v_account.id = ANY (v_accounts);
      v_found := v_found + 1;
      SELECT q.sequence, q.balance_minor, q.posted_at INTO v_last FROM ledger_posting q
       WHERE q.account_id = v_account.id AND q.slot = 0 ORDER BY q.sequence DESC LIMIT 1;
      v_position := array_position(p_codes, v_account.code);
      v_lines[v_found] := v_position;
      v_accounts[v_found] := v_account.id;
      v_amounts[v_found] := p_amounts[v_position];
      v_currencies[v_found] := v_account.currency;
      v_slots[v_found] := 0;
      v_sequences[v_found] := coalesce(v_last.sequence, 0) + 1;
      v_balances[v_found] := coalesce(v_last.balance_minor, 0) + p_amounts[v_position];
      v_signs[v_found] := v_account.balance_sign;
      v_at := greatest(v_at, v_last.posted_at);
      IF v_account.balance_sign * v_balances[v_found] < 0 THEN
        v_refused := v_account.code;
      END IF;
    END LOOP;
    EXIT WHEN v_found = v_wanted;
    FOR v_account IN
      SELECT id, code, currency FROM ledger_account WHERE code = ANY (p_codes) AND is_hot ORDER BY id
    LOOP
      CONTINUE WHEN v_account.id = ANY (v_accounts);
      v_found := v_found + 1;
      -- the first slot that nobody holds, beginning with this connection's own; with all 16 held, wait for our own
      FOR v_try IN 0..16 LOOP
        v_slot := (pg_backend_pid() + v_try) & 15;
        IF v_try = 16 THEN
          PERFORM pg_advisory_xact_lock(c_lock_space | v_account.id << 4 | v_slot);
        ELSE
          EXIT WHEN pg_try_advisory_xact_lock(c_lock_space | v_account.id << 4 | v_slot);
        END IF;
      END LOOP;
      SELECT q.sequence, q.balance_minor, q.posted_at INTO v_last FROM ledger_posting q
       WHERE q.account_id = v_account.id AND q.slot = v_slot ORDER BY q.sequence DESC LIMIT 1;
      v_position := array_position(p_codes, v_account.code);
      v_lines[v_found] := v_position;
      v_accounts[v_found] := v_account.id;
      v_amounts[v_found] := p_amounts[v_position];
      v_currencies[v_found] := v_account.currency;
      v_slots[v_found] := v_slot;
      v_sequences[v_found] := coalesce(v_last.sequence, 0) + 1;
      v_balances[v_found] := coalesce(v_last.balance_minor, 0) + p_amounts[v_position];
      v_signs[v_found] := 0;
      v_at := greatest(v_at, v_last.posted_at);
    END LOOP;
    EXIT WHEN v_found = v_wanted;
    IF v_pass = 2 OR p_accounts IS NULL THEN
      SELECT min(c.code) INTO v_refused FROM unnest(p_codes) AS c(code)
       WHERE NOT EXISTS (SELECT FROM ledger_account a WHERE a.code = c.code);
      RAISE EXCEPTION 'account % is not in the books', v_refused USING ERRCODE = 'LG001', DETAIL = v_refused;
    END IF;
    PERFORM ledger_open_accounts(p_accounts);
  END LOOP;

  posted_at := greatest(clock_timestamp(), v_at);
  replayed := false;
  IF v_refused IS NULL THEN
    WITH e AS (
      INSERT INTO ledger_journalentry
        (kind, source_reference, description, trace_id, effective_at, posted_at, reverses_id, line_count)
      VALUES (p_kind, p_source, p_description, p_trace_id, p_effective_at, ledger_post_entry.posted_at, p_reverses_id,
              v_wanted)
      ON CONFLICT (source_reference) DO NOTHING RETURNING id),
    p AS (
      INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,
                                  balance_sign, posted_at)
      SELECT e.id, l.line, l.account, l.amount, l.currency, l.slot, l.sequence, l.balance, l.sign,
             ledger_post_entry.posted_at
        FROM e, unnest(v_lines, v_accounts, v_amounts, v_currencies, v_slots, v_sequences, v_balances, v_signs)
          AS l(line, account, amount, currency, slot, sequence, balance, sign))
    SELECT e.id INTO entry_id FROM e;
    IF entry_id IS NOT NULL THEN
      RETURN;
    END IF;
  END IF;

  -- Not inserted: either the same fact came before, or an account would leave its side of zero.
  SELECT e.id, e.posted_at, true INTO entry_id, posted_at, replayed FROM ledger_journalentry e
   WHERE e.source_reference = p_source
     AND e.kind = p_kind AND e.reverses_id IS NOT DISTINCT FROM p_reverses_id AND e.line_count = v_wanted
     AND NOT EXISTS (SELECT p.account_id, p.amount_minor FROM ledger_posting p WHERE p.entry_id = e.id
                     EXCEPT SELECT * FROM unnest(v_accounts, v_amounts));
  IF entry_id IS NULL THEN
    IF EXISTS (SELECT FROM ledger_journalentry e WHERE e.source_reference = p_source) THEN
      RAISE EXCEPTION 'source reference % was posted with other lines', p_source
        USING ERRCODE = 'LG002', DETAIL = p_source;
    END IF;
    RAISE EXCEPTION 'account % would leave its side of zero', v_refused USING ERRCODE = 'LG003', DETAIL = v_refused;
  END IF;
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

DROP = """
DROP FUNCTION ledger_reverse_entry(text, text, text, timestamptz, text, text);
DROP FUNCTION ledger_post_entries(text[], text[], timestamptz[], integer[], text[], bigint[], text, text[], text);
DROP FUNCTION ledger_post_entry(text, text, timestamptz, text[], bigint[], text, text, text, bigint);
DROP FUNCTION ledger_open_accounts(text);
DROP TRIGGER ledger_check_entries ON ledger_journalentry;
DROP FUNCTION ledger_check_entries();
DROP TRIGGER ledger_check_postings ON ledger_posting;
DROP FUNCTION ledger_check_postings();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(
            [CHECK_POSTINGS, CHECK_ENTRIES, OPEN_ACCOUNTS, POST_ENTRY, POST_ENTRIES, REVERSE_ENTRY], reverse_sql=DROP
        )
    ]
