"""Payouts to banks over real HTTP: faults injected at the sandbox, banks that fail there, and its own view of them."""

from typing import Any

import pytest
import requests
import stripe
from django.conf import settings

from catalog.models import Artisan
from common.clock import now as clock_now
from payouts.models import BankPayout, ConnectedAccount, Payout
from payouts.services import bank
from tests.orders.shop import new_artisan
from tests.payouts.bank.hub import DAY, HOUR, MINUTE, run_due, send, states, told, transferred
from tests.support.sandbox import SandboxProcess

pytestmark = pytest.mark.django_db
PAYOUTS = "^/v1/payouts$"
CLOSED = "DE89370400440532013002"
FINE = "DE89370400440532013000"


@pytest.fixture
def client(sandbox: SandboxProcess) -> stripe.StripeClient:
    """Stripe's own SDK, to look with other eyes than ours."""
    sandbox.webhook_mode("hold")
    return stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE})


def control(path: str, **body: Any) -> Any:
    answer = requests.post(f"{settings.STRIPE_API_BASE}/_sandbox/{path}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def settled() -> None:
    requests.get(f"{settings.STRIPE_API_BASE}/_sandbox/idle?timeout=10", timeout=30).raise_for_status()


def later(seconds: float) -> None:
    """The processor's clock goes on, and what becomes due there happens."""
    control("clock", advance_seconds=seconds)
    settled()


@pytest.fixture
def artisan(client: stripe.StripeClient) -> Artisan:
    """With an account at the sandbox that is paid to and out."""
    artisan = new_artisan()
    account = control("accounts", country="DE")
    ConnectedAccount.objects.create(
        artisan=artisan, processor_account_id=account["id"], country="DE", transfers_enabled=True,
        created_at=clock_now(), updated_at=clock_now(),
    )  # fmt: skip
    settled()
    return artisan


def in_the_account(client: stripe.StripeClient, artisan: Artisan, amount_minor: int = 5000) -> Payout:
    """A payout whose transfer has been carried out at the sandbox too."""
    payout = transferred(artisan, amount_minor, now=clock_now())
    control("topups", amount=amount_minor)
    made = client.v1.transfers.create(
        {"amount": amount_minor, "currency": "eur", "destination": payout.destination_account_id}
    )
    payout.transfer.processor_transfer_id = made.id
    payout.transfer.save(update_fields=["processor_transfer_id"])
    return payout


def at_the_sandbox(client: stripe.StripeClient, payout: Payout) -> list[stripe.Payout]:
    listed = client.v1.payouts.list({"limit": 100}, {"stripe_account": payout.destination_account_id})
    return list(reversed(listed.data))


def test_it_arrives_and_both_sides_agree(client: stripe.StripeClient, artisan: Artisan) -> None:
    payout = in_the_account(client, artisan)
    assert send(payout, clock_now()) == "on_its_way"
    [made] = at_the_sandbox(client, payout)
    attempt = BankPayout.objects.get()
    assert (made.amount, made.currency, made.id) == (5000, "eur", attempt.processor_payout_id)
    assert made.metadata is not None and made.metadata["payout"] == attempt.public_id
    assert made.statement_descriptor == "ARTISANS HUB"
    # Late: the bank takes a day longer than the processor had said.
    control(f"payouts/{made.id}/delay", seconds=24 * 3600)
    later(2 * 24 * 3600)
    bank.look_after_bank_payouts(now=clock_now() + 2 * DAY)
    assert states(payout)[0] == "on_its_way"
    later(24 * 3600)
    bank.look_after_bank_payouts(now=clock_now() + 3 * DAY)
    assert states(payout) == ("paid", ["paid"], ["succeeded"])


FAULTS = [("answer_lost", {}), ("error_500", {"carried_out": True}), ("error_500", {"stored": False}),
          ("rate_limited_429", {}), ("reset", {})]  # fmt: skip


@pytest.mark.parametrize(("kind", "more"), FAULTS, ids=["answer lost", "500 made", "500 not made", "429", "reset"])
def test_whatever_goes_wrong_on_the_way_it_is_sent_once(
    sandbox: SandboxProcess, client: stripe.StripeClient, artisan: Artisan, kind: str, more: dict[str, Any]
) -> None:
    payout = in_the_account(client, artisan)
    sandbox.fault(path=PAYOUTS, kind=kind, **more)
    send(payout, clock_now())
    assert states(payout)[0] == "on_its_way"
    bank.look_after_bank_payouts(now=clock_now() + MINUTE)
    assert states(payout) == ("on_its_way", ["pending"], ["succeeded"])
    [made] = at_the_sandbox(client, payout)
    assert made.id == BankPayout.objects.get().processor_payout_id


def test_a_bank_account_that_was_closed_and_another_one(client: stripe.StripeClient, artisan: Artisan) -> None:
    payout = in_the_account(client, artisan)
    control(f"accounts/{payout.destination_account_id}/bank", account_number=CLOSED)
    send(payout, clock_now())
    later(3 * 24 * 3600)
    bank.look_after_bank_payouts(now=clock_now() + 3 * DAY)
    assert states(payout) == ("bank_failed", ["failed"], ["succeeded"])
    assert BankPayout.objects.get().failure_code == "account_closed"
    assert told()[-1] == "announce_bank_failure"
    # The same account again: the processor does not send to it any more.
    bank.retry_payout(payout_id=payout.pk, reason="Perhaps it works now.", now=clock_now())
    run_due(clock_now())
    assert states(payout)[:2] == ("bank_failed", ["failed", "failed"])
    assert payout.failure_code == "bank_unusable"
    control(f"accounts/{payout.destination_account_id}/bank", account_number=FINE)
    assert bank.retry_failed_payouts(artisan_id=artisan.pk, now=clock_now()) == 1
    run_due(clock_now())
    later(3 * 24 * 3600)
    bank.look_after_bank_payouts(now=clock_now() + 3 * DAY)
    assert states(payout)[:2] == ("paid", ["failed", "failed", "paid"])
    assert [made.status for made in at_the_sandbox(client, payout)] == ["failed", "paid"]


def test_paid_and_sent_back_days_later(client: stripe.StripeClient, artisan: Artisan) -> None:
    payout = in_the_account(client, artisan)
    send(payout, clock_now())
    later(3 * 24 * 3600)
    bank.look_after_bank_payouts(now=clock_now() + 3 * DAY)
    assert states(payout)[0] == "paid"
    control(
        f"payouts/{BankPayout.objects.get().processor_payout_id}/fail", failure_code="incorrect_account_holder_name"
    )
    # Nobody tells us; the last look does.
    assert "ask_after_bank_payout" in run_due(clock_now() + 12 * DAY)
    assert states(payout)[:2] == ("bank_failed", ["failed"])
    assert payout.failure_code == "holder_name_wrong"


def test_the_processor_stops_the_account_before(client: stripe.StripeClient, artisan: Artisan) -> None:
    payout = in_the_account(client, artisan)
    control(f"accounts/{payout.destination_account_id}/disable", reason="rejected.fraud")
    assert send(payout, clock_now()) == "bank_failed"
    assert payout_code(payout) == "payouts_disabled"
    assert at_the_sandbox(client, payout) == []


def test_a_refused_one_that_is_there_all_the_same_is_found_without_news(
    client: stripe.StripeClient, artisan: Artisan
) -> None:
    payout = in_the_account(client, artisan)
    control(f"accounts/{payout.destination_account_id}/bank", account_number=CLOSED)
    send(payout, clock_now())
    later(3 * 24 * 3600)
    bank.look_after_bank_payouts(now=clock_now() + 3 * DAY)
    bank.retry_payout(payout_id=payout.pk, reason="Perhaps it works now.", now=clock_now())
    run_due(clock_now())
    assert states(payout)[:2] == ("bank_failed", ["failed", "failed"])
    refused = BankPayout.objects.get(attempt=2)
    assert bank.look_for_refused_bank_payouts(now=clock_now() + DAY) == 1
    assert states(payout)[0] == "bank_failed"
    control(f"accounts/{payout.destination_account_id}/bank", account_number=FINE)
    there = client.v1.payouts.create(
        {"amount": 5000, "currency": "eur", "metadata": {"payout": refused.public_id}},
        {"stripe_account": payout.destination_account_id},
    )
    assert bank.look_for_refused_bank_payouts(now=clock_now() + 2 * DAY + HOUR) == 1
    assert states(payout)[:2] == ("on_its_way", ["failed", "pending"])
    refused.refresh_from_db()
    assert refused.processor_payout_id == there.id
    assert told()[-1] == "announce_bank_find"


def test_somebody_took_the_money_out_at_the_processor(client: stripe.StripeClient, artisan: Artisan) -> None:
    payout = in_the_account(client, artisan)
    on = {"stripe_account": payout.destination_account_id}
    theirs = client.v1.payouts.create({"amount": 3000, "currency": "eur"}, on)  # type: ignore[arg-type]
    assert send(payout, clock_now()) == "transferred"
    with pytest.raises(bank.UnknownBankPayout):
        bank.settle_bank_payout(
            processor_payout_id=theirs.id, processor_account_id=payout.destination_account_id, now=clock_now()
        )
    # Called off there again: it is sent with the next look.
    client.v1.payouts.cancel(theirs.id, options=on)  # type: ignore[arg-type]
    bank.look_after_bank_payouts(now=clock_now() + HOUR)
    assert states(payout)[0] == "on_its_way"


def payout_code(payout: Payout) -> str:
    payout.refresh_from_db()
    return payout.failure_code
