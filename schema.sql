-- Artisan's Hub: the schema of the database after all migrations, made by `make schema`.
-- Do not edit: change the models and their migrations, then make it anew. A test compares the two.

CREATE SCHEMA public;

COMMENT ON SCHEMA public IS 'standard public schema';

CREATE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
                DECLARE
                    _pgtrigger_ignore TEXT[];
                    _result BOOLEAN;
                BEGIN
                    BEGIN
                        SELECT INTO _pgtrigger_ignore
                            CURRENT_SETTING('pgtrigger.ignore');
                        EXCEPTION WHEN OTHERS THEN
                    END;
                    IF _pgtrigger_ignore IS NOT NULL THEN
                        SELECT trigger_name = ANY(_pgtrigger_ignore)
                        INTO _result;
                        RETURN _result;
                    ELSE
                        RETURN FALSE;
                    END IF;
                END;
            $$;

CREATE FUNCTION public.ledger_balance_as_of(p_account_id bigint, p_is_hot boolean, p_at timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

CREATE VIEW public.ledger_new_entry AS
 SELECT ''::text AS kind,
    ''::text AS source_reference,
    ''::text AS description,
    ''::text AS trace_id,
    now() AS effective_at,
    (0)::bigint AS reverses_id,
    ''::text AS currency,
    '{}'::text[] AS codes,
    '{}'::bigint[] AS account_ids,
    '{}'::integer[] AS locks,
    '{}'::bigint[] AS amounts,
    ''::text AS accounts,
    (0)::bigint AS id,
    now() AS posted_at,
    false AS is_replay,
    '{}'::bigint[] AS told
  WHERE false;

COMMENT ON VIEW public.ledger_new_entry IS 'What is inserted here is booked as one entry; holds no rows';

CREATE FUNCTION public.ledger_check_entry(p_entry public.ledger_new_entry) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.ledger_find_accounts(p_codes text[], p_accounts text, OUT ids bigint[], OUT line_locks integer[], OUT locks integer[]) RETURNS record
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

CREATE FUNCTION public.ledger_lock(p_locks integer[]) RETURNS smallint
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.ledger_lock_of(p_account_id bigint, p_is_hot boolean) RETURNS integer
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT CASE WHEN p_is_hot THEN 1024 ELSE (p_account_id & 1023)::integer END
$$;

CREATE FUNCTION public.ledger_open_accounts(p_accounts text) RETURNS integer
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.ledger_post_entries() RETURNS trigger
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

CREATE FUNCTION public.ledger_post_entry() RETURNS trigger
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

CREATE FUNCTION public.ledger_refuse_balance(p_code text) RETURNS bigint
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
  RAISE EXCEPTION 'account % would leave its side of zero', p_code USING ERRCODE = 'LG003', DETAIL = p_code;
END $$;

CREATE FUNCTION public.ledger_refuse_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF pg_trigger_depth() = 1 THEN  -- this trigger alone: no trigger of the views is at work
    RAISE EXCEPTION 'rows of % are made by INSERT INTO ledger_new_entry or ledger_new_entries', TG_TABLE_NAME
      USING ERRCODE = 'LG011';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION public.ledger_reverse_entry(p_original text, p_kind text, p_source text, p_effective_at timestamp with time zone, p_description text, p_trace_id text, OUT id bigint, OUT posted_at timestamp with time zone, OUT is_replay boolean) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.ledger_take_slot() RETURNS smallint
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.ledger_to_remember(p_ids bigint[], p_line_locks integer[]) RETURNS bigint[]
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
  -- Not those of accounts that were opened by this transaction: it may be rolled back.
  PERFORM FROM ledger_account WHERE id = ANY (p_ids) AND opened_at >= transaction_timestamp();
  RETURN CASE WHEN NOT FOUND THEN p_ids || p_line_locks::bigint[] END;
END $$;

CREATE FUNCTION public.pgtrigger_append_only_05112() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_05ed4() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_0afd9() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_16a64() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_1c8d7() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_1cf7d() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_20207() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_26dc6() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_2d2aa() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_39cdb() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_3a07e() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_3a1b9() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_51816() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_56bd0() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_581e8() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_5ae91() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_5b98b() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_5c8e0() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_62582() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_70215() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_7a599() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_7eacc() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_97871() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_9c797() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_a0744() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_abc2f() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_b60ca() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_c0180() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_c55cb() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_c8567() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_d47c8() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_e35fc() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_f2ff5() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_append_only_fe603() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_accrued_9e4ef() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_allocated_0b5d8() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_allocated_ec0ca() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_asked_0b9e1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_asked_47ee1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_asked_c4305() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_asked_dcc46() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_composed_2b719() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_composed_7b3ed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_it_arose_1063d() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_received_61461() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_recorded_695de() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_taken_dd5ea() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_as_withheld_ebf04() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_frozen_quote_fb1e7() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_identity_fixed_b7f9b() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_127d2() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_18c4b() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_219f1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_22a1a() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_2bcb9() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_376ee() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_59a3a() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_5e269() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_6dd1a() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_776e3() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_83bd5() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_88399() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_89cdf() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_961df() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_cc148() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_d2677() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_delete_f454e() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_15d96() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_167c0() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_1d584() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_20fb0() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_3444f() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_36ecd() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_415c0() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_47e61() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_53296() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_5d8e7() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_66e0d() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_679dd() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_6871b() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_6e78b() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_713ba() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_739ed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_778db() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_828db() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_82aeb() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_96585() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_a62f9() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_a782a() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_ac067() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_ad541() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_ae981() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_af4d1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_b6fba() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_b7688() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_c578f() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_ccc15() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_ed8d6() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_ede68() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_eea8b() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_f453a() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_no_truncate_f7176() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;
                END;
            $$;

CREATE FUNCTION public.pgtrigger_payload_only_emptied_9c286() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
                END;
            $$;

CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id bigint NOT NULL
);

COMMENT ON TABLE public.account_emailaddress IS 'django-allauth: e-mail addresses of users, and whether they are verified';

ALTER TABLE public.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);

COMMENT ON TABLE public.account_emailconfirmation IS 'django-allauth: pending confirmations kept in the database (ours are signed links)';

ALTER TABLE public.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);

COMMENT ON TABLE public.auth_group IS 'Django: roles of staff';

ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);

COMMENT ON TABLE public.auth_group_permissions IS 'Django: what a role may do';

ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);

