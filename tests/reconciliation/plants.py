"""Breaks, each planted by raw SQL while no trigger and no constraint watches, and the rules that must name it.

Each is as narrow as can be: all that is found after it is listed here, and nothing else may be.
"""

from dataclasses import dataclass

ORDER = "(SELECT id FROM orders_order WHERE status = '{}' ORDER BY id LIMIT 1)"
SOLD = ORDER.format("paid")
REFUND = "(SELECT public_id FROM payments_refund WHERE status = '{}' ORDER BY id LIMIT 1)"
REVERSAL = "(SELECT public_id FROM payouts_transferreversal WHERE status = '{}' ORDER BY id LIMIT 1)"
TRANSFER = "(SELECT public_id FROM payouts_transfer WHERE status = '{}' ORDER BY id LIMIT 1)"
PART = f"(SELECT min(id) FROM orders_sellerorder WHERE order_id = {SOLD})"
LINE = f"(SELECT min(id) FROM orders_orderline WHERE seller_order_id = {PART})"
ENTRY = "(SELECT id FROM ledger_journalentry WHERE source_reference = 'test:{}')"

ONE_CAPTURE = "a paid order has exactly one capture, of its total or of what the artisans accepted"
PLACED = "an order that is placed names the payment that it was placed with"
TOLD_OF = "a part that was sold or waits is told of, and what is captured is what was accepted"
PARTS = "an order's parts add up to it"
LINES = "a part's lines add up to it"
SPLITS = "the splits of a sale equal its capture"
OWED_ONCE = "each part of a paid order is owed to its artisan exactly once"
PAID_BACK = "an order that is paid back says what its refund says"
CAPTURE_BOOKED = "a capture is booked exactly once, with its own amount"
PAID_IS_CAPTURED = "a payment is paid when there is a capture, and only then"
FEE_BOOKED = "the processor's fee of a capture is booked once it is known"
REFUND_BOOKED = "a refund is booked exactly once when it was given, with its own amount, and else not"
NO_MORE_BACK = "no more is given back than was taken"
HAPPENED = "what is booked has happened"
IN_THE_TRAIL = "every movement of money is in the audit trail"
HELD = "an artisan's held payables equal the books"
RELEASED = "an artisan's released payables equal the books"
TRANSFERRING = "payables that are being transferred equal the books"
ITS_ITEMS = "a payout is its items and its transfer"
AS_ITS_PAYOUT = "every item's payable is as the payout is"
TWO_LIVING = "nothing is in two living payouts"
CAME_BACK_OF_ITEMS = "what came back of a payout is what came back of its items"
COUNTERS = "a run's counters are its payouts"
GOES_ON = "a payout run goes on"
IN_TRANSIT = "a transfer is in transit in the books while it is on its way, with its own amount"
SENT = "a transfer is booked as sent exactly once when it was carried out, with its own amount, and else not"
RESERVED = "what is kept back of an artisan's shares equals the books"
RESERVE_USED = "what a reserve has given is the sum of its releases and of what refunds and disputes took"
RESERVE_ROWS = "a reserve was taken off its payable, and each release of it became a payable of the same part"
HOLD = "a share has an end of its hold where its goods were sent, and only there"
HOLD_OVER = "no share is released before its hold is over, but by staff"
RESERVE_DEBITS = "what a debit took of reserves is what their rows say, and so is what a credit put back"
WRITTEN_OFF = "what is no longer owed was given back or written off, and what was written off is booked"
REPAID = "what an artisan paid to our bank account is booked once, and is what was paid of debts"
DEBTS = "what an artisan owes us equals the books"
RECOVERED = "what was recovered of a debt is the sum of its recoveries"
CREDITED = "what was given back of a debit is the sum of its credits"
CAME_BACK = "what came back of a transfer is the sum of its reversals"
REVERSAL_BOOKED = (
    "a transfer reversal is booked exactly once when it was carried out, with its own amount, and else not"
)
DISPUTE_BOOKED = "what a processor took for a dispute and gave back is booked, with its own amounts"
DISPUTE_FEE = "a dispute's fee is booked as it is"
UNDECIDED = "what is disputed in the books is undecided"
ALL_LOST = "a dispute has lost all that is gone when it is lost, and has lost nothing while it is open"
WON_BACK = "a dispute that was won has its money back within a week"
KEPT_BACK = "what is kept back of artisans' shares for disputes equals the books"
TAKEN_ONCE = "a share kept back for a dispute was taken once from its artisan, less what went back"
WITHIN = "the parts of a dispute are within it"
KNOWN_DISPUTE = "an entry about a dispute is about one that is known"
DISPUTE_TRAIL = "every movement of a dispute's money is in the audit trail"
ANSWERED = "a dispute was answered when its answer was carried out"
STUCK = "a request to a processor is stuck: no outcome for more than a day"
ASKED_AFTER = "what is not over at a processor will be asked after"
OUTCOME = "a request's outcome is that of what it asked for"
FINISHED = "a finished request has an outcome, and only a finished one"
STOCK = "promised stock equals the reservations that are held"
HELD_FOR = "goods are held for orders that may still be sold, and for no others"
UNDER_WAY = "an order is in processing while a payment of it is under way, and not longer"
AUDIT = "audit chain"


