"""Exactly one kind of webhook is lost, all others come: what it would have told is found, named and recorded."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ledger.selectors import balance
from orders.models import Order
from payments.enums import PaymentChannel
from payments.models import Capture, Refund
from payments.processors import dispute_desk_of, paypal_client, processor_named, reports_of
from payouts.models import BankPayout, Payable, Payout, Transfer, TransferReversal
from reconciliation.models import PlatformPayout
from reconciliation.selectors import local_findings
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_product
from tests.reconciliation.shop import released, transfer
from tests.reconciliation.statements import HOUR, found, ran
from tests.reconciliation.told import Told, told_shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
DAY = dt.timedelta(days=1)
_CACHED = (paypal_client, processor_named, dispute_desk_of, reports_of)


@pytest.fixture
def told(tmp_path: Path, settings: Any) -> Iterator[Told]:
    with told_shop(tmp_path) as shop:
        settings.STRIPE_API_BASE = settings.PAYPAL_API_BASE = shop.box.url
        settings.PAYPAL_CERTIFICATE_URL = f"{shop.box.url}/paypal/certs/"
        settings.PAYPAL_CERTIFICATE_ROOTS = str(tmp_path / "roots.pem")
        for cached in _CACHED:
            cached.cache_clear()
        yield shop
    for cached in _CACHED:
        cached.cache_clear()


def bought(told: Told) -> Order:
    """By card; the shop learns of it by the webhook alone."""
    order = check_out([(new_product(price=4500), 1)])
    opened = confirm(order).found
    assert opened is not None
    told.wire.pay(opened.client_secret)
    told.take_in()
    order.refresh_from_db()
    assert order.status == "paid"
    return order


def transferred(told: Told) -> tuple[Payable, Transfer]:
    [payable] = released(told.wire, bought(told), count=1)
    transfer(told.wire)
    told.take_in()
    return payable, Transfer.objects.get()


def reconciled(*, later: dt.timedelta = 5 * HOUR) -> list[str]:
    """What the run names as recorded by it. Nothing is left open, and the next run finds nothing new."""
    run = ran(later=later)
    before = found()
    assert [one for one in before if one[2] == "open"] == []
    again = ran(later=later + HOUR)
    assert (again.healed, found()) == (0, before)
    assert list(local_findings()) == []
    named = [words for source in ("stripe", "paypal", "bank") for words in run.report[source]["healed"]]
    assert run.healed == len(named)
    return named


def test_with_every_webhook_there_is_nothing_to_find(told: Told) -> None:
    transferred(told)
    assert reconciled() == []
    assert found() == []


def test_a_refund_of_which_no_webhook_told_is_recorded(told: Told) -> None:
    capture = Capture.objects.get(payment__order_reference=bought(told).public_id)
    told.lose("charge.refund*", "refund.*", processor="stripe")
    refund = told.wire.dashboard_refund(capture.processor_charge_id, 1000)
    told.take_in()
    assert told.lost() == ["charge.refunded", "refund.created"]
    assert not Refund.objects.exists()
    assert reconciled() == [f"refund {refund['id']}"]
    assert found() == [("stripe", "missing_here", "healed", -1000)]
    assert (Refund.objects.get().amount_minor, Refund.objects.get().processor_refund_id) == (1000, refund["id"])


def test_a_reversal_of_which_no_webhook_told_is_recorded(told: Told) -> None:
    _, made = transferred(told)
    told.lose("transfer.reversed", processor="stripe")
    reversal = told.asked(f"/v1/transfers/{made.processor_transfer_id}/reversals", amount="700")
    told.take_in()
    assert told.lost() == ["transfer.reversed"]
    assert not TransferReversal.objects.exists()
    before = balance("stripe_clearing:EUR").amount_minor
    assert reconciled() == [f"transfer_reversal {reversal['id']}"]
    assert found() == [("stripe", "missing_here", "healed", 700)]
    assert TransferReversal.objects.get().amount_minor == 700
    assert balance("stripe_clearing:EUR").amount_minor == before + 700


def test_a_capture_at_paypal_of_which_no_webhook_told_is_recorded(told: Told) -> None:
    order = check_out([(new_product(price=4500), 1)])
    opened = confirm(order, channel=PaymentChannel.PAYPAL).found
    assert opened is not None
    told.lose("PAYMENT.CAPTURE.COMPLETED", processor="paypal")
    requests.post(
        f"{told.box.url}/paypal/checkout/{opened.processor_payment_id}",
        json={"action": "approve", "funding": "pending"}, timeout=15,
    ).raise_for_status()  # fmt: skip
    told.take_in()
    # It is captured because PayPal told of the approval; that the money came follows, and nobody hears of it.
    told.wire.advance(60)
    told.take_in()
    assert "PAYMENT.CAPTURE.COMPLETED" in told.lost() and set(told.lost()) == {"PAYMENT.CAPTURE.COMPLETED"}
    order.refresh_from_db()
    assert order.status != "paid"
    [named] = reconciled()
    capture = Capture.objects.get(payment__order_reference=order.public_id)
    assert named == f"charge {capture.processor_charge_id}"
    assert found() == [("paypal", "missing_here", "healed", order.total_minor - (capture.fee_minor or 0))]
    order.refresh_from_db()
    assert order.status == "paid"


def test_payouts_of_which_no_webhook_told_that_they_were_paid_are_recorded(told: Told, run_outbox: RunOutbox) -> None:
    _, made = transferred(told)
    run_outbox()
    own = told.asked("/v1/payouts", amount="300", currency="eur")
    told.take_in()
    ran(later=HOUR)
    theirs = BankPayout.objects.get()
    assert (theirs.status, PlatformPayout.objects.get().status) == ("pending", "sent")
    told.lose("payout.paid", processor="stripe")
    # That they are in transit is told, each step when it happens; that they have arrived is not.
    for _ in range(3):
        told.wire.advance(24 * 3600)
        told.take_in()
    assert told.lost() == ["payout.paid", "payout.paid"]
    theirs.refresh_from_db()
    assert (theirs.status, PlatformPayout.objects.get().status) == ("pending", "sent")
    assert reconciled(later=4 * DAY) == [f"payout {own['id']} was paid", f"payout {theirs.processor_payout_id} is paid"]
    assert found() == []
    theirs.refresh_from_db()
    assert (theirs.status, PlatformPayout.objects.get().status) == ("paid", "paid")
    assert Payout.objects.get(id=made.payout_id).status == "paid"


def test_a_payout_to_an_artisan_that_is_late_is_named_until_it_is_paid(told: Told, run_outbox: RunOutbox) -> None:
    transferred(told)
    run_outbox()
    theirs = BankPayout.objects.get()
    # Promised for the second day, and not paid there: on the sixth it is late.
    ran(later=5 * DAY)
    assert found() == []
    ran(later=6 * DAY)
    assert found() == [("bank", "date", "open", 0)]
    told.wire.advance(3 * 24 * 3600)
    assert reconciled(later=10 * DAY) == [f"payout {theirs.processor_payout_id} is paid"]
    assert found() == [("bank", "date", "explained", 0)]