COMMENT ON TABLE public.auth_permission IS 'Django: what can be permitted';

ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_artisan (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    slug character varying(80) NOT NULL,
    name character varying(120) NOT NULL,
    tagline character varying(160) NOT NULL,
    story text NOT NULL,
    location character varying(120) NOT NULL,
    portrait character varying(100) NOT NULL,
    portrait_alt character varying(200) NOT NULL,
    portrait_width integer,
    portrait_height integer,
    currency character varying(3) NOT NULL,
    shipping_first_item_minor bigint NOT NULL,
    shipping_additional_item_minor bigint NOT NULL,
    dispatch_days smallint NOT NULL,
    is_published boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    owner_id bigint NOT NULL,
    CONSTRAINT artisan_currency_is_a_code CHECK (((currency)::text ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT artisan_shipping_within_bounds CHECK (((shipping_additional_item_minor >= 0) AND (shipping_first_item_minor >= 0) AND (shipping_first_item_minor <= 99999999) AND (shipping_additional_item_minor <= 99999999))),
    CONSTRAINT catalog_artisan_dispatch_days_check CHECK ((dispatch_days >= 0)),
    CONSTRAINT catalog_artisan_portrait_height_check CHECK ((portrait_height >= 0)),
    CONSTRAINT catalog_artisan_portrait_width_check CHECK ((portrait_width >= 0))
);

COMMENT ON TABLE public.catalog_artisan IS 'Makers who sell in the shop';

COMMENT ON COLUMN public.catalog_artisan.tagline IS 'One line under the name';

COMMENT ON COLUMN public.catalog_artisan.location IS 'Town and country, as shown';

COMMENT ON COLUMN public.catalog_artisan.currency IS 'ISO 4217; of all prices and postage';

COMMENT ON COLUMN public.catalog_artisan.shipping_first_item_minor IS 'Postage of the first piece, minor units';

COMMENT ON COLUMN public.catalog_artisan.shipping_additional_item_minor IS 'Postage of each further piece in the same order, minor units';

COMMENT ON COLUMN public.catalog_artisan.dispatch_days IS 'Working days until goods in stock leave';

ALTER TABLE public.catalog_artisan ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_artisan_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_category (
    id bigint NOT NULL,
    slug character varying(60) NOT NULL,
    name character varying(80) NOT NULL,
    description character varying(240) NOT NULL,
    "position" smallint NOT NULL,
    CONSTRAINT catalog_category_position_check CHECK (("position" >= 0))
);

COMMENT ON TABLE public.catalog_category IS 'Shelves of the shop';

COMMENT ON COLUMN public.catalog_category."position" IS 'Order in menus, smallest first';

ALTER TABLE public.catalog_category ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_category_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_postagechange (
    id bigint NOT NULL,
    currency character varying(3) NOT NULL,
    first_item_was_minor bigint NOT NULL,
    additional_item_was_minor bigint NOT NULL,
    first_item_minor bigint NOT NULL,
    additional_item_minor bigint NOT NULL,
    actor character varying(80) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    artisan_id bigint NOT NULL
);

COMMENT ON TABLE public.catalog_postagechange IS 'History of artisans'' postage, written with each change';

COMMENT ON COLUMN public.catalog_postagechange.currency IS 'ISO 4217; of all four amounts';

COMMENT ON COLUMN public.catalog_postagechange.first_item_was_minor IS 'Postage of the first piece before, minor units';

COMMENT ON COLUMN public.catalog_postagechange.additional_item_was_minor IS 'Of each further piece before, minor units';

COMMENT ON COLUMN public.catalog_postagechange.first_item_minor IS 'Postage of the first piece since, minor units';

COMMENT ON COLUMN public.catalog_postagechange.additional_item_minor IS 'Of each further piece since, minor units';

COMMENT ON COLUMN public.catalog_postagechange.actor IS 'user:<id>, staff:<id>, command:<name> or system';

ALTER TABLE public.catalog_postagechange ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_postagechange_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_product (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    slug character varying(100) NOT NULL,
    title character varying(140) NOT NULL,
    summary character varying(200) NOT NULL,
    description text NOT NULL,
    materials character varying(200) NOT NULL,
    dimensions character varying(200) NOT NULL,
    care character varying(240) NOT NULL,
    price_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    stock_on_hand integer NOT NULL,
    stock_reserved integer NOT NULL,
    is_made_to_order boolean NOT NULL,
    lead_time_days smallint NOT NULL,
    is_published boolean NOT NULL,
    image character varying(100) NOT NULL,
    image_alt character varying(200) NOT NULL,
    image_width integer,
    image_height integer,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    artisan_id bigint NOT NULL,
    category_id bigint NOT NULL,
    CONSTRAINT catalog_product_image_height_check CHECK ((image_height >= 0)),
    CONSTRAINT catalog_product_image_width_check CHECK ((image_width >= 0)),
    CONSTRAINT catalog_product_lead_time_days_check CHECK ((lead_time_days >= 0)),
    CONSTRAINT product_currency_is_a_code CHECK (((currency)::text ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT product_made_to_order_takes_time CHECK (((NOT is_made_to_order) OR (lead_time_days > 0))),
    CONSTRAINT product_never_oversold CHECK (((stock_reserved >= 0) AND (stock_on_hand >= stock_reserved))),
    CONSTRAINT product_price_within_bounds CHECK (((price_minor > 0) AND (price_minor <= 99999999)))
);

COMMENT ON TABLE public.catalog_product IS 'Goods, with price and stock';

COMMENT ON COLUMN public.catalog_product.summary IS 'One sentence for lists';

COMMENT ON COLUMN public.catalog_product.price_minor IS 'Minor units of currency, taxes included';

COMMENT ON COLUMN public.catalog_product.currency IS 'ISO 4217, the same as the artisan''s';

COMMENT ON COLUMN public.catalog_product.stock_on_hand IS 'Pieces on the shelf';

COMMENT ON COLUMN public.catalog_product.stock_reserved IS 'Of these, promised to payments that are under way';

COMMENT ON COLUMN public.catalog_product.lead_time_days IS 'Days of making, for made-to-order goods';

ALTER TABLE public.catalog_product ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_product_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_stockreservation (
    id bigint NOT NULL,
    reference character varying(64) NOT NULL,
    quantity integer NOT NULL,
    takes_stock boolean NOT NULL,
    state character varying(10) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    product_id bigint NOT NULL,
    CONSTRAINT catalog_stockreservation_quantity_check CHECK ((quantity >= 0)),
    CONSTRAINT reservation_of_something CHECK ((quantity > 0)),
    CONSTRAINT reservation_state_is_known CHECK (((state)::text = ANY ((ARRAY['held'::character varying, 'consumed'::character varying, 'released'::character varying])::text[])))
);

COMMENT ON TABLE public.catalog_stockreservation IS 'Pieces promised to orders under payment; held rows sum to product.stock_reserved';

COMMENT ON COLUMN public.catalog_stockreservation.reference IS 'Opaque: whose promise this is';

COMMENT ON COLUMN public.catalog_stockreservation.takes_stock IS 'False for goods that were made to order when they were reserved';

COMMENT ON COLUMN public.catalog_stockreservation.expires_at IS 'After this the owner of the reference should release it';

ALTER TABLE public.catalog_stockreservation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_stockreservation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.common_auditrecord (
    id bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    event_type character varying(60) NOT NULL,
    outcome character varying(20) NOT NULL,
    actor character varying(80) NOT NULL,
    artisan character varying(40) NOT NULL,
    environment character varying(12) NOT NULL,
    command character varying(80) NOT NULL,
    subject character varying(60) NOT NULL,
    processor character varying(12) NOT NULL,
    processor_id character varying(255) NOT NULL,
    amount_minor bigint,
    currency character varying(3) NOT NULL,
    failure_code character varying(80) NOT NULL,
    decline_code character varying(80) NOT NULL,
    ip inet,
    idempotency_key character varying(255) NOT NULL,
    trace_id character varying(64) NOT NULL
);

COMMENT ON TABLE public.common_auditrecord IS 'Append-only audit trail, written in the transaction of what it tells';

COMMENT ON COLUMN public.common_auditrecord.event_type IS 'payment.captured, transfer.failed, pci.alert, ...';

COMMENT ON COLUMN public.common_auditrecord.outcome IS 'succeeded, failed, refused, requested or unknown';

COMMENT ON COLUMN public.common_auditrecord.actor IS 'guest, user:7, staff:1, task:<name>, stripe or system';

COMMENT ON COLUMN public.common_auditrecord.artisan IS 'Public id of the artisan concerned';

COMMENT ON COLUMN public.common_auditrecord.command IS 'The use case or HTTP request';

COMMENT ON COLUMN public.common_auditrecord.subject IS 'Public id: ord_, pay_, trf_ ...';

COMMENT ON COLUMN public.common_auditrecord.processor_id IS 'pi_, ch_, tr_, evt_ ...';

ALTER TABLE public.common_auditrecord ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.common_auditrecord_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.common_auditseal (
    "position" bigint NOT NULL,
    previous_hash character varying(64) NOT NULL,
    hash character varying(64) NOT NULL,
    record_id bigint NOT NULL
);

COMMENT ON TABLE public.common_auditseal IS 'Hash chain over the audit trail; a changed, missing or added record breaks it';

COMMENT ON COLUMN public.common_auditseal."position" IS '1, 2, 3 ... without gaps';

CREATE TABLE public.common_idempotencykey (
    id bigint NOT NULL,
    scope character varying(80) NOT NULL,
    key character varying(255) NOT NULL,
    request_hash character varying(64) NOT NULL,
    holder uuid NOT NULL,
    locked_until timestamp with time zone NOT NULL,
    response_status smallint,
    response_body jsonb,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT common_idempotencykey_response_status_check CHECK ((response_status >= 0))
);

COMMENT ON TABLE public.common_idempotencykey IS 'Answers to mutating API requests, kept so that a repeated request changes nothing';

COMMENT ON COLUMN public.common_idempotencykey.scope IS 'Who sent it: user:7 or guest:<hash of the session>';

COMMENT ON COLUMN public.common_idempotencykey.key IS 'The client''s Idempotency-Key header';

COMMENT ON COLUMN public.common_idempotencykey.request_hash IS 'SHA-256 of method, path and body';

COMMENT ON COLUMN public.common_idempotencykey.holder IS 'Which attempt holds the key now';

COMMENT ON COLUMN public.common_idempotencykey.locked_until IS 'After this an attempt without an answer counts as dead';

COMMENT ON COLUMN public.common_idempotencykey.response_status IS 'NULL while in flight';

ALTER TABLE public.common_idempotencykey ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.common_idempotencykey_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.common_outboxmessage (
    id bigint NOT NULL,
    task character varying(120) NOT NULL,
    kwargs jsonb NOT NULL,
    key character varying(200),
    trace_id character varying(64) NOT NULL,
    status character varying(10) NOT NULL,
    attempts smallint NOT NULL,
    last_error character varying(300) NOT NULL,
    available_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    CONSTRAINT common_outboxmessage_attempts_check CHECK ((attempts >= 0))
);

COMMENT ON TABLE public.common_outboxmessage IS 'Transactional outbox: work outside the database, written with the change that causes it';

COMMENT ON COLUMN public.common_outboxmessage.task IS 'Name of the Celery task';

COMMENT ON COLUMN public.common_outboxmessage.kwargs IS 'Ids only, never amounts or personal data';

COMMENT ON COLUMN public.common_outboxmessage.key IS 'Makes the message unique where given';

COMMENT ON COLUMN public.common_outboxmessage.available_at IS 'Not sent before this';

ALTER TABLE public.common_outboxmessage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.common_outboxmessage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_admin_log (
    id integer NOT NULL,
    action_time timestamp with time zone NOT NULL,
    object_id text,
    object_repr character varying(200) NOT NULL,
    action_flag smallint NOT NULL,
    change_message text NOT NULL,
    content_type_id integer,
    user_id bigint NOT NULL,
    CONSTRAINT django_admin_log_action_flag_check CHECK ((action_flag >= 0))
);

COMMENT ON TABLE public.django_admin_log IS 'Django admin: changes made there (money and refusals are in common_auditrecord)';

ALTER TABLE public.django_admin_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_admin_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);

COMMENT ON TABLE public.django_content_type IS 'Django: kinds of models';

ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.django_migrations IS 'Django: applied migrations';

ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.django_session IS 'Django: sessions of browsers; a guest''s token is in here';

CREATE TABLE public.identity_accountmail (
    id bigint NOT NULL,
    template character varying(80) NOT NULL,
    email character varying(254) NOT NULL,
    facts jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    user_id bigint
);

COMMENT ON TABLE public.identity_accountmail IS 'Letters about accounts that wait to be sent; a row is deleted once its letter is';

COMMENT ON COLUMN public.identity_accountmail.template IS 'Which letter: account/email/password_reset_key, ...';

COMMENT ON COLUMN public.identity_accountmail.email IS 'To whom; may be of nobody who has an account';

COMMENT ON COLUMN public.identity_accountmail.facts IS 'What a notice tells: when, from which network address, which addresses';

ALTER TABLE public.identity_accountmail ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_accountmail_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.identity_address (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    name character varying(120) NOT NULL,
    line1 character varying(120) NOT NULL,
    line2 character varying(120) NOT NULL,
    city character varying(80) NOT NULL,
    region character varying(80) NOT NULL,
    postal_code character varying(16) NOT NULL,
    country character varying(2) NOT NULL,
    phone character varying(30) NOT NULL,
    is_default boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT address_country_is_a_code CHECK (((country)::text ~ '^[A-Z]{2}$'::text))
);

COMMENT ON TABLE public.identity_address IS 'Addresses that buyers keep; orders hold their own copy';

COMMENT ON COLUMN public.identity_address.country IS 'ISO 3166-1 alpha-2';

ALTER TABLE public.identity_address ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_address_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.identity_user (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    email character varying(254) NOT NULL,
    full_name character varying(120) NOT NULL,
    is_active boolean NOT NULL,
    is_staff boolean NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    CONSTRAINT user_email_is_lower_case CHECK (((email)::text = lower((email)::text)))
);

COMMENT ON TABLE public.identity_user IS 'People who log in: buyers, artisans and staff';

COMMENT ON COLUMN public.identity_user.email IS 'Log-in name, always lower case';

COMMENT ON COLUMN public.identity_user.full_name IS 'As the person writes it';

CREATE TABLE public.identity_user_groups (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    group_id integer NOT NULL
);

COMMENT ON TABLE public.identity_user_groups IS 'Django: roles of a user';

ALTER TABLE public.identity_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.identity_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.identity_user_user_permissions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    permission_id integer NOT NULL
);

COMMENT ON TABLE public.identity_user_user_permissions IS 'Django: permissions of a single user';

ALTER TABLE public.identity_user_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.identity_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ledger_account (
    id bigint NOT NULL,
    code character varying(120) NOT NULL,
    type character varying(10) NOT NULL,
    name character varying(120) NOT NULL,
    currency character varying(3) NOT NULL,
    owner_reference character varying(64) NOT NULL,
    is_hot boolean NOT NULL,
    balance_sign smallint NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    CONSTRAINT account_bound_on_normal_side CHECK (((balance_sign = 0) OR ((balance_sign = 1) AND (NOT is_hot) AND ((type)::text = ANY ((ARRAY['asset'::character varying, 'expense'::character varying])::text[]))) OR ((balance_sign = '-1'::integer) AND (NOT is_hot) AND ((type)::text = ANY ((ARRAY['liability'::character varying, 'revenue'::character varying])::text[]))))),
    CONSTRAINT account_code_ends_in_currency CHECK (((code)::text ~~ ('%'::text || replace(replace(replace((COALESCE(':'::text, ''::text) || (COALESCE(currency, ''::character varying))::text), '\'::text, '\\'::text), '%'::text, '\%'::text), '_'::text, '\_'::text)))),
    CONSTRAINT account_code_form CHECK (((code)::text ~ '^[a-z][a-z0-9_]*(:[A-Za-z0-9_.-]+)*:[A-Z]{3}$'::text)),
    CONSTRAINT account_type_known CHECK (((type)::text = ANY ((ARRAY['asset'::character varying, 'expense'::character varying, 'liability'::character varying, 'revenue'::character varying])::text[])))
);

COMMENT ON TABLE public.ledger_account IS 'Chart of accounts; only name and balance_sign may change, nothing is ever deleted';

COMMENT ON COLUMN public.ledger_account.code IS 'seller_payable:art_x:EUR; ends in the currency';

COMMENT ON COLUMN public.ledger_account.name IS 'For people';

COMMENT ON COLUMN public.ledger_account.currency IS 'ISO 4217';

COMMENT ON COLUMN public.ledger_account.owner_reference IS 'Opaque: public id of the seller; empty = ours';

COMMENT ON COLUMN public.ledger_account.is_hot IS 'Posted to by many at once: 16 slots, no bound, no row lock';

COMMENT ON COLUMN public.ledger_account.balance_sign IS '1: balance must not fall below 0; -1: must not rise above 0; 0: free (debit positive)';

ALTER TABLE public.ledger_account ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ledger_account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ledger_journalentry (
    id bigint NOT NULL,
    kind character varying(40) NOT NULL,
    source_reference character varying(160) NOT NULL,
    description character varying(200) NOT NULL,
    trace_id character varying(64) NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    posted_at timestamp with time zone NOT NULL,
    reverses_id bigint,
    line_count smallint NOT NULL
);

COMMENT ON TABLE public.ledger_journalentry IS 'Journal entries: append-only, each sums to zero per currency';

COMMENT ON COLUMN public.ledger_journalentry.kind IS 'sale, release, transfer_requested, ...';

COMMENT ON COLUMN public.ledger_journalentry.source_reference IS 'Names the business fact, which is booked once';

COMMENT ON COLUMN public.ledger_journalentry.trace_id IS 'Trace id of the work that posted it';

COMMENT ON COLUMN public.ledger_journalentry.effective_at IS 'When it happened in the world; may lie before posted_at';

COMMENT ON COLUMN public.ledger_journalentry.posted_at IS 'When it entered the books, by the database''s clock';

COMMENT ON COLUMN public.ledger_journalentry.reverses_id IS 'The entry this one undoes; at most one entry undoes another';

COMMENT ON COLUMN public.ledger_journalentry.line_count IS 'How many postings it has; later ones are refused';

ALTER TABLE public.ledger_journalentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ledger_journalentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.ledger_new_entries AS
 SELECT '{}'::text[] AS kinds,
    '{}'::text[] AS source_references,
    '{}'::text[] AS descriptions,
    ''::text AS trace_id,
    '{}'::timestamp with time zone[] AS effective_at,
    '{}'::smallint[] AS line_counts,
    '{}'::integer[] AS entries,
    '{}'::smallint[] AS lines,
    '{}'::text[] AS codes,
    '{}'::bigint[] AS account_ids,
    '{}'::integer[] AS locks,
    '{}'::bigint[] AS amounts,
    ''::text AS accounts,
    '{}'::bigint[] AS ids,
    '{}'::timestamp with time zone[] AS posted_at,
    '{}'::boolean[] AS are_replays,
    '{}'::bigint[] AS told
  WHERE false;

COMMENT ON VIEW public.ledger_new_entries IS 'What is inserted here is booked as a batch of entries; holds no rows';

CREATE TABLE public.ledger_posting (
    entry_id bigint NOT NULL,
    line smallint NOT NULL,
    account_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    slot smallint NOT NULL,
    sequence bigint NOT NULL,
    balance_minor bigint NOT NULL,
    balance_sign smallint NOT NULL,
    posted_at timestamp with time zone NOT NULL,
    CONSTRAINT posting_keeps_account_bound CHECK (((balance_sign * balance_minor) >= 0)),
    CONSTRAINT posting_not_zero CHECK ((NOT (amount_minor = 0)))
);

COMMENT ON TABLE public.ledger_posting IS 'Postings: append-only; the newest one of an account and slot holds its balance';

COMMENT ON COLUMN public.ledger_posting.line IS '1, 2, 3 ... within the entry';

COMMENT ON COLUMN public.ledger_posting.amount_minor IS 'Minor units, debit positive, credit negative';

COMMENT ON COLUMN public.ledger_posting.currency IS 'ISO 4217, the account''s';

COMMENT ON COLUMN public.ledger_posting.slot IS '0; on hot accounts 0 to 15';

COMMENT ON COLUMN public.ledger_posting.sequence IS '1, 2, 3 ... within account and slot';

COMMENT ON COLUMN public.ledger_posting.balance_minor IS 'Running balance of account and slot after this posting';

COMMENT ON COLUMN public.ledger_posting.balance_sign IS 'The account''s bound when it was posted';

COMMENT ON COLUMN public.ledger_posting.posted_at IS 'The entry''s; later only where the clock went back behind the posting before';

CREATE TABLE public.orders_cart (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    guest_scope character varying(64),
    currency character varying(3) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    user_id bigint,
    CONSTRAINT cart_of_a_user_or_a_guest CHECK ((((guest_scope IS NOT NULL) AND (user_id IS NULL)) OR ((guest_scope IS NULL) AND (user_id IS NOT NULL))))
);

COMMENT ON TABLE public.orders_cart IS 'Carts of users and guests';

COMMENT ON COLUMN public.orders_cart.guest_scope IS 'guest:<hash of the token in the session>, NULL for users';

COMMENT ON COLUMN public.orders_cart.currency IS 'ISO 4217 of all goods in it, set by the first one';

ALTER TABLE public.orders_cart ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_cart_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_cartitem (
    id bigint NOT NULL,
    quantity smallint NOT NULL,
    unit_price_seen_minor bigint NOT NULL,
    added_at timestamp with time zone NOT NULL,
    cart_id bigint NOT NULL,
    product_id bigint NOT NULL,
    CONSTRAINT cart_item_quantity_within_bounds CHECK (((quantity >= 1) AND (quantity <= 99))),
    CONSTRAINT orders_cartitem_quantity_check CHECK ((quantity >= 0))
);

COMMENT ON TABLE public.orders_cartitem IS 'Lines of carts';

COMMENT ON COLUMN public.orders_cartitem.unit_price_seen_minor IS 'The price when the buyer last touched the line, to tell them when it changes; never charged';

ALTER TABLE public.orders_cartitem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_cartitem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_disputeallocation (
    id bigint NOT NULL,
    dispute_reference character varying(32) NOT NULL,
    number smallint NOT NULL,
    currency character varying(3) NOT NULL,
    amount_minor bigint NOT NULL,
    commission_minor bigint NOT NULL,
    share_minor bigint NOT NULL,
    returned_minor bigint NOT NULL,
    returned_commission_minor bigint NOT NULL,
    returned_share_minor bigint NOT NULL,
    lost_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    order_id bigint NOT NULL,
    seller_order_id bigint,
    CONSTRAINT dispute_allocation_adds_up CHECK (((amount_minor > 0) AND (amount_minor >= (commission_minor + share_minor)) AND (commission_minor >= 0) AND (share_minor >= 0))),
    CONSTRAINT dispute_allocation_returned_within CHECK (((returned_commission_minor >= 0) AND (returned_commission_minor <= commission_minor) AND (returned_minor >= 0) AND (returned_minor <= amount_minor) AND (returned_share_minor >= 0) AND (returned_share_minor <= share_minor))),
    CONSTRAINT orders_disputeallocation_number_check CHECK ((number >= 0))
);

COMMENT ON TABLE public.orders_disputeallocation IS 'Disputed money split over the parts of an order';

COMMENT ON COLUMN public.orders_disputeallocation.dispute_reference IS 'dsp_...; no foreign key';

COMMENT ON COLUMN public.orders_disputeallocation.number IS '1, 2, 3 within the dispute: which keeping back it belongs to';

COMMENT ON COLUMN public.orders_disputeallocation.amount_minor IS 'Of the disputed amount';

COMMENT ON COLUMN public.orders_disputeallocation.commission_minor IS 'Our commission in it';

COMMENT ON COLUMN public.orders_disputeallocation.share_minor IS 'The artisan''s share in it, kept back';

COMMENT ON COLUMN public.orders_disputeallocation.returned_minor IS 'What of the amount the processor gave back';

COMMENT ON COLUMN public.orders_disputeallocation.returned_commission_minor IS 'What of the commission stays ours';

COMMENT ON COLUMN public.orders_disputeallocation.returned_share_minor IS 'What of the share the artisan has back';

COMMENT ON COLUMN public.orders_disputeallocation.lost_at IS 'When the rest was booked as lost; NULL while undecided';

ALTER TABLE public.orders_disputeallocation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_disputeallocation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_fulfilment (
    id bigint NOT NULL,
    status character varying(12) NOT NULL,
    carrier character varying(60) NOT NULL,
    tracking_number character varying(80) NOT NULL,
    decline_reason character varying(300) NOT NULL,
    accepted_at timestamp with time zone,
    shipped_at timestamp with time zone,
    delivered_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    seller_order_id bigint NOT NULL
);

COMMENT ON TABLE public.orders_fulfilment IS 'What artisans did about their parts of orders';

COMMENT ON COLUMN public.orders_fulfilment.decline_reason IS 'Words for the buyer';

ALTER TABLE public.orders_fulfilment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_fulfilment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_fulfilmentevent (
    id bigint NOT NULL,
    event character varying(40) NOT NULL,
    from_status character varying(12) NOT NULL,
    to_status character varying(12) NOT NULL,
    source character varying(20) NOT NULL,
    actor character varying(80) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    fulfilment_id bigint NOT NULL
);

COMMENT ON TABLE public.orders_fulfilmentevent IS 'History of artisans'' parts, written with each transition';

ALTER TABLE public.orders_fulfilmentevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_fulfilmentevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_order (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    guest_scope character varying(50) NOT NULL,
    email character varying(254) NOT NULL,
    status character varying(20) NOT NULL,
    currency character varying(3) NOT NULL,
    goods_minor bigint NOT NULL,
    shipping_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    cart_reference character varying(32) NOT NULL,
    cart_hash character varying(64) NOT NULL,
    quote jsonb NOT NULL,
    quote_hash character varying(64) NOT NULL,
    shipping_address jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    paid_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    buyer_id bigint,
    accept_by timestamp with time zone,
    capture_method character varying(10) NOT NULL,
    captured_minor bigint,
    payment_reference character varying(32) NOT NULL,
    review character varying(10) NOT NULL,
    platform_minor bigint NOT NULL,
    recall_id bigint,
    CONSTRAINT order_amounts_positive CHECK ((((goods_minor > 0) AND (platform_minor = 0) AND (shipping_minor >= 0)) OR ((goods_minor >= 0) AND (platform_minor >= 0) AND (recall_id IS NOT NULL) AND (shipping_minor >= 0) AND (total_minor > 0)))),
    CONSTRAINT order_captured_within_total CHECK (((captured_minor IS NULL) OR ((captured_minor > 0) AND (captured_minor <= total_minor)))),
    CONSTRAINT order_total_adds_up CHECK ((total_minor = ((goods_minor + shipping_minor) + platform_minor)))
);

COMMENT ON TABLE public.orders_order IS 'Orders with their frozen quotes';

COMMENT ON COLUMN public.orders_order.public_id IS 'ord_...; unguessable';

COMMENT ON COLUMN public.orders_order.guest_scope IS 'Hash of the guest''s session token; lets that browser see it';

COMMENT ON COLUMN public.orders_order.goods_minor IS 'Sum of the lines';

COMMENT ON COLUMN public.orders_order.shipping_minor IS 'Sum of the artisans'' shipping';

COMMENT ON COLUMN public.orders_order.total_minor IS 'goods_minor + shipping_minor + platform_minor: the only amount that is charged';

COMMENT ON COLUMN public.orders_order.cart_reference IS 'Public id of the cart it was made from, or of the request (rcl_...)';

COMMENT ON COLUMN public.orders_order.quote IS 'The frozen quote as it was shown to the buyer';

COMMENT ON COLUMN public.orders_order.quote_hash IS 'SHA-256 of quote; travels in the payment''s metadata';

COMMENT ON COLUMN public.orders_order.shipping_address IS 'name, line1, line2, city, region, postal_code, country, phone';

COMMENT ON COLUMN public.orders_order.expires_at IS 'Until then stock is reserved and the quote can be paid';

COMMENT ON COLUMN public.orders_order.accept_by IS 'Parts that are not accepted until then are declined';

COMMENT ON COLUMN public.orders_order.capture_method IS 'manual: made to order or under review, so authorized first';

COMMENT ON COLUMN public.orders_order.captured_minor IS 'What is to be captured of total_minor: the accepted parts; NULL until that is decided';

COMMENT ON COLUMN public.orders_order.payment_reference IS 'pay_... of the payment that authorized it or paid for it';

COMMENT ON COLUMN public.orders_order.platform_minor IS 'Of an order that pays a refund back: what of it is ours alone, because we bore it';

COMMENT ON COLUMN public.orders_order.recall_id IS 'The request that it answers, if it pays a refund back; nothing is sent then';

ALTER TABLE public.orders_order ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_order_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_orderevent (
    id bigint NOT NULL,
    event character varying(40) NOT NULL,
    from_status character varying(20) NOT NULL,
    to_status character varying(20) NOT NULL,
    source character varying(20) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    order_id bigint NOT NULL
);

COMMENT ON TABLE public.orders_orderevent IS 'History of orders, written with each transition';

COMMENT ON COLUMN public.orders_orderevent.source IS 'Who brought it: api, browser, webhook, sweeper, staff';

ALTER TABLE public.orders_orderevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_orderevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_orderline (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    title character varying(200) NOT NULL,
    quantity integer NOT NULL,
    currency character varying(3) NOT NULL,
    unit_price_minor bigint NOT NULL,
    line_total_minor bigint NOT NULL,
    commission_bps integer NOT NULL,
    commission_minor bigint NOT NULL,
    is_made_to_order boolean NOT NULL,
    product_id bigint NOT NULL,
    seller_order_id bigint NOT NULL,
    CONSTRAINT order_line_sane CHECK (((commission_bps <= 10000) AND (quantity > 0) AND (unit_price_minor > 0))),
    CONSTRAINT order_line_total_adds_up CHECK ((line_total_minor = (unit_price_minor * quantity))),
    CONSTRAINT orders_orderline_commission_bps_check CHECK ((commission_bps >= 0)),
    CONSTRAINT orders_orderline_position_check CHECK (("position" >= 0)),
    CONSTRAINT orders_orderline_quantity_check CHECK ((quantity >= 0))
);

COMMENT ON TABLE public.orders_orderline IS 'Order lines, never changed';

COMMENT ON COLUMN public.orders_orderline.title IS 'As it was called when it was sold';

COMMENT ON COLUMN public.orders_orderline.commission_bps IS 'The platform''s rate at the sale, in basis points';

COMMENT ON COLUMN public.orders_orderline.commission_minor IS 'Half a minor unit is rounded to even';

ALTER TABLE public.orders_orderline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_orderline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_recall (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    refund_reference character varying(32) NOT NULL,
    status character varying(10) NOT NULL,
    currency character varying(3) NOT NULL,
    amount_minor bigint NOT NULL,
    reason character varying(500) NOT NULL,
    initiator character varying(80) NOT NULL,
    decline_note character varying(300) NOT NULL,
    return_reference character varying(32) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    reminded_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    sale_id bigint NOT NULL,
    CONSTRAINT recall_amount_positive CHECK ((amount_minor > 0))
);

COMMENT ON TABLE public.orders_recall IS 'Requests to buyers to pay refunds back that were issued in error';

COMMENT ON COLUMN public.orders_recall.public_id IS 'rcl_...; unguessable';

COMMENT ON COLUMN public.orders_recall.refund_reference IS 'ref_... issued in error; no key';

COMMENT ON COLUMN public.orders_recall.amount_minor IS 'What is asked for; the rows of RecallAllocation add up to it';

COMMENT ON COLUMN public.orders_recall.reason IS 'Why the refund was wrong, in words for the buyer';

COMMENT ON COLUMN public.orders_recall.initiator IS 'staff:<id>';

COMMENT ON COLUMN public.orders_recall.decline_note IS 'The buyer''s words, if any';

COMMENT ON COLUMN public.orders_recall.return_reference IS 'ref_... under which the money goes back if the refund bounced';

COMMENT ON COLUMN public.orders_recall.expires_at IS 'Until then the buyer can agree';

COMMENT ON COLUMN public.orders_recall.sale_id IS 'The order that was paid back';

ALTER TABLE public.orders_recall ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_recall_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_recallallocation (
    id bigint NOT NULL,
    currency character varying(3) NOT NULL,
    amount_minor bigint NOT NULL,
    commission_minor bigint NOT NULL,
    share_minor bigint NOT NULL,
    platform_minor bigint NOT NULL,
    recall_id bigint NOT NULL,
    refund_allocation_id bigint NOT NULL,
    CONSTRAINT recall_allocation_adds_up CHECK ((amount_minor = ((commission_minor + share_minor) + platform_minor))),
    CONSTRAINT recall_allocation_amounts_positive CHECK (((amount_minor > 0) AND (commission_minor >= 0) AND (platform_minor >= 0) AND (share_minor >= 0)))
);

COMMENT ON TABLE public.orders_recallallocation IS 'Requests to pay back, split like the refunds they ask for, never changed';

COMMENT ON COLUMN public.orders_recallallocation.commission_minor IS 'What we get back of our commission';

COMMENT ON COLUMN public.orders_recallallocation.share_minor IS 'What the artisan gets back';

COMMENT ON COLUMN public.orders_recallallocation.platform_minor IS 'What we get back of what we bore beyond our commission';

ALTER TABLE public.orders_recallallocation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_recallallocation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_recallconsent (
    id bigint NOT NULL,
    text character varying(500) NOT NULL,
    ip inet,
    agreed_at timestamp with time zone NOT NULL,
    order_id bigint NOT NULL,
    recall_id bigint NOT NULL,
    user_id bigint
);

COMMENT ON TABLE public.orders_recallconsent IS 'Consents of buyers to pay a refund back';

COMMENT ON COLUMN public.orders_recallconsent.text IS 'The words that were agreed to';

COMMENT ON COLUMN public.orders_recallconsent.ip IS 'Where from, as far as it is known';

ALTER TABLE public.orders_recallconsent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_recallconsent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_recallevent (
    id bigint NOT NULL,
    event character varying(40) NOT NULL,
    from_status character varying(10) NOT NULL,
    to_status character varying(10) NOT NULL,
    source character varying(20) NOT NULL,
    actor character varying(80) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recall_id bigint NOT NULL
);

COMMENT ON TABLE public.orders_recallevent IS 'History of requests to pay back, written with each transition';

ALTER TABLE public.orders_recallevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_recallevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_refundallocation (
    id bigint NOT NULL,
    refund_reference character varying(32) NOT NULL,
    part character varying(10) NOT NULL,
    bearer character varying(10) NOT NULL,
    quantity integer,
    currency character varying(3) NOT NULL,
    amount_minor bigint NOT NULL,
    commission_minor bigint NOT NULL,
    share_minor bigint NOT NULL,
    platform_minor bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    line_id bigint,
    order_id bigint NOT NULL,
    seller_order_id bigint,
    CONSTRAINT orders_refundallocation_quantity_check CHECK ((quantity >= 0)),
    CONSTRAINT refund_allocation_adds_up CHECK ((amount_minor = ((commission_minor + share_minor) + platform_minor))),
    CONSTRAINT refund_allocation_amounts_positive CHECK (((amount_minor > 0) AND (commission_minor >= 0) AND (platform_minor >= 0) AND (share_minor >= 0))),
    CONSTRAINT refund_allocation_names_what_it_is_for CHECK ((((line_id IS NOT NULL) AND ((part)::text = 'goods'::text) AND (seller_order_id IS NOT NULL)) OR ((line_id IS NULL) AND ((part)::text = 'shipping'::text) AND (seller_order_id IS NOT NULL)) OR ((line_id IS NULL) AND ((part)::text = 'goodwill'::text))))
);

COMMENT ON TABLE public.orders_refundallocation IS 'Refunds split over what was sold';

COMMENT ON COLUMN public.orders_refundallocation.refund_reference IS 'ref_...; no foreign key';

COMMENT ON COLUMN public.orders_refundallocation.quantity IS 'Pieces that are given back; NULL for an amount';

COMMENT ON COLUMN public.orders_refundallocation.commission_minor IS 'What we give back of our commission';

COMMENT ON COLUMN public.orders_refundallocation.share_minor IS 'What the artisan gives back';

COMMENT ON COLUMN public.orders_refundallocation.platform_minor IS 'What we bear beyond our commission';

COMMENT ON COLUMN public.orders_refundallocation.withdrawn_at IS 'The refund was not made after all';

ALTER TABLE public.orders_refundallocation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_refundallocation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.orders_sellerorder (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    currency character varying(3) NOT NULL,
    goods_minor bigint NOT NULL,
    shipping_minor bigint NOT NULL,
    commission_minor bigint NOT NULL,
    share_minor bigint NOT NULL,
    artisan_id bigint NOT NULL,
    order_id bigint NOT NULL,
    CONSTRAINT seller_order_amounts_positive CHECK (((commission_minor >= 0) AND (goods_minor >= 0) AND (share_minor >= 0) AND (shipping_minor >= 0) AND ((goods_minor > 0) OR (shipping_minor > 0)))),
    CONSTRAINT seller_order_share_adds_up CHECK ((share_minor = ((goods_minor - commission_minor) + shipping_minor)))
);

COMMENT ON TABLE public.orders_sellerorder IS 'The parts of an order by artisan, never changed';

COMMENT ON COLUMN public.orders_sellerorder.public_id IS 'sor_...';

COMMENT ON COLUMN public.orders_sellerorder.shipping_minor IS 'Goes to the artisan, without commission';

COMMENT ON COLUMN public.orders_sellerorder.commission_minor IS 'Sum of the lines'' commission';

COMMENT ON COLUMN public.orders_sellerorder.share_minor IS 'What the artisan earns: goods - commission + shipping';

ALTER TABLE public.orders_sellerorder ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.orders_sellerorder_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_capture (
    id bigint NOT NULL,
    processor_charge_id character varying(255) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    fee_minor bigint,
    balance_transaction_id character varying(255) NOT NULL,
    captured_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    payment_id bigint NOT NULL,
    refunded_minor bigint NOT NULL,
    CONSTRAINT capture_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT capture_fee_not_negative CHECK (((fee_minor IS NULL) OR (fee_minor >= 0))),
    CONSTRAINT capture_never_refunded_beyond_itself CHECK (((refunded_minor >= 0) AND (refunded_minor <= amount_minor)))
);

COMMENT ON TABLE public.payments_capture IS 'Captured money, at most one row per payment';

COMMENT ON COLUMN public.payments_capture.fee_minor IS 'The processor''s fee; NULL until it is known';

COMMENT ON COLUMN public.payments_capture.refunded_minor IS 'Refunds asked for and made, without those that failed';

ALTER TABLE public.payments_capture ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_capture_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_dispute (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    processor character varying(12) NOT NULL,
    processor_dispute_id character varying(255) NOT NULL,
    status character varying(30) NOT NULL,
    reason character varying(30) NOT NULL,
    processor_reason character varying(80) NOT NULL,
    liability character varying(10) NOT NULL,
    amount_minor bigint NOT NULL,
    withdrawn_minor bigint NOT NULL,
    reinstated_minor bigint NOT NULL,
    fee_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    evidence_due_at timestamp with time zone,
    submitted_at timestamp with time zone,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    capture_id bigint NOT NULL,
    lost_minor bigint NOT NULL,
    CONSTRAINT dispute_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT dispute_figures_not_negative CHECK (((fee_minor >= 0) AND (reinstated_minor >= 0) AND (withdrawn_minor >= 0))),
    CONSTRAINT dispute_lost_within_withdrawn CHECK (((lost_minor >= 0) AND (lost_minor <= (withdrawn_minor - reinstated_minor))))
);

COMMENT ON TABLE public.payments_dispute IS 'Disputes and inquiries about captured payments';

COMMENT ON COLUMN public.payments_dispute.public_id IS 'dsp_...';

COMMENT ON COLUMN public.payments_dispute.processor_dispute_id IS 'dp_... or PP-D-...';

COMMENT ON COLUMN public.payments_dispute.processor_reason IS 'As the processor calls it';

COMMENT ON COLUMN public.payments_dispute.liability IS 'Who bears it if it is lost';

COMMENT ON COLUMN public.payments_dispute.withdrawn_minor IS 'What the processor took for it, without fees';

COMMENT ON COLUMN public.payments_dispute.reinstated_minor IS 'What the processor gave back';

COMMENT ON COLUMN public.payments_dispute.fee_minor IS 'What it charged for it and did not return';

COMMENT ON COLUMN public.payments_dispute.submitted_at IS 'When our answer was sent; it can be sent once';

COMMENT ON COLUMN public.payments_dispute.lost_minor IS 'What of it is booked as gone; withdrawn - reinstated - lost is undecided';

ALTER TABLE public.payments_dispute ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_dispute_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_disputeevent (
    id bigint NOT NULL,
    event character varying(40) NOT NULL,
    from_status character varying(30) NOT NULL,
    to_status character varying(30) NOT NULL,
    source character varying(20) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    dispute_id bigint NOT NULL
);

COMMENT ON TABLE public.payments_disputeevent IS 'History of disputes, written with each transition';

ALTER TABLE public.payments_disputeevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_disputeevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_disputeevidence (
    id bigint NOT NULL,
    kind character varying(30) NOT NULL,
    text text NOT NULL,
    file_name character varying(200) NOT NULL,
    content_type character varying(100) NOT NULL,
    content bytea,
    updated_at timestamp with time zone NOT NULL,
    dispute_id bigint NOT NULL,
    given_by character varying(32) NOT NULL
);

COMMENT ON TABLE public.payments_disputeevidence IS 'Texts and files with which disputes are answered';

COMMENT ON COLUMN public.payments_disputeevidence.content IS 'A file of at most 5 MB; NULL for a text';

COMMENT ON COLUMN public.payments_disputeevidence.given_by IS 'The artisan (art_...) whose file it is; empty for our own';

ALTER TABLE public.payments_disputeevidence ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_disputeevidence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_payment (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    order_reference character varying(32) NOT NULL,
    processor character varying(12) NOT NULL,
    processor_payment_id character varying(255),
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    quote_hash character varying(64) NOT NULL,
    status character varying(30) NOT NULL,
    failure_code character varying(80) NOT NULL,
    decline_code character varying(80) NOT NULL,
    failure_message character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    next_look_up_at timestamp with time zone,
    look_ups smallint NOT NULL,
    authorized_minor bigint,
    authorized_until timestamp with time zone,
    capture_method character varying(10) NOT NULL,
    channel character varying(12) NOT NULL,
    hosted_session_id character varying(255),
    processor_authorization_id character varying(255) NOT NULL,
    saves_method boolean NOT NULL,
    saved_method_id bigint,
    consent_text character varying(300) NOT NULL,
    consented_at timestamp with time zone,
    kept_method_id character varying(255) NOT NULL,
    CONSTRAINT payment_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT payment_keeps_only_with_words CHECK (((NOT saves_method) OR ((NOT ((consent_text)::text = ''::text)) AND (consented_at IS NOT NULL)))),
    CONSTRAINT payments_payment_look_ups_check CHECK ((look_ups >= 0))
);

COMMENT ON TABLE public.payments_payment IS 'Payments by buyers, one row per payment object at a processor';

COMMENT ON COLUMN public.payments_payment.public_id IS 'pay_...; the reference in processor metadata';

COMMENT ON COLUMN public.payments_payment.order_reference IS 'Public id of the order; no foreign key';

COMMENT ON COLUMN public.payments_payment.processor IS 'stripe, paypal or offline';

COMMENT ON COLUMN public.payments_payment.processor_payment_id IS 'pi_... or a PayPal order; NULL until it is known';

COMMENT ON COLUMN public.payments_payment.amount_minor IS 'Minor units of currency; the frozen quote''s total';

COMMENT ON COLUMN public.payments_payment.quote_hash IS 'SHA-256 of the frozen quote that is paid';

COMMENT ON COLUMN public.payments_payment.failure_code IS 'Of the last attempt';

COMMENT ON COLUMN public.payments_payment.failure_message IS 'Words for the buyer';

COMMENT ON COLUMN public.payments_payment.next_look_up_at IS 'When the sweeper asks the processor; NULL when over';

COMMENT ON COLUMN public.payments_payment.look_ups IS 'How often the sweeper has asked';

COMMENT ON COLUMN public.payments_payment.authorized_minor IS 'What is reserved; NULL while nothing is';

COMMENT ON COLUMN public.payments_payment.authorized_until IS 'When the processor lets it go';

COMMENT ON COLUMN public.payments_payment.hosted_session_id IS 'cs_...: the processor''s page on which it is paid';

COMMENT ON COLUMN public.payments_payment.processor_authorization_id IS 'Where the processor has an object for it (PayPal)';

COMMENT ON COLUMN public.payments_payment.saves_method IS 'The buyer agreed to have this way to pay kept';

COMMENT ON COLUMN public.payments_payment.saved_method_id IS 'Paid with this one';

COMMENT ON COLUMN public.payments_payment.consent_text IS 'The words shown to the buyer who agreed that it is kept';

COMMENT ON COLUMN public.payments_payment.consented_at IS 'When the buyer agreed to them';

COMMENT ON COLUMN public.payments_payment.kept_method_id IS 'What the processor keeps of it, told after it (PayPal)';

ALTER TABLE public.payments_payment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_payment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_paymentattempt (
    id bigint NOT NULL,
    processor_charge_id character varying(255) NOT NULL,
    outcome character varying(10) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    failure_code character varying(80) NOT NULL,
    decline_code character varying(80) NOT NULL,
    failure_message character varying(300) NOT NULL,
    card_brand character varying(20) NOT NULL,
    card_last4 character varying(4) NOT NULL,
    card_country character varying(2) NOT NULL,
    address_line1_check character varying(12) NOT NULL,
    address_postal_code_check character varying(12) NOT NULL,
    cvc_check character varying(12) NOT NULL,
    three_d_secure character varying(30) NOT NULL,
    risk_level character varying(20) NOT NULL,
    attempted_at timestamp with time zone NOT NULL,
    payment_id bigint NOT NULL
);

COMMENT ON TABLE public.payments_paymentattempt IS 'Every attempt to take money for a payment, with AVS and CVC results';

COMMENT ON COLUMN public.payments_paymentattempt.processor_charge_id IS 'ch_... or py_...';

COMMENT ON COLUMN public.payments_paymentattempt.address_line1_check IS 'AVS result';

COMMENT ON COLUMN public.payments_paymentattempt.address_postal_code_check IS 'AVS result';

COMMENT ON COLUMN public.payments_paymentattempt.cvc_check IS 'CVC result, never the CVC';

ALTER TABLE public.payments_paymentattempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_paymentattempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_paymentevent (
    id bigint NOT NULL,
    event character varying(40) NOT NULL,
    from_status character varying(30) NOT NULL,
    to_status character varying(30) NOT NULL,
    source character varying(20) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    payment_id bigint NOT NULL
);

COMMENT ON TABLE public.payments_paymentevent IS 'History of payments, written with each transition';

COMMENT ON COLUMN public.payments_paymentevent.source IS 'Who brought it: api, browser, webhook, sweeper';

ALTER TABLE public.payments_paymentevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_paymentevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_processorcustomer (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    processor character varying(12) NOT NULL,
    processor_customer_id character varying(255),
    created_at timestamp with time zone NOT NULL,
    user_id bigint NOT NULL
);

COMMENT ON TABLE public.payments_processorcustomer IS 'Users as customers of a processor; guests have none';

COMMENT ON COLUMN public.payments_processorcustomer.public_id IS 'cus_...; the reference in processor metadata';

COMMENT ON COLUMN public.payments_processorcustomer.processor_customer_id IS 'cus_... of the processor; NULL until it has answered';

ALTER TABLE public.payments_processorcustomer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_processorcustomer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_processorprice (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    processor character varying(12) NOT NULL,
    livemode boolean NOT NULL,
    subject character varying(64) NOT NULL,
    name character varying(200) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    processor_price_id character varying(255),
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT processor_price_positive CHECK ((amount_minor > 0))
);

COMMENT ON TABLE public.payments_processorprice IS 'Prices at the processor''s hosted page';

COMMENT ON COLUMN public.payments_processorprice.public_id IS 'prc_...; the reference in processor metadata';

COMMENT ON COLUMN public.payments_processorprice.livemode IS 'Ids of the two modes never mix';

COMMENT ON COLUMN public.payments_processorprice.subject IS 'prd_... of the product, or what else is sold';

COMMENT ON COLUMN public.payments_processorprice.processor_price_id IS 'price_...; NULL until it is known';

ALTER TABLE public.payments_processorprice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_processorprice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_processorrequest (
    id bigint NOT NULL,
    idempotency_key character varying(120) NOT NULL,
    kind character varying(20) NOT NULL,
    processor character varying(12) NOT NULL,
    subject character varying(32) NOT NULL,
    attempt smallint NOT NULL,
    body jsonb NOT NULL,
    body_hash character varying(64) NOT NULL,
    state character varying(12) NOT NULL,
    processor_id character varying(255) NOT NULL,
    processor_request_id character varying(255) NOT NULL,
    error_code character varying(80) NOT NULL,
    tries smallint NOT NULL,
    next_try_at timestamp with time zone,
    trace_id character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT payments_processorrequest_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT payments_processorrequest_tries_check CHECK ((tries >= 0))
);

COMMENT ON TABLE public.payments_processorrequest IS 'Every mutating request to a processor, committed before it is sent';

COMMENT ON COLUMN public.payments_processorrequest.idempotency_key IS 'Sent to the processor';

COMMENT ON COLUMN public.payments_processorrequest.subject IS 'Public id of ours: pay_, ref_, trf_';

COMMENT ON COLUMN public.payments_processorrequest.attempt IS 'A new one only after a look-up found nothing';

COMMENT ON COLUMN public.payments_processorrequest.body IS 'What is sent, so that the same key never carries another body; no card data';

COMMENT ON COLUMN public.payments_processorrequest.body_hash IS 'SHA-256 of body';

COMMENT ON COLUMN public.payments_processorrequest.processor_id IS 'Id of the object it made';

COMMENT ON COLUMN public.payments_processorrequest.processor_request_id IS 'req_...';

COMMENT ON COLUMN public.payments_processorrequest.tries IS 'Sends and look-ups so far';

COMMENT ON COLUMN public.payments_processorrequest.next_try_at IS 'When a sweeper takes it up; NULL when over';

ALTER TABLE public.payments_processorrequest ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_processorrequest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_refund (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    reason character varying(30) NOT NULL,
    status character varying(12) NOT NULL,
    processor_refund_id character varying(255),
    failure_code character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    capture_id bigint NOT NULL,
    attempt smallint NOT NULL,
    initiator character varying(80) NOT NULL,
    note character varying(300) NOT NULL,
    withdrawn_at timestamp with time zone,
    CONSTRAINT payments_refund_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT refund_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT refund_withdrawn_only_if_failed CHECK (((withdrawn_at IS NULL) OR ((status)::text = 'failed'::text)))
);

COMMENT ON TABLE public.payments_refund IS 'Refunds to buyers';

COMMENT ON COLUMN public.payments_refund.public_id IS 'ref_...; the reference in processor metadata';

COMMENT ON COLUMN public.payments_refund.processor_refund_id IS 're_... of the present attempt';

COMMENT ON COLUMN public.payments_refund.attempt IS 'From 1; the next each time that a failed one is sent again, made by hand there or paid otherwise';

COMMENT ON COLUMN public.payments_refund.initiator IS 'staff:<id>, artisan:<id>, processor or system';

COMMENT ON COLUMN public.payments_refund.note IS 'Words for the buyer';

COMMENT ON COLUMN public.payments_refund.withdrawn_at IS 'When it was given up: from then on it does not count against the capture';

ALTER TABLE public.payments_refund ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_refund_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_refundevent (
    id bigint NOT NULL,
    event character varying(40) NOT NULL,
    from_status character varying(12) NOT NULL,
    to_status character varying(12) NOT NULL,
    source character varying(20) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    refund_id bigint NOT NULL
);

COMMENT ON TABLE public.payments_refundevent IS 'History of refunds, written with each transition';

ALTER TABLE public.payments_refundevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_refundevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_savedmethod (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    processor character varying(12) NOT NULL,
    processor_method_id character varying(255) NOT NULL,
    kind character varying(10) NOT NULL,
    status character varying(10) NOT NULL,
    brand character varying(20) NOT NULL,
    last4 character varying(4) NOT NULL,
    expiry_month smallint,
    expiry_year smallint,
    payer_email character varying(254) NOT NULL,
    is_default boolean NOT NULL,
    consented_at timestamp with time zone NOT NULL,
    consent_text character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    customer_id bigint NOT NULL,
    CONSTRAINT payments_savedmethod_expiry_month_check CHECK ((expiry_month >= 0)),
    CONSTRAINT payments_savedmethod_expiry_year_check CHECK ((expiry_year >= 0)),
    CONSTRAINT saved_method_default_can_be_used CHECK (((NOT is_default) OR ((status)::text = 'active'::text)))
);

COMMENT ON TABLE public.payments_savedmethod IS 'Ways to pay that users keep, without card numbers';

COMMENT ON COLUMN public.payments_savedmethod.public_id IS 'pmt_...';

COMMENT ON COLUMN public.payments_savedmethod.processor_method_id IS 'pm_... or a PayPal payment token';

COMMENT ON COLUMN public.payments_savedmethod.last4 IS 'Never more of the number';

COMMENT ON COLUMN public.payments_savedmethod.payer_email IS 'Of a PayPal account';

COMMENT ON COLUMN public.payments_savedmethod.consented_at IS 'When its owner agreed that it is kept';

COMMENT ON COLUMN public.payments_savedmethod.consent_text IS 'The words that were agreed to';

ALTER TABLE public.payments_savedmethod ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_savedmethod_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_savedmethodevent (
    id bigint NOT NULL,
    event character varying(40) NOT NULL,
    from_status character varying(10) NOT NULL,
    to_status character varying(10) NOT NULL,
    source character varying(20) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    method_id bigint NOT NULL
);

COMMENT ON TABLE public.payments_savedmethodevent IS 'History of saved ways to pay';

ALTER TABLE public.payments_savedmethodevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_savedmethodevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payments_setup (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    kind character varying(10) NOT NULL,
    processor_setup_id character varying(255),
    status character varying(20) NOT NULL,
    consent_text character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    customer_id bigint NOT NULL,
    next_look_up_at timestamp with time zone
);

COMMENT ON TABLE public.payments_setup IS 'Attempts to keep a way to pay';

COMMENT ON COLUMN public.payments_setup.public_id IS 'set_...; the reference in processor metadata';

COMMENT ON COLUMN public.payments_setup.processor_setup_id IS 'seti_... or setup token';

COMMENT ON COLUMN public.payments_setup.next_look_up_at IS 'When a sweeper asks after it; NULL when it is over';

ALTER TABLE public.payments_setup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_setup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_bankpayout (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    attempt smallint NOT NULL,
    processor_account_id character varying(255) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    status character varying(12) NOT NULL,
    processor_payout_id character varying(255),
    arrival_date date,
    failure_code character varying(80) NOT NULL,
    failure_message character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    payout_id bigint NOT NULL,
    CONSTRAINT bank_payout_accepted_has_id CHECK (((NOT ((status)::text = ANY ((ARRAY['pending'::character varying, 'paid'::character varying])::text[]))) OR (processor_payout_id IS NOT NULL))),
    CONSTRAINT bank_payout_positive CHECK ((amount_minor > 0)),
    CONSTRAINT bank_payout_status_known CHECK (((status)::text = ANY ((ARRAY['requested'::character varying, 'unknown'::character varying, 'pending'::character varying, 'paid'::character varying, 'failed'::character varying, 'canceled'::character varying])::text[]))),
    CONSTRAINT payouts_bankpayout_attempt_check CHECK ((attempt >= 0))
);

COMMENT ON TABLE public.payouts_bankpayout IS 'Payouts from artisans'' accounts at the processor to their banks, a row per attempt';

COMMENT ON COLUMN public.payouts_bankpayout.public_id IS 'bpo_...; in the processor''s metadata';

COMMENT ON COLUMN public.payouts_bankpayout.attempt IS '1, 2, 3 within the payout';

COMMENT ON COLUMN public.payouts_bankpayout.processor_account_id IS 'acct_...: from whose balance it is paid';

COMMENT ON COLUMN public.payouts_bankpayout.amount_minor IS 'Minor units; the transfer less what was brought back by then';

COMMENT ON COLUMN public.payouts_bankpayout.currency IS 'ISO 4217';

COMMENT ON COLUMN public.payouts_bankpayout.processor_payout_id IS 'po_...';

COMMENT ON COLUMN public.payouts_bankpayout.arrival_date IS 'When the processor expects it at the bank';

COMMENT ON COLUMN public.payouts_bankpayout.failure_code IS 'In our words';

COMMENT ON COLUMN public.payouts_bankpayout.failure_message IS 'The processor''s words';

ALTER TABLE public.payouts_bankpayout ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_bankpayout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_bankpayoutevent (
    id bigint NOT NULL,
    event character varying(24) NOT NULL,
    from_status character varying(12) NOT NULL,
    to_status character varying(12) NOT NULL,
    actor character varying(80) NOT NULL,
    note character varying(120) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    bank_payout_id bigint NOT NULL
);

COMMENT ON TABLE public.payouts_bankpayoutevent IS 'History of payouts to banks, written with each transition';

COMMENT ON COLUMN public.payouts_bankpayoutevent.actor IS 'task:<name>, staff:<id>, stripe or system';

COMMENT ON COLUMN public.payouts_bankpayoutevent.note IS 'The processor''s code of a failure';

ALTER TABLE public.payouts_bankpayoutevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_bankpayoutevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_connectedaccount (
    id bigint NOT NULL,
    processor character varying(12) NOT NULL,
    processor_account_id character varying(255) NOT NULL,
    country character varying(2) NOT NULL,
    transfers_enabled boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    artisan_id bigint NOT NULL,
    bank_changed_at timestamp with time zone,
    bank_currency character varying(3) NOT NULL,
    bank_fingerprint character varying(64) NOT NULL,
    bank_is_usable boolean NOT NULL,
    bank_last4 character varying(4) NOT NULL,
    bank_name character varying(120) NOT NULL,
    deadline_at timestamp with time zone,
    details_submitted boolean NOT NULL,
    halt character varying(24) NOT NULL,
    next_look_at timestamp with time zone,
    payouts_enabled boolean NOT NULL,
    requirements jsonb NOT NULL,
    state character varying(24) NOT NULL,
    state_since timestamp with time zone,
    reminded_days smallint,
    reminded_deadline_at timestamp with time zone,
    CONSTRAINT connected_account_closed_is_not_paid CHECK (((NOT transfers_enabled) OR (NOT ((state)::text = ANY ((ARRAY['rejected'::character varying, 'deauthorized'::character varying])::text[]))))),
    CONSTRAINT connected_account_country_is_a_code CHECK (((country)::text ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT connected_account_state_is_known CHECK (((state)::text = ANY ((ARRAY['not_started'::character varying, 'incomplete'::character varying, 'pending_verification'::character varying, 'requirements_due'::character varying, 'past_due'::character varying, 'restricted'::character varying, 'enabled'::character varying, 'rejected'::character varying, 'deauthorized'::character varying])::text[]))),
    CONSTRAINT payouts_connectedaccount_reminded_days_check CHECK ((reminded_days >= 0))
);

COMMENT ON TABLE public.payouts_connectedaccount IS 'Artisans'' accounts at the processor (Stripe Connect)';

COMMENT ON COLUMN public.payouts_connectedaccount.processor IS 'stripe';

COMMENT ON COLUMN public.payouts_connectedaccount.processor_account_id IS 'acct_...';

COMMENT ON COLUMN public.payouts_connectedaccount.country IS 'ISO 3166-1 alpha-2; where the artisan is paid';

COMMENT ON COLUMN public.payouts_connectedaccount.transfers_enabled IS 'Whether we transfer to it: the processor accepts transfers, and pays out what is in it';

COMMENT ON COLUMN public.payouts_connectedaccount.updated_at IS 'When the processor was last asked about it';

COMMENT ON COLUMN public.payouts_connectedaccount.bank_changed_at IS 'When other bank details were seen, not the first';

COMMENT ON COLUMN public.payouts_connectedaccount.bank_fingerprint IS 'Another for another account';

COMMENT ON COLUMN public.payouts_connectedaccount.bank_is_usable IS 'False: the last payout failed, details are wrong';

COMMENT ON COLUMN public.payouts_connectedaccount.bank_last4 IS 'Last digits, for the artisan';

COMMENT ON COLUMN public.payouts_connectedaccount.deadline_at IS 'Until when what is due has to be told';

COMMENT ON COLUMN public.payouts_connectedaccount.details_submitted IS 'Whether the artisan went through onboarding';

COMMENT ON COLUMN public.payouts_connectedaccount.halt IS 'Why it is stopped, if it is';

COMMENT ON COLUMN public.payouts_connectedaccount.next_look_at IS 'When the sweeper asks the processor about it';

COMMENT ON COLUMN public.payouts_connectedaccount.payouts_enabled IS 'Whether the processor pays out what is in it';

COMMENT ON COLUMN public.payouts_connectedaccount.requirements IS 'What the processor asks for, in our words, and errors';

COMMENT ON COLUMN public.payouts_connectedaccount.reminded_days IS 'So many days before it was the last reminder of that deadline';

COMMENT ON COLUMN public.payouts_connectedaccount.reminded_deadline_at IS 'The deadline that was last reminded of';

ALTER TABLE public.payouts_connectedaccount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_connectedaccount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_connectedaccountevent (
    id bigint NOT NULL,
    processor_account_id character varying(255) NOT NULL,
    from_state character varying(24) NOT NULL,
    to_state character varying(24) NOT NULL,
    source character varying(12) NOT NULL,
    note character varying(300) NOT NULL,
    actor character varying(80) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL
);

COMMENT ON TABLE public.payouts_connectedaccountevent IS 'History of artisans'' accounts, written with each change of state';

COMMENT ON COLUMN public.payouts_connectedaccountevent.processor_account_id IS 'acct_...: which it was then';

COMMENT ON COLUMN public.payouts_connectedaccountevent.source IS 'Who asked: webhook, page, sweeper, staff or command';

COMMENT ON COLUMN public.payouts_connectedaccountevent.note IS 'What was asked for then, in our words';

COMMENT ON COLUMN public.payouts_connectedaccountevent.actor IS 'stripe, user:<id>, staff:<id>, task:<name> or system';

ALTER TABLE public.payouts_connectedaccountevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_connectedaccountevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_debtrecovery (
    id bigint NOT NULL,
    number smallint NOT NULL,
    amount_minor bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    payable_id bigint,
    debt_id bigint NOT NULL,
    reversal_id bigint,
    repayment_id bigint,
    CONSTRAINT debt_recovery_has_one_source CHECK ((((payable_id IS NOT NULL) AND (repayment_id IS NULL) AND (reversal_id IS NULL)) OR ((payable_id IS NULL) AND (repayment_id IS NULL) AND (reversal_id IS NOT NULL)) OR ((payable_id IS NULL) AND (repayment_id IS NOT NULL) AND (reversal_id IS NULL)))),
    CONSTRAINT debt_recovery_positive CHECK (((amount_minor > 0) OR ((amount_minor < 0) AND (repayment_id IS NOT NULL)))),
    CONSTRAINT payouts_debtrecovery_number_check CHECK ((number >= 0))
);

COMMENT ON TABLE public.payouts_debtrecovery IS 'How artisans'' debts were recovered';

COMMENT ON COLUMN public.payouts_debtrecovery.number IS '1, 2, 3 within the debt';

COMMENT ON COLUMN public.payouts_debtrecovery.amount_minor IS 'Minor units; below zero: a repayment was undone';

ALTER TABLE public.payouts_debtrecovery ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_debtrecovery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_debtrepayment (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    bank_reference character varying(140) NOT NULL,
    received_on date NOT NULL,
    status character varying(10) NOT NULL,
    actor character varying(80) NOT NULL,
    trace_id character varying(64) NOT NULL,
    undone_at timestamp with time zone,
    undone_by character varying(80) NOT NULL,
    undone_reason character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    artisan_id bigint NOT NULL,
    CONSTRAINT debt_repayment_positive CHECK ((amount_minor > 0)),
    CONSTRAINT debt_repayment_undone_by_somebody CHECK (((((status)::text = 'recorded'::text) AND (undone_at IS NULL) AND ((undone_by)::text = ''::text) AND ((undone_reason)::text = ''::text)) OR (((status)::text = 'undone'::text) AND (undone_at IS NOT NULL) AND (NOT ((undone_by)::text = ''::text)) AND (NOT ((undone_reason)::text = ''::text)))))
);

COMMENT ON TABLE public.payouts_debtrepayment IS 'What artisans paid to our bank account for what they owe us';

COMMENT ON COLUMN public.payouts_debtrepayment.public_id IS 'rpy_...';

COMMENT ON COLUMN public.payouts_debtrepayment.amount_minor IS 'Minor units; the recoveries together';

COMMENT ON COLUMN public.payouts_debtrepayment.currency IS 'ISO 4217';

COMMENT ON COLUMN public.payouts_debtrepayment.bank_reference IS 'The line of our bank''s statement: the bank''s own number of it, or its reference';

COMMENT ON COLUMN public.payouts_debtrepayment.received_on IS 'Booking date of the bank''s line';

COMMENT ON COLUMN public.payouts_debtrepayment.actor IS 'Who recorded it: staff:<id>, task:<name> or system';

COMMENT ON COLUMN public.payouts_debtrepayment.undone_reason IS 'Words of staff';

ALTER TABLE public.payouts_debtrepayment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_debtrepayment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_debtwriteoff (
    id bigint NOT NULL,
    number smallint NOT NULL,
    amount_minor bigint NOT NULL,
    reason character varying(300) NOT NULL,
    actor character varying(80) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    debt_id bigint NOT NULL,
    CONSTRAINT debt_write_off_moves_something CHECK ((NOT (amount_minor = 0))),
    CONSTRAINT payouts_debtwriteoff_number_check CHECK ((number >= 0))
);

COMMENT ON TABLE public.payouts_debtwriteoff IS 'Debts of artisans that were written off';

COMMENT ON COLUMN public.payouts_debtwriteoff.number IS '1, 2, 3 within the debt';

COMMENT ON COLUMN public.payouts_debtwriteoff.amount_minor IS 'Minor units; below zero: owed again';

COMMENT ON COLUMN public.payouts_debtwriteoff.reason IS 'Words of staff, for our own records';

COMMENT ON COLUMN public.payouts_debtwriteoff.actor IS 'staff:<id>, task:<name> or system';

ALTER TABLE public.payouts_debtwriteoff ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_debtwriteoff_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_payable (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    order_reference character varying(32) NOT NULL,
    seller_order_reference character varying(32) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    processor character varying(12) NOT NULL,
    source_charge_id character varying(255) NOT NULL,
    status character varying(12) NOT NULL,
    hold_until timestamp with time zone,
    next_transfer_at timestamp with time zone,
    refusals smallint NOT NULL,
    failure_code character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    released_at timestamp with time zone,
    transferred_at timestamp with time zone,
    artisan_id bigint NOT NULL,
    debited_minor bigint NOT NULL,
    origin_reference character varying(32) NOT NULL,
    CONSTRAINT payable_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT payable_canceled_when_nothing_is_left CHECK ((((debited_minor = amount_minor) AND ((status)::text = 'canceled'::text)) OR ((NOT ((status)::text = 'canceled'::text)) AND (debited_minor < amount_minor)))),
    CONSTRAINT payable_currency_is_a_code CHECK (((currency)::text ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT payable_debited_within_amount CHECK (((debited_minor >= 0) AND (debited_minor <= amount_minor))),
    CONSTRAINT payable_due_while_released CHECK ((((next_transfer_at IS NOT NULL) AND ((status)::text = 'released'::text)) OR ((NOT ((status)::text = 'released'::text)) AND (next_transfer_at IS NULL)))),
    CONSTRAINT payable_status_known CHECK (((status)::text = ANY ((ARRAY['held'::character varying, 'released'::character varying, 'transferring'::character varying, 'transferred'::character varying, 'canceled'::character varying])::text[]))),
    CONSTRAINT payable_transferred_has_time CHECK (((((status)::text = 'transferred'::text) AND (transferred_at IS NOT NULL)) OR ((NOT ((status)::text = 'transferred'::text)) AND (transferred_at IS NULL)))),
    CONSTRAINT payouts_payable_refusals_check CHECK ((refusals >= 0))
);

COMMENT ON TABLE public.payouts_payable IS 'What artisans are owed, a row per artisan''s part of a paid order, and supplementary ones';

COMMENT ON COLUMN public.payouts_payable.public_id IS 'pbl_...';

COMMENT ON COLUMN public.payouts_payable.order_reference IS 'Public id of the order; no foreign key';

COMMENT ON COLUMN public.payouts_payable.seller_order_reference IS 'Public id of the artisan''s part of the order';

COMMENT ON COLUMN public.payouts_payable.amount_minor IS 'Minor units: goods less commission, plus shipping';

COMMENT ON COLUMN public.payouts_payable.currency IS 'ISO 4217';

COMMENT ON COLUMN public.payouts_payable.processor IS 'Where the buyer paid';

COMMENT ON COLUMN public.payouts_payable.source_charge_id IS 'The charge that it came from; empty for a supplementary one';

COMMENT ON COLUMN public.payouts_payable.hold_until IS 'Released by the schedule after this; NULL: not before the part is sent';

COMMENT ON COLUMN public.payouts_payable.next_transfer_at IS 'It is in no payout before this; set only while released';

COMMENT ON COLUMN public.payouts_payable.refusals IS 'Transfers refused so far; the pause grows with it';

COMMENT ON COLUMN public.payouts_payable.failure_code IS 'Why the last one was refused';

COMMENT ON COLUMN public.payouts_payable.released_at IS 'When its hold ended';

COMMENT ON COLUMN public.payouts_payable.transferred_at IS 'When we learned that the transfer was carried out';

COMMENT ON COLUMN public.payouts_payable.debited_minor IS 'Taken away for refunds, disputes, debts and reserves; the rest is transferred';

COMMENT ON COLUMN public.payouts_payable.origin_reference IS 'What made a supplementary one: ref_, dsp_ or trr_...; empty for the one of the sale';

ALTER TABLE public.payouts_payable ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_payable_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_payableevent (
    id bigint NOT NULL,
    event character varying(24) NOT NULL,
    from_status character varying(12) NOT NULL,
    to_status character varying(12) NOT NULL,
    actor character varying(80) NOT NULL,
    note character varying(120) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    payable_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    reference character varying(32) NOT NULL
);

COMMENT ON TABLE public.payouts_payableevent IS 'History of payables, written with each transition';

COMMENT ON COLUMN public.payouts_payableevent.actor IS 'task:<name>, staff:<id> or system';

COMMENT ON COLUMN public.payouts_payableevent.note IS 'The processor''s code of a refusal';

COMMENT ON COLUMN public.payouts_payableevent.amount_minor IS 'By how much what is left of it changed: below zero taken, above zero given back';

COMMENT ON COLUMN public.payouts_payableevent.reference IS 'ref_, dsp_ or deb_...: what took it or gave it back; pyt_...: the payout that it is in';

ALTER TABLE public.payouts_payableevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_payableevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_payout (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    processor character varying(12) NOT NULL,
    destination_account_id character varying(255) NOT NULL,
    status character varying(12) NOT NULL,
    failure_code character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    transferred_at timestamp with time zone,
    paid_at timestamp with time zone,
    artisan_id bigint NOT NULL,
    run_id bigint NOT NULL,
    CONSTRAINT payout_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT payout_status_known CHECK (((status)::text = ANY ((ARRAY['requested'::character varying, 'refused'::character varying, 'transferred'::character varying, 'on_its_way'::character varying, 'paid'::character varying, 'bank_failed'::character varying, 'brought_back'::character varying])::text[])))
);

COMMENT ON TABLE public.payouts_payout IS 'Payouts: what an artisan gets in one currency from one run';

COMMENT ON COLUMN public.payouts_payout.public_id IS 'pyt_...';

COMMENT ON COLUMN public.payouts_payout.amount_minor IS 'Minor units; the items together';

COMMENT ON COLUMN public.payouts_payout.currency IS 'ISO 4217';

COMMENT ON COLUMN public.payouts_payout.processor IS 'stripe';

COMMENT ON COLUMN public.payouts_payout.destination_account_id IS 'acct_...';

COMMENT ON COLUMN public.payouts_payout.failure_code IS 'Of the last refusal or failure';

COMMENT ON COLUMN public.payouts_payout.transferred_at IS 'When we learned of it';

COMMENT ON COLUMN public.payouts_payout.paid_at IS 'When the processor reported it paid to the bank';

ALTER TABLE public.payouts_payout ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_payout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_payoutevent (
    id bigint NOT NULL,
    event character varying(24) NOT NULL,
    from_status character varying(12) NOT NULL,
    to_status character varying(12) NOT NULL,
    actor character varying(80) NOT NULL,
    note character varying(120) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    payout_id bigint NOT NULL
);

COMMENT ON TABLE public.payouts_payoutevent IS 'History of payouts, written with each transition';

COMMENT ON COLUMN public.payouts_payoutevent.actor IS 'task:<name>, staff:<id>, stripe or system';

COMMENT ON COLUMN public.payouts_payoutevent.note IS 'The processor''s code of a refusal';

ALTER TABLE public.payouts_payoutevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_payoutevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_payoutitem (
    id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    payable_id bigint NOT NULL,
    payout_id bigint NOT NULL,
    brought_back_minor bigint NOT NULL,
    CONSTRAINT payout_item_brought_back_within_amount CHECK (((brought_back_minor >= 0) AND (brought_back_minor <= amount_minor))),
    CONSTRAINT payout_item_positive CHECK ((amount_minor > 0))
);

COMMENT ON TABLE public.payouts_payoutitem IS 'What each payout is made of';

COMMENT ON COLUMN public.payouts_payoutitem.amount_minor IS 'Minor units; what was left of the payable';

COMMENT ON COLUMN public.payouts_payoutitem.brought_back_minor IS 'Came back since by reversals of the transfer; the items together: all that came back';

ALTER TABLE public.payouts_payoutitem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_payoutitem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_payoutpolicy (
    id bigint NOT NULL,
    hold_days smallint NOT NULL,
    schedule character varying(8) NOT NULL,
    weekday smallint NOT NULL,
    month_day smallint NOT NULL,
    minimum_minor bigint NOT NULL,
    reserve_bps smallint NOT NULL,
    reserve_days smallint NOT NULL,
    next_payout_date date,
    paused_at timestamp with time zone,
    paused_reason character varying(300) NOT NULL,
    paused_by character varying(80) NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    artisan_id bigint NOT NULL,
    CONSTRAINT payout_policy_manual_has_no_date CHECK ((((next_payout_date IS NULL) AND ((schedule)::text = 'manual'::text)) OR ((NOT ((schedule)::text = 'manual'::text)) AND (next_payout_date IS NOT NULL)))),
    CONSTRAINT payout_policy_reserve_has_time CHECK ((((reserve_bps = 0) AND (reserve_days = 0)) OR ((reserve_bps > 0) AND (reserve_days > 0)))),
    CONSTRAINT payout_policy_schedule CHECK (((schedule)::text = ANY ((ARRAY['daily'::character varying, 'weekly'::character varying, 'monthly'::character varying, 'manual'::character varying])::text[]))),
    CONSTRAINT payout_policy_within_bounds CHECK (((hold_days <= 90) AND (month_day >= 1) AND (month_day <= 31) AND (weekday <= 6) AND (minimum_minor >= 0) AND (reserve_bps <= 5000) AND (reserve_days <= 180))),
    CONSTRAINT payouts_payoutpolicy_hold_days_check CHECK ((hold_days >= 0)),
    CONSTRAINT payouts_payoutpolicy_month_day_check CHECK ((month_day >= 0)),
    CONSTRAINT payouts_payoutpolicy_reserve_bps_check CHECK ((reserve_bps >= 0)),
    CONSTRAINT payouts_payoutpolicy_reserve_days_check CHECK ((reserve_days >= 0)),
    CONSTRAINT payouts_payoutpolicy_weekday_check CHECK ((weekday >= 0))
);

COMMENT ON TABLE public.payouts_payoutpolicy IS 'How each artisan is paid: hold, schedule, minimum, reserve, pause';

COMMENT ON COLUMN public.payouts_payoutpolicy.hold_days IS 'Days from delivery until a share is released';

COMMENT ON COLUMN public.payouts_payoutpolicy.weekday IS 'Of weekly payouts: 0 is Monday';

COMMENT ON COLUMN public.payouts_payoutpolicy.month_day IS 'Of monthly payouts: 1 to 31, the last day where the month is shorter';

COMMENT ON COLUMN public.payouts_payoutpolicy.minimum_minor IS 'Less is carried over; minor units, shop''s currency';

COMMENT ON COLUMN public.payouts_payoutpolicy.reserve_bps IS 'Kept back of released shares, basis points';

COMMENT ON COLUMN public.payouts_payoutpolicy.reserve_days IS 'For how long';

COMMENT ON COLUMN public.payouts_payoutpolicy.next_payout_date IS 'When a scheduled run pays next; NULL: when asked for';

COMMENT ON COLUMN public.payouts_payoutpolicy.paused_at IS 'Not paid since then, until staff lift it';

COMMENT ON COLUMN public.payouts_payoutpolicy.paused_reason IS 'Words for the artisan';

COMMENT ON COLUMN public.payouts_payoutpolicy.paused_by IS 'Actor: staff:<id> or system';

ALTER TABLE public.payouts_payoutpolicy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_payoutpolicy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_payoutrun (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    kind character varying(12) NOT NULL,
    for_date date NOT NULL,
    status character varying(8) NOT NULL,
    composed_up_to bigint NOT NULL,
    payout_count integer NOT NULL,
    item_count integer NOT NULL,
    started_by character varying(80) NOT NULL,
    note character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    artisan_id bigint,
    stopped_for character varying(12) NOT NULL,
    short_of character varying(3)[] DEFAULT '{}'::character varying(3)[] NOT NULL,
    CONSTRAINT payout_run_done_has_time CHECK ((((finished_at IS NOT NULL) AND ((status)::text = 'done'::text)) OR ((NOT ((status)::text = 'done'::text)) AND (finished_at IS NULL)))),
    CONSTRAINT payout_run_status_known CHECK (((status)::text = ANY ((ARRAY['running'::character varying, 'partial'::character varying, 'done'::character varying])::text[]))),
    CONSTRAINT payouts_payoutrun_item_count_check CHECK ((item_count >= 0)),
    CONSTRAINT payouts_payoutrun_payout_count_check CHECK ((payout_count >= 0))
);

COMMENT ON TABLE public.payouts_payoutrun IS 'Payout runs: everybody who is due is paid once in each';

COMMENT ON COLUMN public.payouts_payoutrun.public_id IS 'run_...';

COMMENT ON COLUMN public.payouts_payoutrun.for_date IS 'The day whose schedules it serves; of a scheduled and of a closing one there is one a day';

COMMENT ON COLUMN public.payouts_payoutrun.composed_up_to IS 'Artisans up to this id have had their turn; 0 again when it is resumed';

COMMENT ON COLUMN public.payouts_payoutrun.payout_count IS 'Payouts composed so far';

COMMENT ON COLUMN public.payouts_payoutrun.item_count IS 'Payables in them';

COMMENT ON COLUMN public.payouts_payoutrun.started_by IS 'task:<name>, staff:<id> or artisan:<id>';

COMMENT ON COLUMN public.payouts_payoutrun.note IS 'Why it is partial, in words';

COMMENT ON COLUMN public.payouts_payoutrun.artisan_id IS 'NULL: everybody';

COMMENT ON COLUMN public.payouts_payoutrun.stopped_for IS 'Why it is partial';

COMMENT ON COLUMN public.payouts_payoutrun.short_of IS 'Currencies of which our balance was too low: none of them is sent before it is resumed';

ALTER TABLE public.payouts_payoutrun ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_payoutrun_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_payoutswitch (
    id smallint NOT NULL,
    paused_at timestamp with time zone,
    paused_reason character varying(300) NOT NULL,
    paused_by character varying(80) NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT payout_switch_is_one CHECK ((id = 1)),
    CONSTRAINT payouts_payoutswitch_id_check CHECK ((id >= 0))
);

COMMENT ON TABLE public.payouts_payoutswitch IS 'The switch that pauses all payouts; one row';

COMMENT ON COLUMN public.payouts_payoutswitch.paused_at IS 'Nobody is paid since then, until staff lift it';

COMMENT ON COLUMN public.payouts_payoutswitch.paused_by IS 'Actor: staff:<id>';

CREATE TABLE public.payouts_policyevent (
    id bigint NOT NULL,
    event character varying(8) NOT NULL,
    field character varying(40) NOT NULL,
    old_value character varying(40) NOT NULL,
    new_value character varying(40) NOT NULL,
    reason character varying(300) NOT NULL,
    actor character varying(80) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    artisan_id bigint,
    CONSTRAINT policy_event_known CHECK (((event)::text = ANY ((ARRAY['changed'::character varying, 'paused'::character varying, 'resumed'::character varying])::text[])))
);

COMMENT ON TABLE public.payouts_policyevent IS 'History of payout policies and of the switch';

COMMENT ON COLUMN public.payouts_policyevent.field IS 'The column that was changed';

COMMENT ON COLUMN public.payouts_policyevent.reason IS 'Words for the artisan, of a pause';

COMMENT ON COLUMN public.payouts_policyevent.actor IS 'staff:<id>, user:<id> or system';

COMMENT ON COLUMN public.payouts_policyevent.artisan_id IS 'NULL: everybody';

ALTER TABLE public.payouts_policyevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_policyevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_reserve (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    amount_minor bigint NOT NULL,
    released_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    status character varying(8) NOT NULL,
    release_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    artisan_id bigint NOT NULL,
    payable_id bigint NOT NULL,
    debited_minor bigint NOT NULL,
    CONSTRAINT reserve_ended_when_nothing_is_left CHECK ((((amount_minor = (released_minor + debited_minor)) AND ((status)::text = 'released'::text)) OR ((amount_minor > (released_minor + debited_minor)) AND ((status)::text = 'held'::text)))),
    CONSTRAINT reserve_status_known CHECK (((status)::text = ANY ((ARRAY['held'::character varying, 'released'::character varying])::text[]))),
    CONSTRAINT reserve_used_within_amount CHECK (((amount_minor > 0) AND (released_minor >= 0) AND (debited_minor >= 0) AND (amount_minor >= (released_minor + debited_minor))))
);

COMMENT ON TABLE public.payouts_reserve IS 'Reserves: what is kept back of artisans'' released shares for a time';

COMMENT ON COLUMN public.payouts_reserve.public_id IS 'rsv_...';

COMMENT ON COLUMN public.payouts_reserve.amount_minor IS 'Minor units, as it was kept back';

COMMENT ON COLUMN public.payouts_reserve.released_minor IS 'Due again so far; the releases together';

COMMENT ON COLUMN public.payouts_reserve.currency IS 'ISO 4217';

COMMENT ON COLUMN public.payouts_reserve.release_at IS 'When its time is over';

COMMENT ON COLUMN public.payouts_reserve.payable_id IS 'Of which it was kept back';

COMMENT ON COLUMN public.payouts_reserve.debited_minor IS 'Taken for refunds and disputes, less what was put back; the debits together';

ALTER TABLE public.payouts_reserve ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_reserve_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_reservedebit (
    id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    reference character varying(32) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    debit_id bigint NOT NULL,
    reserve_id bigint NOT NULL,
    CONSTRAINT reserve_debit_moves_something CHECK ((NOT (amount_minor = 0)))
);

COMMENT ON TABLE public.payouts_reservedebit IS 'What refunds and disputes took of reserves';

COMMENT ON COLUMN public.payouts_reservedebit.amount_minor IS 'Minor units; below zero: put back';

COMMENT ON COLUMN public.payouts_reservedebit.reference IS 'ref_ or dsp_...: what took it or put it back';

ALTER TABLE public.payouts_reservedebit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_reservedebit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_reserverelease (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    amount_minor bigint NOT NULL,
    reason character varying(12) NOT NULL,
    reference character varying(32) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    payable_id bigint NOT NULL,
    reserve_id bigint NOT NULL,
    CONSTRAINT reserve_release_positive CHECK ((amount_minor > 0)),
    CONSTRAINT reserve_release_reason_known CHECK (((reason)::text = ANY ((ARRAY['time_over'::character varying, 'debt'::character varying, 'staff'::character varying])::text[])))
);

COMMENT ON TABLE public.payouts_reserverelease IS 'What of reserves became due again, and why';

COMMENT ON COLUMN public.payouts_reserverelease.public_id IS 'rsr_...; origin of the payable';

COMMENT ON COLUMN public.payouts_reserverelease.amount_minor IS 'Minor units';

COMMENT ON COLUMN public.payouts_reserverelease.reference IS 'deb_...: what needed it before its time';

COMMENT ON COLUMN public.payouts_reserverelease.payable_id IS 'The supplementary one it became';

ALTER TABLE public.payouts_reserverelease ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_reserverelease_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_sellerapplication (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    status character varying(12) NOT NULL,
    name character varying(120) NOT NULL,
    tagline character varying(160) NOT NULL,
    story text NOT NULL,
    town character varying(80) NOT NULL,
    country character varying(2) NOT NULL,
    currency character varying(3) NOT NULL,
    shipping_first_item_minor bigint NOT NULL,
    shipping_additional_item_minor bigint CONSTRAINT payouts_sellerapplication_shipping_additional_item_min_not_null NOT NULL,
    dispatch_days smallint NOT NULL,
    consent_text text NOT NULL,
    consented_at timestamp with time zone NOT NULL,
    reason character varying(500) NOT NULL,
    reviewed_by character varying(80) NOT NULL,
    reviewed_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    artisan_id bigint,
    user_id bigint NOT NULL,
    CONSTRAINT application_approved_has_a_shop CHECK ((((artisan_id IS NOT NULL) AND ((status)::text = 'approved'::text)) OR ((NOT ((status)::text = 'approved'::text)) AND (artisan_id IS NULL)))),
    CONSTRAINT application_country_is_a_code CHECK (((country)::text ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT application_currency_is_a_code CHECK (((currency)::text ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT application_shipping_within_bounds CHECK ((((shipping_additional_item_minor >= 0) AND (shipping_additional_item_minor <= 99999999)) AND ((shipping_first_item_minor >= 0) AND (shipping_first_item_minor <= 99999999)))),
    CONSTRAINT application_status_is_known CHECK (((status)::text = ANY ((ARRAY['waiting'::character varying, 'approved'::character varying, 'rejected'::character varying, 'withdrawn'::character varying])::text[]))),
    CONSTRAINT payouts_sellerapplication_dispatch_days_check CHECK ((dispatch_days >= 0))
);

COMMENT ON TABLE public.payouts_sellerapplication IS 'Applications to sell in the shop';

COMMENT ON COLUMN public.payouts_sellerapplication.country IS 'ISO 3166-1 alpha-2; where they work and are paid';

COMMENT ON COLUMN public.payouts_sellerapplication.currency IS 'ISO 4217; of all their prices and postage';

COMMENT ON COLUMN public.payouts_sellerapplication.shipping_first_item_minor IS 'Postage of the first piece, minor units';

COMMENT ON COLUMN public.payouts_sellerapplication.shipping_additional_item_minor IS 'Postage of each further piece, minor units';

COMMENT ON COLUMN public.payouts_sellerapplication.dispatch_days IS 'Working days until goods in stock leave';

COMMENT ON COLUMN public.payouts_sellerapplication.consent_text IS 'The words that were agreed to';

COMMENT ON COLUMN public.payouts_sellerapplication.reason IS 'Why it was not approved; the applicant reads it';

COMMENT ON COLUMN public.payouts_sellerapplication.reviewed_by IS 'staff:<id>, or system';

ALTER TABLE public.payouts_sellerapplication ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_sellerapplication_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_sellerdebt (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    order_reference character varying(32) NOT NULL,
    seller_order_reference character varying(32) NOT NULL,
    reference character varying(32) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    recovered_minor bigint NOT NULL,
    forgiven_minor bigint NOT NULL,
    collects boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    artisan_id bigint NOT NULL,
    debit_id bigint NOT NULL,
    reminded_at timestamp with time zone,
    CONSTRAINT seller_debt_not_overpaid CHECK (((recovered_minor >= 0) AND (forgiven_minor >= 0) AND (amount_minor >= (recovered_minor + forgiven_minor)))),
    CONSTRAINT seller_debt_positive CHECK ((amount_minor > 0))
);

COMMENT ON TABLE public.payouts_sellerdebt IS 'What artisans owe us, because a share was refunded or disputed after it had left';

COMMENT ON COLUMN public.payouts_sellerdebt.public_id IS 'deb_...';

COMMENT ON COLUMN public.payouts_sellerdebt.order_reference IS 'Public id of the order';

COMMENT ON COLUMN public.payouts_sellerdebt.seller_order_reference IS 'Public id of the artisan''s part of the order';

COMMENT ON COLUMN public.payouts_sellerdebt.reference IS 'ref_... or dsp_...: why it is owed';

COMMENT ON COLUMN public.payouts_sellerdebt.amount_minor IS 'Minor units, as it arose';

COMMENT ON COLUMN public.payouts_sellerdebt.currency IS 'ISO 4217';

COMMENT ON COLUMN public.payouts_sellerdebt.recovered_minor IS 'Got back; the recoveries together';

COMMENT ON COLUMN public.payouts_sellerdebt.forgiven_minor IS 'No longer owed: the refund or dispute was undone, or it was written off';

COMMENT ON COLUMN public.payouts_sellerdebt.collects IS 'Whether transfers are reversed for it; not while a dispute is undecided. It is netted either way';

COMMENT ON COLUMN public.payouts_sellerdebt.reminded_at IS 'When the artisan was asked by letter to settle it';

ALTER TABLE public.payouts_sellerdebt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_sellerdebt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_sharecredit (
    id bigint NOT NULL,
    reference character varying(32) NOT NULL,
    amount_minor bigint NOT NULL,
    held_minor bigint NOT NULL,
    payable_minor bigint NOT NULL,
    receivable_minor bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    debit_id bigint NOT NULL,
    reserved_minor bigint NOT NULL,
    CONSTRAINT share_credit_adds_up CHECK (((amount_minor > 0) AND (held_minor >= 0) AND (payable_minor >= 0) AND (reserved_minor >= 0) AND (receivable_minor >= 0) AND (amount_minor = (((held_minor + payable_minor) + reserved_minor) + receivable_minor))))
);

COMMENT ON TABLE public.payouts_sharecredit IS 'What was given back of debits: refunds not made, disputes won or borne by the platform';

COMMENT ON COLUMN public.payouts_sharecredit.reference IS 'What gave it back; the debit''s own if nothing else';

COMMENT ON COLUMN public.payouts_sharecredit.amount_minor IS 'Minor units; the four places together';

COMMENT ON COLUMN public.payouts_sharecredit.held_minor IS 'Given back on hold';

COMMENT ON COLUMN public.payouts_sharecredit.payable_minor IS 'Given back to what is released';

COMMENT ON COLUMN public.payouts_sharecredit.receivable_minor IS 'Taken off what the artisan owed';

COMMENT ON COLUMN public.payouts_sharecredit.reserved_minor IS 'Put back into reserves of the part';

ALTER TABLE public.payouts_sharecredit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_sharecredit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_sharedebit (
    id bigint NOT NULL,
    seller_order_reference character varying(32) NOT NULL,
    reference character varying(32) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    held_minor bigint NOT NULL,
    payable_minor bigint NOT NULL,
    receivable_minor bigint NOT NULL,
    credited_minor bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    artisan_id bigint NOT NULL,
    reserved_minor bigint NOT NULL,
    CONSTRAINT share_credited_within_debit CHECK (((credited_minor >= 0) AND (credited_minor <= amount_minor))),
    CONSTRAINT share_debit_adds_up CHECK (((amount_minor > 0) AND (held_minor >= 0) AND (payable_minor >= 0) AND (reserved_minor >= 0) AND (receivable_minor >= 0) AND (amount_minor = (((held_minor + payable_minor) + reserved_minor) + receivable_minor))))
);

COMMENT ON TABLE public.payouts_sharedebit IS 'What refunds and disputes took from artisans'' shares';

COMMENT ON COLUMN public.payouts_sharedebit.seller_order_reference IS 'Public id of the part of the order';

COMMENT ON COLUMN public.payouts_sharedebit.reference IS 'ref_... or dsp_...: why it was taken';

COMMENT ON COLUMN public.payouts_sharedebit.amount_minor IS 'Minor units; the four places together';

COMMENT ON COLUMN public.payouts_sharedebit.currency IS 'ISO 4217';

COMMENT ON COLUMN public.payouts_sharedebit.held_minor IS 'Taken from what was on hold';

COMMENT ON COLUMN public.payouts_sharedebit.payable_minor IS 'Taken from what was released';

COMMENT ON COLUMN public.payouts_sharedebit.receivable_minor IS 'Had left already: owed by the artisan since';

COMMENT ON COLUMN public.payouts_sharedebit.credited_minor IS 'Given back so far; the credits together';

COMMENT ON COLUMN public.payouts_sharedebit.reserved_minor IS 'Taken from reserves of the part';

ALTER TABLE public.payouts_sharedebit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_sharedebit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_transfer (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    processor character varying(12) NOT NULL,
    destination_account_id character varying(255) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    attempt smallint NOT NULL,
    status character varying(12) NOT NULL,
    processor_transfer_id character varying(255),
    failure_code character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    reversed_minor bigint NOT NULL,
    payout_id bigint NOT NULL,
    CONSTRAINT payouts_transfer_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT transfer_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT transfer_reversed_within_amount CHECK (((reversed_minor >= 0) AND (reversed_minor <= amount_minor))),
    CONSTRAINT transfer_status_known CHECK (((status)::text = ANY ((ARRAY['requested'::character varying, 'succeeded'::character varying, 'failed'::character varying, 'unknown'::character varying])::text[]))),
    CONSTRAINT transfer_succeeded_has_id CHECK (((NOT ((status)::text = 'succeeded'::text)) OR (processor_transfer_id IS NOT NULL)))
);

COMMENT ON TABLE public.payouts_transfer IS 'Transfers from the platform''s balance to artisans'' connected accounts';

COMMENT ON COLUMN public.payouts_transfer.public_id IS 'trf_...; in the processor''s metadata';

COMMENT ON COLUMN public.payouts_transfer.destination_account_id IS 'acct_...';

COMMENT ON COLUMN public.payouts_transfer.amount_minor IS 'Minor units; the payout''s amount';

COMMENT ON COLUMN public.payouts_transfer.currency IS 'ISO 4217';

COMMENT ON COLUMN public.payouts_transfer.attempt IS 'How often it was booked as requested: again where it was found after a refusal';

COMMENT ON COLUMN public.payouts_transfer.processor_transfer_id IS 'tr_...';

COMMENT ON COLUMN public.payouts_transfer.failure_code IS 'Of the last refusal';

COMMENT ON COLUMN public.payouts_transfer.reversed_minor IS 'Came back since, minor units';

ALTER TABLE public.payouts_transfer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_transfer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_transferevent (
    id bigint NOT NULL,
    event character varying(24) NOT NULL,
    from_status character varying(12) NOT NULL,
    to_status character varying(12) NOT NULL,
    attempt smallint NOT NULL,
    actor character varying(80) NOT NULL,
    note character varying(120) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    transfer_id bigint NOT NULL,
    CONSTRAINT payouts_transferevent_attempt_check CHECK ((attempt >= 0))
);

COMMENT ON TABLE public.payouts_transferevent IS 'History of transfers, written with each transition';

COMMENT ON COLUMN public.payouts_transferevent.actor IS 'task:<name>, staff:<id>, stripe or system';

COMMENT ON COLUMN public.payouts_transferevent.note IS 'The processor''s code of a refusal';

ALTER TABLE public.payouts_transferevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_transferevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_transferreversal (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    status character varying(12) NOT NULL,
    processor_reversal_id character varying(255),
    failure_code character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    debt_id bigint,
    transfer_id bigint NOT NULL,
    CONSTRAINT transfer_reversal_positive CHECK ((amount_minor > 0)),
    CONSTRAINT transfer_reversal_status_known CHECK (((status)::text = ANY ((ARRAY['requested'::character varying, 'succeeded'::character varying, 'failed'::character varying, 'unknown'::character varying])::text[]))),
    CONSTRAINT transfer_reversal_succeeded_has_id CHECK (((NOT ((status)::text = 'succeeded'::text)) OR (processor_reversal_id IS NOT NULL))),
    CONSTRAINT transfer_reversal_unasked_is_done CHECK (((debt_id IS NOT NULL) OR ((status)::text = 'succeeded'::text)))
);

COMMENT ON TABLE public.payouts_transferreversal IS 'Amounts of transfers brought back from artisans'' connected accounts';

COMMENT ON COLUMN public.payouts_transferreversal.public_id IS 'trr_...; in the processor''s metadata';

COMMENT ON COLUMN public.payouts_transferreversal.amount_minor IS 'Minor units';

COMMENT ON COLUMN public.payouts_transferreversal.currency IS 'ISO 4217';

COMMENT ON COLUMN public.payouts_transferreversal.processor_reversal_id IS 'The processor''s id of it';

COMMENT ON COLUMN public.payouts_transferreversal.failure_code IS 'Why it was refused';

COMMENT ON COLUMN public.payouts_transferreversal.debt_id IS 'What it was asked for; NULL for one that we did not ask for';

ALTER TABLE public.payouts_transferreversal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_transferreversal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payouts_transferreversalevent (
    id bigint NOT NULL,
    event character varying(24) NOT NULL,
    from_status character varying(12) NOT NULL,
    to_status character varying(12) NOT NULL,
    actor character varying(80) NOT NULL,
    note character varying(120) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    reversal_id bigint NOT NULL
);

COMMENT ON TABLE public.payouts_transferreversalevent IS 'History of transfer reversals, written with each transition';

COMMENT ON COLUMN public.payouts_transferreversalevent.actor IS 'task:<name>, staff:<id>, stripe or system';

COMMENT ON COLUMN public.payouts_transferreversalevent.note IS 'The processor''s code of a refusal';

ALTER TABLE public.payouts_transferreversalevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payouts_transferreversalevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliation_bookedmovement (
    id bigint NOT NULL,
    processor character varying(12) NOT NULL,
    subject_key character varying(255) NOT NULL,
    entry_id bigint NOT NULL,
    source_reference character varying(160) NOT NULL,
    entry_kind character varying(40) NOT NULL,
    gross_minor bigint NOT NULL,
    fee_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    posted_at timestamp with time zone NOT NULL,
    CONSTRAINT booked_movement_adds_up CHECK ((net_minor = (gross_minor - fee_minor)))
);

COMMENT ON TABLE public.reconciliation_bookedmovement IS 'Postings to clearing accounts by what they are about at the processor: append-only';

COMMENT ON COLUMN public.reconciliation_bookedmovement.subject_key IS 'As in statement lines; entry:<source> where unknown';

COMMENT ON COLUMN public.reconciliation_bookedmovement.entry_id IS 'The journal entry; it has one posting to clearing';

COMMENT ON COLUMN public.reconciliation_bookedmovement.source_reference IS 'Of the journal entry';

COMMENT ON COLUMN public.reconciliation_bookedmovement.gross_minor IS 'Signed minor units on the clearing account, without fees';

COMMENT ON COLUMN public.reconciliation_bookedmovement.fee_minor IS 'Credited to the clearing account as a fee, positive';

ALTER TABLE public.reconciliation_bookedmovement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_bookedmovement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliation_exceptionevent (
    id bigint NOT NULL,
    event character varying(20) NOT NULL,
    from_status character varying(10) NOT NULL,
    to_status character varying(10) NOT NULL,
    actor character varying(80) NOT NULL,
    note character varying(300) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    exception_id bigint NOT NULL
);

COMMENT ON TABLE public.reconciliation_exceptionevent IS 'History of exceptions';

ALTER TABLE public.reconciliation_exceptionevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_exceptionevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliation_journalproposal (
    id bigint NOT NULL,
    version integer NOT NULL,
    journal character varying(40) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    note character varying(300) NOT NULL,
    status character varying(10) NOT NULL,
    decision_note character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    approver_id bigint,
    proposer_id bigint NOT NULL,
    exception_id bigint NOT NULL,
    CONSTRAINT proposal_decided_once CHECK ((((decided_at IS NULL) AND ((status)::text = 'waiting'::text)) OR ((NOT ((status)::text = 'waiting'::text)) AND (decided_at IS NOT NULL)))),
    CONSTRAINT proposal_has_four_eyes CHECK (((NOT ((status)::text = 'approved'::text)) OR ((approver_id IS NOT NULL) AND (NOT ((approver_id = proposer_id) AND (approver_id IS NOT NULL)))))),
    CONSTRAINT proposal_moves_something CHECK ((NOT (amount_minor = 0))),
    CONSTRAINT proposal_says_why CHECK ((NOT ((note)::text = ''::text))),
    CONSTRAINT reconciliation_journalproposal_version_check CHECK ((version >= 0))
);

COMMENT ON TABLE public.reconciliation_journalproposal IS 'Journals proposed by one of staff for another to approve';

COMMENT ON COLUMN public.reconciliation_journalproposal.version IS 'Of the exception that was looked at';

COMMENT ON COLUMN public.reconciliation_journalproposal.amount_minor IS 'The effect on the clearing account';

COMMENT ON COLUMN public.reconciliation_journalproposal.note IS 'Why';

ALTER TABLE public.reconciliation_journalproposal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_journalproposal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliation_platformpayout (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    processor character varying(12) NOT NULL,
    processor_payout_id character varying(255) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    status character varying(10) NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    arrival_date date,
    failure_code character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    bank_line_id bigint,
    CONSTRAINT platform_payout_arrival_is_on_a_statement CHECK ((((bank_line_id IS NOT NULL) AND ((status)::text = 'arrived'::text)) OR (NOT ((status)::text = 'arrived'::text)))),
    CONSTRAINT platform_payout_positive CHECK ((amount_minor > 0))
);

COMMENT ON TABLE public.reconciliation_platformpayout IS 'Payouts of our own money from processors to our bank account';

COMMENT ON COLUMN public.reconciliation_platformpayout.public_id IS 'ppo_...';

COMMENT ON COLUMN public.reconciliation_platformpayout.processor_payout_id IS 'po_... or a PayPal transaction';

COMMENT ON COLUMN public.reconciliation_platformpayout.sent_at IS 'When it left the processor''s balance';

COMMENT ON COLUMN public.reconciliation_platformpayout.arrival_date IS 'When the processor first promised it at the bank';

ALTER TABLE public.reconciliation_platformpayout ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_platformpayout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliation_platformpayoutevent (
    id bigint NOT NULL,
    event character varying(20) NOT NULL,
    from_status character varying(10) NOT NULL,
    to_status character varying(10) NOT NULL,
    trace_id character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    payout_id bigint NOT NULL
);

COMMENT ON TABLE public.reconciliation_platformpayoutevent IS 'History of payouts to our bank account';

ALTER TABLE public.reconciliation_platformpayoutevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_platformpayoutevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliation_reconciliationexception (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    source character varying(12) NOT NULL,
    subject_key character varying(255) NOT NULL,
    difference character varying(14) NOT NULL,
    currency character varying(3) NOT NULL,
    movement_kind character varying(20) NOT NULL,
    ours_gross_minor bigint CONSTRAINT reconciliation_reconciliationexceptio_ours_gross_minor_not_null NOT NULL,
    ours_fee_minor bigint NOT NULL,
    theirs_gross_minor bigint CONSTRAINT reconciliation_reconciliationexcept_theirs_gross_minor_not_null NOT NULL,
    theirs_fee_minor bigint CONSTRAINT reconciliation_reconciliationexceptio_theirs_fee_minor_not_null NOT NULL,
    effect_minor bigint NOT NULL,
    detail character varying(300) NOT NULL,
    suggestion character varying(40) NOT NULL,
    status character varying(10) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    version integer NOT NULL,
    found_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    found_in_id bigint NOT NULL,
    seen_in_id bigint NOT NULL,
    CONSTRAINT exception_closed_once_over CHECK ((((closed_at IS NULL) AND ((status)::text = 'open'::text)) OR ((NOT ((status)::text = 'open'::text)) AND (closed_at IS NOT NULL)))),
    CONSTRAINT exception_effect_adds_up CHECK ((effect_minor = (((theirs_gross_minor - theirs_fee_minor) - ours_gross_minor) + ours_fee_minor))),
    CONSTRAINT reconciliation_reconciliationexception_version_check CHECK ((version >= 0))
);

COMMENT ON TABLE public.reconciliation_reconciliationexception IS 'Differences between the books and what processors and our bank say';

COMMENT ON COLUMN public.reconciliation_reconciliationexception.public_id IS 'rex_...';

COMMENT ON COLUMN public.reconciliation_reconciliationexception.source IS 'Whose statement differs from ours';

COMMENT ON COLUMN public.reconciliation_reconciliationexception.subject_key IS 'What it is about there';

COMMENT ON COLUMN public.reconciliation_reconciliationexception.effect_minor IS 'Theirs less ours, net: what our clearing account lacks';

COMMENT ON COLUMN public.reconciliation_reconciliationexception.detail IS 'In words, for people';

COMMENT ON COLUMN public.reconciliation_reconciliationexception.suggestion IS 'The journal that seems right';

COMMENT ON COLUMN public.reconciliation_reconciliationexception.occurred_at IS 'When it happened there, or was booked here';

COMMENT ON COLUMN public.reconciliation_reconciliationexception.version IS 'Grows when its figures change; proposals are for one';

ALTER TABLE public.reconciliation_reconciliationexception ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_reconciliationexception_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliation_reconciliationrun (
    id bigint NOT NULL,
    public_id character varying(32) NOT NULL,
    status character varying(10) NOT NULL,
    processors jsonb NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    progress jsonb NOT NULL,
    fetched integer NOT NULL,
    added integer NOT NULL,
    matched integer NOT NULL,
    healed integer NOT NULL,
    open_exceptions integer NOT NULL,
    report jsonb NOT NULL,
    error character varying(300) NOT NULL,
    started_by character varying(80) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT run_ends_once CHECK ((((finished_at IS NULL) AND ((status)::text = 'running'::text)) OR ((NOT ((status)::text = 'running'::text)) AND (finished_at IS NOT NULL)))),
    CONSTRAINT run_has_a_period CHECK ((until > since))
);

COMMENT ON TABLE public.reconciliation_reconciliationrun IS 'Runs of the reconciliation';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.public_id IS 'rcn_...';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.processors IS 'Whose statements were compared';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.since IS 'Movements from here on are compared';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.until IS 'Up to here, not included';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.progress IS 'Processor -> until when its statement has been fetched';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.fetched IS 'Statement lines read, known ones included';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.added IS 'Of these, those that were new';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.matched IS 'Subjects on which both sides agree';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.healed IS 'What had come late and was recorded by this run';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.open_exceptions IS 'Open at its end';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.report IS 'The table that was printed, figures in minor units';

COMMENT ON COLUMN public.reconciliation_reconciliationrun.started_by IS 'schedule, command or staff';

ALTER TABLE public.reconciliation_reconciliationrun ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_reconciliationrun_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliation_statementline (
    id bigint NOT NULL,
    source character varying(12) NOT NULL,
    external_id character varying(255) NOT NULL,
    kind character varying(20) NOT NULL,
    gross_minor bigint NOT NULL,
    fee_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    currency character varying(3) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    available_on timestamp with time zone,
    subject_key character varying(255) NOT NULL,
    related_id character varying(255) NOT NULL,
    payout_id character varying(255) NOT NULL,
    raw_type character varying(60) NOT NULL,
    description character varying(255) NOT NULL,
    origin character varying(100) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT statement_line_adds_up CHECK ((net_minor = (gross_minor - fee_minor)))
);

COMMENT ON TABLE public.reconciliation_statementline IS 'Movements as processors and our bank tell them: append-only, each once';

COMMENT ON COLUMN public.reconciliation_statementline.external_id IS 'txn_..., a PayPal transaction, or an entry of the bank';

COMMENT ON COLUMN public.reconciliation_statementline.gross_minor IS 'Signed minor units: what came in is positive';

COMMENT ON COLUMN public.reconciliation_statementline.fee_minor IS 'Taken off it; negative where a fee was given back';

COMMENT ON COLUMN public.reconciliation_statementline.net_minor IS 'What the balance changed by';

COMMENT ON COLUMN public.reconciliation_statementline.currency IS 'ISO 4217';

COMMENT ON COLUMN public.reconciliation_statementline.subject_key IS 'What it is about there: ch_, re_, du_, tr_, po_ ...';

COMMENT ON COLUMN public.reconciliation_statementline.related_id IS 'Another object it names';

COMMENT ON COLUMN public.reconciliation_statementline.payout_id IS 'The payout it was paid out with';

COMMENT ON COLUMN public.reconciliation_statementline.raw_type IS 'The source''s own word for its kind';

COMMENT ON COLUMN public.reconciliation_statementline.origin IS 'api, or the name of the file that it was read from';

ALTER TABLE public.reconciliation_statementline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_statementline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.webhooks_webhookevent (
    id bigint NOT NULL,
    source character varying(12) NOT NULL,
    external_id character varying(255) NOT NULL,
    event_type character varying(100) NOT NULL,
    object_type character varying(255) NOT NULL,
    object_id character varying(255) NOT NULL,
    processor_payment_id character varying(255) NOT NULL,
    connected_account_id character varying(255) NOT NULL,
    concern character varying(20) NOT NULL,
    subject_id character varying(255) NOT NULL,
    reference character varying(255) NOT NULL,
    order_reference character varying(255) NOT NULL,
    api_version character varying(255) NOT NULL,
    livemode boolean NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    payload jsonb NOT NULL,
    body_sha256 character varying(64) NOT NULL,
    user_agent character varying(200) NOT NULL,
    trace_id character varying(64) NOT NULL,
    status character varying(12) NOT NULL,
    attempts integer NOT NULL,
    failures integer NOT NULL,
    due_at timestamp with time zone,
    sent_at timestamp with time zone,
    lease uuid,
    first_parked_at timestamp with time zone,
    finished_at timestamp with time zone,
    last_note character varying(300) NOT NULL,
    CONSTRAINT webhook_event_due_until_done CHECK ((((due_at IS NOT NULL) AND ((status)::text = ANY ((ARRAY['received'::character varying, 'processing'::character varying, 'parked'::character varying, 'failed'::character varying])::text[]))) OR ((due_at IS NULL) AND ((status)::text = ANY ((ARRAY['processed'::character varying, 'ignored'::character varying, 'dead'::character varying])::text[]))))),
    CONSTRAINT webhook_event_lease_while_processing CHECK ((((lease IS NOT NULL) AND ((status)::text = 'processing'::text)) OR ((NOT ((status)::text = 'processing'::text)) AND (lease IS NULL)))),
    CONSTRAINT webhook_event_status_known CHECK (((status)::text = ANY ((ARRAY['received'::character varying, 'processing'::character varying, 'processed'::character varying, 'ignored'::character varying, 'parked'::character varying, 'failed'::character varying, 'dead'::character varying])::text[]))),
    CONSTRAINT webhooks_webhookevent_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT webhooks_webhookevent_failures_check CHECK ((failures >= 0))
)
WITH (toast_tuple_target='8160');

COMMENT ON TABLE public.webhooks_webhookevent IS 'Inbox of processor events: durable, one row per event, and the queue of what is to be done';

COMMENT ON COLUMN public.webhooks_webhookevent.source IS 'Processor: stripe or paypal';

COMMENT ON COLUMN public.webhooks_webhookevent.external_id IS 'The processor''s id of the event; unique per source';

COMMENT ON COLUMN public.webhooks_webhookevent.event_type IS 'The processor''s word, payment_intent.succeeded';

COMMENT ON COLUMN public.webhooks_webhookevent.object_type IS 'The processor''s word for what the event is about';

COMMENT ON COLUMN public.webhooks_webhookevent.object_id IS 'The processor''s id of what it is about';

COMMENT ON COLUMN public.webhooks_webhookevent.processor_payment_id IS 'The payment it belongs to, empty for none';

COMMENT ON COLUMN public.webhooks_webhookevent.connected_account_id IS 'Set for events of a seller''s own account';

COMMENT ON COLUMN public.webhooks_webhookevent.concern IS 'What is looked up: payment, refund, transfer, ... other';

COMMENT ON COLUMN public.webhooks_webhookevent.subject_id IS 'Id of what is looked up; one look-up serves all its events';

COMMENT ON COLUMN public.webhooks_webhookevent.reference IS 'Our public id of the subject, from its metadata';

COMMENT ON COLUMN public.webhooks_webhookevent.order_reference IS 'Our public id of the order, from the metadata';

COMMENT ON COLUMN public.webhooks_webhookevent.occurred_at IS 'When the processor made the event';

COMMENT ON COLUMN public.webhooks_webhookevent.received_at IS 'When it was first delivered to us';

COMMENT ON COLUMN public.webhooks_webhookevent.payload IS 'The body as received, but for secrets; {} once it was too old to be kept';

COMMENT ON COLUMN public.webhooks_webhookevent.body_sha256 IS 'SHA-256 of the raw body, hexadecimal';

COMMENT ON COLUMN public.webhooks_webhookevent.user_agent IS 'Of the sender; no other header is kept';

COMMENT ON COLUMN public.webhooks_webhookevent.trace_id IS 'Trace id of the delivery, carried on by the worker';

COMMENT ON COLUMN public.webhooks_webhookevent.attempts IS 'How often a worker took it';

COMMENT ON COLUMN public.webhooks_webhookevent.failures IS 'Failed attempts since it was received or replayed';

COMMENT ON COLUMN public.webhooks_webhookevent.due_at IS 'Not worked on before this; end of the lease; NULL when done';

COMMENT ON COLUMN public.webhooks_webhookevent.sent_at IS 'When the sweeper last gave it to the broker';

COMMENT ON COLUMN public.webhooks_webhookevent.lease IS 'Which worker holds it; only the holder records the outcome';

COMMENT ON COLUMN public.webhooks_webhookevent.first_parked_at IS 'Parked for too long since then means dead';

COMMENT ON COLUMN public.webhooks_webhookevent.finished_at IS 'When it was processed, ignored or given up';

COMMENT ON COLUMN public.webhooks_webhookevent.last_note IS 'Last error or reason, for the desk';

ALTER TABLE public.webhooks_webhookevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.webhooks_webhookevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.webhooks_webhookeventchange (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    edge character varying(16) NOT NULL,
    from_status character varying(12) NOT NULL,
    to_status character varying(12) NOT NULL,
    attempt integer NOT NULL,
    actor character varying(80) NOT NULL,
    note character varying(300) NOT NULL,
    event_id bigint NOT NULL,
    CONSTRAINT webhooks_webhookeventchange_attempt_check CHECK ((attempt >= 0))
);

COMMENT ON TABLE public.webhooks_webhookeventchange IS 'History of the inbox: every attempt on every event, with its outcome';

COMMENT ON COLUMN public.webhooks_webhookeventchange.edge IS 'Why it changed';

COMMENT ON COLUMN public.webhooks_webhookeventchange.attempt IS 'Number of the attempt that the change belongs to';

COMMENT ON COLUMN public.webhooks_webhookeventchange.actor IS 'task:<name> or staff:<id>';

COMMENT ON COLUMN public.webhooks_webhookeventchange.note IS 'Error, reason, or how it was coalesced';

ALTER TABLE public.webhooks_webhookeventchange ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.webhooks_webhookeventchange_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_artisan
    ADD CONSTRAINT artisan_with_currency UNIQUE (id, currency);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_bankpayout
    ADD CONSTRAINT bank_payout_attempt UNIQUE (payout_id, attempt);

ALTER TABLE ONLY public.orders_cartitem
    ADD CONSTRAINT cart_item_once_per_product UNIQUE (cart_id, product_id);

ALTER TABLE ONLY public.catalog_artisan
    ADD CONSTRAINT catalog_artisan_owner_id_key UNIQUE (owner_id);

ALTER TABLE ONLY public.catalog_artisan
    ADD CONSTRAINT catalog_artisan_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_artisan
    ADD CONSTRAINT catalog_artisan_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.catalog_artisan
    ADD CONSTRAINT catalog_artisan_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.catalog_category
    ADD CONSTRAINT catalog_category_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_category
    ADD CONSTRAINT catalog_category_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.catalog_postagechange
    ADD CONSTRAINT catalog_postagechange_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.catalog_stockreservation
    ADD CONSTRAINT catalog_stockreservation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.common_auditrecord
    ADD CONSTRAINT common_auditrecord_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.common_auditseal
    ADD CONSTRAINT common_auditseal_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY public.common_auditseal
    ADD CONSTRAINT common_auditseal_record_id_key UNIQUE (record_id);

ALTER TABLE ONLY public.common_idempotencykey
    ADD CONSTRAINT common_idempotencykey_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.common_outboxmessage
    ADD CONSTRAINT common_outboxmessage_key_key UNIQUE (key);

ALTER TABLE ONLY public.common_outboxmessage
    ADD CONSTRAINT common_outboxmessage_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_debtrecovery
    ADD CONSTRAINT debt_recovery_number UNIQUE (debt_id, number);

ALTER TABLE ONLY public.payouts_debtwriteoff
    ADD CONSTRAINT debt_write_off_number UNIQUE (debt_id, number);

ALTER TABLE ONLY public.orders_disputeallocation
    ADD CONSTRAINT dispute_allocation_once UNIQUE NULLS NOT DISTINCT (dispute_reference, seller_order_id, number);

ALTER TABLE ONLY public.payments_disputeevidence
    ADD CONSTRAINT dispute_evidence_once_per_kind UNIQUE (dispute_id, kind);

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);

ALTER TABLE ONLY public.ledger_journalentry
    ADD CONSTRAINT entry_source_once UNIQUE (source_reference);

ALTER TABLE ONLY public.common_idempotencykey
    ADD CONSTRAINT idempotency_key_once_per_scope UNIQUE (scope, key);

ALTER TABLE ONLY public.identity_accountmail
    ADD CONSTRAINT identity_accountmail_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identity_address
    ADD CONSTRAINT identity_address_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identity_address
    ADD CONSTRAINT identity_address_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.identity_user
    ADD CONSTRAINT identity_user_email_key UNIQUE (email);

ALTER TABLE ONLY public.identity_user_groups
    ADD CONSTRAINT identity_user_groups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identity_user_groups
    ADD CONSTRAINT identity_user_groups_user_id_group_id_ece29599_uniq UNIQUE (user_id, group_id);

ALTER TABLE ONLY public.identity_user
    ADD CONSTRAINT identity_user_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identity_user_user_permissions
    ADD CONSTRAINT identity_user_user_permi_user_id_permission_id_1becc26c_uniq UNIQUE (user_id, permission_id);

ALTER TABLE ONLY public.identity_user_user_permissions
    ADD CONSTRAINT identity_user_user_permissions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ledger_account
    ADD CONSTRAINT ledger_account_code_key UNIQUE (code);

ALTER TABLE ONLY public.ledger_account
    ADD CONSTRAINT ledger_account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ledger_journalentry
    ADD CONSTRAINT ledger_journalentry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ledger_posting
    ADD CONSTRAINT ledger_posting_pkey PRIMARY KEY (entry_id, line);

ALTER TABLE ONLY public.orders_cart
    ADD CONSTRAINT orders_cart_guest_scope_key UNIQUE (guest_scope);

ALTER TABLE ONLY public.orders_cart
    ADD CONSTRAINT orders_cart_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_cart
    ADD CONSTRAINT orders_cart_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.orders_cart
    ADD CONSTRAINT orders_cart_user_id_key UNIQUE (user_id);

ALTER TABLE ONLY public.orders_cartitem
    ADD CONSTRAINT orders_cartitem_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_disputeallocation
    ADD CONSTRAINT orders_disputeallocation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_fulfilment
    ADD CONSTRAINT orders_fulfilment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_fulfilment
    ADD CONSTRAINT orders_fulfilment_seller_order_id_key UNIQUE (seller_order_id);

ALTER TABLE ONLY public.orders_fulfilmentevent
    ADD CONSTRAINT orders_fulfilmentevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_order
    ADD CONSTRAINT orders_order_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_order
    ADD CONSTRAINT orders_order_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.orders_orderevent
    ADD CONSTRAINT orders_orderevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_orderline
    ADD CONSTRAINT orders_orderline_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_recall
    ADD CONSTRAINT orders_recall_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_recall
    ADD CONSTRAINT orders_recall_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.orders_recallallocation
    ADD CONSTRAINT orders_recallallocation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_recallconsent
    ADD CONSTRAINT orders_recallconsent_order_id_key UNIQUE (order_id);

ALTER TABLE ONLY public.orders_recallconsent
    ADD CONSTRAINT orders_recallconsent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_recallevent
    ADD CONSTRAINT orders_recallevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_refundallocation
    ADD CONSTRAINT orders_refundallocation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_sellerorder
    ADD CONSTRAINT orders_sellerorder_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders_sellerorder
    ADD CONSTRAINT orders_sellerorder_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_payable
    ADD CONSTRAINT payable_once_per_part_and_origin UNIQUE (seller_order_reference, origin_reference);

ALTER TABLE ONLY public.payments_capture
    ADD CONSTRAINT payments_capture_payment_id_key UNIQUE (payment_id);

ALTER TABLE ONLY public.payments_capture
    ADD CONSTRAINT payments_capture_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_capture
    ADD CONSTRAINT payments_capture_processor_charge_id_key UNIQUE (processor_charge_id);

ALTER TABLE ONLY public.payments_dispute
    ADD CONSTRAINT payments_dispute_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_dispute
    ADD CONSTRAINT payments_dispute_processor_dispute_id_key UNIQUE (processor_dispute_id);

ALTER TABLE ONLY public.payments_dispute
    ADD CONSTRAINT payments_dispute_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payments_disputeevent
    ADD CONSTRAINT payments_disputeevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_disputeevidence
    ADD CONSTRAINT payments_disputeevidence_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_payment
    ADD CONSTRAINT payments_payment_hosted_session_id_key UNIQUE (hosted_session_id);

ALTER TABLE ONLY public.payments_payment
    ADD CONSTRAINT payments_payment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_payment
    ADD CONSTRAINT payments_payment_processor_payment_id_key UNIQUE (processor_payment_id);

ALTER TABLE ONLY public.payments_payment
    ADD CONSTRAINT payments_payment_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payments_paymentattempt
    ADD CONSTRAINT payments_paymentattempt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_paymentattempt
    ADD CONSTRAINT payments_paymentattempt_processor_charge_id_key UNIQUE (processor_charge_id);

ALTER TABLE ONLY public.payments_paymentevent
    ADD CONSTRAINT payments_paymentevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_processorcustomer
    ADD CONSTRAINT payments_processorcustomer_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_processorcustomer
    ADD CONSTRAINT payments_processorcustomer_processor_customer_id_key UNIQUE (processor_customer_id);

ALTER TABLE ONLY public.payments_processorcustomer
    ADD CONSTRAINT payments_processorcustomer_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payments_processorprice
    ADD CONSTRAINT payments_processorprice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_processorprice
    ADD CONSTRAINT payments_processorprice_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payments_processorrequest
    ADD CONSTRAINT payments_processorrequest_idempotency_key_key UNIQUE (idempotency_key);

ALTER TABLE ONLY public.payments_processorrequest
    ADD CONSTRAINT payments_processorrequest_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_refund
    ADD CONSTRAINT payments_refund_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_refund
    ADD CONSTRAINT payments_refund_processor_refund_id_key UNIQUE (processor_refund_id);

ALTER TABLE ONLY public.payments_refund
    ADD CONSTRAINT payments_refund_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payments_refundevent
    ADD CONSTRAINT payments_refundevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_savedmethod
    ADD CONSTRAINT payments_savedmethod_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_savedmethod
    ADD CONSTRAINT payments_savedmethod_processor_method_id_key UNIQUE (processor_method_id);

ALTER TABLE ONLY public.payments_savedmethod
    ADD CONSTRAINT payments_savedmethod_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payments_savedmethodevent
    ADD CONSTRAINT payments_savedmethodevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_setup
    ADD CONSTRAINT payments_setup_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payments_setup
    ADD CONSTRAINT payments_setup_processor_setup_id_key UNIQUE (processor_setup_id);

ALTER TABLE ONLY public.payments_setup
    ADD CONSTRAINT payments_setup_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_payoutitem
    ADD CONSTRAINT payout_item_once UNIQUE (payout_id, payable_id);

ALTER TABLE ONLY public.payouts_bankpayout
    ADD CONSTRAINT payouts_bankpayout_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_bankpayout
    ADD CONSTRAINT payouts_bankpayout_processor_payout_id_key UNIQUE (processor_payout_id);

ALTER TABLE ONLY public.payouts_bankpayout
    ADD CONSTRAINT payouts_bankpayout_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_bankpayoutevent
    ADD CONSTRAINT payouts_bankpayoutevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_connectedaccount
    ADD CONSTRAINT payouts_connectedaccount_artisan_id_key UNIQUE (artisan_id);

ALTER TABLE ONLY public.payouts_connectedaccount
    ADD CONSTRAINT payouts_connectedaccount_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_connectedaccount
    ADD CONSTRAINT payouts_connectedaccount_processor_account_id_key UNIQUE (processor_account_id);

ALTER TABLE ONLY public.payouts_connectedaccountevent
    ADD CONSTRAINT payouts_connectedaccountevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_debtrecovery
    ADD CONSTRAINT payouts_debtrecovery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_debtrecovery
    ADD CONSTRAINT payouts_debtrecovery_reversal_id_key UNIQUE (reversal_id);

ALTER TABLE ONLY public.payouts_debtrepayment
    ADD CONSTRAINT payouts_debtrepayment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_debtrepayment
    ADD CONSTRAINT payouts_debtrepayment_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_debtwriteoff
    ADD CONSTRAINT payouts_debtwriteoff_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_payable
    ADD CONSTRAINT payouts_payable_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_payable
    ADD CONSTRAINT payouts_payable_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_payableevent
    ADD CONSTRAINT payouts_payableevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_payout
    ADD CONSTRAINT payouts_payout_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_payout
    ADD CONSTRAINT payouts_payout_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_payoutevent
    ADD CONSTRAINT payouts_payoutevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_payoutitem
    ADD CONSTRAINT payouts_payoutitem_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_payoutpolicy
    ADD CONSTRAINT payouts_payoutpolicy_artisan_id_key UNIQUE (artisan_id);

ALTER TABLE ONLY public.payouts_payoutpolicy
    ADD CONSTRAINT payouts_payoutpolicy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_payoutrun
    ADD CONSTRAINT payouts_payoutrun_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_payoutrun
    ADD CONSTRAINT payouts_payoutrun_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_payoutswitch
    ADD CONSTRAINT payouts_payoutswitch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_policyevent
    ADD CONSTRAINT payouts_policyevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_reserve
    ADD CONSTRAINT payouts_reserve_payable_id_key UNIQUE (payable_id);

ALTER TABLE ONLY public.payouts_reserve
    ADD CONSTRAINT payouts_reserve_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_reserve
    ADD CONSTRAINT payouts_reserve_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_reservedebit
    ADD CONSTRAINT payouts_reservedebit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_reserverelease
    ADD CONSTRAINT payouts_reserverelease_payable_id_key UNIQUE (payable_id);

ALTER TABLE ONLY public.payouts_reserverelease
    ADD CONSTRAINT payouts_reserverelease_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_reserverelease
    ADD CONSTRAINT payouts_reserverelease_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_sellerapplication
    ADD CONSTRAINT payouts_sellerapplication_artisan_id_key UNIQUE (artisan_id);

ALTER TABLE ONLY public.payouts_sellerapplication
    ADD CONSTRAINT payouts_sellerapplication_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_sellerapplication
    ADD CONSTRAINT payouts_sellerapplication_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_sellerdebt
    ADD CONSTRAINT payouts_sellerdebt_debit_id_key UNIQUE (debit_id);

ALTER TABLE ONLY public.payouts_sellerdebt
    ADD CONSTRAINT payouts_sellerdebt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_sellerdebt
    ADD CONSTRAINT payouts_sellerdebt_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_sharecredit
    ADD CONSTRAINT payouts_sharecredit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_sharedebit
    ADD CONSTRAINT payouts_sharedebit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_transfer
    ADD CONSTRAINT payouts_transfer_payout_id_key UNIQUE (payout_id);

ALTER TABLE ONLY public.payouts_transfer
    ADD CONSTRAINT payouts_transfer_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_transfer
    ADD CONSTRAINT payouts_transfer_processor_transfer_id_key UNIQUE (processor_transfer_id);

ALTER TABLE ONLY public.payouts_transfer
    ADD CONSTRAINT payouts_transfer_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_transferevent
    ADD CONSTRAINT payouts_transferevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_transferreversal
    ADD CONSTRAINT payouts_transferreversal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts_transferreversal
    ADD CONSTRAINT payouts_transferreversal_processor_reversal_id_key UNIQUE (processor_reversal_id);

ALTER TABLE ONLY public.payouts_transferreversal
    ADD CONSTRAINT payouts_transferreversal_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.payouts_transferreversalevent
    ADD CONSTRAINT payouts_transferreversalevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ledger_posting
    ADD CONSTRAINT posting_chain UNIQUE (account_id, slot, sequence);

ALTER TABLE ONLY public.payments_processorcustomer
    ADD CONSTRAINT processor_customer_once_per_user UNIQUE (user_id, processor);

ALTER TABLE ONLY public.payments_processorprice
    ADD CONSTRAINT processor_price_id_once UNIQUE (processor, livemode, processor_price_id);

ALTER TABLE ONLY public.payments_processorprice
    ADD CONSTRAINT processor_price_once UNIQUE (processor, livemode, subject, name, amount_minor, currency);

ALTER TABLE ONLY public.payments_processorrequest
    ADD CONSTRAINT processor_request_once_per_attempt UNIQUE (kind, subject, attempt);

ALTER TABLE ONLY public.orders_recallallocation
    ADD CONSTRAINT recall_allocation_once UNIQUE (recall_id, refund_allocation_id);

ALTER TABLE ONLY public.reconciliation_bookedmovement
    ADD CONSTRAINT reconciliation_bookedmovement_entry_id_key UNIQUE (entry_id);

ALTER TABLE ONLY public.reconciliation_bookedmovement
    ADD CONSTRAINT reconciliation_bookedmovement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliation_exceptionevent
    ADD CONSTRAINT reconciliation_exceptionevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliation_journalproposal
    ADD CONSTRAINT reconciliation_journalproposal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliation_platformpayout
    ADD CONSTRAINT reconciliation_platformpayout_bank_line_id_key UNIQUE (bank_line_id);

ALTER TABLE ONLY public.reconciliation_platformpayout
    ADD CONSTRAINT reconciliation_platformpayout_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliation_platformpayout
    ADD CONSTRAINT reconciliation_platformpayout_processor_payout_id_key UNIQUE (processor_payout_id);

ALTER TABLE ONLY public.reconciliation_platformpayout
    ADD CONSTRAINT reconciliation_platformpayout_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.reconciliation_platformpayoutevent
    ADD CONSTRAINT reconciliation_platformpayoutevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliation_reconciliationexception
    ADD CONSTRAINT reconciliation_reconciliationexception_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliation_reconciliationexception
    ADD CONSTRAINT reconciliation_reconciliationexception_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.reconciliation_reconciliationrun
    ADD CONSTRAINT reconciliation_reconciliationrun_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliation_reconciliationrun
    ADD CONSTRAINT reconciliation_reconciliationrun_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.reconciliation_statementline
    ADD CONSTRAINT reconciliation_statementline_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_stockreservation
    ADD CONSTRAINT reservation_once_per_product UNIQUE (reference, product_id);

ALTER TABLE ONLY public.orders_sellerorder
    ADD CONSTRAINT seller_order_once_per_artisan UNIQUE (order_id, artisan_id);

ALTER TABLE ONLY public.payouts_sharecredit
    ADD CONSTRAINT share_credited_once UNIQUE (debit_id, reference);

ALTER TABLE ONLY public.payouts_sharedebit
    ADD CONSTRAINT share_debited_once UNIQUE (seller_order_reference, reference);

ALTER TABLE ONLY public.reconciliation_statementline
    ADD CONSTRAINT statement_line_once UNIQUE (source, external_id);

ALTER TABLE ONLY public.webhooks_webhookevent
    ADD CONSTRAINT webhook_event_once_per_source UNIQUE (source, external_id);

ALTER TABLE ONLY public.webhooks_webhookevent
    ADD CONSTRAINT webhooks_webhookevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.webhooks_webhookeventchange
    ADD CONSTRAINT webhooks_webhookeventchange_pkey PRIMARY KEY (id);

CREATE INDEX account_emailaddress_email_03be32b2 ON public.account_emailaddress USING btree (email);

CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);

CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);

CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);

CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);

CREATE UNIQUE INDEX address_one_default_per_user ON public.identity_address USING btree (user_id) WHERE is_default;

CREATE INDEX application_by_status ON public.payouts_sellerapplication USING btree (status, id);

CREATE UNIQUE INDEX application_one_waits ON public.payouts_sellerapplication USING btree (user_id) WHERE ((status)::text = 'waiting'::text);

CREATE INDEX audit_event ON public.common_auditrecord USING btree (event_type, id);

CREATE INDEX audit_subject ON public.common_auditrecord USING btree (subject);

CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);

CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);

CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);

CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);

CREATE UNIQUE INDEX bank_line_repays_once ON public.payouts_debtrepayment USING btree (bank_reference) WHERE ((status)::text = 'recorded'::text);

CREATE UNIQUE INDEX bank_payout_one_at_a_time ON public.payouts_bankpayout USING btree (payout_id) WHERE ((status)::text = ANY ((ARRAY['requested'::character varying, 'unknown'::character varying, 'pending'::character varying, 'paid'::character varying])::text[]));

CREATE INDEX bank_payout_open ON public.payouts_bankpayout USING btree (updated_at) WHERE ((status)::text = ANY ((ARRAY['requested'::character varying, 'unknown'::character varying, 'pending'::character varying])::text[]));

CREATE INDEX booked_movement_subject ON public.reconciliation_bookedmovement USING btree (processor, subject_key);

CREATE INDEX booked_movement_time ON public.reconciliation_bookedmovement USING btree (processor, effective_at);

CREATE INDEX capture_fee_missing ON public.payments_capture USING btree (id) WHERE (fee_minor IS NULL);

CREATE INDEX cart_of_guests_by_age ON public.orders_cart USING btree (changed_at) WHERE (user_id IS NULL);

CREATE INDEX catalog_artisan_public_id_698c32c4_like ON public.catalog_artisan USING btree (public_id varchar_pattern_ops);

CREATE INDEX catalog_artisan_slug_26c48350_like ON public.catalog_artisan USING btree (slug varchar_pattern_ops);

CREATE INDEX catalog_category_slug_dbf63ad0_like ON public.catalog_category USING btree (slug varchar_pattern_ops);

CREATE INDEX catalog_postagechange_artisan_id_d6758d01 ON public.catalog_postagechange USING btree (artisan_id);

CREATE INDEX catalog_product_artisan_id_833a10b7 ON public.catalog_product USING btree (artisan_id);

CREATE INDEX catalog_product_category_id_35bf920b ON public.catalog_product USING btree (category_id);

CREATE INDEX catalog_product_public_id_d2c5670e_like ON public.catalog_product USING btree (public_id varchar_pattern_ops);

CREATE INDEX catalog_product_slug_f37848b0_like ON public.catalog_product USING btree (slug varchar_pattern_ops);

CREATE INDEX catalog_stockreservation_product_id_c75ef2fd ON public.catalog_stockreservation USING btree (product_id);

CREATE INDEX common_auditrecord_trace_id_9968573a ON public.common_auditrecord USING btree (trace_id);

CREATE INDEX common_auditrecord_trace_id_9968573a_like ON public.common_auditrecord USING btree (trace_id varchar_pattern_ops);

CREATE INDEX common_idempotencykey_created_at_43739b4b ON public.common_idempotencykey USING btree (created_at);

CREATE INDEX common_outboxmessage_key_fc888dc1_like ON public.common_outboxmessage USING btree (key varchar_pattern_ops);

CREATE INDEX connected_account_deadline ON public.payouts_connectedaccount USING btree (deadline_at) WHERE (deadline_at IS NOT NULL);

CREATE INDEX connected_account_to_look_at ON public.payouts_connectedaccount USING btree (next_look_at);

CREATE INDEX debt_repayment_of_artisan ON public.payouts_debtrepayment USING btree (artisan_id, currency);

CREATE INDEX dispute_due ON public.payments_dispute USING btree (evidence_due_at) WHERE (closed_at IS NULL);

CREATE INDEX django_admin_log_content_type_id_c4bce8eb ON public.django_admin_log USING btree (content_type_id);

CREATE INDEX django_admin_log_user_id_c564eba6 ON public.django_admin_log USING btree (user_id);

CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);

CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);

CREATE UNIQUE INDEX entry_reversed_once ON public.ledger_journalentry USING btree (reverses_id) WHERE (reverses_id IS NOT NULL);

CREATE INDEX exception_open ON public.reconciliation_reconciliationexception USING btree (found_at) WHERE ((status)::text = 'open'::text);

CREATE UNIQUE INDEX exception_open_once ON public.reconciliation_reconciliationexception USING btree (source, subject_key, currency) WHERE ((status)::text = ANY ((ARRAY['open'::character varying, 'dismissed'::character varying])::text[]));

CREATE INDEX identity_accountmail_user_id_57b7dbbb ON public.identity_accountmail USING btree (user_id);

CREATE INDEX identity_address_public_id_098ce5df_like ON public.identity_address USING btree (public_id varchar_pattern_ops);

CREATE INDEX identity_address_user_id_35b845dc ON public.identity_address USING btree (user_id);

CREATE INDEX identity_user_email_65af1202_like ON public.identity_user USING btree (email varchar_pattern_ops);

CREATE INDEX identity_user_groups_group_id_cdb422da ON public.identity_user_groups USING btree (group_id);

CREATE INDEX identity_user_groups_user_id_f69e0c80 ON public.identity_user_groups USING btree (user_id);

CREATE INDEX identity_user_user_permissions_permission_id_c8f2cf2f ON public.identity_user_user_permissions USING btree (permission_id);

CREATE INDEX identity_user_user_permissions_user_id_a626cb1f ON public.identity_user_user_permissions USING btree (user_id);

CREATE INDEX ledger_account_code_e0a3af95_like ON public.ledger_account USING btree (code varchar_pattern_ops);

CREATE INDEX ledger_account_owner_reference_c04b8b7e ON public.ledger_account USING btree (owner_reference);

CREATE INDEX ledger_account_owner_reference_c04b8b7e_like ON public.ledger_account USING btree (owner_reference varchar_pattern_ops);

CREATE INDEX order_expiring ON public.orders_order USING btree (expires_at) WHERE ((status)::text = 'awaiting_payment'::text);

CREATE INDEX order_guest ON public.orders_order USING btree (guest_scope) WHERE (NOT ((guest_scope)::text = ''::text));

CREATE INDEX order_history ON public.orders_order USING btree (buyer_id, created_at DESC);

CREATE INDEX order_open_of_cart ON public.orders_order USING btree (cart_reference) WHERE ((status)::text = ANY (ARRAY[('awaiting_payment'::character varying)::text, ('processing'::character varying)::text]));

CREATE INDEX order_to_accept ON public.orders_order USING btree (accept_by) WHERE ((status)::text = 'authorized'::text);

CREATE INDEX orders_cart_guest_scope_8bea63e2_like ON public.orders_cart USING btree (guest_scope varchar_pattern_ops);

CREATE INDEX orders_cart_public_id_652a8679_like ON public.orders_cart USING btree (public_id varchar_pattern_ops);

CREATE INDEX orders_cartitem_cart_id_529df5fa ON public.orders_cartitem USING btree (cart_id);

CREATE INDEX orders_cartitem_product_id_55063ee7 ON public.orders_cartitem USING btree (product_id);

CREATE INDEX orders_disputeallocation_dispute_reference_8816a062 ON public.orders_disputeallocation USING btree (dispute_reference);

CREATE INDEX orders_disputeallocation_dispute_reference_8816a062_like ON public.orders_disputeallocation USING btree (dispute_reference varchar_pattern_ops);

CREATE INDEX orders_disputeallocation_order_id_a1fec5cd ON public.orders_disputeallocation USING btree (order_id);

CREATE INDEX orders_disputeallocation_seller_order_id_d354c703 ON public.orders_disputeallocation USING btree (seller_order_id);

CREATE INDEX orders_fulfilmentevent_fulfilment_id_177e8761 ON public.orders_fulfilmentevent USING btree (fulfilment_id);

CREATE INDEX orders_order_buyer_id_26195532 ON public.orders_order USING btree (buyer_id);

CREATE INDEX orders_order_public_id_477d735f_like ON public.orders_order USING btree (public_id varchar_pattern_ops);

CREATE INDEX orders_order_recall_id_8cb4677c ON public.orders_order USING btree (recall_id);

CREATE INDEX orders_orderevent_order_id_b26297f3 ON public.orders_orderevent USING btree (order_id);

CREATE INDEX orders_orderline_product_id_a68772b6 ON public.orders_orderline USING btree (product_id);

CREATE INDEX orders_orderline_seller_order_id_cbfb983b ON public.orders_orderline USING btree (seller_order_id);

CREATE INDEX orders_recall_public_id_ee1695f8_like ON public.orders_recall USING btree (public_id varchar_pattern_ops);

CREATE INDEX orders_recall_refund_reference_e5c4b308 ON public.orders_recall USING btree (refund_reference);

CREATE INDEX orders_recall_refund_reference_e5c4b308_like ON public.orders_recall USING btree (refund_reference varchar_pattern_ops);

CREATE INDEX orders_recall_sale_id_4bde964e ON public.orders_recall USING btree (sale_id);

CREATE INDEX orders_recallallocation_recall_id_45d72764 ON public.orders_recallallocation USING btree (recall_id);

CREATE INDEX orders_recallallocation_refund_allocation_id_52aeae7f ON public.orders_recallallocation USING btree (refund_allocation_id);

CREATE INDEX orders_recallconsent_recall_id_e325b39f ON public.orders_recallconsent USING btree (recall_id);

CREATE INDEX orders_recallconsent_user_id_ee701c97 ON public.orders_recallconsent USING btree (user_id);

CREATE INDEX orders_recallevent_recall_id_32fd63c4 ON public.orders_recallevent USING btree (recall_id);

CREATE INDEX orders_refundallocation_line_id_376faefa ON public.orders_refundallocation USING btree (line_id);

CREATE INDEX orders_refundallocation_order_id_8074e726 ON public.orders_refundallocation USING btree (order_id);

CREATE INDEX orders_refundallocation_refund_reference_fb9bb40c ON public.orders_refundallocation USING btree (refund_reference);

CREATE INDEX orders_refundallocation_refund_reference_fb9bb40c_like ON public.orders_refundallocation USING btree (refund_reference varchar_pattern_ops);

CREATE INDEX orders_refundallocation_seller_order_id_32a210d1 ON public.orders_refundallocation USING btree (seller_order_id);

CREATE INDEX orders_sellerorder_artisan_id_22b0aa32 ON public.orders_sellerorder USING btree (artisan_id);

CREATE INDEX orders_sellerorder_order_id_993ac2f3 ON public.orders_sellerorder USING btree (order_id);

CREATE INDEX orders_sellerorder_public_id_c56a1895_like ON public.orders_sellerorder USING btree (public_id varchar_pattern_ops);

CREATE INDEX outbox_waiting ON public.common_outboxmessage USING btree (available_at) WHERE ((status)::text = 'waiting'::text);

CREATE INDEX payable_hold_over ON public.payouts_payable USING btree (hold_until) WHERE ((status)::text = 'held'::text);

CREATE INDEX payable_of_artisan ON public.payouts_payable USING btree (artisan_id, currency, status);

CREATE INDEX payable_to_be_paid ON public.payouts_payable USING btree (artisan_id, next_transfer_at) WHERE ((status)::text = 'released'::text);

CREATE INDEX payment_look_up ON public.payments_payment USING btree (next_look_up_at) WHERE (next_look_up_at IS NOT NULL);

CREATE UNIQUE INDEX payment_one_alive_per_channel ON public.payments_payment USING btree (order_reference, channel) WHERE (NOT ((status)::text = ANY ((ARRAY['canceled'::character varying, 'failed'::character varying])::text[])));

CREATE INDEX payments_capture_processor_charge_id_965d286c_like ON public.payments_capture USING btree (processor_charge_id varchar_pattern_ops);

CREATE INDEX payments_dispute_capture_id_92f820b7 ON public.payments_dispute USING btree (capture_id);

CREATE INDEX payments_dispute_processor_dispute_id_6145d121_like ON public.payments_dispute USING btree (processor_dispute_id varchar_pattern_ops);

CREATE INDEX payments_dispute_public_id_a60311dc_like ON public.payments_dispute USING btree (public_id varchar_pattern_ops);

CREATE INDEX payments_disputeevent_dispute_id_ae81f4be ON public.payments_disputeevent USING btree (dispute_id);

CREATE INDEX payments_disputeevidence_dispute_id_c9979e04 ON public.payments_disputeevidence USING btree (dispute_id);

CREATE INDEX payments_payment_hosted_session_id_0b2d48cd_like ON public.payments_payment USING btree (hosted_session_id varchar_pattern_ops);

CREATE INDEX payments_payment_order_reference_ab1b283e ON public.payments_payment USING btree (order_reference);

CREATE INDEX payments_payment_order_reference_ab1b283e_like ON public.payments_payment USING btree (order_reference varchar_pattern_ops);

CREATE INDEX payments_payment_processor_payment_id_1cdd2dcf_like ON public.payments_payment USING btree (processor_payment_id varchar_pattern_ops);

CREATE INDEX payments_payment_public_id_0c37c47c_like ON public.payments_payment USING btree (public_id varchar_pattern_ops);

CREATE INDEX payments_payment_saved_method_id_f10606e3 ON public.payments_payment USING btree (saved_method_id);

CREATE INDEX payments_paymentattempt_payment_id_00f3a0be ON public.payments_paymentattempt USING btree (payment_id);

CREATE INDEX payments_paymentattempt_processor_charge_id_ef3502d9_like ON public.payments_paymentattempt USING btree (processor_charge_id varchar_pattern_ops);

CREATE INDEX payments_paymentevent_payment_id_1fde19d5 ON public.payments_paymentevent USING btree (payment_id);

CREATE INDEX payments_processorcustomer_processor_customer_id_a71d9248_like ON public.payments_processorcustomer USING btree (processor_customer_id varchar_pattern_ops);

CREATE INDEX payments_processorcustomer_public_id_eb2a35b1_like ON public.payments_processorcustomer USING btree (public_id varchar_pattern_ops);

CREATE INDEX payments_processorcustomer_user_id_eaab80b3 ON public.payments_processorcustomer USING btree (user_id);

CREATE INDEX payments_processorprice_public_id_fa161023_like ON public.payments_processorprice USING btree (public_id varchar_pattern_ops);

CREATE INDEX payments_processorrequest_idempotency_key_8b0a0d85_like ON public.payments_processorrequest USING btree (idempotency_key varchar_pattern_ops);

CREATE INDEX payments_refund_capture_id_647ee5e7 ON public.payments_refund USING btree (capture_id);

CREATE INDEX payments_refund_processor_refund_id_99daccd2_like ON public.payments_refund USING btree (processor_refund_id varchar_pattern_ops);

CREATE INDEX payments_refund_public_id_c2c1ecd2_like ON public.payments_refund USING btree (public_id varchar_pattern_ops);

CREATE INDEX payments_refundevent_refund_id_a0de60ae ON public.payments_refundevent USING btree (refund_id);

CREATE INDEX payments_savedmethod_customer_id_5d2eea83 ON public.payments_savedmethod USING btree (customer_id);

CREATE INDEX payments_savedmethod_processor_method_id_832a8816_like ON public.payments_savedmethod USING btree (processor_method_id varchar_pattern_ops);

CREATE INDEX payments_savedmethod_public_id_4da250ff_like ON public.payments_savedmethod USING btree (public_id varchar_pattern_ops);

CREATE INDEX payments_savedmethodevent_method_id_34936ac9 ON public.payments_savedmethodevent USING btree (method_id);

CREATE INDEX payments_setup_customer_id_cf3bf81a ON public.payments_setup USING btree (customer_id);

CREATE INDEX payments_setup_processor_setup_id_3b83dbd4_like ON public.payments_setup USING btree (processor_setup_id varchar_pattern_ops);

CREATE INDEX payments_setup_public_id_f5a636ef_like ON public.payments_setup USING btree (public_id varchar_pattern_ops);

CREATE INDEX payout_of_artisan ON public.payouts_payout USING btree (artisan_id, id DESC);

CREATE UNIQUE INDEX payout_once_per_run ON public.payouts_payout USING btree (run_id, artisan_id, currency) WHERE (NOT ((status)::text = 'refused'::text));

CREATE INDEX payout_open ON public.payouts_payout USING btree (updated_at) WHERE ((status)::text = ANY ((ARRAY['transferred'::character varying, 'on_its_way'::character varying])::text[]));

CREATE INDEX payout_policy_due ON public.payouts_payoutpolicy USING btree (next_payout_date);

CREATE UNIQUE INDEX payout_run_closing_once_a_day ON public.payouts_payoutrun USING btree (for_date) WHERE ((kind)::text = 'closing'::text);

CREATE UNIQUE INDEX payout_run_scheduled_once_a_day ON public.payouts_payoutrun USING btree (for_date) WHERE ((kind)::text = 'scheduled'::text);

CREATE INDEX payouts_bankpayout_payout_id_90db7c2b ON public.payouts_bankpayout USING btree (payout_id);

CREATE INDEX payouts_bankpayout_processor_payout_id_1b5b2ed9_like ON public.payouts_bankpayout USING btree (processor_payout_id varchar_pattern_ops);

CREATE INDEX payouts_bankpayout_public_id_669c7e74_like ON public.payouts_bankpayout USING btree (public_id varchar_pattern_ops);

CREATE INDEX payouts_bankpayoutevent_bank_payout_id_e33afb95 ON public.payouts_bankpayoutevent USING btree (bank_payout_id);

CREATE INDEX payouts_connectedaccount_processor_account_id_62398e8f_like ON public.payouts_connectedaccountevent USING btree (processor_account_id varchar_pattern_ops);

CREATE INDEX payouts_connectedaccount_processor_account_id_6d912f0b_like ON public.payouts_connectedaccount USING btree (processor_account_id varchar_pattern_ops);

CREATE INDEX payouts_connectedaccountevent_account_id_1e706b28 ON public.payouts_connectedaccountevent USING btree (account_id);

CREATE INDEX payouts_connectedaccountevent_processor_account_id_62398e8f ON public.payouts_connectedaccountevent USING btree (processor_account_id);

CREATE INDEX payouts_debtrecovery_debt_id_845f8838 ON public.payouts_debtrecovery USING btree (debt_id);

CREATE INDEX payouts_debtrecovery_payable_id_fc5b4eb6 ON public.payouts_debtrecovery USING btree (payable_id);

CREATE INDEX payouts_debtrecovery_repayment_id_4a2f088d ON public.payouts_debtrecovery USING btree (repayment_id);

CREATE INDEX payouts_debtrepayment_artisan_id_fdad26a4 ON public.payouts_debtrepayment USING btree (artisan_id);

CREATE INDEX payouts_debtrepayment_public_id_22597ba9_like ON public.payouts_debtrepayment USING btree (public_id varchar_pattern_ops);

CREATE INDEX payouts_debtwriteoff_debt_id_c4eba591 ON public.payouts_debtwriteoff USING btree (debt_id);

CREATE INDEX payouts_payable_artisan_id_1eea4687 ON public.payouts_payable USING btree (artisan_id);

CREATE INDEX payouts_payable_order_reference_b6369b08 ON public.payouts_payable USING btree (order_reference);

CREATE INDEX payouts_payable_order_reference_b6369b08_like ON public.payouts_payable USING btree (order_reference varchar_pattern_ops);

CREATE INDEX payouts_payable_public_id_19cc0b11_like ON public.payouts_payable USING btree (public_id varchar_pattern_ops);

CREATE INDEX payouts_payableevent_payable_id_9c637eb6 ON public.payouts_payableevent USING btree (payable_id);

CREATE INDEX payouts_payout_artisan_id_826acea4 ON public.payouts_payout USING btree (artisan_id);

CREATE INDEX payouts_payout_public_id_8c81beed_like ON public.payouts_payout USING btree (public_id varchar_pattern_ops);

CREATE INDEX payouts_payout_run_id_85636f9c ON public.payouts_payout USING btree (run_id);

CREATE INDEX payouts_payoutevent_payout_id_d0b48dee ON public.payouts_payoutevent USING btree (payout_id);

CREATE INDEX payouts_payoutitem_payable_id_51bb6304 ON public.payouts_payoutitem USING btree (payable_id);

CREATE INDEX payouts_payoutitem_payout_id_b0af49e3 ON public.payouts_payoutitem USING btree (payout_id);

CREATE INDEX payouts_payoutrun_artisan_id_55642859 ON public.payouts_payoutrun USING btree (artisan_id);

CREATE INDEX payouts_payoutrun_public_id_2ca61fab_like ON public.payouts_payoutrun USING btree (public_id varchar_pattern_ops);

CREATE INDEX payouts_policyevent_artisan_id_a531e4d5 ON public.payouts_policyevent USING btree (artisan_id);

CREATE INDEX payouts_reserve_artisan_id_f066387d ON public.payouts_reserve USING btree (artisan_id);

CREATE INDEX payouts_reserve_public_id_0ba326d6_like ON public.payouts_reserve USING btree (public_id varchar_pattern_ops);

CREATE INDEX payouts_reservedebit_debit_id_1bd7195b ON public.payouts_reservedebit USING btree (debit_id);

CREATE INDEX payouts_reservedebit_reserve_id_04dc282b ON public.payouts_reservedebit USING btree (reserve_id);

CREATE INDEX payouts_reserverelease_public_id_05b99f25_like ON public.payouts_reserverelease USING btree (public_id varchar_pattern_ops);

CREATE INDEX payouts_reserverelease_reserve_id_ed78e0a3 ON public.payouts_reserverelease USING btree (reserve_id);

CREATE INDEX payouts_sellerapplication_public_id_5336cb9f_like ON public.payouts_sellerapplication USING btree (public_id varchar_pattern_ops);

CREATE INDEX payouts_sellerapplication_user_id_06187884 ON public.payouts_sellerapplication USING btree (user_id);

CREATE INDEX payouts_sellerdebt_artisan_id_a724d45d ON public.payouts_sellerdebt USING btree (artisan_id);

CREATE INDEX payouts_sellerdebt_order_reference_31a7e7ff ON public.payouts_sellerdebt USING btree (order_reference);

CREATE INDEX payouts_sellerdebt_order_reference_31a7e7ff_like ON public.payouts_sellerdebt USING btree (order_reference varchar_pattern_ops);

CREATE INDEX payouts_sellerdebt_public_id_9adea0d6_like ON public.payouts_sellerdebt USING btree (public_id varchar_pattern_ops);

CREATE INDEX payouts_sellerdebt_reference_015ee74b ON public.payouts_sellerdebt USING btree (reference);

CREATE INDEX payouts_sellerdebt_reference_015ee74b_like ON public.payouts_sellerdebt USING btree (reference varchar_pattern_ops);

CREATE INDEX payouts_sellerdebt_seller_order_reference_5cf4017c ON public.payouts_sellerdebt USING btree (seller_order_reference);

CREATE INDEX payouts_sellerdebt_seller_order_reference_5cf4017c_like ON public.payouts_sellerdebt USING btree (seller_order_reference varchar_pattern_ops);

CREATE INDEX payouts_sharecredit_debit_id_858c034e ON public.payouts_sharecredit USING btree (debit_id);

CREATE INDEX payouts_sharedebit_artisan_id_7b86df23 ON public.payouts_sharedebit USING btree (artisan_id);

CREATE INDEX payouts_transfer_processor_transfer_id_ae706435_like ON public.payouts_transfer USING btree (processor_transfer_id varchar_pattern_ops);

CREATE INDEX payouts_transfer_public_id_e1bb9d80_like ON public.payouts_transfer USING btree (public_id varchar_pattern_ops);

CREATE INDEX payouts_transferevent_transfer_id_78d7e88c ON public.payouts_transferevent USING btree (transfer_id);

CREATE INDEX payouts_transferreversal_debt_id_00c8d5db ON public.payouts_transferreversal USING btree (debt_id);

CREATE INDEX payouts_transferreversal_processor_reversal_id_90951365_like ON public.payouts_transferreversal USING btree (processor_reversal_id varchar_pattern_ops);

CREATE INDEX payouts_transferreversal_public_id_687bb34b_like ON public.payouts_transferreversal USING btree (public_id varchar_pattern_ops);

CREATE INDEX payouts_transferreversal_transfer_id_b3e34ff9 ON public.payouts_transferreversal USING btree (transfer_id);

CREATE INDEX payouts_transferreversalevent_reversal_id_876d84bb ON public.payouts_transferreversalevent USING btree (reversal_id);

CREATE INDEX posting_time_mark ON public.ledger_posting USING btree (account_id, slot, posted_at, sequence) INCLUDE (balance_minor) WHERE (((sequence % (16)::bigint) = 0) OR (slot > 0));

CREATE INDEX processor_request_due ON public.payments_processorrequest USING btree (next_try_at) WHERE (next_try_at IS NOT NULL);

CREATE INDEX processor_request_subject ON public.payments_processorrequest USING btree (subject);

CREATE INDEX product_newest ON public.catalog_product USING btree (created_at DESC, id DESC) WHERE is_published;

CREATE INDEX product_of_artisan ON public.catalog_product USING btree (artisan_id, created_at DESC) WHERE is_published;

CREATE INDEX product_on_shelf ON public.catalog_product USING btree (category_id, created_at DESC) WHERE is_published;

CREATE INDEX product_title_trigrams ON public.catalog_product USING gin (upper((title)::text) public.gin_trgm_ops);

CREATE UNIQUE INDEX proposal_one_waiting_per_exception ON public.reconciliation_journalproposal USING btree (exception_id) WHERE ((status)::text = 'waiting'::text);

CREATE INDEX recall_open ON public.orders_recall USING btree (expires_at) WHERE ((status)::text = 'asked'::text);

CREATE INDEX reconciliation_exceptionevent_exception_id_dc814163 ON public.reconciliation_exceptionevent USING btree (exception_id);

CREATE INDEX reconciliation_journalproposal_approver_id_2f1bdd39 ON public.reconciliation_journalproposal USING btree (approver_id);

CREATE INDEX reconciliation_journalproposal_exception_id_f7728da1 ON public.reconciliation_journalproposal USING btree (exception_id);

CREATE INDEX reconciliation_journalproposal_proposer_id_1717d312 ON public.reconciliation_journalproposal USING btree (proposer_id);

CREATE INDEX reconciliation_platformpayout_processor_payout_id_e150eeab_like ON public.reconciliation_platformpayout USING btree (processor_payout_id varchar_pattern_ops);

CREATE INDEX reconciliation_platformpayout_public_id_a48ff063_like ON public.reconciliation_platformpayout USING btree (public_id varchar_pattern_ops);

CREATE INDEX reconciliation_platformpayoutevent_payout_id_dc78544c ON public.reconciliation_platformpayoutevent USING btree (payout_id);

CREATE INDEX reconciliation_reconciliationexception_found_in_id_216d193b ON public.reconciliation_reconciliationexception USING btree (found_in_id);

CREATE INDEX reconciliation_reconciliationexception_public_id_a92a749b_like ON public.reconciliation_reconciliationexception USING btree (public_id varchar_pattern_ops);

CREATE INDEX reconciliation_reconciliationexception_seen_in_id_cee73e99 ON public.reconciliation_reconciliationexception USING btree (seen_in_id);

CREATE INDEX reconciliation_reconciliationrun_public_id_46c357b9_like ON public.reconciliation_reconciliationrun USING btree (public_id varchar_pattern_ops);

CREATE INDEX reservation_expiring ON public.catalog_stockreservation USING btree (expires_at) WHERE ((state)::text = 'held'::text);

CREATE INDEX reserve_due ON public.payouts_reserve USING btree (release_at) WHERE ((status)::text = 'held'::text);

CREATE INDEX reserve_of_artisan ON public.payouts_reserve USING btree (artisan_id, currency, status);

CREATE UNIQUE INDEX saved_method_one_default_per_customer ON public.payments_savedmethod USING btree (customer_id) WHERE is_default;

CREATE INDEX seller_debt_open ON public.payouts_sellerdebt USING btree (artisan_id, currency, id) WHERE (amount_minor > (recovered_minor + forgiven_minor));

CREATE INDEX setup_due ON public.payments_setup USING btree (next_look_up_at) WHERE (next_look_up_at IS NOT NULL);

CREATE INDEX share_debit_of_artisan ON public.payouts_sharedebit USING btree (artisan_id, currency);

CREATE INDEX share_debit_reference ON public.payouts_sharedebit USING btree (reference);

CREATE INDEX statement_line_subject ON public.reconciliation_statementline USING btree (source, subject_key);

CREATE INDEX statement_line_time ON public.reconciliation_statementline USING btree (source, occurred_at);

CREATE INDEX transfer_open ON public.payouts_transfer USING btree (id) WHERE ((status)::text = ANY ((ARRAY['requested'::character varying, 'unknown'::character varying])::text[]));

CREATE UNIQUE INDEX unique_primary_email ON public.account_emailaddress USING btree (user_id, "primary") WHERE "primary";

CREATE UNIQUE INDEX unique_verified_email ON public.account_emailaddress USING btree (email) WHERE verified;

CREATE INDEX webhook_event_attention ON public.webhooks_webhookevent USING btree (reference) WHERE ((status)::text = ANY ((ARRAY['parked'::character varying, 'failed'::character varying, 'dead'::character varying])::text[]));

CREATE INDEX webhook_event_due ON public.webhooks_webhookevent USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX webhook_event_object ON public.webhooks_webhookevent USING btree (object_id) WHERE (NOT ((object_id)::text = (subject_id)::text));

CREATE INDEX webhook_event_subject ON public.webhooks_webhookevent USING btree (subject_id) WHERE (NOT ((subject_id)::text = ''::text));

CREATE INDEX webhook_event_with_payload ON public.webhooks_webhookevent USING btree (finished_at) WHERE (((status)::text = ANY ((ARRAY['processed'::character varying, 'ignored'::character varying])::text[])) AND (NOT (payload = '{}'::jsonb)));

CREATE INDEX webhooks_webhookeventchange_event_id_88e60568 ON public.webhooks_webhookeventchange USING btree (event_id);

CREATE TRIGGER ledger_post_entries INSTEAD OF INSERT ON public.ledger_new_entries FOR EACH ROW EXECUTE FUNCTION public.ledger_post_entries();

CREATE TRIGGER ledger_post_entry INSTEAD OF INSERT ON public.ledger_new_entry FOR EACH ROW EXECUTE FUNCTION public.ledger_post_entry();

CREATE TRIGGER ledger_refuse_insert BEFORE INSERT ON public.ledger_journalentry FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_refuse_insert();

CREATE TRIGGER ledger_refuse_insert BEFORE INSERT ON public.ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_refuse_insert();

CREATE TRIGGER pgtrigger_append_only_05112 BEFORE DELETE OR UPDATE ON public.payouts_transferevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_05112();

COMMENT ON TRIGGER pgtrigger_append_only_05112 ON public.payouts_transferevent IS 'e9123ee5041c647b271c367356f07c136d3eb807';

CREATE TRIGGER pgtrigger_append_only_05ed4 BEFORE DELETE OR UPDATE ON public.common_auditseal FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_05ed4();

COMMENT ON TRIGGER pgtrigger_append_only_05ed4 ON public.common_auditseal IS '6cbba9229067da91659f90fe59313ec51f37c185';

CREATE TRIGGER pgtrigger_append_only_0afd9 BEFORE DELETE OR UPDATE ON public.payouts_reservedebit FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_0afd9();

COMMENT ON TRIGGER pgtrigger_append_only_0afd9 ON public.payouts_reservedebit IS 'd1efb65641372401a5900d1b762ade8270f31bca';

CREATE TRIGGER pgtrigger_append_only_16a64 BEFORE DELETE OR UPDATE ON public.payouts_sharecredit FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_16a64();

COMMENT ON TRIGGER pgtrigger_append_only_16a64 ON public.payouts_sharecredit IS 'e221646f98f4ea3521a613e21453c35a40724d2b';

CREATE TRIGGER pgtrigger_append_only_1c8d7 BEFORE DELETE OR UPDATE ON public.common_auditrecord FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_1c8d7();

COMMENT ON TRIGGER pgtrigger_append_only_1c8d7 ON public.common_auditrecord IS '9665aa7c82d9bee19e64ce32f6c789b428798cde';

CREATE TRIGGER pgtrigger_append_only_1cf7d BEFORE DELETE OR UPDATE ON public.reconciliation_statementline FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_1cf7d();

COMMENT ON TRIGGER pgtrigger_append_only_1cf7d ON public.reconciliation_statementline IS '1ebcd3d26e632979dc761dc63bb23e35b00155e5';

CREATE TRIGGER pgtrigger_append_only_20207 BEFORE DELETE OR UPDATE ON public.payments_paymentevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_20207();

COMMENT ON TRIGGER pgtrigger_append_only_20207 ON public.payments_paymentevent IS '899bbfbff907f735235a7313123b9775d62e0a14';

CREATE TRIGGER pgtrigger_append_only_26dc6 BEFORE DELETE OR UPDATE ON public.payouts_debtwriteoff FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_26dc6();

COMMENT ON TRIGGER pgtrigger_append_only_26dc6 ON public.payouts_debtwriteoff IS '9d1b60a25cbfa3d1fc92dad8c2f071b3bb91da3c';

CREATE TRIGGER pgtrigger_append_only_2d2aa BEFORE DELETE OR UPDATE ON public.catalog_postagechange FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_2d2aa();

COMMENT ON TRIGGER pgtrigger_append_only_2d2aa ON public.catalog_postagechange IS '4a7c9bc4fb9e7fa18849f7d278d03dbc51bb097b';

CREATE TRIGGER pgtrigger_append_only_39cdb BEFORE DELETE OR UPDATE ON public.orders_orderevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_39cdb();

COMMENT ON TRIGGER pgtrigger_append_only_39cdb ON public.orders_orderevent IS '7d910be96f697ed8c0d24b8d8a9b6e268d3d09ae';

CREATE TRIGGER pgtrigger_append_only_3a07e BEFORE DELETE OR UPDATE ON public.payments_refundevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_3a07e();

COMMENT ON TRIGGER pgtrigger_append_only_3a07e ON public.payments_refundevent IS '7cf1b09faaeb257abbb702d0c27edf94016ca5fb';

CREATE TRIGGER pgtrigger_append_only_3a1b9 BEFORE DELETE OR UPDATE ON public.payments_disputeevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_3a1b9();

COMMENT ON TRIGGER pgtrigger_append_only_3a1b9 ON public.payments_disputeevent IS '992dc1730cddd7a65efccd41e4d2d88489f0cc69';

CREATE TRIGGER pgtrigger_append_only_51816 BEFORE DELETE OR UPDATE ON public.orders_fulfilmentevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_51816();

COMMENT ON TRIGGER pgtrigger_append_only_51816 ON public.orders_fulfilmentevent IS 'cc47d58edc4aa5cc878ef65c4a02d82d04b5cd86';

CREATE TRIGGER pgtrigger_append_only_56bd0 BEFORE DELETE OR UPDATE ON public.reconciliation_bookedmovement FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_56bd0();

COMMENT ON TRIGGER pgtrigger_append_only_56bd0 ON public.reconciliation_bookedmovement IS '3dd90b14d65c6bf5c96a03f2ad8bdb8ece577b91';

CREATE TRIGGER pgtrigger_append_only_581e8 BEFORE DELETE OR UPDATE ON public.payments_savedmethodevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_581e8();

COMMENT ON TRIGGER pgtrigger_append_only_581e8 ON public.payments_savedmethodevent IS '75ed3a7741ddee6cf111c65ce4eb83b55963e6db';

CREATE TRIGGER pgtrigger_append_only_5ae91 BEFORE DELETE OR UPDATE ON public.payouts_debtrecovery FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_5ae91();

COMMENT ON TRIGGER pgtrigger_append_only_5ae91 ON public.payouts_debtrecovery IS 'a697717d309ce8be1cf6c0601815210432375b07';

CREATE TRIGGER pgtrigger_append_only_5b98b BEFORE DELETE OR UPDATE ON public.orders_recallallocation FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_5b98b();

COMMENT ON TRIGGER pgtrigger_append_only_5b98b ON public.orders_recallallocation IS '044b3bd9534e213b362be28b6835ba18cf4f2faf';

CREATE TRIGGER pgtrigger_append_only_5c8e0 BEFORE DELETE OR UPDATE ON public.payouts_payoutevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_5c8e0();

COMMENT ON TRIGGER pgtrigger_append_only_5c8e0 ON public.payouts_payoutevent IS '0b27478bd809c48ba84237247701ed4424764869';

CREATE TRIGGER pgtrigger_append_only_62582 BEFORE DELETE OR UPDATE ON public.payouts_connectedaccountevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_62582();

COMMENT ON TRIGGER pgtrigger_append_only_62582 ON public.payouts_connectedaccountevent IS '9c8186db24c5175dca0cdf1025776f613325c982';

CREATE TRIGGER pgtrigger_append_only_70215 BEFORE DELETE OR UPDATE ON public.reconciliation_exceptionevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_70215();

COMMENT ON TRIGGER pgtrigger_append_only_70215 ON public.reconciliation_exceptionevent IS '45d5fe712c0bf01917a10b7652804cf8aaf2cd4d';

CREATE TRIGGER pgtrigger_append_only_7a599 BEFORE DELETE OR UPDATE ON public.webhooks_webhookeventchange FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_7a599();

COMMENT ON TRIGGER pgtrigger_append_only_7a599 ON public.webhooks_webhookeventchange IS '62676f7c53b5197a9a470482964def5323ca2915';

CREATE TRIGGER pgtrigger_append_only_7eacc BEFORE DELETE OR UPDATE ON public.orders_orderline FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_7eacc();

COMMENT ON TRIGGER pgtrigger_append_only_7eacc ON public.orders_orderline IS '1742fc819f5f7359087ceccc7b87b9ec4bb9f9de';

CREATE TRIGGER pgtrigger_append_only_97871 BEFORE DELETE OR UPDATE ON public.payouts_transferreversalevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_97871();

COMMENT ON TRIGGER pgtrigger_append_only_97871 ON public.payouts_transferreversalevent IS '4e3a2b2c05b51ee906bd41a5e3d4212903708490';

CREATE TRIGGER pgtrigger_append_only_9c797 BEFORE DELETE OR UPDATE ON public.payouts_policyevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_9c797();

COMMENT ON TRIGGER pgtrigger_append_only_9c797 ON public.payouts_policyevent IS '916db6b618f97f45cef952f733ab66f2e550d2cc';

CREATE TRIGGER pgtrigger_append_only_a0744 BEFORE DELETE OR UPDATE ON public.orders_recallconsent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_a0744();

COMMENT ON TRIGGER pgtrigger_append_only_a0744 ON public.orders_recallconsent IS 'f552e8781fa9052cd70bf486de2e93995d719aaf';

CREATE TRIGGER pgtrigger_append_only_abc2f BEFORE DELETE OR UPDATE ON public.payouts_bankpayoutevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_abc2f();

COMMENT ON TRIGGER pgtrigger_append_only_abc2f ON public.payouts_bankpayoutevent IS 'e10400dd3bc16b62ce50663beab5a7dd38f053c7';

CREATE TRIGGER pgtrigger_append_only_b60ca BEFORE DELETE OR UPDATE ON public.orders_sellerorder FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_b60ca();

COMMENT ON TRIGGER pgtrigger_append_only_b60ca ON public.orders_sellerorder IS '46bb82805779a93a29b423196a5dd2011141d70a';

CREATE TRIGGER pgtrigger_append_only_c0180 BEFORE DELETE OR UPDATE ON public.payouts_reserverelease FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_c0180();

COMMENT ON TRIGGER pgtrigger_append_only_c0180 ON public.payouts_reserverelease IS '77287c6b605e0c23f221e111053c88a98bdd0327';

CREATE TRIGGER pgtrigger_append_only_c55cb BEFORE DELETE OR UPDATE ON public.reconciliation_platformpayoutevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_c55cb();

COMMENT ON TRIGGER pgtrigger_append_only_c55cb ON public.reconciliation_platformpayoutevent IS 'f259f1f1041c33b9b6091a9dd16b9709c2e15892';

CREATE TRIGGER pgtrigger_append_only_d47c8 BEFORE DELETE OR UPDATE ON public.ledger_journalentry FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_d47c8();

COMMENT ON TRIGGER pgtrigger_append_only_d47c8 ON public.ledger_journalentry IS '0b58c0344ee9a260f5dd0a38fcb87128e74b1ee9';

CREATE TRIGGER pgtrigger_append_only_e35fc BEFORE DELETE OR UPDATE ON public.orders_recallevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_e35fc();

COMMENT ON TRIGGER pgtrigger_append_only_e35fc ON public.orders_recallevent IS 'fe17b6470b5f7e3e598227c8e81bd9128bd66b2f';

CREATE TRIGGER pgtrigger_append_only_f2ff5 BEFORE DELETE OR UPDATE ON public.ledger_posting FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_f2ff5();

COMMENT ON TRIGGER pgtrigger_append_only_f2ff5 ON public.ledger_posting IS '7b239e9284152ba7def92c3dbc6b17b168823747';

CREATE TRIGGER pgtrigger_append_only_fe603 BEFORE DELETE OR UPDATE ON public.payouts_payableevent FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_append_only_fe603();

COMMENT ON TRIGGER pgtrigger_append_only_fe603 ON public.payouts_payableevent IS 'd56e6cecc891484bf05bdfe7eff79de36dcfe8aa';

CREATE TRIGGER pgtrigger_as_accrued_9e4ef BEFORE UPDATE ON public.payouts_payable FOR EACH ROW WHEN ((((old.public_id)::text IS DISTINCT FROM (new.public_id)::text) OR ((old.order_reference)::text IS DISTINCT FROM (new.order_reference)::text) OR ((old.seller_order_reference)::text IS DISTINCT FROM (new.seller_order_reference)::text) OR ((old.origin_reference)::text IS DISTINCT FROM (new.origin_reference)::text) OR (old.artisan_id IS DISTINCT FROM new.artisan_id) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR ((old.processor)::text IS DISTINCT FROM (new.processor)::text) OR ((old.source_charge_id)::text IS DISTINCT FROM (new.source_charge_id)::text) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_accrued_9e4ef();

COMMENT ON TRIGGER pgtrigger_as_accrued_9e4ef ON public.payouts_payable IS '89208cad8b8b890ed719686b83d332a9218fc758';

CREATE TRIGGER pgtrigger_as_allocated_0b5d8 BEFORE UPDATE ON public.orders_disputeallocation FOR EACH ROW WHEN ((((old.dispute_reference)::text IS DISTINCT FROM (new.dispute_reference)::text) OR (old.order_id IS DISTINCT FROM new.order_id) OR (old.seller_order_id IS DISTINCT FROM new.seller_order_id) OR (old.number IS DISTINCT FROM new.number) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR (old.commission_minor IS DISTINCT FROM new.commission_minor) OR (old.share_minor IS DISTINCT FROM new.share_minor) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_allocated_0b5d8();

COMMENT ON TRIGGER pgtrigger_as_allocated_0b5d8 ON public.orders_disputeallocation IS '1dea67c939b99b14c63b08a3da3ef3c11b2e666f';

CREATE TRIGGER pgtrigger_as_allocated_ec0ca BEFORE UPDATE ON public.orders_refundallocation FOR EACH ROW WHEN ((((old.refund_reference)::text IS DISTINCT FROM (new.refund_reference)::text) OR (old.order_id IS DISTINCT FROM new.order_id) OR (old.seller_order_id IS DISTINCT FROM new.seller_order_id) OR (old.line_id IS DISTINCT FROM new.line_id) OR ((old.part)::text IS DISTINCT FROM (new.part)::text) OR ((old.bearer)::text IS DISTINCT FROM (new.bearer)::text) OR (old.quantity IS DISTINCT FROM new.quantity) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR (old.commission_minor IS DISTINCT FROM new.commission_minor) OR (old.share_minor IS DISTINCT FROM new.share_minor) OR (old.platform_minor IS DISTINCT FROM new.platform_minor) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_allocated_ec0ca();

COMMENT ON TRIGGER pgtrigger_as_allocated_ec0ca ON public.orders_refundallocation IS 'afa323f19b46aec42dd4be82ca2478f720e0df71';

CREATE TRIGGER pgtrigger_as_asked_0b9e1 BEFORE UPDATE ON public.payouts_transferreversal FOR EACH ROW WHEN ((((old.public_id)::text IS DISTINCT FROM (new.public_id)::text) OR (old.transfer_id IS DISTINCT FROM new.transfer_id) OR (old.debt_id IS DISTINCT FROM new.debt_id) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_asked_0b9e1();

COMMENT ON TRIGGER pgtrigger_as_asked_0b9e1 ON public.payouts_transferreversal IS '3853491361df22fa779ae59f030a38a6e92dd65d';

CREATE TRIGGER pgtrigger_as_asked_47ee1 BEFORE UPDATE ON public.orders_recall FOR EACH ROW WHEN ((((old.public_id)::text IS DISTINCT FROM (new.public_id)::text) OR ((old.refund_reference)::text IS DISTINCT FROM (new.refund_reference)::text) OR (old.sale_id IS DISTINCT FROM new.sale_id) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR ((old.reason)::text IS DISTINCT FROM (new.reason)::text) OR ((old.initiator)::text IS DISTINCT FROM (new.initiator)::text) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_asked_47ee1();

COMMENT ON TRIGGER pgtrigger_as_asked_47ee1 ON public.orders_recall IS 'ad8857f48ee4cba218cefc76083960050b8f0838';

CREATE TRIGGER pgtrigger_as_asked_c4305 BEFORE UPDATE ON public.payouts_transfer FOR EACH ROW WHEN ((((old.public_id)::text IS DISTINCT FROM (new.public_id)::text) OR (old.payout_id IS DISTINCT FROM new.payout_id) OR ((old.processor)::text IS DISTINCT FROM (new.processor)::text) OR ((old.destination_account_id)::text IS DISTINCT FROM (new.destination_account_id)::text) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_asked_c4305();

COMMENT ON TRIGGER pgtrigger_as_asked_c4305 ON public.payouts_transfer IS 'c1cf922ec093e5c18b946c455a21b9180491cae3';

CREATE TRIGGER pgtrigger_as_asked_dcc46 BEFORE UPDATE ON public.payouts_bankpayout FOR EACH ROW WHEN ((((old.public_id)::text IS DISTINCT FROM (new.public_id)::text) OR (old.payout_id IS DISTINCT FROM new.payout_id) OR (old.attempt IS DISTINCT FROM new.attempt) OR ((old.processor_account_id)::text IS DISTINCT FROM (new.processor_account_id)::text) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_asked_dcc46();

COMMENT ON TRIGGER pgtrigger_as_asked_dcc46 ON public.payouts_bankpayout IS 'f312586dc26c50eecdd0a415e62268a7c055ca0a';

CREATE TRIGGER pgtrigger_as_composed_2b719 BEFORE UPDATE ON public.payouts_payout FOR EACH ROW WHEN ((((old.public_id)::text IS DISTINCT FROM (new.public_id)::text) OR (old.run_id IS DISTINCT FROM new.run_id) OR (old.artisan_id IS DISTINCT FROM new.artisan_id) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR ((old.processor)::text IS DISTINCT FROM (new.processor)::text) OR ((old.destination_account_id)::text IS DISTINCT FROM (new.destination_account_id)::text) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_composed_2b719();

COMMENT ON TRIGGER pgtrigger_as_composed_2b719 ON public.payouts_payout IS '0fd420375c40df99b7579fc2ec2531e57e55827b';

CREATE TRIGGER pgtrigger_as_composed_7b3ed BEFORE UPDATE ON public.payouts_payoutitem FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.payout_id IS DISTINCT FROM new.payout_id) OR (old.payable_id IS DISTINCT FROM new.payable_id) OR (old.amount_minor IS DISTINCT FROM new.amount_minor))) EXECUTE FUNCTION public.pgtrigger_as_composed_7b3ed();

COMMENT ON TRIGGER pgtrigger_as_composed_7b3ed ON public.payouts_payoutitem IS 'f0a676eeae98927151bbdb804199336661b52370';

CREATE TRIGGER pgtrigger_as_it_arose_1063d BEFORE UPDATE ON public.payouts_sellerdebt FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR ((old.public_id)::text IS DISTINCT FROM (new.public_id)::text) OR (old.debit_id IS DISTINCT FROM new.debit_id) OR (old.artisan_id IS DISTINCT FROM new.artisan_id) OR ((old.order_reference)::text IS DISTINCT FROM (new.order_reference)::text) OR ((old.seller_order_reference)::text IS DISTINCT FROM (new.seller_order_reference)::text) OR ((old.reference)::text IS DISTINCT FROM (new.reference)::text) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_it_arose_1063d();

COMMENT ON TRIGGER pgtrigger_as_it_arose_1063d ON public.payouts_sellerdebt IS 'a0a7e438a8c220c6bdf258196b9129c37b54c338';

CREATE TRIGGER pgtrigger_as_received_61461 BEFORE UPDATE ON public.webhooks_webhookevent FOR EACH ROW WHEN ((((old.source)::text IS DISTINCT FROM (new.source)::text) OR ((old.external_id)::text IS DISTINCT FROM (new.external_id)::text) OR ((old.event_type)::text IS DISTINCT FROM (new.event_type)::text) OR ((old.object_type)::text IS DISTINCT FROM (new.object_type)::text) OR ((old.object_id)::text IS DISTINCT FROM (new.object_id)::text) OR ((old.processor_payment_id)::text IS DISTINCT FROM (new.processor_payment_id)::text) OR ((old.connected_account_id)::text IS DISTINCT FROM (new.connected_account_id)::text) OR ((old.api_version)::text IS DISTINCT FROM (new.api_version)::text) OR (old.livemode IS DISTINCT FROM new.livemode) OR (old.occurred_at IS DISTINCT FROM new.occurred_at) OR (old.received_at IS DISTINCT FROM new.received_at) OR ((old.body_sha256)::text IS DISTINCT FROM (new.body_sha256)::text) OR ((old.user_agent)::text IS DISTINCT FROM (new.user_agent)::text) OR ((old.trace_id)::text IS DISTINCT FROM (new.trace_id)::text))) EXECUTE FUNCTION public.pgtrigger_as_received_61461();

COMMENT ON TRIGGER pgtrigger_as_received_61461 ON public.webhooks_webhookevent IS 'a88188171aea100b0acf3ecec9d215d7bea9fccc';

CREATE TRIGGER pgtrigger_as_recorded_695de BEFORE UPDATE ON public.payouts_debtrepayment FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR ((old.public_id)::text IS DISTINCT FROM (new.public_id)::text) OR (old.artisan_id IS DISTINCT FROM new.artisan_id) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR ((old.bank_reference)::text IS DISTINCT FROM (new.bank_reference)::text) OR (old.received_on IS DISTINCT FROM new.received_on) OR ((old.actor)::text IS DISTINCT FROM (new.actor)::text) OR ((old.trace_id)::text IS DISTINCT FROM (new.trace_id)::text) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_recorded_695de();

COMMENT ON TRIGGER pgtrigger_as_recorded_695de ON public.payouts_debtrepayment IS '3eec75309c60b2c81340ee946731014535411059';

CREATE TRIGGER pgtrigger_as_taken_dd5ea BEFORE UPDATE ON public.payouts_sharedebit FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR ((old.seller_order_reference)::text IS DISTINCT FROM (new.seller_order_reference)::text) OR ((old.reference)::text IS DISTINCT FROM (new.reference)::text) OR (old.artisan_id IS DISTINCT FROM new.artisan_id) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.held_minor IS DISTINCT FROM new.held_minor) OR (old.payable_minor IS DISTINCT FROM new.payable_minor) OR (old.reserved_minor IS DISTINCT FROM new.reserved_minor) OR (old.receivable_minor IS DISTINCT FROM new.receivable_minor) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_taken_dd5ea();

COMMENT ON TRIGGER pgtrigger_as_taken_dd5ea ON public.payouts_sharedebit IS '63dda0bcea92de0288c546d407f982a85da3dd1a';

CREATE TRIGGER pgtrigger_as_withheld_ebf04 BEFORE UPDATE ON public.payouts_reserve FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR ((old.public_id)::text IS DISTINCT FROM (new.public_id)::text) OR (old.payable_id IS DISTINCT FROM new.payable_id) OR (old.artisan_id IS DISTINCT FROM new.artisan_id) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.release_at IS DISTINCT FROM new.release_at) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_as_withheld_ebf04();

COMMENT ON TRIGGER pgtrigger_as_withheld_ebf04 ON public.payouts_reserve IS '31cb6c55811872c06bf1bf54decacc63e3fb86fa';

CREATE TRIGGER pgtrigger_frozen_quote_fb1e7 BEFORE UPDATE ON public.orders_order FOR EACH ROW WHEN ((((old.public_id)::text IS DISTINCT FROM (new.public_id)::text) OR ((old.email)::text IS DISTINCT FROM (new.email)::text) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.goods_minor IS DISTINCT FROM new.goods_minor) OR (old.shipping_minor IS DISTINCT FROM new.shipping_minor) OR (old.platform_minor IS DISTINCT FROM new.platform_minor) OR (old.total_minor IS DISTINCT FROM new.total_minor) OR (old.recall_id IS DISTINCT FROM new.recall_id) OR ((old.cart_hash)::text IS DISTINCT FROM (new.cart_hash)::text) OR (old.quote IS DISTINCT FROM new.quote) OR ((old.quote_hash)::text IS DISTINCT FROM (new.quote_hash)::text) OR (old.shipping_address IS DISTINCT FROM new.shipping_address) OR ((old.capture_method)::text IS DISTINCT FROM (new.capture_method)::text) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.pgtrigger_frozen_quote_fb1e7();

COMMENT ON TRIGGER pgtrigger_frozen_quote_fb1e7 ON public.orders_order IS '1ab6b706533e006dbe621c8199fb62c881f6fe20';

CREATE TRIGGER pgtrigger_identity_fixed_b7f9b BEFORE UPDATE ON public.ledger_account FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR ((old.code)::text IS DISTINCT FROM (new.code)::text) OR ((old.type)::text IS DISTINCT FROM (new.type)::text) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR ((old.owner_reference)::text IS DISTINCT FROM (new.owner_reference)::text) OR (old.is_hot IS DISTINCT FROM new.is_hot) OR (old.opened_at IS DISTINCT FROM new.opened_at))) EXECUTE FUNCTION public.pgtrigger_identity_fixed_b7f9b();

COMMENT ON TRIGGER pgtrigger_identity_fixed_b7f9b ON public.ledger_account IS '89059f109a6dfbf6fd14a0f55d03d917f3931c75';

CREATE TRIGGER pgtrigger_no_delete_127d2 BEFORE DELETE ON public.payouts_sharedebit FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_127d2();

COMMENT ON TRIGGER pgtrigger_no_delete_127d2 ON public.payouts_sharedebit IS '16e184d0f45438790d5c42a2c033c027e0fe69c5';

CREATE TRIGGER pgtrigger_no_delete_18c4b BEFORE DELETE ON public.orders_recall FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_18c4b();

COMMENT ON TRIGGER pgtrigger_no_delete_18c4b ON public.orders_recall IS '4efe57ece048f65c9f8fe740dcd353a340b05312';

CREATE TRIGGER pgtrigger_no_delete_219f1 BEFORE DELETE ON public.payouts_payoutpolicy FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_219f1();

COMMENT ON TRIGGER pgtrigger_no_delete_219f1 ON public.payouts_payoutpolicy IS 'e8b1640c55beec03b63ae33a8b4e26c8b9d03c8b';

CREATE TRIGGER pgtrigger_no_delete_22a1a BEFORE DELETE ON public.payouts_sellerdebt FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_22a1a();

COMMENT ON TRIGGER pgtrigger_no_delete_22a1a ON public.payouts_sellerdebt IS '9d895ce4364b86fe6631e0471f359fcd00189990';

CREATE TRIGGER pgtrigger_no_delete_2bcb9 BEFORE DELETE ON public.orders_refundallocation FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_2bcb9();

COMMENT ON TRIGGER pgtrigger_no_delete_2bcb9 ON public.orders_refundallocation IS '5cdfc06558690485214b057f382ae1c4292e6aff';

CREATE TRIGGER pgtrigger_no_delete_376ee BEFORE DELETE ON public.payouts_debtrepayment FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_376ee();

COMMENT ON TRIGGER pgtrigger_no_delete_376ee ON public.payouts_debtrepayment IS '8fcac1a759b18001039cadd0b4f0961d385d4aea';

CREATE TRIGGER pgtrigger_no_delete_59a3a BEFORE DELETE ON public.payouts_bankpayout FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_59a3a();

COMMENT ON TRIGGER pgtrigger_no_delete_59a3a ON public.payouts_bankpayout IS '872d6f3a1a62508f7ec598e09da8d028bce6e1d1';

CREATE TRIGGER pgtrigger_no_delete_5e269 BEFORE DELETE ON public.payouts_payout FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_5e269();

COMMENT ON TRIGGER pgtrigger_no_delete_5e269 ON public.payouts_payout IS '195a5def28b5d591f348306cc14e872098fb18c0';

CREATE TRIGGER pgtrigger_no_delete_6dd1a BEFORE DELETE ON public.orders_order FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_6dd1a();

COMMENT ON TRIGGER pgtrigger_no_delete_6dd1a ON public.orders_order IS '400f30bfda366e3c040bc2eff70d199663120eb3';

CREATE TRIGGER pgtrigger_no_delete_776e3 BEFORE DELETE ON public.payouts_transferreversal FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_776e3();

COMMENT ON TRIGGER pgtrigger_no_delete_776e3 ON public.payouts_transferreversal IS 'b566cdfa37821b21bc4ebc4873b742b1952472b8';

CREATE TRIGGER pgtrigger_no_delete_83bd5 BEFORE DELETE ON public.payouts_payoutitem FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_83bd5();

COMMENT ON TRIGGER pgtrigger_no_delete_83bd5 ON public.payouts_payoutitem IS '05c2f74ca1f95350ab2ca246e5a18f07cef07d1e';

CREATE TRIGGER pgtrigger_no_delete_88399 BEFORE DELETE ON public.orders_disputeallocation FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_88399();

COMMENT ON TRIGGER pgtrigger_no_delete_88399 ON public.orders_disputeallocation IS '79d954989e7126b4dd2524dda5722d48664dbc37';

CREATE TRIGGER pgtrigger_no_delete_89cdf BEFORE DELETE ON public.payouts_payable FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_89cdf();

COMMENT ON TRIGGER pgtrigger_no_delete_89cdf ON public.payouts_payable IS 'ce30b9c2357ae921afba99b521d350c5f7db6baa';

CREATE TRIGGER pgtrigger_no_delete_961df BEFORE DELETE ON public.payouts_transfer FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_961df();

COMMENT ON TRIGGER pgtrigger_no_delete_961df ON public.payouts_transfer IS '4c619b30026730746da7572b64b69f0bfafe3e77';

CREATE TRIGGER pgtrigger_no_delete_cc148 BEFORE DELETE ON public.ledger_account FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_cc148();

COMMENT ON TRIGGER pgtrigger_no_delete_cc148 ON public.ledger_account IS '3fabe5fad7979f32f75dd6949e5d9c7554b240ba';

CREATE TRIGGER pgtrigger_no_delete_d2677 BEFORE DELETE ON public.payouts_payoutrun FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_d2677();

COMMENT ON TRIGGER pgtrigger_no_delete_d2677 ON public.payouts_payoutrun IS 'e64483eef2abd77ac57b77441c17a58658daea37';

CREATE TRIGGER pgtrigger_no_delete_f454e BEFORE DELETE ON public.payouts_reserve FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_no_delete_f454e();

COMMENT ON TRIGGER pgtrigger_no_delete_f454e ON public.payouts_reserve IS 'c041e1de8150bd43754b626b892730dea611e839';

CREATE TRIGGER pgtrigger_no_truncate_15d96 BEFORE TRUNCATE ON public.payouts_reserverelease FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_15d96();

COMMENT ON TRIGGER pgtrigger_no_truncate_15d96 ON public.payouts_reserverelease IS 'a8bcb965032081e19133639516f81116f3f17f41';

CREATE TRIGGER pgtrigger_no_truncate_167c0 BEFORE TRUNCATE ON public.payouts_payableevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_167c0();

COMMENT ON TRIGGER pgtrigger_no_truncate_167c0 ON public.payouts_payableevent IS '9e3ec890f5e2ff6287314127c93f6b9fbc104ae1';

CREATE TRIGGER pgtrigger_no_truncate_1d584 BEFORE TRUNCATE ON public.payouts_debtwriteoff FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_1d584();

COMMENT ON TRIGGER pgtrigger_no_truncate_1d584 ON public.payouts_debtwriteoff IS '8ec1efa477235736cce041984b2579eaaaa596a1';

CREATE TRIGGER pgtrigger_no_truncate_20fb0 BEFORE TRUNCATE ON public.payouts_payoutevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_20fb0();

COMMENT ON TRIGGER pgtrigger_no_truncate_20fb0 ON public.payouts_payoutevent IS '7aa4655df50b5e7f4bce2be1e077d2857c5d210f';

CREATE TRIGGER pgtrigger_no_truncate_3444f BEFORE TRUNCATE ON public.orders_sellerorder FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_3444f();

COMMENT ON TRIGGER pgtrigger_no_truncate_3444f ON public.orders_sellerorder IS '3080fc4b52557225b771ce0cf560335c4ff76402';

CREATE TRIGGER pgtrigger_no_truncate_36ecd BEFORE TRUNCATE ON public.payouts_connectedaccountevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_36ecd();

COMMENT ON TRIGGER pgtrigger_no_truncate_36ecd ON public.payouts_connectedaccountevent IS '5d66dc8ad8966c4397d93df6a2f6b89e947ddb23';

CREATE TRIGGER pgtrigger_no_truncate_415c0 BEFORE TRUNCATE ON public.payments_refundevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_415c0();

COMMENT ON TRIGGER pgtrigger_no_truncate_415c0 ON public.payments_refundevent IS '77a925aedc5c56c897b4a1ccfb89b843d87eb81b';

CREATE TRIGGER pgtrigger_no_truncate_47e61 BEFORE TRUNCATE ON public.orders_fulfilmentevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_47e61();

COMMENT ON TRIGGER pgtrigger_no_truncate_47e61 ON public.orders_fulfilmentevent IS 'b0f49983e13b76b1847ee7703e5f137a92cbf1fe';

CREATE TRIGGER pgtrigger_no_truncate_53296 BEFORE TRUNCATE ON public.orders_orderevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_53296();

COMMENT ON TRIGGER pgtrigger_no_truncate_53296 ON public.orders_orderevent IS 'b5baf9c6d742f235920268f40f6c2328ddc01e39';

CREATE TRIGGER pgtrigger_no_truncate_5d8e7 BEFORE TRUNCATE ON public.reconciliation_bookedmovement FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_5d8e7();

COMMENT ON TRIGGER pgtrigger_no_truncate_5d8e7 ON public.reconciliation_bookedmovement IS '04c02fc83bc9559295c3655486ad3f9066dcabcc';

CREATE TRIGGER pgtrigger_no_truncate_66e0d BEFORE TRUNCATE ON public.webhooks_webhookeventchange FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_66e0d();

COMMENT ON TRIGGER pgtrigger_no_truncate_66e0d ON public.webhooks_webhookeventchange IS '556977e1c1993892315df0ef0685ed684659ad48';

CREATE TRIGGER pgtrigger_no_truncate_679dd BEFORE TRUNCATE ON public.orders_orderline FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_679dd();

COMMENT ON TRIGGER pgtrigger_no_truncate_679dd ON public.orders_orderline IS '96018414824478a76e21a81f244bfb5afe447065';

CREATE TRIGGER pgtrigger_no_truncate_6871b BEFORE TRUNCATE ON public.payments_savedmethodevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_6871b();

COMMENT ON TRIGGER pgtrigger_no_truncate_6871b ON public.payments_savedmethodevent IS '460bd24f62fa9d74156fd263d1699897ca56b5f3';

CREATE TRIGGER pgtrigger_no_truncate_6e78b BEFORE TRUNCATE ON public.payments_paymentevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_6e78b();

COMMENT ON TRIGGER pgtrigger_no_truncate_6e78b ON public.payments_paymentevent IS '84799cf4fb23daaaea2331d43ffcaf1bf2ba320e';

CREATE TRIGGER pgtrigger_no_truncate_713ba BEFORE TRUNCATE ON public.payouts_debtrecovery FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_713ba();

COMMENT ON TRIGGER pgtrigger_no_truncate_713ba ON public.payouts_debtrecovery IS 'f698b3ddacb64dddb243987b7b0d367a811b144e';

CREATE TRIGGER pgtrigger_no_truncate_739ed BEFORE TRUNCATE ON public.payments_disputeevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_739ed();

COMMENT ON TRIGGER pgtrigger_no_truncate_739ed ON public.payments_disputeevent IS '396875143ac73d0572a45393d68b4e62ad759444';

CREATE TRIGGER pgtrigger_no_truncate_778db BEFORE TRUNCATE ON public.reconciliation_platformpayoutevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_778db();

COMMENT ON TRIGGER pgtrigger_no_truncate_778db ON public.reconciliation_platformpayoutevent IS 'e7c6f4a2b8fa2e35caa965ba1bce96e6c272000e';

CREATE TRIGGER pgtrigger_no_truncate_828db BEFORE TRUNCATE ON public.orders_recallallocation FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_828db();

COMMENT ON TRIGGER pgtrigger_no_truncate_828db ON public.orders_recallallocation IS '4d79dc35f81bc2703d8cadd8471779a042646354';

CREATE TRIGGER pgtrigger_no_truncate_82aeb BEFORE TRUNCATE ON public.reconciliation_statementline FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_82aeb();

COMMENT ON TRIGGER pgtrigger_no_truncate_82aeb ON public.reconciliation_statementline IS '52a6f0127777987a8469bc9e7ffef9b2780d85d0';

CREATE TRIGGER pgtrigger_no_truncate_96585 BEFORE TRUNCATE ON public.ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_96585();

COMMENT ON TRIGGER pgtrigger_no_truncate_96585 ON public.ledger_posting IS 'a3f67bdbc9a62c37d11fe654c30d229660cd442e';

CREATE TRIGGER pgtrigger_no_truncate_a62f9 BEFORE TRUNCATE ON public.payouts_bankpayoutevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_a62f9();

COMMENT ON TRIGGER pgtrigger_no_truncate_a62f9 ON public.payouts_bankpayoutevent IS '10f4b839a2de5956d9cae2bc2db74cf05e05f728';

CREATE TRIGGER pgtrigger_no_truncate_a782a BEFORE TRUNCATE ON public.orders_recallconsent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_a782a();

COMMENT ON TRIGGER pgtrigger_no_truncate_a782a ON public.orders_recallconsent IS '90341fd1a1cab2a996ed0a1e09865652f7c965d4';

CREATE TRIGGER pgtrigger_no_truncate_ac067 BEFORE TRUNCATE ON public.common_auditseal FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_ac067();

COMMENT ON TRIGGER pgtrigger_no_truncate_ac067 ON public.common_auditseal IS '55219dd5683ac3ac90994b1c475bfae5cc654a24';

CREATE TRIGGER pgtrigger_no_truncate_ad541 BEFORE TRUNCATE ON public.payouts_policyevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_ad541();

COMMENT ON TRIGGER pgtrigger_no_truncate_ad541 ON public.payouts_policyevent IS '388d2639cb364925f8f7108421b1991dd1e329eb';

CREATE TRIGGER pgtrigger_no_truncate_ae981 BEFORE TRUNCATE ON public.orders_recallevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_ae981();

COMMENT ON TRIGGER pgtrigger_no_truncate_ae981 ON public.orders_recallevent IS '30165447f5109cff9e2ef0cc623262fee2adde37';

CREATE TRIGGER pgtrigger_no_truncate_af4d1 BEFORE TRUNCATE ON public.payouts_reservedebit FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_af4d1();

COMMENT ON TRIGGER pgtrigger_no_truncate_af4d1 ON public.payouts_reservedebit IS 'f16154fa0f76cf003909da3a94d85062515834a5';

CREATE TRIGGER pgtrigger_no_truncate_b6fba BEFORE TRUNCATE ON public.common_auditrecord FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_b6fba();

COMMENT ON TRIGGER pgtrigger_no_truncate_b6fba ON public.common_auditrecord IS 'f6328ba7f9b634c183933c6b074db9d71d80ef84';

CREATE TRIGGER pgtrigger_no_truncate_c578f BEFORE TRUNCATE ON public.catalog_postagechange FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_c578f();

COMMENT ON TRIGGER pgtrigger_no_truncate_c578f ON public.catalog_postagechange IS '4bc723c4300a3ff4480af94ca5981d416e4e0d1e';

CREATE TRIGGER pgtrigger_no_truncate_ccc15 BEFORE TRUNCATE ON public.payouts_transferevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_ccc15();

COMMENT ON TRIGGER pgtrigger_no_truncate_ccc15 ON public.payouts_transferevent IS '09dfc96ce5b56bc47c1300be83df912ab4c601b2';

CREATE TRIGGER pgtrigger_no_truncate_ed8d6 BEFORE TRUNCATE ON public.payouts_transferreversalevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_ed8d6();

COMMENT ON TRIGGER pgtrigger_no_truncate_ed8d6 ON public.payouts_transferreversalevent IS '10c1ac5e664364ae688f6977ec954c133a1c0a23';

CREATE TRIGGER pgtrigger_no_truncate_ede68 BEFORE TRUNCATE ON public.ledger_account FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_ede68();

COMMENT ON TRIGGER pgtrigger_no_truncate_ede68 ON public.ledger_account IS '9acdc3b4f91362a6eca7c07c1ea7ab98c0b4a23a';

CREATE TRIGGER pgtrigger_no_truncate_eea8b BEFORE TRUNCATE ON public.payouts_sharecredit FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_eea8b();

COMMENT ON TRIGGER pgtrigger_no_truncate_eea8b ON public.payouts_sharecredit IS '0c81f066b7dfb8be3f3778dc6536a5e747962665';

CREATE TRIGGER pgtrigger_no_truncate_f453a BEFORE TRUNCATE ON public.ledger_journalentry FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_f453a();

COMMENT ON TRIGGER pgtrigger_no_truncate_f453a ON public.ledger_journalentry IS '55686df78b14da44722688357747a0091b23fb5b';

CREATE TRIGGER pgtrigger_no_truncate_f7176 BEFORE TRUNCATE ON public.reconciliation_exceptionevent FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_no_truncate_f7176();

COMMENT ON TRIGGER pgtrigger_no_truncate_f7176 ON public.reconciliation_exceptionevent IS 'ba7d96f226a97485567aec58d5fd66aaa78e1d86';

CREATE TRIGGER pgtrigger_payload_only_emptied_9c286 BEFORE UPDATE ON public.webhooks_webhookevent FOR EACH ROW WHEN (((old.payload IS DISTINCT FROM new.payload) AND (NOT ((new.payload = '{}'::jsonb) AND ((old.status)::text = ANY ((ARRAY['processed'::character varying, 'ignored'::character varying])::text[])) AND ((old.status)::text = (new.status)::text) AND (old.finished_at = new.finished_at))))) EXECUTE FUNCTION public.pgtrigger_payload_only_emptied_9c286();

COMMENT ON TRIGGER pgtrigger_payload_only_emptied_9c286 ON public.webhooks_webhookevent IS '9d9098b48acc3778647d07c270d088a80fa1fb80';

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_identity_user_id FOREIGN KEY (user_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_artisan
    ADD CONSTRAINT catalog_artisan_owner_id_1a5991a0_fk_identity_user_id FOREIGN KEY (owner_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_postagechange
    ADD CONSTRAINT catalog_postagechange_artisan_id_d6758d01_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_artisan_id_833a10b7_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_category_id_35bf920b_fk_catalog_category_id FOREIGN KEY (category_id) REFERENCES public.catalog_category(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_stockreservation
    ADD CONSTRAINT catalog_stockreserva_product_id_c75ef2fd_fk_catalog_p FOREIGN KEY (product_id) REFERENCES public.catalog_product(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.common_auditseal
    ADD CONSTRAINT common_auditseal_record_id_7429870b_fk_common_auditrecord_id FOREIGN KEY (record_id) REFERENCES public.common_auditrecord(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_content_type_id_c4bce8eb_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_user_id_c564eba6_fk_identity_user_id FOREIGN KEY (user_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.identity_accountmail
    ADD CONSTRAINT identity_accountmail_user_id_57b7dbbb_fk_identity_user_id FOREIGN KEY (user_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.identity_address
    ADD CONSTRAINT identity_address_user_id_35b845dc_fk_identity_user_id FOREIGN KEY (user_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.identity_user_groups
    ADD CONSTRAINT identity_user_groups_group_id_cdb422da_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.identity_user_groups
    ADD CONSTRAINT identity_user_groups_user_id_f69e0c80_fk_identity_user_id FOREIGN KEY (user_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.identity_user_user_permissions
    ADD CONSTRAINT identity_user_user_p_permission_id_c8f2cf2f_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.identity_user_user_permissions
    ADD CONSTRAINT identity_user_user_p_user_id_a626cb1f_fk_identity_ FOREIGN KEY (user_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_cart
    ADD CONSTRAINT orders_cart_user_id_121a069e_fk_identity_user_id FOREIGN KEY (user_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_cartitem
    ADD CONSTRAINT orders_cartitem_cart_id_529df5fa_fk_orders_cart_id FOREIGN KEY (cart_id) REFERENCES public.orders_cart(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_cartitem
    ADD CONSTRAINT orders_cartitem_product_id_55063ee7_fk_catalog_product_id FOREIGN KEY (product_id) REFERENCES public.catalog_product(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_disputeallocation
    ADD CONSTRAINT orders_disputealloca_seller_order_id_d354c703_fk_orders_se FOREIGN KEY (seller_order_id) REFERENCES public.orders_sellerorder(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_disputeallocation
    ADD CONSTRAINT orders_disputeallocation_order_id_a1fec5cd_fk_orders_order_id FOREIGN KEY (order_id) REFERENCES public.orders_order(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_fulfilment
    ADD CONSTRAINT orders_fulfilment_seller_order_id_1ec29d92_fk_orders_se FOREIGN KEY (seller_order_id) REFERENCES public.orders_sellerorder(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_fulfilmentevent
    ADD CONSTRAINT orders_fulfilmenteve_fulfilment_id_177e8761_fk_orders_fu FOREIGN KEY (fulfilment_id) REFERENCES public.orders_fulfilment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_order
    ADD CONSTRAINT orders_order_buyer_id_26195532_fk_identity_user_id FOREIGN KEY (buyer_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_order
    ADD CONSTRAINT orders_order_recall_id_8cb4677c_fk_orders_recall_id FOREIGN KEY (recall_id) REFERENCES public.orders_recall(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_orderevent
    ADD CONSTRAINT orders_orderevent_order_id_b26297f3_fk_orders_order_id FOREIGN KEY (order_id) REFERENCES public.orders_order(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_orderline
    ADD CONSTRAINT orders_orderline_product_id_a68772b6_fk_catalog_product_id FOREIGN KEY (product_id) REFERENCES public.catalog_product(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_orderline
    ADD CONSTRAINT orders_orderline_seller_order_id_cbfb983b_fk_orders_se FOREIGN KEY (seller_order_id) REFERENCES public.orders_sellerorder(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_recall
    ADD CONSTRAINT orders_recall_sale_id_4bde964e_fk_orders_order_id FOREIGN KEY (sale_id) REFERENCES public.orders_order(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_recallallocation
    ADD CONSTRAINT orders_recallallocat_refund_allocation_id_52aeae7f_fk_orders_re FOREIGN KEY (refund_allocation_id) REFERENCES public.orders_refundallocation(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_recallallocation
    ADD CONSTRAINT orders_recallallocation_recall_id_45d72764_fk_orders_recall_id FOREIGN KEY (recall_id) REFERENCES public.orders_recall(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_recallconsent
    ADD CONSTRAINT orders_recallconsent_order_id_191c24ee_fk_orders_order_id FOREIGN KEY (order_id) REFERENCES public.orders_order(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_recallconsent
    ADD CONSTRAINT orders_recallconsent_recall_id_e325b39f_fk_orders_recall_id FOREIGN KEY (recall_id) REFERENCES public.orders_recall(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_recallconsent
    ADD CONSTRAINT orders_recallconsent_user_id_ee701c97_fk_identity_user_id FOREIGN KEY (user_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_recallevent
    ADD CONSTRAINT orders_recallevent_recall_id_32fd63c4_fk_orders_recall_id FOREIGN KEY (recall_id) REFERENCES public.orders_recall(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_refundallocation
    ADD CONSTRAINT orders_refundallocat_seller_order_id_32a210d1_fk_orders_se FOREIGN KEY (seller_order_id) REFERENCES public.orders_sellerorder(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_refundallocation
    ADD CONSTRAINT orders_refundallocation_line_id_376faefa_fk_orders_orderline_id FOREIGN KEY (line_id) REFERENCES public.orders_orderline(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_refundallocation
    ADD CONSTRAINT orders_refundallocation_order_id_8074e726_fk_orders_order_id FOREIGN KEY (order_id) REFERENCES public.orders_order(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_sellerorder
    ADD CONSTRAINT orders_sellerorder_artisan_id_22b0aa32_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.orders_sellerorder
    ADD CONSTRAINT orders_sellerorder_order_id_993ac2f3_fk_orders_order_id FOREIGN KEY (order_id) REFERENCES public.orders_order(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_capture
    ADD CONSTRAINT payments_capture_payment_id_78db5fb1_fk_payments_payment_id FOREIGN KEY (payment_id) REFERENCES public.payments_payment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_dispute
    ADD CONSTRAINT payments_dispute_capture_id_92f820b7_fk_payments_capture_id FOREIGN KEY (capture_id) REFERENCES public.payments_capture(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_disputeevent
    ADD CONSTRAINT payments_disputeeven_dispute_id_ae81f4be_fk_payments_ FOREIGN KEY (dispute_id) REFERENCES public.payments_dispute(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_disputeevidence
    ADD CONSTRAINT payments_disputeevid_dispute_id_c9979e04_fk_payments_ FOREIGN KEY (dispute_id) REFERENCES public.payments_dispute(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_payment
    ADD CONSTRAINT payments_payment_saved_method_id_f10606e3_fk_payments_ FOREIGN KEY (saved_method_id) REFERENCES public.payments_savedmethod(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_paymentattempt
    ADD CONSTRAINT payments_paymentatte_payment_id_00f3a0be_fk_payments_ FOREIGN KEY (payment_id) REFERENCES public.payments_payment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_paymentevent
    ADD CONSTRAINT payments_paymenteven_payment_id_1fde19d5_fk_payments_ FOREIGN KEY (payment_id) REFERENCES public.payments_payment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_processorcustomer
    ADD CONSTRAINT payments_processorcustomer_user_id_eaab80b3_fk_identity_user_id FOREIGN KEY (user_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_refund
    ADD CONSTRAINT payments_refund_capture_id_647ee5e7_fk_payments_capture_id FOREIGN KEY (capture_id) REFERENCES public.payments_capture(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_refundevent
    ADD CONSTRAINT payments_refundevent_refund_id_a0de60ae_fk_payments_refund_id FOREIGN KEY (refund_id) REFERENCES public.payments_refund(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_savedmethod
    ADD CONSTRAINT payments_savedmethod_customer_id_5d2eea83_fk_payments_ FOREIGN KEY (customer_id) REFERENCES public.payments_processorcustomer(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_savedmethodevent
    ADD CONSTRAINT payments_savedmethod_method_id_34936ac9_fk_payments_ FOREIGN KEY (method_id) REFERENCES public.payments_savedmethod(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payments_setup
    ADD CONSTRAINT payments_setup_customer_id_cf3bf81a_fk_payments_ FOREIGN KEY (customer_id) REFERENCES public.payments_processorcustomer(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_bankpayout
    ADD CONSTRAINT payouts_bankpayout_payout_id_90db7c2b_fk_payouts_payout_id FOREIGN KEY (payout_id) REFERENCES public.payouts_payout(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_bankpayoutevent
    ADD CONSTRAINT payouts_bankpayoutev_bank_payout_id_e33afb95_fk_payouts_b FOREIGN KEY (bank_payout_id) REFERENCES public.payouts_bankpayout(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_connectedaccountevent
    ADD CONSTRAINT payouts_connectedacc_account_id_1e706b28_fk_payouts_c FOREIGN KEY (account_id) REFERENCES public.payouts_connectedaccount(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_connectedaccount
    ADD CONSTRAINT payouts_connectedacc_artisan_id_76990af1_fk_catalog_a FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_debtrecovery
    ADD CONSTRAINT payouts_debtrecovery_debt_id_845f8838_fk_payouts_sellerdebt_id FOREIGN KEY (debt_id) REFERENCES public.payouts_sellerdebt(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_debtrecovery
    ADD CONSTRAINT payouts_debtrecovery_payable_id_fc5b4eb6_fk_payouts_payable_id FOREIGN KEY (payable_id) REFERENCES public.payouts_payable(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_debtrecovery
    ADD CONSTRAINT payouts_debtrecovery_repayment_id_4a2f088d_fk_payouts_d FOREIGN KEY (repayment_id) REFERENCES public.payouts_debtrepayment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_debtrecovery
    ADD CONSTRAINT payouts_debtrecovery_reversal_id_7583091c_fk_payouts_t FOREIGN KEY (reversal_id) REFERENCES public.payouts_transferreversal(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_debtrepayment
    ADD CONSTRAINT payouts_debtrepayment_artisan_id_fdad26a4_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_debtwriteoff
    ADD CONSTRAINT payouts_debtwriteoff_debt_id_c4eba591_fk_payouts_sellerdebt_id FOREIGN KEY (debt_id) REFERENCES public.payouts_sellerdebt(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_payable
    ADD CONSTRAINT payouts_payable_artisan_id_1eea4687_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_payableevent
    ADD CONSTRAINT payouts_payableevent_payable_id_9c637eb6_fk_payouts_payable_id FOREIGN KEY (payable_id) REFERENCES public.payouts_payable(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_payout
    ADD CONSTRAINT payouts_payout_artisan_id_826acea4_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_payout
    ADD CONSTRAINT payouts_payout_run_id_85636f9c_fk_payouts_payoutrun_id FOREIGN KEY (run_id) REFERENCES public.payouts_payoutrun(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_payoutevent
    ADD CONSTRAINT payouts_payoutevent_payout_id_d0b48dee_fk_payouts_payout_id FOREIGN KEY (payout_id) REFERENCES public.payouts_payout(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_payoutitem
    ADD CONSTRAINT payouts_payoutitem_payable_id_51bb6304_fk_payouts_payable_id FOREIGN KEY (payable_id) REFERENCES public.payouts_payable(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_payoutitem
    ADD CONSTRAINT payouts_payoutitem_payout_id_b0af49e3_fk_payouts_payout_id FOREIGN KEY (payout_id) REFERENCES public.payouts_payout(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_payoutpolicy
    ADD CONSTRAINT payouts_payoutpolicy_artisan_id_cf35090c_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_payoutrun
    ADD CONSTRAINT payouts_payoutrun_artisan_id_55642859_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_policyevent
    ADD CONSTRAINT payouts_policyevent_artisan_id_a531e4d5_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_reserve
    ADD CONSTRAINT payouts_reserve_artisan_id_f066387d_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_reserve
    ADD CONSTRAINT payouts_reserve_payable_id_17f9de41_fk_payouts_payable_id FOREIGN KEY (payable_id) REFERENCES public.payouts_payable(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_reservedebit
    ADD CONSTRAINT payouts_reservedebit_debit_id_1bd7195b_fk_payouts_sharedebit_id FOREIGN KEY (debit_id) REFERENCES public.payouts_sharedebit(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_reservedebit
    ADD CONSTRAINT payouts_reservedebit_reserve_id_04dc282b_fk_payouts_reserve_id FOREIGN KEY (reserve_id) REFERENCES public.payouts_reserve(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_reserverelease
    ADD CONSTRAINT payouts_reserverelea_payable_id_482f48f3_fk_payouts_p FOREIGN KEY (payable_id) REFERENCES public.payouts_payable(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_reserverelease
    ADD CONSTRAINT payouts_reserverelea_reserve_id_ed78e0a3_fk_payouts_r FOREIGN KEY (reserve_id) REFERENCES public.payouts_reserve(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_sellerapplication
    ADD CONSTRAINT payouts_sellerapplic_artisan_id_dc77ab28_fk_catalog_a FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_sellerapplication
    ADD CONSTRAINT payouts_sellerapplication_user_id_06187884_fk_identity_user_id FOREIGN KEY (user_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_sellerdebt
    ADD CONSTRAINT payouts_sellerdebt_artisan_id_a724d45d_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_sellerdebt
    ADD CONSTRAINT payouts_sellerdebt_debit_id_06b1ab02_fk_payouts_sharedebit_id FOREIGN KEY (debit_id) REFERENCES public.payouts_sharedebit(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_sharecredit
    ADD CONSTRAINT payouts_sharecredit_debit_id_858c034e_fk_payouts_sharedebit_id FOREIGN KEY (debit_id) REFERENCES public.payouts_sharedebit(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_sharedebit
    ADD CONSTRAINT payouts_sharedebit_artisan_id_7b86df23_fk_catalog_artisan_id FOREIGN KEY (artisan_id) REFERENCES public.catalog_artisan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_transfer
    ADD CONSTRAINT payouts_transfer_payout_id_2bc628a0_fk_payouts_payout_id FOREIGN KEY (payout_id) REFERENCES public.payouts_payout(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_transferevent
    ADD CONSTRAINT payouts_transfereven_transfer_id_78d7e88c_fk_payouts_t FOREIGN KEY (transfer_id) REFERENCES public.payouts_transfer(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_transferreversal
    ADD CONSTRAINT payouts_transferreve_debt_id_00c8d5db_fk_payouts_s FOREIGN KEY (debt_id) REFERENCES public.payouts_sellerdebt(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_transferreversalevent
    ADD CONSTRAINT payouts_transferreve_reversal_id_876d84bb_fk_payouts_t FOREIGN KEY (reversal_id) REFERENCES public.payouts_transferreversal(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payouts_transferreversal
    ADD CONSTRAINT payouts_transferreve_transfer_id_b3e34ff9_fk_payouts_t FOREIGN KEY (transfer_id) REFERENCES public.payouts_transfer(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT product_in_currency_of_artisan FOREIGN KEY (artisan_id, currency) REFERENCES public.catalog_artisan(id, currency);

ALTER TABLE ONLY public.reconciliation_exceptionevent
    ADD CONSTRAINT reconciliation_excep_exception_id_dc814163_fk_reconcili FOREIGN KEY (exception_id) REFERENCES public.reconciliation_reconciliationexception(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.reconciliation_journalproposal
    ADD CONSTRAINT reconciliation_journ_approver_id_2f1bdd39_fk_identity_ FOREIGN KEY (approver_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.reconciliation_journalproposal
    ADD CONSTRAINT reconciliation_journ_exception_id_f7728da1_fk_reconcili FOREIGN KEY (exception_id) REFERENCES public.reconciliation_reconciliationexception(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.reconciliation_journalproposal
    ADD CONSTRAINT reconciliation_journ_proposer_id_1717d312_fk_identity_ FOREIGN KEY (proposer_id) REFERENCES public.identity_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.reconciliation_platformpayout
    ADD CONSTRAINT reconciliation_platf_bank_line_id_4778d6cb_fk_reconcili FOREIGN KEY (bank_line_id) REFERENCES public.reconciliation_statementline(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.reconciliation_platformpayoutevent
    ADD CONSTRAINT reconciliation_platf_payout_id_dc78544c_fk_reconcili FOREIGN KEY (payout_id) REFERENCES public.reconciliation_platformpayout(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.reconciliation_reconciliationexception
    ADD CONSTRAINT reconciliation_recon_found_in_id_216d193b_fk_reconcili FOREIGN KEY (found_in_id) REFERENCES public.reconciliation_reconciliationrun(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.reconciliation_reconciliationexception
    ADD CONSTRAINT reconciliation_recon_seen_in_id_cee73e99_fk_reconcili FOREIGN KEY (seen_in_id) REFERENCES public.reconciliation_reconciliationrun(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.webhooks_webhookeventchange
    ADD CONSTRAINT webhooks_webhookeven_event_id_88e60568_fk_webhooks_ FOREIGN KEY (event_id) REFERENCES public.webhooks_webhookevent(id) DEFERRABLE INITIALLY DEFERRED;
