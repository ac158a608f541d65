"""The audit trail is whole: entries of the books, refusals, and what artisans and staff do have their rows."""

from collections import Counter
from collections.abc import Callable

import pytest
import requests

from common.clock import now as clock_now
from common.errors import DomainError
from common.models import AuditRecord
from ledger.models import JournalEntry
from orders.contracts.refund import EverythingLeft, PartLeft
from orders.models import Order
from orders.services import (
    accept_part,
    attach_as_artisan,
    capture_order,
    confirm_delivery,
    decline_part,
    expire_orders,
    request_refund_of_part,
    resend_refund,
    settle_order,
    settle_refund,
    ship_part,
    submit_evidence,
    withdraw_refund,
)
from payments.enums import RefundReason
from payments.models import Dispute, ProcessorRequest, Refund
from tests.orders.disputed import decided, news, opened, sold, transferred
from tests.orders.fixtures import RunOutbox
from tests.orders.refunds import ask, paid, parts_of
from tests.orders.shop import check_out, confirm, new_artisan, new_product
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]
REFUND_FAILS_LATER = "4000000000005126"

# How an entry's source reference begins, and the row that tells of it.
TOLD_BY = {
    "sale": "payment.captured",
    "processor_fee": "payment.fee_charged",
    "late_payment": "order.late_payment",
    "late_refund": "refund.paid_back",
    "release": "payable.released",
    "transfer_requested": "transfer.requested",
    "transfer_succeeded": "transfer.succeeded",
    "transfer_reversed": "transfer_reversal.succeeded",
    "recovery": "debt.netted",
    "refund_requested": "refund.requested",
    "refund_sent": "refund.paid_back",
    "refund_bounced": "refund.bounced",
    "refund_withdrawn": "refund.withdrawn",
    "dispute_opened": "dispute.withdrawn",
    "dispute_fee": "dispute.fee_charged",
    "dispute_fee_returned": "dispute.fee_returned",
    "dispute_won": "dispute.reinstated",
    "dispute_lost": "dispute.lost",
}


def _sold_too_late(stripe: Wire) -> None:
    product = new_product(price=4000, stock=1)
    late = check_out([(product, 1)])
    secret = confirm(late).found.client_secret  # type: ignore[union-attr]
    expire_orders(now=late.expires_at)
    paid(stripe, [(product, 1)])
    stripe.pay(secret)
    settle_order(order_id=late.id, source="browser", now=clock_now())


def _bounced(stripe: Wire, run_outbox: RunOutbox) -> Refund:
    refund = ask(paid(stripe, [(new_product(), 1)], card=REFUND_FAILS_LATER))
    run_outbox()
    stripe.advance(60)
    refund.refresh_from_db()
    sent = str(refund.processor_refund_id)
    settle_refund(processor="stripe", processor_refund_id=sent, source="webhook", now=clock_now())
    refund.refresh_from_db()
    return refund


def _disputed(stripe: Wire, *, won: bool) -> None:
    disputed = opened(stripe, sold(stripe, [(new_product(new_artisan()), 1)]), reason="product_not_received")
    news(disputed)
    decided(stripe, disputed, won=won)
    news(disputed)


def test_every_entry_of_the_books_has_its_row(stripe: Wire, run_outbox: RunOutbox) -> None:
    artisan = new_artisan()
    order = paid(stripe, [(new_product(artisan, price=10_000), 1)])
    transferred(order)
    ask(order)
    _sold_too_late(stripe)
    resend_refund(refund_id=_bounced(stripe, run_outbox).id, source="staff", now=clock_now())
    withdraw_refund(refund_id=_bounced(stripe, run_outbox).id, now=clock_now())
    _disputed(stripe, won=True)
    _disputed(stripe, won=False)
    # Sent, disputed and lost, with nothing left in the artisan's account: kept from the next sale.
    first = sold(stripe, [(new_product(artisan), 1)])
    transferred(first)
    news(opened(stripe, first, reason="product_not_received"))
    transferred(sold(stripe, [(new_product(artisan, price=9000), 1)]))
    run_outbox()

    entries = Counter(name.split(":")[0] for name in JournalEntry.objects.values_list("source_reference", flat=True))
    assert set(entries) == set(TOLD_BY), "a new kind of entry needs its row in the audit trail"
    needed: Counter[str] = Counter()
    for name, count in entries.items():
        needed[TOLD_BY[name]] += count
    told = Counter(AuditRecord.objects.values_list("event_type", flat=True))
    assert {event: count for event, count in needed.items() if told[event] < count} == {}


def _to_accept(stripe: Wire) -> Order:
    order = check_out([(new_product(is_made_to_order=True, lead_time_days=9, stock=0), 1)])
    stripe.pay(confirm(order).found.client_secret)  # type: ignore[union-attr]
    return settle_order(order_id=order.id, source="browser", now=clock_now()).order


