"""Refunds of PayPal sales, against PayPal's half of the sandbox: the same allocator, books and ends as with cards."""

import contextlib
from functools import partial
from typing import Any

import pytest
import requests
from django.conf import settings

from common.clock import now as clock_now
from common.money import Money
from orders.contracts.refund import AmountOnly, NothingToRefund, RefundInTheWay
from orders.models import Order
from orders.services import resend_refund, send_refund, settle_order, settle_refund, withdraw_refund
from payments import processors
from payments.contracts import OutcomeUnknown, ProcessorUnavailable
from payments.enums import PaymentChannel
from payments.models import Capture, Payment, Refund
from payouts.models import Payable
from payouts.services import release_now, run_payouts
from reconciliation.selectors import clearing_findings, local_findings
from tests.orders.books import balances
from tests.orders.fixtures import RunOutbox
from tests.orders.refunds import ask, split_of
from tests.orders.refunds import paid as by_card
from tests.orders.shop import check_out, confirm, new_artisan, new_product, three_artisans
from tests.orders.wire import TIMEOUT_SECONDS, Wire
from tests.payouts.test_sandbox import connected
from tests.races.at_once import at_once, kinds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.fixture
def paypal(stripe: Wire, settings: Any) -> Wire:
    """The sandbox, empty, whose tokens of before are forgotten."""
    settings.PAYPAL_API_BASE = stripe.url
    processors.processor_named.cache_clear()
    processors.paypal_client.cache_clear()
    return stripe


def _paid(paypal: Wire, items: Any, *, funding: str = "balance") -> Order:
    order = check_out(items)
    found = confirm(order, channel=PaymentChannel.PAYPAL).found
    assert found is not None
    address = f"{paypal.url}/paypal/checkout/{found.processor_payment_id}"
    requests.post(address, json={"action": "approve", "funding": funding}, timeout=TIMEOUT_SECONDS).raise_for_status()
    settled = settle_order(order_id=order.id, source="browser", now=clock_now()).order
    assert settled.status == "paid"
    return settled


def _post(paypal: Wire, path: str, body: dict[str, Any]) -> None:
    requests.post(f"{paypal.url}{path}", json=body, timeout=TIMEOUT_SECONDS).raise_for_status()


def _dashboard(paypal: Wire, value: str, *, capture_id: str = "") -> str:
    """Somebody pays the one capture back at paypal.com; the refund's id."""
    sign_in = requests.post(
        f"{paypal.url}/v1/oauth2/token", auth=(settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET),
        data={"grant_type": "client_credentials"}, timeout=TIMEOUT_SECONDS,
    )  # fmt: skip
    taken = capture_id or Capture.objects.get().processor_charge_id
    answer = requests.post(
        f"{paypal.url}/v2/payments/captures/{taken}/refund",
        json={"amount": {"currency_code": "EUR", "value": value}},
        headers={"Authorization": f"Bearer {sign_in.json()['access_token']}", "PayPal-Request-Id": f"by-hand-{value}"},
        timeout=TIMEOUT_SECONDS,
    )
    answer.raise_for_status()
    return str(answer.json()["id"])


def _news(refund_id: str | None) -> None:
    settle_refund(processor="paypal", processor_refund_id=str(refund_id), source="webhook", now=clock_now())


def _agrees(paypal: Wire) -> None:
    assert [str(finding) for finding in local_findings()] == []
    theirs = {code: row["total"] for code, row in paypal.summary()["paypal"]["balances"].items()}
    assert [str(one) for one in clearing_findings(processor="paypal", their_balances=theirs)] == []


def _made(paypal: Wire) -> list[str]:
    return [refund["amount"]["value"] for refund in paypal.summary()["paypal"]["refunds"]]