@dataclass(frozen=True, slots=True)
class Plant:
    """`rules` names all that is found; rules of the ledger as `ledger: name`. `says` stands in what is printed."""

    sql: tuple[str, ...]
    rules: frozenset[str]
    says: str = ""


def _plant(*sql: str, rules: set[str], says: str = "") -> Plant:
    return Plant(sql, frozenset(rules), says)


def _renamed(old: str, new: str) -> str:
    return f"UPDATE ledger_journalentry SET source_reference = {new} WHERE source_reference = {old}"


def _added(line: int, account: str, amount_minor: int) -> tuple[str, str]:
    """One more line of an entry, as the books themselves would have it."""
    return (
        f"UPDATE ledger_journalentry SET line_count = {line} WHERE id = {ENTRY.format(3)}",
        "INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor, currency, slot, sequence, balance_minor,"
        f" balance_sign, posted_at) SELECT {ENTRY.format(3)}, {line}, a.id, {amount_minor}, a.currency, 0,"
        f" coalesce(g.sequence, 0) + 1, coalesce(g.balance_minor, 0) + {amount_minor}, 0, clock_timestamp()"
        " FROM ledger_account a LEFT JOIN LATERAL (SELECT * FROM ledger_posting WHERE account_id = a.id AND slot = 0"
        f" ORDER BY sequence DESC LIMIT 1) g ON true WHERE a.code = '{account}'",
    )


ORDERS = {
    "an expired order whose money was taken and given back": _plant(
        f"UPDATE orders_order SET status = 'expired' WHERE id = {ORDER.format('refunded')}", rules={ONE_CAPTURE}
    ),
    "captures that are gone": _plant(
        "DELETE FROM payments_capture", rules={ONE_CAPTURE, PAID_IS_CAPTURED, PAID_BACK, HAPPENED}
    ),
    "a total that is more than its parts": _plant(
        "UPDATE orders_order SET total_minor = total_minor + 1, shipping_minor = shipping_minor + 1"
        f" WHERE id = {ORDER.format('awaiting_payment')}",
        rules={PARTS},
    ),
    "an order without parts": _plant(
        f"DELETE FROM orders_sellerorder WHERE order_id = {ORDER.format('awaiting_payment')}", rules={PARTS}
    ),
    "commission that the line does not have": _plant(
        f"UPDATE orders_orderline SET commission_minor = commission_minor + 1 WHERE id = {LINE}", rules={LINES}
    ),
    "a part without lines": _plant(f"DELETE FROM orders_orderline WHERE seller_order_id = {PART}", rules={LINES}),
    "commission that nobody paid": _plant(
        "ALTER TABLE orders_sellerorder DROP CONSTRAINT seller_order_share_adds_up",
        f"UPDATE orders_orderline SET commission_minor = commission_minor + 1 WHERE id = {LINE}",
        f"UPDATE orders_sellerorder SET commission_minor = commission_minor + 1 WHERE id = {PART}",
        rules={SPLITS},
    ),
    "a payable of a part that is not sold": _plant(
        "UPDATE payouts_payable SET seller_order_reference = 'sor_none'"
        " WHERE id = (SELECT min(id) FROM payouts_payable)",
        rules={OWED_ONCE},
    ),
    "an order that says that it is not paid back, and it is": _plant(
        f"UPDATE orders_order SET status = 'refund_failed' WHERE id = {ORDER.format('refunded')}", rules={PAID_BACK}
    ),
    "stock promised to nobody": _plant(
        "UPDATE catalog_product SET stock_reserved = stock_reserved + 1"
        " WHERE id = (SELECT min(id) FROM catalog_product)",
        rules={STOCK},
    ),
    "goods held for an order that is not there": _plant(
        "UPDATE catalog_stockreservation SET reference = 'ord_none'"
        f" WHERE reference = (SELECT public_id FROM orders_order WHERE id = {ORDER.format('awaiting_payment')})",
        rules={HELD_FOR},
        says="held for an order that is not there",
    ),
    "goods held for an order that has ended": _plant(
        f"UPDATE orders_order SET status = 'canceled' WHERE id = {ORDER.format('awaiting_payment')}",
        rules={HELD_FOR},
        says="held for an order that is canceled",
    ),
    "an order whose goods were given free": _plant(
        "DELETE FROM catalog_stockreservation WHERE NOT takes_stock OR reference ="
        f" (SELECT public_id FROM orders_order WHERE id = {ORDER.format('awaiting_payment')})",
        "UPDATE catalog_product p SET stock_reserved = (SELECT coalesce(sum(r.quantity), 0) FROM"
        " catalog_stockreservation r WHERE r.product_id = p.id AND r.state = 'held' AND r.takes_stock)",
        rules={HELD_FOR},
        says="awaiting_payment, and holds no",
    ),
    "an order in processing without a payment under way": _plant(
        f"UPDATE orders_order SET status = 'processing' WHERE id = {ORDER.format('awaiting_payment')}",
        rules={UNDER_WAY},
    ),
}

