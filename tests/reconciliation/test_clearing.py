"""Our clearing account against the processor's balance: what is on its way is told, and hides nothing."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import requests
from django.core.management import call_command

from common.clock import now as clock_now
from ledger.selectors import balance
from orders.models import Order
from orders.services import settle_order
from payments.contracts import BalanceFound
from payments.models import Capture, Payment
from payments.processors.stripe import mapping
from payments.services import processor_balance
from payouts import services as payouts
from payouts.models import Transfer
from reconciliation.contracts import ClearingCheck, Finding
from reconciliation.selectors import clearing_findings
from reconciliation.services import clearing, compare_clearing
from reconciliation.services.clearing import EXPLAINED_FOR
from tests.orders.shop import check_out, confirm, three_artisans
from tests.orders.wire import Wire
from tests.reconciliation.shop import bring_back, late, lose_refund, owed, refund_of, released, sale, transfer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
RULE = "clearing equals the processor's balance"
TOTAL_MINOR = 17094
FIRST_SHARE_MINOR = 5100


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The seconds that were waited, without waiting."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr(clearing.compare_clearing, "__kwdefaults__", {"wait": pauses.append, "clock": clock_now})
    yield pauses


def _check(*, later: dt.timedelta = dt.timedelta(), wait: Callable[[float], None] | None = None) -> ClearingCheck:
    return compare_clearing(processor="stripe", clock=lambda: clock_now() + later, wait=wait or (lambda _: None))


def _command() -> tuple[int, str, str]:
    """Exit status, and what was printed to the two streams."""
    told, errors = StringIO(), StringIO()
    try:
        call_command("ledger_check", stdout=told, stderr=errors)
    except SystemExit as ended:
        return int(ended.code or 0), told.getvalue(), errors.getvalue()
    return 0, told.getvalue(), errors.getvalue()


def _ours() -> int:
    return balance("stripe_clearing:EUR").amount_minor


def _by_hand(stripe: Wire, path: str, **body: str) -> None:
    """What somebody does at the processor without us."""
    headers = {"Idempotency-Key": f"somebody-else:{path}:{body}"}
    made = requests.post(f"{stripe.url}{path}", data=body, auth=("sk_test_sandbox", ""), headers=headers, timeout=10)
    made.raise_for_status()


def _other_charge(stripe: Wire) -> None:
    _by_hand(
        stripe,
        "/v1/payment_intents",
        **{
            "amount": "700",
            "currency": "eur",
            "confirm": "true",
            "payment_method": "pm_card_visa",
            "return_url": "http://x.example",
            "automatic_payment_methods[enabled]": "true",
        },
    )
    stripe.idle()


def _paid_and_not_settled(stripe: Wire) -> Order:
    order = check_out(three_artisans())
    found = confirm(order).found
    assert found is not None
    stripe.pay(found.client_secret)
    return order


def test_books_in_order_agree_with_the_processor_and_nobody_waits(stripe: Wire, waited: list[float]) -> None:
    sale(stripe)
    assert _command() == (0, "ledger_check: every invariant holds, and Stripe and PayPal agree\n", "")
    assert waited == []


def test_a_balance_that_differs_is_named_in_figures(stripe: Wire, waited: list[float]) -> None:
    sale(stripe)
    theirs = stripe.platform_balance()
    assert list(clearing_findings(processor="stripe", their_balances=theirs)) == []
    for wrong, figures in (
        ({"EUR": theirs["EUR"] + 1}, f"ours {theirs['EUR']}, theirs {theirs['EUR'] + 1}"),
        ({}, f"ours {theirs['EUR']}, theirs 0"),
        ({**theirs, "USD": 5}, "ours 0, theirs 5"),
    ):
        assert [one.detail for one in clearing_findings(processor="stripe", their_balances=wrong)] == [figures]
    ours = _ours()
    _other_charge(stripe)
    other = stripe.platform_balance()["EUR"] - ours
    status, told, errors = _command()
    assert status == 1
    assert f"{RULE}: stripe EUR: ours {ours}, theirs {ours + other}, unexplained {other:+}" in errors
    assert "every invariant holds" not in told
    assert waited == []  # nothing is open that waiting could help


def test_a_processor_that_can_t_be_asked_is_a_finding_and_not_a_pass(stripe: Wire) -> None:
    sale(stripe)
    stripe.fault("reset", "^/v1/balance$", method="GET", times=10)
    status, _, errors = _command()
    assert status == 1
    assert "could not be asked" in errors


def test_a_transfer_whose_answer_was_lost_is_told_as_a_notice_and_fails_nothing(
    stripe: Wire, waited: list[float]
) -> None:
    released(stripe, sale(stripe), count=1)
    transfer(stripe, lost=True)
    ours, reference = _ours(), Transfer.objects.get().public_id
    assert stripe.platform_balance()["EUR"] == ours - FIRST_SHARE_MINOR
    status, told, errors = _command()
    assert (status, errors) == (0, "")
    assert told == (
        f"notice: {RULE}: stripe EUR: ours {ours}, theirs {ours - FIRST_SHARE_MINOR}, carried out there and not"
        f" recorded here: transfer {reference} -5100, which explains it\n"
        "ledger_check: every invariant holds, and Stripe and PayPal agree but for what is being looked up\n"
    )
    assert sum(waited) == 4.0


def test_what_is_explained_for_too_long_is_a_finding(stripe: Wire) -> None:
    released(stripe, sale(stripe), count=1)
    transfer(stripe, lost=True)
    young = _check(later=EXPLAINED_FOR - dt.timedelta(minutes=1))
    assert (len(young.findings), len(young.notices)) == (0, 1)
    old = _check(later=EXPLAINED_FOR + dt.timedelta(seconds=1))
    assert (len(old.findings), len(old.notices)) == (1, 0)
    assert old.findings[0].detail.endswith(
        f"transfer {Transfer.objects.get().public_id} -5100, for more than 15 minutes"
    )


def test_a_lost_answer_does_not_hide_another_difference(stripe: Wire) -> None:
    released(stripe, sale(stripe), count=1)
    transfer(stripe, lost=True)
    _other_charge(stripe)
    [finding] = _check().findings
    assert f"transfer {Transfer.objects.get().public_id} -5100" in finding.detail
    assert "unexplained +" in finding.detail


def test_an_open_request_of_the_missing_amount_explains_nothing_if_it_was_not_carried_out(stripe: Wire) -> None:
    """The amounts are the same by chance: our transfer never arrived, and somebody took that much by hand."""
    [payable] = released(stripe, sale(stripe), count=1)
    stripe.fault("reset", "^/v1/transfers$")
    assert payouts.run_payouts(now=clock_now()).unresolved == 1
    assert _check() == ClearingCheck()
    account = payable.artisan.connected_account.processor_account_id
    charge = Capture.objects.get().processor_charge_id
    _by_hand(stripe, "/v1/transfers", amount="5100", currency="eur", destination=account, source_transaction=charge)
    check = _check()
    assert check.notices == ()
    ours = _ours()
    assert check.findings == (Finding(RULE, "stripe EUR", f"ours {ours}, theirs {ours - 5100}, unexplained -5100"),)


def test_a_difference_that_is_gone_after_a_moment_is_not_mentioned(stripe: Wire) -> None:
    released(stripe, sale(stripe), count=1)
    transfer(stripe, lost=True)
    pauses = []

    def meanwhile(seconds: float) -> None:
        pauses.append(seconds)
        payouts.run_payouts(now=clock_now() + dt.timedelta(minutes=2))

    assert _check(wait=meanwhile) == ClearingCheck()
    assert pauses == [0.5]
    assert Transfer.objects.get().status == "succeeded"


def test_a_refund_whose_answer_was_lost_is_a_notice(stripe: Wire) -> None:
    order = lose_refund(stripe, late(stripe, 3500))
    [notice] = _check().notices
    assert f"refund {refund_of(order).public_id} -4000, which explains it" in notice.detail


def test_a_transfer_reversal_whose_answer_was_lost_is_a_notice(stripe: Wire) -> None:
    [payable] = released(stripe, sale(stripe), count=1)
    transfer(stripe)
    reversal = owed(payable, 600, reference="ref_test")
    bring_back(stripe, reversal, lost=True)
    [notice] = _check().notices
    assert f"transfer_reversal {reversal.public_id} +600, which explains it" in notice.detail


@pytest.mark.parametrize("known", [True, False])
def test_a_payment_that_was_paid_and_not_settled_is_a_notice(stripe: Wire, known: bool) -> None:
    """Known there by its id, or only by our reference, because the answer to its creation was lost."""
    sale(stripe)
    order = _paid_and_not_settled(stripe)
    payment = Payment.objects.filter(order_reference=order.public_id)
    if not known:
        payment.update(processor_payment_id=None, status="unknown")
    net = stripe.platform_balance()["EUR"] - _ours()
    assert 0 < net < TOTAL_MINOR
    [notice] = _check().notices
    assert f"payment {payment.get().public_id} +{net}, which explains it" in notice.detail


def test_an_order_paid_long_after_it_was_made_counts_from_its_payment(stripe: Wire) -> None:
    order = _paid_and_not_settled(stripe)
    Payment.objects.filter(order_reference=order.public_id).update(created_at=clock_now() - 2 * EXPLAINED_FOR)
    check = _check()
    assert (len(check.findings), len(check.notices)) == (0, 1)


@pytest.mark.parametrize("computed", [True, False])
def test_a_fee_that_is_not_known_here_is_a_notice(stripe: Wire, computed: bool) -> None:
    """The processor credits a charge when it has computed the fee: until then all of it is missing there."""
    order = _paid_and_not_settled(stripe)
    found = Payment.objects.get(order_reference=order.public_id)
    stripe_says = stripe.platform_balance()["EUR"]
    with pytest.MonkeyPatch.context() as patch:
        _hide_fee(patch)
        settle_order(order_id=order.id, source="browser", now=clock_now())
        assert (_ours(), Capture.objects.get().fee_minor) == (TOTAL_MINOR, None)
        if not computed:
            patch.setattr(clearing, "processor_balance", lambda **_: BalanceFound(total={"EUR": 0}))
            [notice] = _check().notices
            effect = -TOTAL_MINOR
    if computed:
        [notice] = _check().notices
        effect = stripe_says - TOTAL_MINOR
    assert f"fee {found.public_id} {effect}, which explains it" in notice.detail


def _hide_fee(patch: pytest.MonkeyPatch) -> None:
    """As the processor answers in the moment after a charge."""
    real = mapping.charge_found
    patch.setattr(mapping, "charge_found", lambda charge: dataclasses.replace(real(charge), fee=None))


@pytest.mark.parametrize("first", ["theirs", "ours"])
def test_books_that_move_between_the_readings_are_no_difference(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch, waited: list[float], first: str
) -> None:
    """Settled just before the balance is read, or just after it."""
    sale(stripe)
    orders: list[Order] = []
    if first == "theirs":
        orders.append(_paid_and_not_settled(stripe))

    def moving(*, processor: str) -> BalanceFound:
        found = processor_balance(processor=processor)
        order = orders.pop() if orders else _paid_and_not_settled(stripe)
        settle_order(order_id=order.id, source="browser", now=clock_now())
        return found

    monkeypatch.setattr(clearing, "processor_balance", moving)
    assert compare_clearing(processor="stripe") == ClearingCheck()
    assert waited == []


def test_figures_that_never_stand_still_are_not_taken_for_proof(stripe: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    sale(stripe)
    numbers = iter(range(10_000_000, 20_000_000))
    monkeypatch.setattr(clearing, "clearing_balances", lambda **_: {"EUR": next(numbers)})
    [finding] = _check().findings
    assert finding.detail == "could not be compared: the books and the balance kept moving"