def test_a_paypal_sale_paid_back_whole_leaves_nothing_but_the_fee(paypal: Wire, run_outbox: RunOutbox) -> None:
    order = _paid(paypal, three_artisans())
    refund = ask(order)
    assert balances("refunds_in_transit") == {"refunds_in_transit:EUR": -17094}
    run_outbox()
    refund.refresh_from_db()
    fee = Capture.objects.get().fee_minor
    assert fee is not None
    assert (refund.status, _made(paypal)) == ("succeeded", ["170.94"])
    assert balances() == {"paypal_clearing:EUR": -fee, "processor_fees:EUR": fee}
    _news(refund.processor_refund_id)
    _agrees(paypal)


def test_a_paypal_refund_from_the_dashboard_is_adopted_once(paypal: Wire, run_outbox: RunOutbox) -> None:
    _paid(paypal, three_artisans())
    made = _dashboard(paypal, "100.00")
    for _ in range(3):
        _news(made)
    [refund] = Refund.objects.all()
    assert (refund.amount_minor, refund.status, refund.initiator) == (10_000, "succeeded", "processor")
    assert [row[1] for row in split_of(refund)] == [2925, 351, 5847, 293, 584]
    _agrees(paypal)


def test_beside_a_dashboard_refund_ours_is_refused_and_given_up(paypal: Wire, run_outbox: RunOutbox) -> None:
    order = _paid(paypal, [(new_product(new_artisan(shipping=(0, 0)), price=10_000), 1)])
    ours = ask(order, AmountOnly(Money(6000, "EUR")))
    made = _dashboard(paypal, "60.00")
    with pytest.raises(RefundInTheWay):
        _news(made)
    run_outbox()
    ours.refresh_from_db()
    assert (ours.status, ours.withdrawn_at is None) == ("failed", False)
    _news(made)
    assert Capture.objects.get().refunded_minor == 6000
    assert (_made(paypal), balances("unallocated_refunds", "refunds_in_transit")) == (["60.00"], {})
    _agrees(paypal)


def test_refund_event_before_the_payment_is_linked_settles_the_payment_first(paypal: Wire) -> None:
    order = check_out([(new_product(), 1)])
    found = confirm(order, channel=PaymentChannel.PAYPAL).found
    assert found is not None
    _post(paypal, f"/paypal/checkout/{found.processor_payment_id}", {"action": "approve", "funding": "balance"})
    paypal.fault("answer_lost", "/capture$", times=2)
    with contextlib.suppress(OutcomeUnknown, ProcessorUnavailable):
        settle_order(order_id=order.id, source="browser", now=clock_now())
    [capture] = paypal.summary()["paypal"]["captures"]
    assert not Capture.objects.exists(), "taken there, and nobody has told us"
    Payment.objects.update(processor_payment_id=None)
    made = _dashboard(paypal, "10.00", capture_id=capture["id"])
    for _ in range(2):
        _news(made)
    order.refresh_from_db()
    assert order.status == "paid"
    assert [(refund.amount_minor, refund.status) for refund in Refund.objects.all()] == [(1000, "succeeded")]
    _agrees(paypal)


def test_refund_after_payout_brings_the_stripe_transfer_of_a_paypal_sale_back(
    paypal: Wire, run_outbox: RunOutbox
) -> None:
    artisan = connected(new_artisan(shipping=(0, 0)))
    # What Stripe has available comes from card sales; PayPal's money stays there.
    by_card(paypal, [(new_product(price=20_000), 1)])
    order = _paid(paypal, [(new_product(artisan, price=10_000), 1)])
    paypal.advance(14 * 86_400)
    payable = Payable.objects.get(order_reference=order.public_id)
    release_now(payable_ids=[payable.id], now=clock_now())
    assert run_payouts(now=clock_now()).succeeded == 1
    ask(order, AmountOnly(Money(4000, "EUR")))
    assert balances(f"seller_receivable:{artisan.public_id}") == {f"seller_receivable:{artisan.public_id}:EUR": 3600}
    run_outbox()
    [transfer] = paypal.summary()["transfers"]
    assert (transfer["amount"], transfer["amount_reversed"]) == (9000, 3600)
    assert _made(paypal) == ["40.00"]
    assert balances("seller_receivable", "refunds_in_transit") == {}
    _agrees(paypal)
    assert [str(one) for one in clearing_findings(processor="stripe", their_balances=paypal.platform_balance())] == []