PAYMENTS = {
    "money taken and not booked": _plant(
        "UPDATE ledger_journalentry SET source_reference = 'test:lost' WHERE id ="
        " (SELECT min(id) FROM ledger_journalentry WHERE kind = 'late_payment')",
        rules={CAPTURE_BOOKED},
    ),
    "a capture of another amount": _plant(
        "UPDATE payments_capture SET amount_minor = amount_minor + 1 WHERE payment_id = (SELECT id FROM"
        f" payments_payment WHERE order_reference = (SELECT public_id FROM orders_order WHERE id = {SOLD}))",
        rules={CAPTURE_BOOKED, ONE_CAPTURE, SPLITS, IN_THE_TRAIL},
    ),
    "a paid payment that says it is canceled": _plant(
        "UPDATE payments_payment SET status = 'canceled' WHERE id ="
        " (SELECT min(p.id) FROM payments_payment p JOIN orders_order o ON o.public_id = p.order_reference"
        " WHERE p.status = 'succeeded' AND o.status <> 'paid')",
        rules={PAID_IS_CAPTURED},
    ),
    "a paid order that names no payment": _plant(
        f"UPDATE orders_order SET payment_reference = '' WHERE id = {SOLD}", rules={PLACED}
    ),
    "an authorized order whose payment was not authorized": _plant(
        "UPDATE orders_order SET status = 'authorized', payment_reference = 'pay_none' WHERE id ="
        f" {ORDER.format('awaiting_payment')}",
        "INSERT INTO orders_fulfilment (seller_order_id, status, carrier, tracking_number, decline_reason, created_at,"
        " updated_at) SELECT id, 'to_accept', '', '', '', now(), now() FROM orders_sellerorder WHERE order_id ="
        f" {ORDER.format('authorized')}",
        rules={PLACED},
    ),
    "a part that nobody is told to send": _plant(
        f"DELETE FROM orders_fulfilment WHERE seller_order_id = {PART}", rules={TOLD_OF}
    ),
    "a fee that was not booked so": _plant("UPDATE payments_capture SET fee_minor = fee_minor + 1", rules={FEE_BOOKED}),
    "a refund that was given and not booked": _plant(
        _renamed(f"'late_refund:' || {REFUND.format('succeeded')}", "'test:lost'"), rules={REFUND_BOOKED}
    ),
    "a refund that came back and is still booked as given": _plant(
        _renamed(f"'late_refund_bounced:' || {REFUND.format('failed')}", "'test:lost'"), rules={REFUND_BOOKED}
    ),
    "a refund booked before it is known to be given": _plant(
        _renamed(
            "(SELECT max(source_reference) FROM ledger_journalentry WHERE kind = 'late_payment_refund')",
            f"'late_refund:' || {REFUND.format('requested')}",
        ),
        rules={REFUND_BOOKED},
    ),
    "a refund of more than was captured": _plant(
        "ALTER TABLE payments_capture DROP CONSTRAINT capture_never_refunded_beyond_itself",
        "UPDATE payments_capture SET refunded_minor = refunded_minor + 1 WHERE id = (SELECT capture_id FROM"
        " payments_refund WHERE status = 'requested')",
        "UPDATE payments_refund SET amount_minor = amount_minor + 1 WHERE status = 'requested'",
        rules={NO_MORE_BACK},
    ),
    **{
        f"an entry about no {what}": _plant(
            f"UPDATE ledger_journalentry SET source_reference = '{prefix}:none' WHERE source_reference = 'test:1'",
            rules={HAPPENED},
        )
        for what, prefix in {
            "capture": "late_payment",
            "fee": "processor_fee",
            "sale": "sale",
            "refund": "late_refund",
            "bounced refund": "late_refund_bounced",
            "release": "release",
            "transfer": "transfer_succeeded",
            "request": "transfer_requested",
            "failed transfer": "transfer_failed",
            "reversal": "transfer_reversed",
            "reversal that nobody asked for": "transfer_returned",
            "debt": "recovery",
        }.items()
    },
    **{
        f"a movement that is not in the audit trail: {event}": _plant(
            "DELETE FROM common_auditseal",
            f"DELETE FROM common_auditrecord WHERE event_type LIKE '{event}'",
            rules={IN_THE_TRAIL},
        )
        for event in ("payment.captured", "refund.%", "transfer.succeeded", "transfer_reversal.succeeded")
    },
}

