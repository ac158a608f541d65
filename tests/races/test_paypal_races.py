"""The symptoms that cards are tested for, at PayPal: everybody at the same moment, and nobody pays or is paid twice."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import requests

from common.clock import now as clock_now
from common.errors import DomainError
from orders.contracts.order import AlreadyPaid
from orders.contracts.refund import EverythingLeft, RefundWhileDisputed
from orders.models import Order
from orders.services import (
    request_refund,
    resend_refund,
    send_refund,
    settle_dispute,
    settle_order,
    settle_payment,
    settle_refund,
)
from orders.services.settle import Settled
from payments import processors
from payments.contracts import PaymentFound
from payments.enums import PaymentChannel, RefundReason
from payments.models import Capture, Dispute, DisputeEvent, Payment, Refund
from reconciliation.selectors import clearing_findings, local_findings
from tests.orders.books import balances
from tests.orders.disputed import three_shares
from tests.orders.fixtures import RunOutbox
from tests.orders.refunds import ask
from tests.orders.shop import check_out, confirm, new_product
from tests.orders.wire import TIMEOUT_SECONDS, Wire
from tests.races.at_once import at_once, kinds

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_broker", "no_throttle"),
]
NOT_RECEIVED = "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"


@pytest.fixture
def paypal(stripe: Wire, settings: Any) -> Wire:
    """The sandbox, empty, whose tokens of before are forgotten."""
    settings.PAYPAL_API_BASE = stripe.url
    for kept in (processors.processor_named, processors.paypal_client, processors.dispute_desk_of):
        kept.cache_clear()
    return stripe


def _post(paypal: Wire, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = requests.post(f"{paypal.url}{path}", json=body, timeout=TIMEOUT_SECONDS)
    assert answer.ok, answer.text
    document: dict[str, Any] = answer.json()
    return document


def _open(order: Order, channel: PaymentChannel) -> PaymentFound:
    found = confirm(order, channel=channel).found
    assert found is not None
    return found


def _approve(paypal: Wire, processor_payment_id: str, funding: str = "balance") -> None:
    _post(paypal, f"/paypal/checkout/{processor_payment_id}", {"action": "approve", "funding": funding})


def _news(found: PaymentFound) -> Settled:
    return settle_payment(
        processor=found.processor, processor_payment_id=found.processor_payment_id, payment_reference=None,
        source="webhook", now=clock_now(),
    )  # fmt: skip


def _paid(paypal: Wire, items: Any, *, funding: str = "balance") -> Order:
    order = check_out(items)
    _approve(paypal, _open(order, PaymentChannel.PAYPAL).processor_payment_id, funding)
    settled = settle_order(order_id=order.id, source="browser", now=clock_now()).order
    assert settled.status == "paid"
    return settled


def _agrees(paypal: Wire) -> None:
    assert [str(finding) for finding in local_findings()] == []
    theirs = {code: row["total"] for code, row in paypal.summary()["paypal"]["balances"].items()}
    for name, balance in (("stripe", paypal.platform_balance()), ("paypal", theirs)):
        assert [str(one) for one in clearing_findings(processor=name, their_balances=balance)] == []


def _taken(paypal: Wire, order: Order) -> int:
    """What the buyer has paid at both and not got back. Minor units."""
    wallet = paypal.summary()["paypal"]
    minor: int = sum(charge["amount"] - charge["amount_refunded"] for charge in paypal.charges(order.public_id))
    minor += sum(round(float(capture["amount"]["value"]) * 100) for capture in wallet["captures"])
    return minor - sum(round(float(refund["amount"]["value"]) * 100) for refund in wallet["refunds"])


def test_refresh_and_twenty_tabs_are_one_order_at_paypal(paypal: Wire) -> None:
    order = check_out([(new_product(), 1)])
    results = at_once([partial(confirm, order, channel=PaymentChannel.PAYPAL)] * 20)
    assert set(kinds(results)) <= {"Settled", "ProcessorUnavailable"}, results
    found = _open(order, PaymentChannel.PAYPAL)
    assert [one["id"] for one in paypal.summary()["paypal"]["orders"]] == [found.processor_payment_id]
    assert Payment.objects.count() == 1
    _approve(paypal, found.processor_payment_id)
    page = partial(settle_order, order_id=order.id, source="browser", now=clock_now())
    at_once([page, partial(confirm, order, channel=PaymentChannel.PAYPAL)] * 4)
    page()
    order.refresh_from_db()
    assert (order.status, _taken(paypal, order)) == ("paid", 2500)
    with pytest.raises(AlreadyPaid):
        confirm(order, channel=PaymentChannel.PAYPAL)
    _agrees(paypal)


@pytest.mark.parametrize("attempt", range(2))
@pytest.mark.parametrize("first", [PaymentChannel.ELEMENTS, PaymentChannel.PAYPAL])
def test_a_second_payment_created_while_the_first_completes_charges_nobody_twice(
    paypal: Wire, run_outbox: RunOutbox, first: PaymentChannel, attempt: int
) -> None:
    order = check_out([(new_product(price=4000, stock=3), 1)])
    found = _open(order, first)
    second = PaymentChannel.PAYPAL if first == PaymentChannel.ELEMENTS else PaymentChannel.ELEMENTS
    if first == PaymentChannel.PAYPAL:
        _approve(paypal, found.processor_payment_id)
    else:
        paypal.pay(found.client_secret)

    def begin_and_pay() -> str:
        """What somebody does who has lost patience in another tab."""
        try:
            other = _open(order, second)
            if second == PaymentChannel.PAYPAL:
                _approve(paypal, other.processor_payment_id)
            else:
                paypal.pay(other.client_secret)
            _news(other)
        except (DomainError, AssertionError) as refused:
            # Refused here, or voided before it could be paid there.
            return type(refused).__name__
        return "paid"

    page = partial(settle_order, order_id=order.id, source="browser", now=clock_now())
    works: list[Callable[[], Any]] = [partial(_news, found), begin_and_pay, page, begin_and_pay]
    at_once(works)
    run_outbox()
    page()
    for payment in Payment.objects.exclude(processor_payment_id=None):
        settle_payment(
            processor=payment.processor, processor_payment_id=str(payment.processor_payment_id),
            payment_reference=None, source="webhook", now=clock_now(),
        )  # fmt: skip
    run_outbox()
    order.refresh_from_db()
    assert (order.status, _taken(paypal, order)) == ("paid", 4500)
    assert balances("late_payments", "refunds_in_transit") == {}
    _agrees(paypal)


def test_news_before_our_own_answer_complete_a_paypal_order_once(paypal: Wire) -> None:
    order = check_out([(new_product(), 1)])
    found = _open(order, PaymentChannel.PAYPAL)
    _approve(paypal, found.processor_payment_id)
    [payment] = Payment.objects.all()
    # The answer to our own request is still on its way.
    Payment.objects.update(processor_payment_id=None, status="created")
    first = partial(
        settle_payment, processor="paypal", processor_payment_id=found.processor_payment_id,
        payment_reference=payment.public_id, source="webhook", now=clock_now(),
    )  # fmt: skip
    results = at_once([first] * 4)
    assert set(kinds(results)) <= {"Settled", "ProcessorUnavailable"}, results
    first()
    order.refresh_from_db()
    assert (order.status, _taken(paypal, order), Capture.objects.count()) == ("paid", 2500, 1)
    _agrees(paypal)


def test_a_bounced_refund_sent_again_by_two_people_goes_out_once_more(paypal: Wire) -> None:
    refund = ask(_paid(paypal, [(new_product(price=10_000), 1)], funding="refund_fail"))
    send = partial(send_refund, refund_id=refund.id, source="task", now=clock_now())
    send()
    refund.refresh_from_db()
    paypal.advance(60)
    bounced = partial(
        settle_refund, processor="paypal", processor_refund_id=str(refund.processor_refund_id), source="webhook",
        now=clock_now(),
    )  # fmt: skip
    at_once([bounced] * 4)
    assert balances("refunds_in_transit") == {"refunds_in_transit:EUR": -10_500}
    again = partial(resend_refund, refund_id=refund.id, source="staff", now=clock_now())
    assert kinds(at_once([again, again, again])) == {"Refund": 1, "RefundInTheWay": 2}
    at_once([send, bounced, send])
    assert [made["amount"]["value"] for made in paypal.summary()["paypal"]["refunds"]] == ["105.00", "105.00"]
    assert balances("seller", "refunds_in_transit") == {}, "the artisan was debited once"
    _agrees(paypal)


def _disputed(paypal: Wire, order: Order) -> str:
    capture = Capture.objects.get(payment__order_reference=order.public_id).processor_charge_id
    made = _post(paypal, "/_sandbox/paypal/disputes", {"capture_id": capture, "reason": NOT_RECEIVED})
    return str(made.get("dispute_id") or made["id"])


def _told(dispute: str) -> Callable[[], Dispute]:
    return partial(
        settle_dispute, processor="paypal", processor_dispute_id=dispute, source="webhook", now=clock_now()
    )  # fmt: skip


def _decided(paypal: Wire, dispute: str, outcome: str) -> None:
    _post(paypal, f"/_sandbox/paypal/disputes/{dispute}/settle", {"outcome": outcome})


def test_a_won_dispute_told_by_four_at_once_credits_once(paypal: Wire) -> None:
    order = _paid(paypal, three_shares())
    at_rest = balances()
    dispute = _disputed(paypal, order)
    assert kinds(at_once([_told(dispute)] * 4)) == {"Dispute": 4}
    assert (Dispute.objects.count(), DisputeEvent.objects.count()) == (1, 1)
    assert sum(balances("seller_disputed").values()) == -9545
    _decided(paypal, dispute, "RESOLVED_SELLER_FAVOUR")
    assert kinds(at_once([_told(dispute)] * 4)) == {"Dispute": 4}
    assert balances() == at_rest
    assert DisputeEvent.objects.filter(event="won").count() == 1
    _agrees(paypal)


def test_a_refund_during_a_dispute_debits_nobody_twice(paypal: Wire, run_outbox: RunOutbox) -> None:
    order = _paid(paypal, three_shares())
    dispute = _disputed(paypal, order)

    def refund() -> Refund:
        return request_refund(
            order_id=order.id, wish=EverythingLeft(), reason=RefundReason.RETURNED, note="", initiator="staff:1",
            now=clock_now(),
        )  # fmt: skip

    told, refunded = at_once([_told(dispute), refund])
    assert isinstance(told, Dispute), told
    assert isinstance(refunded, Refund | RefundWhileDisputed), refunded
    assert sum(balances("seller_held").values()) == 0, "taken once, by whichever came first"
    _agrees(paypal)
    with pytest.raises(RefundWhileDisputed):
        refund()
    run_outbox()
    _decided(paypal, dispute, "RESOLVED_BUYER_FAVOUR")
    _told(dispute)()
    run_outbox()
    _told(dispute)()
    assert balances("seller_", "commission", "disputed", "dispute_losses", "refunds_in_transit") == {}
    _agrees(paypal)