@pytest.mark.parametrize(("currency", "price", "shipping", "paid_back"), [
    ("JPY", 3333, 500, ["1000", "2833"]), ("USD", 9995, 0, ["10.00", "89.95"]),
])  # fmt: skip
def test_currencies_with_other_digits_are_paid_back_to_the_last_unit(
    paypal: Wire, run_outbox: RunOutbox, currency: str, price: int, shipping: int, paid_back: list[str]
) -> None:
    order = _paid(
        paypal, [(new_product(new_artisan(currency=currency, shipping=(shipping, 0)), price=price), 1)]
    )  # fmt: skip
    ask(order, AmountOnly(Money(1000, currency)))
    run_outbox()
    ask(order)
    run_outbox()
    assert _made(paypal) == paid_back
    fee = Capture.objects.get().fee_minor
    assert balances() == {f"paypal_clearing:{currency}": -(fee or 0), f"processor_fees:{currency}": fee}
    _agrees(paypal)


def test_a_paypal_refund_that_fails_is_owed_still_and_sent_again_once(paypal: Wire, run_outbox: RunOutbox) -> None:
    artisan = new_artisan(shipping=(0, 0))
    order = _paid(paypal, [(new_product(artisan, price=10_000), 1)], funding="refund_fail")
    refund = ask(order)
    run_outbox()
    refund.refresh_from_db()
    assert (refund.status, balances("refunds_in_transit")) == ("pending", {})
    first = refund.processor_refund_id
    paypal.advance(60)
    _news(first)
    refund.refresh_from_db()
    assert (refund.status, balances("refunds_in_transit", "seller")) == (
        "failed", {"refunds_in_transit:EUR": -10_000}
    )  # fmt: skip
    _agrees(paypal)
    with pytest.raises(NothingToRefund):
        ask(order)
    resend_refund(refund_id=refund.id, source="staff", now=clock_now())
    _news(first)
    run_outbox()
    refund.refresh_from_db()
    assert (refund.status, refund.attempt, _made(paypal)) == ("pending", 2, ["100.00", "100.00"])
    assert balances("refunds_in_transit", "seller") == {}, "the artisan was debited once"
    _agrees(paypal)
    paypal.advance(60)
    _news(refund.processor_refund_id)
    withdraw_refund(refund_id=refund.id, now=clock_now())
    assert balances("refunds_in_transit", "seller") == {f"seller_held:{artisan.public_id}:EUR": -9000}
    _agrees(paypal)


def test_a_lost_answer_of_paypal_s_is_found_and_not_paid_twice(paypal: Wire, run_outbox: RunOutbox) -> None:
    order = _paid(paypal, [(new_product(), 1)])
    refund = ask(order, AmountOnly(Money(700, "EUR")))
    paypal.fault("answer_lost", "/refund$")
    with pytest.raises(OutcomeUnknown):
        send_refund(refund_id=refund.id, source="task", now=clock_now())
    send_refund(refund_id=refund.id, source="sweeper", now=clock_now())
    refund.refresh_from_db()
    assert (refund.status, _made(paypal)) == ("succeeded", ["7.00"])
    _agrees(paypal)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_concurrent_60_refunds_of_100_at_paypal(paypal: Wire) -> None:
    order = _paid(paypal, [(new_product(new_artisan(shipping=(0, 0)), price=10_000), 1)])
    results = at_once([partial(ask, order, AmountOnly(Money(6000, "EUR"))) for _ in range(6)])
    assert kinds(results) == {"Refund": 1, "RefundTooLarge": 5}
    send = partial(send_refund, refund_id=Refund.objects.get().id, source="task", now=clock_now())
    at_once([send, send, send])
    assert _made(paypal) == ["60.00"]
    _agrees(paypal)