PAYOUTS = {
    "held, and the books do not know": _plant(
        "UPDATE ledger_account SET code = 'elsewhere:' || code WHERE id ="
        " (SELECT a.id FROM ledger_account a JOIN ledger_posting g ON g.account_id = a.id"
        " WHERE a.code LIKE 'seller_held:%' GROUP BY a.id HAVING sum(g.amount_minor) < 0 LIMIT 1)",
        rules={HELD},
    ),
    "released, and the books do not know": _plant(
        "UPDATE ledger_account SET code = 'elsewhere:' || code WHERE id ="
        " (SELECT a.id FROM ledger_account a JOIN ledger_posting g ON g.account_id = a.id"
        " WHERE a.code LIKE 'seller_payable:%' GROUP BY a.id HAVING sum(g.amount_minor) < 0 LIMIT 1)",
        rules={RELEASED},
    ),
    "released in the rows alone": _plant(
        "UPDATE payouts_payable SET status = 'released', next_transfer_at = now() WHERE id ="
        " (SELECT min(id) FROM payouts_payable WHERE status = 'held')",
        rules={HELD, RELEASED},
    ),
    "in transit in the books, and nothing is on its way": _plant(
        "UPDATE ledger_account SET code = 'elsewhere:EUR' WHERE code = 'transfers_in_transit:EUR'",
        "UPDATE ledger_account SET code = 'transfers_in_transit:EUR' WHERE code = 'test_debt:EUR'",
        rules={TRANSFERRING, IN_TRANSIT},
    ),
    "in transit for nobody": _plant(
        *_added(3, "transfers_in_transit:EUR", 5), *_added(4, "commission:EUR", -5), rules={TRANSFERRING}
    ),
    "a payout of a payable that is held": _plant(
        "UPDATE payouts_payoutitem SET payable_id = (SELECT min(id) FROM payouts_payable WHERE status = 'held')"
        " WHERE payout_id = (SELECT min(payout_id) FROM payouts_transfer WHERE status = 'succeeded')",
        rules={AS_ITS_PAYOUT, ITS_ITEMS},
    ),
    "a payout of another amount than its items": _plant(
        "UPDATE payouts_payout SET amount_minor = amount_minor + 1 WHERE status = 'transferred'", rules={ITS_ITEMS}
    ),
    "an item that is gone": _plant(
        "DELETE FROM payouts_payoutitem WHERE payout_id = (SELECT payout_id FROM payouts_transfer"
        " WHERE status = 'unknown' LIMIT 1)",
        rules={ITS_ITEMS, AS_ITS_PAYOUT, COUNTERS},
    ),
    "a payable twice in a payout": _plant(
        "ALTER TABLE payouts_payoutitem DROP CONSTRAINT payout_item_once",
        "UPDATE payouts_payoutitem SET amount_minor = amount_minor - 1 WHERE payout_id ="
        " (SELECT payout_id FROM payouts_transfer WHERE status = 'unknown')",
        "INSERT INTO payouts_payoutitem (payout_id, payable_id, amount_minor, brought_back_minor)"
        " SELECT payout_id, payable_id, 1, 0 FROM payouts_payoutitem WHERE payout_id ="
        " (SELECT payout_id FROM payouts_transfer WHERE status = 'unknown')",
        "UPDATE payouts_payoutrun SET item_count = item_count + 1 WHERE id = (SELECT y.run_id FROM payouts_payout y"
        " JOIN payouts_transfer t ON t.payout_id = y.id AND t.status = 'unknown')",
        rules={TWO_LIVING},
    ),
    "a payable of another amount than its item": _plant(
        "UPDATE payouts_payable SET debited_minor = debited_minor + 1 WHERE status = 'transferred'",
        rules={AS_ITS_PAYOUT},
    ),
    "a payout that no run counts": _plant(
        "UPDATE payouts_payoutrun SET payout_count = payout_count - 1", rules={COUNTERS}
    ),
    "a payout that says it was refused and was carried out": _plant(
        "UPDATE payouts_payout SET status = 'refused' WHERE status = 'transferred'", rules={ITS_ITEMS, AS_ITS_PAYOUT}
    ),
    "a run that has stood still for days": _plant(
        "UPDATE payouts_payoutrun SET status = 'running', finished_at = NULL, created_at = now() - interval '2 days'",
        rules={GOES_ON},
    ),
    "a transfer of another amount than its payout": _plant(
        "UPDATE payouts_transfer SET amount_minor = amount_minor + 1 WHERE status = 'unknown'",
        rules={ITS_ITEMS, IN_TRANSIT},
    ),
    "a transfer whose request was not booked": _plant(
        _renamed(f"'transfer_requested:' || {TRANSFER.format('unknown')} || ':1'", "'test:lost'"), rules={IN_TRANSIT}
    ),
    "a transfer carried out and not booked": _plant(
        _renamed(
            f"'transfer_succeeded:' || {TRANSFER.format('succeeded')}",
            f"'test_lost:' || {TRANSFER.format('succeeded')}",
        ),
        rules={SENT},
    ),
    "a transfer that says it was refused and was carried out": _plant(
        "UPDATE payouts_transfer SET status = 'failed' WHERE status = 'succeeded'", rules={ITS_ITEMS, SENT}
    ),
}

