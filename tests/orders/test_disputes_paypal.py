"""Disputes of PayPal sales on PayPal's half of the sandbox: held there until decided, kept back here meanwhile."""

from typing import Any

import pytest
import requests

from common.clock import now as clock_now
from orders.models import Order
from orders.services import accept_dispute, save_draft, settle_dispute, settle_order, submit_evidence
from payments import processors
from payments.enums import PaymentChannel
from payments.models import Capture, Dispute
from payouts.models import Payable
from reconciliation.selectors import clearing_findings, local_findings
from tests.orders.books import balances
from tests.orders.disputed import sellers, three_shares
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm
from tests.orders.wire import TIMEOUT_SECONDS, Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
MINE = ("seller_", "commission", "disputed", "dispute_")
FEE, CHARGEBACK_FEE = 1400, 2000


@pytest.fixture
def paypal(stripe: Wire, settings: Any) -> Wire:
    """The sandbox, empty, whose tokens of before are forgotten."""
    settings.PAYPAL_API_BASE = stripe.url
    for kept in (processors.processor_named, processors.paypal_client, processors.dispute_desk_of):
        kept.cache_clear()
    return stripe


@pytest.fixture
def order(paypal: Wire) -> Order:
    order = check_out(three_shares())
    found = confirm(order, channel=PaymentChannel.PAYPAL).found
    assert found is not None
    _post(paypal, f"/paypal/checkout/{found.processor_payment_id}", {"action": "approve", "funding": "balance"})
    return settle_order(order_id=order.id, source="browser", now=clock_now()).order


def _post(paypal: Wire, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = requests.post(f"{paypal.url}{path}", json=body, timeout=TIMEOUT_SECONDS)
    assert answer.ok, answer.text
    document: dict[str, Any] = answer.json()
    return document


def _opened(paypal: Wire, order: Order, **how: Any) -> str:
    capture = Capture.objects.get(payment__order_reference=order.public_id).processor_charge_id
    made = _post(paypal, "/_sandbox/paypal/disputes", {"capture_id": capture, **how})
    return str(made.get("dispute_id") or made["id"])


def _decided(paypal: Wire, dispute: str, outcome: str) -> None:
    _post(paypal, f"/_sandbox/paypal/disputes/{dispute}/settle", {"outcome": outcome})


def _news(dispute: str) -> Dispute:
    return settle_dispute(processor="paypal", processor_dispute_id=dispute, source="webhook", now=clock_now())


def _agrees(paypal: Wire) -> None:
    assert [str(finding) for finding in local_findings()] == []
    theirs = {code: row["total"] for code, row in paypal.summary()["paypal"]["balances"].items()}
    assert [str(one) for one in clearing_findings(processor="paypal", their_balances=theirs)] == []


NOT_RECEIVED = "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"


def test_shares_are_kept_back_while_paypal_holds_the_money_and_a_win_frees_them(paypal: Wire, order: Order) -> None:
    at_rest = balances()
    anna, ben, cleo = sellers(order)
    dispute = _opened(paypal, order, reason=NOT_RECEIVED)
    recorded = _news(dispute)
    assert (recorded.status, recorded.withdrawn_minor, recorded.liability) == ("needs_response", 0, "artisan")
    assert balances("seller_", "disputed") == {
        f"seller_disputed:{anna}:EUR": -4100,
        f"seller_disputed:{ben}:EUR": -2745,
        f"seller_disputed:{cleo}:EUR": -2700,
    }
    assert set(Payable.objects.values_list("status", flat=True)) == {"canceled"}, "nothing is paid out meanwhile"
    _agrees(paypal)
    _news(dispute)
    _decided(paypal, dispute, "RESOLVED_SELLER_FAVOUR")
    for _ in range(2):
        assert _news(dispute).status == "won"
        assert balances() == at_rest
    _agrees(paypal)


@pytest.mark.parametrize(("channel", "fee"), [("INTERNAL", FEE), ("EXTERNAL", CHARGEBACK_FEE)])
def test_lost_it_is_the_artisans_and_the_fee_is_ours(paypal: Wire, order: Order, channel: str, fee: int) -> None:
    dispute = _opened(paypal, order, reason=NOT_RECEIVED, channel=channel)
    _news(dispute)
    _decided(paypal, dispute, "RESOLVED_BUYER_FAVOUR")
    recorded = _news(dispute)
    assert (recorded.status, recorded.withdrawn_minor, recorded.lost_minor) == ("lost", 10500, 10500)
    assert balances(*MINE) == {"dispute_fees:EUR": fee}
    _agrees(paypal)


def test_a_payment_that_the_buyer_did_not_make_is_our_loss(paypal: Wire, order: Order) -> None:
    dispute = _opened(paypal, order, reason="UNAUTHORISED")
    _news(dispute)
    _decided(paypal, dispute, "RESOLVED_BUYER_FAVOUR")
    _news(dispute)
    assert sum(balances("seller_held").values()) == -9545
    assert balances("dispute_losses", "seller_disputed") == {"dispute_losses:EUR": 10500}
    _agrees(paypal)


def test_a_part_that_is_disputed_keeps_back_its_part(paypal: Wire, order: Order) -> None:
    dispute = _opened(paypal, order, reason=NOT_RECEIVED, amount_minor=1000)
    _news(dispute)
    assert sum(balances("seller_disputed").values()) == -909
    _decided(paypal, dispute, "RESOLVED_BUYER_FAVOUR")
    _news(dispute)
    assert balances("seller_disputed", "disputed", "dispute_losses") == {}
    assert balances("commission") == {"commission:EUR": -(955 - 91)}
    _agrees(paypal)


def test_the_answer_reaches_paypal_once(paypal: Wire, order: Order, run_outbox: RunOutbox) -> None:
    dispute = _news(_opened(paypal, order, reason=NOT_RECEIVED))
    save_draft(
        dispute_id=dispute.id,
        texts={"explanation": "Handed over.", "shipping_carrier": "An Post", "tracking_number": "RR1X"},
        now=clock_now(),
    )
    submit_evidence(dispute_id=dispute.id, now=clock_now())
    run_outbox()
    dispute.refresh_from_db()
    assert (dispute.status, dispute.submitted_at is not None) == ("under_review", True)
    [there] = paypal.summary()["paypal"]["disputes"]
    assert there["status"] == "UNDER_REVIEW"
    _agrees(paypal)


def test_giving_in_is_a_loss(paypal: Wire, order: Order, run_outbox: RunOutbox) -> None:
    dispute = _news(_opened(paypal, order, reason=NOT_RECEIVED))
    accept_dispute(dispute_id=dispute.id, now=clock_now())
    run_outbox()
    dispute.refresh_from_db()
    assert (dispute.status, dispute.lost_minor) == ("lost", 10500)
    assert balances("seller_", "commission", "disputed", "dispute_losses") == {}
    _agrees(paypal)