def test_what_artisans_do_with_their_parts_has_its_row(stripe: Wire) -> None:
    order = _to_accept(stripe)
    [part] = parts_of(order)
    who = {"seller_order_id": part.public_id, "artisan_id": part.artisan_id, "now": clock_now()}
    accept_part(**who)  # type: ignore[arg-type]
    capture_order(order_id=order.id, source="task", now=clock_now())
    for _ in range(2):  # a double click is one deed
        ship_part(carrier="An Post", tracking_number="CE1", **who)  # type: ignore[arg-type]
    confirm_delivery(**who)  # type: ignore[arg-type]
    rows = AuditRecord.objects.filter(subject=part.public_id, event_type__startswith="part.").order_by("id")
    assert list(rows.values_list("event_type", "outcome")) == [
        ("part.accepted", "succeeded"), ("part.shipped", "succeeded"), ("part.delivered", "succeeded"),
    ]  # fmt: skip


def test_what_is_refused_to_artisans_and_staff_has_its_row(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = paid(stripe, [(new_product(), 1), (new_product(), 1)])
    mine, theirs = parts_of(order)
    news(opened(stripe, order, reason="product_not_received"))
    dispute = Dispute.objects.get()
    submit_evidence(dispute_id=dispute.id, now=clock_now())
    refund = ask(paid(stripe, [(new_product(), 1)]))
    own = {"seller_order_id": mine.public_id, "artisan_id": mine.artisan_id, "now": clock_now()}
    refused: list[tuple[Callable[[], object], str, str]] = [
        (lambda: ask(order, EverythingLeft()), "refund.refused", order.public_id),
        (
            lambda: request_refund_of_part(
                wish=PartLeft(theirs.public_id), reason=RefundReason.RETURNED, note="", initiator="artisan:x",
                **own,  # type: ignore[arg-type]
            ),
            "refund.refused",
            mine.public_id,
        ),
        (
            lambda: resend_refund(refund_id=refund.id, source="staff", now=clock_now()),
            "refund.refused",
            refund.public_id,
        ),
        (lambda: withdraw_refund(refund_id=refund.id, now=clock_now()), "refund.refused", refund.public_id),
        (lambda: accept_part(**own), "part.accept_refused", mine.public_id),  # type: ignore[arg-type]
        (lambda: decline_part(reason="No.", **own), "part.decline_refused", mine.public_id),  # type: ignore[arg-type]
        (lambda: confirm_delivery(**own), "part.delivery_refused", mine.public_id),  # type: ignore[arg-type]
        (
            lambda: ship_part(
                seller_order_id=theirs.public_id, artisan_id=mine.artisan_id, carrier="", tracking_number="",
                now=clock_now(),
            ),
            "part.ship_refused",
            theirs.public_id,
        ),
        (
            lambda: submit_evidence(dispute_id=dispute.id, now=clock_now()),
            "dispute.answer_refused",
            dispute.public_id,
        ),
        (
            lambda: attach_as_artisan(
                dispute_reference=dispute.public_id, artisan_id=mine.artisan_id, kind="proof_of_delivery",
                name="x.pdf", content=b"%PDF-1.4", now=clock_now(),
            ),
            "dispute.file_refused",
            dispute.public_id,
        ),
    ]  # fmt: skip
    for attempt, event_type, subject in refused:
        before = AuditRecord.objects.count()
        with pytest.raises(DomainError) as refusal:
            attempt()
        [row] = AuditRecord.objects.order_by("id")[before:]
        told = (row.event_type, row.outcome, row.subject, row.failure_code)
        assert told == (event_type, "refused", subject, refusal.value.code)


def test_what_a_processor_refuses_has_its_row(stripe: Wire, run_outbox: RunOutbox) -> None:
    news(opened(stripe, sold(stripe, [(new_product(), 1)]), reason="product_not_received"))
    dispute = Dispute.objects.get()
    requests.post(
        f"{stripe.url}/v1/disputes/{dispute.processor_dispute_id}", data={"evidence[customer_name]": "Ada"},
        auth=("sk_test_sandbox", ""), headers={"Idempotency-Key": "answered by hand"}, timeout=10,
    ).raise_for_status()  # fmt: skip
    submit_evidence(dispute_id=dispute.id, now=clock_now())
    run_outbox()
    [request] = ProcessorRequest.objects.filter(kind="submit_evidence", state="failed")
    [row] = AuditRecord.objects.filter(event_type="request.failed")
    assert (row.command, row.subject, row.outcome) == ("submit_evidence", dispute.public_id, "failed")
    assert (row.failure_code, row.idempotency_key) == (request.error_code, request.idempotency_key)