PAID_BACK = (
    "INSERT INTO payouts_debtrepayment (public_id, artisan_id, amount_minor, currency, bank_reference, received_on,"
    " status, actor, trace_id, undone_by, undone_reason, created_at, updated_at)"
    " SELECT 'rpy_1', artisan_id, 100, currency, 'B-1', now(), 'recorded', 'x', '', '', '', now(), now()"
    " FROM payouts_sellerdebt LIMIT 1"
)
DEBTS_OF_ARTISANS = {
    "a debt that is not in the books": _plant(
        "UPDATE payouts_sellerdebt SET forgiven_minor = forgiven_minor + 1 WHERE recovered_minor = 0",
        rules={DEBTS, WRITTEN_OFF},
    ),
    "a debt in the books that nobody has": _plant(
        "UPDATE ledger_account SET code = 'elsewhere:' || code WHERE code LIKE 'seller_receivable:%'", rules={DEBTS}
    ),
    "a recovery that is gone": _plant("DELETE FROM payouts_debtrecovery", rules={RECOVERED}),
    "a repayment that nobody booked": _plant(
        PAID_BACK,
        "INSERT INTO common_auditrecord (occurred_at, event_type, outcome, actor, artisan, environment, command,"
        " subject, processor, processor_id, amount_minor, currency, failure_code, decline_code, idempotency_key,"
        " trace_id) SELECT now(), 'debt.repaid', outcome, actor, artisan, environment, command, 'rpy_1', '', '', 100,"
        " 'EUR', '', '', '', '' FROM common_auditrecord LIMIT 1",
        rules={REPAID},
    ),
    "a repayment that nobody heard of": _plant(PAID_BACK, rules={REPAID, IN_THE_TRAIL}),
    "a credit that is gone": _plant("DELETE FROM payouts_sharecredit", rules={CREDITED}),
    "more came back than was reversed": _plant(
        "UPDATE payouts_transfer SET reversed_minor = reversed_minor + 1 WHERE reversed_minor > 0",
        "UPDATE payouts_payoutitem SET brought_back_minor = brought_back_minor + 1 WHERE brought_back_minor > 0",
        rules={CAME_BACK},
    ),
    "came back, of nothing in particular": _plant(
        "UPDATE payouts_payoutitem SET brought_back_minor = 0 WHERE brought_back_minor > 0",
        rules={CAME_BACK_OF_ITEMS},
    ),
    "a reversal carried out and not booked": _plant(
        _renamed(f"'transfer_reversed:' || {REVERSAL.format('succeeded')}", "'test:lost'"), rules={REVERSAL_BOOKED}
    ),
    "a reversal booked before it is known to be carried out": _plant(
        "UPDATE payouts_transferreversal SET status = 'unknown' WHERE status = 'succeeded'",
        rules={REVERSAL_BOOKED, CAME_BACK, ASKED_AFTER, OUTCOME},
    ),
}

DISPUTE = "(SELECT public_id FROM payments_dispute WHERE status = '{}')"
DISPUTES = {
    "a dispute at another processor than its books": _plant(
        "UPDATE payments_dispute SET processor = 'paypal' WHERE status = 'needs_response'", rules={DISPUTE_BOOKED}
    ),
    "a dispute's fee that was not booked": _plant(
        _renamed(f"'dispute_fee:' || {DISPUTE.format('needs_response')}", "'test:lost'"), rules={DISPUTE_FEE}
    ),
    "a lost dispute that is still undecided in the books": _plant(
        _renamed(f"'dispute_lost:' || {DISPUTE.format('lost')}", "'test:lost'"), rules={UNDECIDED}
    ),
    "a dispute that was won and is still open": _plant(
        "UPDATE payments_dispute SET closed_at = NULL WHERE status = 'won'", rules={ALL_LOST}
    ),
    "a dispute that was won for nothing": _plant(
        "UPDATE payments_dispute SET status = 'won', closed_at = now() - interval '8 days'"
        " WHERE status = 'needs_response'",
        rules={WON_BACK},
    ),
    "a share that is kept back and the books do not know": _plant(
        "UPDATE ledger_account SET code = 'elsewhere:' || code WHERE id ="
        " (SELECT a.id FROM ledger_account a JOIN ledger_posting g ON g.account_id = a.id"
        " WHERE a.code LIKE 'seller_disputed:%' GROUP BY a.id HAVING sum(g.amount_minor) < 0)",
        rules={KEPT_BACK},
    ),
    "a share that is kept back and was not taken": _plant(
        f"UPDATE payouts_sharedebit SET reference = 'dsp_none' WHERE reference = {DISPUTE.format('needs_response')}",
        rules={TAKEN_ONCE},
    ),
    "a part of more than is disputed": _plant(
        "UPDATE orders_disputeallocation SET amount_minor = amount_minor + 1 WHERE dispute_reference ="
        f" {DISPUTE.format('needs_response')}",
        rules={WITHIN},
    ),
    "an entry about no dispute": _plant(
        "UPDATE ledger_journalentry SET source_reference = 'dispute_opened:none' WHERE source_reference = 'test:1'",
        rules={KNOWN_DISPUTE},
    ),
    "disputed money that is not in the audit trail": _plant(
        "DELETE FROM common_auditseal",
        "DELETE FROM common_auditrecord WHERE event_type = 'dispute.withdrawn'",
        rules={DISPUTE_TRAIL},
    ),
    "an answer that was never sent": _plant(
        "UPDATE payments_dispute SET submitted_at = now() WHERE status = 'needs_response'", rules={ANSWERED}
    ),
}

RESERVES = {
    "more kept back than was taken off the share": _plant(
        "UPDATE payouts_reserve SET amount_minor = amount_minor + 1", rules={RESERVED, RESERVE_ROWS}
    ),
    "a reserve that was given back by nobody": _plant(
        "UPDATE payouts_reserve SET released_minor = 1", rules={RESERVED, RESERVE_USED}
    ),
    "a reserve that nothing was taken from": _plant(
        "UPDATE payouts_reserve SET debited_minor = 1", rules={RESERVED, RESERVE_USED}
    ),
    "a reserve in the books that is nowhere else": _plant("DELETE FROM payouts_reserve", rules={RESERVED, HAPPENED}),
    "what a refund that is not there took of a reserve": _plant(
        "INSERT INTO payouts_reservedebit (reserve_id, debit_id, amount_minor, reference, occurred_at)"
        " SELECT id, 0, 1, 'ref_none', now() FROM payouts_reserve",
        rules={RESERVE_USED},
    ),
    "a reserve in the books of nobody": _plant(
        "UPDATE ledger_account SET code = 'elsewhere:' || code WHERE code LIKE 'seller_reserved:%'", rules={RESERVED}
    ),
    "a release that became a payable of somebody else": _plant(
        "INSERT INTO payouts_reserverelease (public_id, reserve_id, payable_id, amount_minor, reason, reference,"
        " occurred_at) SELECT 'rsr_1', r.id, b.id, 1, 'staff', '', now() FROM payouts_reserve r, payouts_payable b"
        " WHERE b.status = 'held' ORDER BY b.id LIMIT 1",
        rules={RESERVE_USED, RESERVE_ROWS},
    ),
    "a payable of a release that is not there": _plant(
        "INSERT INTO payouts_payable (public_id, order_reference, seller_order_reference, origin_reference, artisan_id,"
        " amount_minor, debited_minor, currency, processor, source_charge_id, status, refusals, failure_code,"
        " created_at, updated_at) SELECT 'pbl_none', order_reference, seller_order_reference, 'rsr_none', artisan_id,"
        " 1, 1, currency, processor, '', 'canceled', 0, '', now(), now() FROM payouts_payable"
        " WHERE status = 'held' ORDER BY id LIMIT 1",
        rules={RESERVE_ROWS},
    ),
    "a debit that took from a reserve without a row": _plant(
        "UPDATE payouts_sharedebit SET reserved_minor = 1, receivable_minor = receivable_minor - 1"
        " WHERE id = (SELECT min(id) FROM payouts_sharedebit)",
        rules={RESERVE_DEBITS},
    ),
    "the end of a hold for goods that were not sent": _plant(
        "UPDATE payouts_payable SET hold_until = now() WHERE id = (SELECT min(id) FROM payouts_payable"
        " WHERE status = 'held' AND hold_until IS NULL AND origin_reference = '')",
        rules={HOLD},
    ),
    "a hold without an end for goods that were sent": _plant(
        "UPDATE orders_fulfilment SET status = 'shipped' WHERE seller_order_id = (SELECT min(s.id) FROM"
        " orders_sellerorder s JOIN payouts_payable b ON b.seller_order_reference = s.public_id"
        " WHERE b.status = 'transferred' AND b.hold_until IS NULL AND b.origin_reference = '')",
        rules={HOLD},
    ),
    "a hold that was over before it was over": _plant(
        "INSERT INTO payouts_payableevent (payable_id, event, from_status, to_status, amount_minor, reference, actor,"
        " note, trace_id, occurred_at) SELECT payable_id, 'hold_over', from_status, to_status, 0, '', '', '', '', now()"
        " FROM payouts_payableevent WHERE event = 'released_early' ORDER BY id LIMIT 1",
        rules={HOLD_OVER},
    ),
    "a write-off that is not booked": _plant(
        "INSERT INTO payouts_debtwriteoff (debt_id, number, amount_minor, reason, actor, trace_id, occurred_at)"
        " SELECT min(id), 1, 1, 'x', '', '', now() FROM payouts_sellerdebt",
        rules={WRITTEN_OFF},
    ),
}

REQUESTS = {
    "a request of the day before yesterday": _plant(
        "UPDATE payments_processorrequest SET created_at = created_at - interval '25 hours' WHERE kind = 'transfer'",
        rules={STUCK},
        says="transfer attempt 1 is unknown",
    ),
    "an open payment that nobody asks after": _plant(
        "UPDATE payments_payment SET next_look_up_at = NULL WHERE status NOT IN ('succeeded', 'canceled')",
        rules={ASKED_AFTER},
    ),
    "a fee that nobody asks after": _plant(
        "UPDATE payments_capture SET fee_minor = NULL WHERE id = (SELECT min(id) FROM payments_capture)",
        rules={ASKED_AFTER, FEE_BOOKED},
    ),
    "a request that nobody takes up": _plant(
        "UPDATE payments_processorrequest SET next_try_at = NULL WHERE kind = 'transfer'", rules={ASKED_AFTER}
    ),
    "a transfer on its way without a request": _plant(
        f"DELETE FROM payments_processorrequest WHERE subject = {TRANSFER.format('unknown')}", rules={ASKED_AFTER}
    ),
    "a reversal on its way without a request": _plant(
        f"DELETE FROM payments_processorrequest WHERE subject = {REVERSAL.format('unknown')}", rules={ASKED_AFTER}
    ),
    "a refund on its way without a request": _plant(
        f"DELETE FROM payments_processorrequest WHERE subject = {REFUND.format('requested')}", rules={ASKED_AFTER}
    ),
    "a request that is open for a transfer that is over": _plant(
        "UPDATE payments_processorrequest SET state = 'unknown', finished_at = NULL, next_try_at = now()"
        f" WHERE subject = {TRANSFER.format('succeeded')}",
        rules={OUTCOME},
    ),
    "a refund that its request knows to be done": _plant(
        "INSERT INTO payments_processorrequest (idempotency_key, kind, processor, subject, attempt, body, body_hash,"
        " state, processor_id, processor_request_id, error_code, tries, trace_id, created_at, finished_at)"
        " SELECT 'another', kind, processor, subject, 2, body, body_hash, 'succeeded', 're_1', '', '', 1, '', now(),"
        f" now() FROM payments_processorrequest WHERE subject = {REFUND.format('requested')}",
        rules={OUTCOME},
    ),
    "a finished request without an outcome": _plant(
        f"UPDATE payments_processorrequest SET state = 'unknown' WHERE subject = {TRANSFER.format('succeeded')}",
        rules={FINISHED},
    ),
}

AUDIT_TRAIL = {
    "an audit row that was changed": _plant(
        "UPDATE common_auditrecord SET actor = 'somebody else'"
        " WHERE id = (SELECT min(record_id) FROM common_auditseal)",
        rules={AUDIT},
        says="was changed after it was sealed",
    ),
    "an audit seal that is gone": _plant(
        "DELETE FROM common_auditseal WHERE position = 2", rules={AUDIT}, says="audit seal 2 is missing"
    ),
    "an audit seal that was put in another's place": _plant(
        "UPDATE common_auditseal SET previous_hash = repeat('1', 64) WHERE position = 3",
        rules={AUDIT},
        says="does not follow the one before it",
    ),
}


def _ledger(*names: str) -> set[str]:
    return {f"ledger: {name}" for name in names}


SUMS = "an entry sums to zero in each currency"
COMPLETE = "an entry has all its postings"
HAS_ENTRY = "a posting has an entry, of no later time"
HAS_ACCOUNT = "a posting has an account of its currency"
RUNNING = "a running balance is the one before plus the amount"
NO_GAP = "the postings of an account have no gap and go forward in time"
STORED = "a stored balance is the sum of all postings"
BOUNDED = "a bounded account is on its side of zero"
TO_ZERO = "a currency sums to zero"
OPPOSITE = "a reversal is the opposite of its original"
GUARDS = "the guards of the tables are in force"

LEDGER = {
    "an entry that does not balance": _plant(
        f"UPDATE ledger_posting SET amount_minor = amount_minor + 1 WHERE entry_id = {ENTRY.format(1)} AND line = 1",
        rules=_ledger(SUMS, RUNNING, STORED, TO_ZERO),
    ),
    "two entries that balance each other only": _plant(
        f"UPDATE ledger_posting SET entry_id = {ENTRY.format(2)}, line = 3"
        f" WHERE entry_id = {ENTRY.format(1)} AND line = 1",
        f"UPDATE ledger_posting SET entry_id = {ENTRY.format(1)}, line = 1"
        f" WHERE entry_id = {ENTRY.format(2)} AND line = 1",
        f"UPDATE ledger_posting SET line = 1 WHERE entry_id = {ENTRY.format(2)} AND line = 3",
        "UPDATE ledger_journalentry e SET posted_at = (SELECT min(posted_at) FROM ledger_posting WHERE entry_id = e.id)"
        " WHERE source_reference = 'test:2'",
        rules=_ledger(SUMS),
    ),
    "an entry that lacks a line": _plant(
        "UPDATE ledger_journalentry SET line_count = 3 WHERE source_reference = 'test:1'", rules=_ledger(COMPLETE)
    ),
    "postings whose entry is gone": _plant(
        "DELETE FROM ledger_journalentry WHERE source_reference = 'test:1'", rules=_ledger(HAS_ENTRY)
    ),
    "a posting that is older than its entry": _plant(
        "UPDATE ledger_journalentry SET posted_at = posted_at + interval '1 hour' WHERE source_reference = 'test:1'",
        rules=_ledger(HAS_ENTRY),
    ),
    "an account that is gone": _plant(
        "DELETE FROM ledger_account WHERE code = 'test_cash:EUR'", rules=_ledger(HAS_ACCOUNT)
    ),
    "an entry in a currency that its accounts do not have": _plant(
        f"UPDATE ledger_posting SET currency = 'USD' WHERE entry_id = {ENTRY.format(1)}", rules=_ledger(HAS_ACCOUNT)
    ),
    "a running balance that skips something": _plant(
        f"UPDATE ledger_posting SET balance_minor = balance_minor + 1 WHERE entry_id = {ENTRY.format(2)} AND line = 1",
        rules=_ledger(RUNNING),
    ),
    "a newest balance that is wrong": _plant(
        f"UPDATE ledger_posting SET balance_minor = balance_minor + 1 WHERE entry_id = {ENTRY.format(3)} AND line = 1",
        rules=_ledger(RUNNING, STORED),
    ),
    "a gap between the postings": _plant(
        f"UPDATE ledger_posting SET sequence = 9 WHERE entry_id = {ENTRY.format(3)} AND line = 1",
        rules=_ledger(NO_GAP),
    ),
    "a bounded account beyond zero": _plant(
        "ALTER TABLE ledger_account DROP CONSTRAINT account_bound_on_normal_side",
        "UPDATE ledger_account SET balance_sign = 1 WHERE code = 'test_debt:EUR'",
        rules=_ledger(BOUNDED),
    ),
    "a reversal of something else": _plant(
        f"UPDATE ledger_journalentry SET reverses_id = {ENTRY.format(1)} WHERE source_reference = 'test:2'",
        rules=_ledger(OPPOSITE),
    ),
    "a guard that is switched off": _plant(
        "ALTER TABLE ledger_posting DISABLE TRIGGER ledger_refuse_insert",
        rules=_ledger(GUARDS),
        says="is switched off",
    ),
    "a guard that is missing": _plant(
        "DROP TRIGGER ledger_refuse_insert ON ledger_posting", rules=_ledger(GUARDS), says="is missing"
    ),
}

PLANTS: dict[str, Plant] = {
    **ORDERS, **PAYMENTS, **PAYOUTS, **DEBTS_OF_ARTISANS, **RESERVES, **DISPUTES, **REQUESTS, **AUDIT_TRAIL, **LEDGER,
}  # fmt: skip
