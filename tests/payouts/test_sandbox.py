"""Transfers over real HTTP to the sandbox: faults injected there, and its own view compared with our books."""

import datetime as dt
from typing import Any

import pytest
import requests
import stripe
from django.conf import settings

from catalog.models import Artisan
from common.clock import now as clock_now
from common.errors import DomainError
from payouts import services
from payouts.contracts import TransferRun, UnknownTransfer
from payouts.models import ConnectedAccount, Payable, Payout, PayoutRun, Transfer
from tests.orders.shop import new_artisan
from tests.payouts.hub import (
    HOLD,
    MINUTE,
    books,
    debit,
    reversals,
    run,
    sell,
    send_reversals,
    states,
    the_transfer,
)
from tests.support.sandbox import SandboxProcess

pytestmark = pytest.mark.django_db
TRANSFERS = "^/v1/transfers$"
COMMISSION_MINOR = 100


@pytest.fixture
def client(sandbox: SandboxProcess) -> stripe.StripeClient:
    """Stripe's own SDK, for what buyers do and to look with other eyes than ours."""
    return stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE})


@pytest.fixture
def artisan(client: stripe.StripeClient) -> Artisan:
    return connected(new_artisan())


def connected(artisan: Artisan) -> Artisan:
    """With an account that can be paid: where the sandbox still waits for the artisan's details, they are given."""
    if not connect(artisan).transfers_enabled:
        onboard(artisan)
        assert connect(artisan).transfers_enabled
    return artisan


def connect(artisan: Artisan, *, later: dt.timedelta = dt.timedelta()) -> ConnectedAccount:
    return services.connect_demo_artisan(artisan_id=artisan.pk, country="DE", now=clock_now() + later)


def onboard(artisan: Artisan) -> None:
    account_id = ConnectedAccount.objects.get(artisan=artisan).processor_account_id
    url = f"{settings.STRIPE_API_BASE}/_sandbox/accounts/{account_id}/onboarding"
    requests.post(url, timeout=10).raise_for_status()


def charge(client: stripe.StripeClient, amount_minor: int, currency: str = "eur") -> str:
    """A buyer has paid; the id of the charge."""
    intent = client.v1.payment_intents.create(
        {
            "amount": amount_minor,
            "currency": currency,
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    return str(intent.latest_charge)


def sold_and_released(client: stripe.StripeClient, parts: list[tuple[Artisan, int]], **more: Any) -> str:
    """A real charge at the sandbox, accrued and with its hold over."""
    currency = parts[0][0].currency.lower()
    charge_id = charge(client, sum(minor + COMMISSION_MINOR for _, minor in parts), currency)
    order = sell(parts, now=clock_now() - HOLD, charge_id=more.get("charge_id", charge_id))
    services.release_due(now=clock_now())
    return order


def at_the_sandbox(client: stripe.StripeClient, order: str) -> list[stripe.Transfer]:
    """The transfers of the payouts that hold something of the order."""
    groups = Payout.objects.filter(items__payable__order_reference=order).distinct().values_list("public_id", flat=True)
    return [
        transfer
        for group in groups
        for transfer in client.v1.transfers.list({"transfer_group": group, "limit": 100}).auto_paging_iter()
    ]


def balance(client: stripe.StripeClient, currency: str = "eur", account: str | None = None) -> int:
    """Available and pending, without the fees that the sandbox takes, as these tests book none."""
    of = {"stripe_account": account} if account else {}
    found = client.v1.balance.retrieve({}, of)  # type: ignore[arg-type]
    total = sum(part.amount for part in [*found.available, *found.pending] if part.currency == currency)  # type: ignore[attr-defined]
    transactions = client.v1.balance_transactions.list({"limit": 100}, of).auto_paging_iter()  # type: ignore[arg-type]
    return int(total) + sum(item.fee for item in transactions if item.currency == currency)


def test_three_artisans_are_paid_what_they_are_owed(client: stripe.StripeClient) -> None:
    artisans = [connected(new_artisan()) for _ in range(3)]
    order = sold_and_released(client, list(zip(artisans, [4500, 9000, 899], strict=True)))
    assert run(clock_now()) == TransferRun(requested=3, succeeded=3, refused=0, unresolved=0)
    made = at_the_sandbox(client, order)
    assert sorted(transfer.amount for transfer in made) == [899, 4500, 9000]
    for artisan, amount_minor in zip(artisans, [4500, 9000, 899], strict=True):
        account = ConnectedAccount.objects.get(artisan=artisan)
        assert balance(client, account=account.processor_account_id) == amount_minor
        [transfer] = [one for one in made if one.destination == account.processor_account_id]
        ours = Transfer.objects.get(payout__artisan=artisan)
        assert (ours.processor_transfer_id, ours.amount_minor) == (transfer.id, transfer.amount)
        assert transfer.metadata is not None
        assert transfer.metadata["transfer"] == ours.public_id
        assert transfer.metadata["payout"] == transfer.transfer_group == ours.payout.public_id
        assert transfer.source_transaction is None
    assert books() == {"stripe_clearing": 300, "commission": 300}
    assert balance(client) == 300


@pytest.mark.parametrize("currency", ["JPY", "KWD", "GBP"])
def test_in_any_currency_minor_units_are_the_same_on_both_sides(client: stripe.StripeClient, currency: str) -> None:
    artisan = connected(new_artisan(currency=currency))
    charge(client, 5000, currency.lower())  # which pays the processor's fee of the next one
    order = sold_and_released(client, [(artisan, 5000)])
    assert run(clock_now()).succeeded == 1
    assert [transfer.amount for transfer in at_the_sandbox(client, order)] == [5000]
    assert books(currency) == {"stripe_clearing": 100, "commission": 100}


FAULTS: dict[str, dict[str, Any]] = {
    "answer lost after it was carried out": {"kind": "answer_lost"},
    "connection reset before it was carried out": {"kind": "reset"},
    "500, nothing done": {"kind": "error_500", "stored": False},
    "500, stored under the key": {"kind": "error_500"},
    "500, carried out all the same": {"kind": "error_500", "carried_out": True},
    "429": {"kind": "rate_limited_429"},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_after_any_fault_there_is_one_transfer_and_the_books_equal_the_sandbox(
    sandbox: SandboxProcess, client: stripe.StripeClient, artisan: Artisan, fault: dict[str, Any]
) -> None:
    order = sold_and_released(client, [(artisan, 1500)])
    sandbox.fault(path=TRANSFERS, **fault)
    at = clock_now()
    assert run(at).unresolved == 1
    assert states()[0] == "transferring"
    assert books() == {"stripe_clearing": 1600, "commission": 100, "transfers_in_transit": 1500}
    for _ in range(5):
        at += 20 * MINUTE
        run(at)
    assert states() == ("transferred", "succeeded", "succeeded")
    [transfer] = at_the_sandbox(client, order)
    assert transfer.id == the_transfer().processor_transfer_id
    assert books() == {"stripe_clearing": 100, "commission": 100}
    assert balance(client) == 100


def test_a_sandbox_that_is_down_and_comes_back(
    sandbox: SandboxProcess, client: stripe.StripeClient, artisan: Artisan
) -> None:
    order = sold_and_released(client, [(artisan, 1500)])
    sandbox.kill()
    assert run(clock_now()).unresolved == 1
    sandbox.start()
    assert run(clock_now() + MINUTE).succeeded == 1
    assert (len(at_the_sandbox(client, order)), books()) == (1, {"stripe_clearing": 100, "commission": 100})


def test_too_little_balance_stops_the_run_which_goes_on_once_there_is_enough(
    sandbox: SandboxProcess, client: stripe.StripeClient, artisan: Artisan
) -> None:
    """Stripe takes the available balance, and a charge's funds are pending at first."""
    sandbox.pending_for(dt.timedelta(days=3))
    order = sell([(artisan, 1500)], now=clock_now() - HOLD, charge_id=charge(client, 1600))
    services.release_due(now=clock_now())
    assert run(clock_now()).refused == 1
    payable = Payable.objects.get()
    assert (payable.status, payable.failure_code) == ("released", "balance_insufficient")
    assert books() == {"stripe_clearing": 1600, "commission": 100, f"seller_payable:{artisan.public_id}": 1500}
    assert (at_the_sandbox(client, order), PayoutRun.objects.get().status) == ([], "partial")

    sandbox.advance_clock(dt.timedelta(days=14).total_seconds())
    assert services.look_after_runs(now=clock_now() + 31 * MINUTE).succeeded == 1
    assert (len(at_the_sandbox(client, order)), PayoutRun.objects.get().status) == (1, "done")
    assert books() == {"stripe_clearing": 100, "commission": 100}


def test_news_from_the_sandbox_settle_what_got_no_answer(
    sandbox: SandboxProcess, client: stripe.StripeClient, artisan: Artisan
) -> None:
    order = sold_and_released(client, [(artisan, 1500)])
    sandbox.fault(path=TRANSFERS, kind="answer_lost")
    run(clock_now())
    [made] = at_the_sandbox(client, order)
    services.settle_transfer(
        processor_transfer_id=made.id, transfer_reference=the_transfer().public_id, now=clock_now()
    )
    assert states() == ("transferred", "succeeded", "succeeded")
    assert books() == {"stripe_clearing": 100, "commission": 100}


def test_a_transfer_made_by_hand_is_not_ours(client: stripe.StripeClient, artisan: Artisan) -> None:
    charge_id = charge(client, 5000)
    account = ConnectedAccount.objects.get(artisan=artisan).processor_account_id
    made = client.v1.transfers.create({
        "amount": 100, "currency": "eur", "destination": account, "source_transaction": charge_id
    })  # fmt: skip
    with pytest.raises(UnknownTransfer):
        services.settle_transfer(processor_transfer_id=made.id, transfer_reference=None, now=clock_now())


# ---- reversals -----------------------------------------------------------------------------------------------------


def transferred(client: stripe.StripeClient, artisan: Artisan, amount_minor: int = 1500) -> Payable:
    order = sold_and_released(client, [(artisan, amount_minor)])
    assert run(clock_now()).succeeded == 1
    return Payable.objects.select_related("artisan").get(order_reference=order)


def settle_reversals(at: dt.datetime) -> list[str]:
    """As the outbox does, and the sweeper after it."""
    told = send_reversals(at)
    for minutes in (1, 20, 40, 60):
        services.resolve_reversals(now=at + minutes * MINUTE)
    return told


def test_what_is_refunded_after_the_transfer_comes_back_from_the_artisans_account(
    client: stripe.StripeClient, artisan: Artisan
) -> None:
    payable = transferred(client, artisan)
    debit(payable, 600, now=clock_now())
    assert send_reversals(clock_now()) == ["succeeded"]
    [made] = at_the_sandbox(client, payable.order_reference)
    [reversal] = reversals()
    [theirs] = client.v1.transfers.reversals.list(made.id).data
    assert (theirs.id, theirs.amount) == (reversal.processor_reversal_id, 600)
    assert theirs.metadata is not None
    assert theirs.metadata["reversal"] == reversal.public_id
    assert made.amount_reversed == reversal.transfer.reversed_minor == 600
    account = ConnectedAccount.objects.get(artisan=artisan)
    assert balance(client, account=account.processor_account_id) == 900
    assert books() == {"stripe_clearing": 700, "commission": 100, "refunds_in_transit": 600}
    assert balance(client) == 700


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_after_any_fault_there_is_one_reversal_and_the_books_equal_the_sandbox(
    sandbox: SandboxProcess, client: stripe.StripeClient, artisan: Artisan, fault: dict[str, Any]
) -> None:
    payable = transferred(client, artisan)
    debit(payable, 600, now=clock_now())
    sandbox.fault(path="^/v1/transfers/[^/]+/reversals$", **fault)
    assert settle_reversals(clock_now()) in (["unknown"], ["requested"])
    assert [reversal.status for reversal in reversals()] == ["succeeded"]
    [made] = at_the_sandbox(client, payable.order_reference)
    assert [theirs.amount for theirs in client.v1.transfers.reversals.list(made.id).data] == [600]
    assert books() == {"stripe_clearing": 700, "commission": 100, "refunds_in_transit": 600}
    assert balance(client) == 700


def test_too_little_in_the_artisans_account_is_a_certain_failure_and_is_netted(
    sandbox: SandboxProcess, client: stripe.StripeClient, artisan: Artisan
) -> None:
    payable = transferred(client, artisan)
    account = ConnectedAccount.objects.get(artisan=artisan).processor_account_id
    sandbox.advance_clock(dt.timedelta(days=14).total_seconds())
    client.v1.payouts.create({"amount": 1500, "currency": "eur"}, {"stripe_account": account})
    debit(payable, 600, now=clock_now())
    assert send_reversals(clock_now()) == ["failed"]
    assert [reversal.failure_code for reversal in reversals()] == ["balance_insufficient"]
    order = sold_and_released(client, [(artisan, 1000)])
    assert run(clock_now()).succeeded == 1
    assert [transfer.amount for transfer in at_the_sandbox(client, order)] == [400]
    assert books() == {"stripe_clearing": 800, "commission": 200, "refunds_in_transit": 600}
    assert balance(client) == 800


def test_a_reversal_in_the_dashboard_is_adopted_and_sent_again_after_a_hold(
    sandbox: SandboxProcess, client: stripe.StripeClient, artisan: Artisan
) -> None:
    payable = transferred(client, artisan)
    [made] = at_the_sandbox(client, payable.order_reference)
    client.v1.transfers.reversals.create(made.id, {"amount": 500})
    for _ in range(2):
        services.settle_transfer(processor_transfer_id=made.id, transfer_reference=None, now=clock_now())
    assert books() == {"stripe_clearing": 600, "commission": 100, f"seller_held:{artisan.public_id}": 500}
    assert balance(client) == 600
    sandbox.advance_clock(dt.timedelta(days=14).total_seconds())
    services.release_due(now=clock_now() + HOLD)
    assert run(clock_now() + HOLD).succeeded == 1
    assert books() == {"stripe_clearing": 100, "commission": 100}
    assert balance(client) == 100


def test_a_share_of_a_paypal_sale_is_sent_from_what_stripe_has_available(
    sandbox: SandboxProcess, client: stripe.StripeClient, artisan: Artisan
) -> None:
    sandbox.pending_for(dt.timedelta(days=3))
    charge(client, 5000)
    order = sell([(artisan, 1500)], now=clock_now() - HOLD, processor="paypal", charge_id="2GG279541U471931P")
    services.release_due(now=clock_now())
    assert run(clock_now()).refused == 1
    sandbox.advance_clock(dt.timedelta(days=14).total_seconds())
    assert services.look_after_runs(now=clock_now() + 31 * MINUTE).succeeded == 1
    [made] = at_the_sandbox(client, order)
    assert (made.amount, made.source_transaction) == (1500, None)
    assert books() == {"paypal_clearing": 1600, "stripe_clearing": -1500, "commission": 100}


# ---- accounts ------------------------------------------------------------------------------------------------------


def accounts_of(client: stripe.StripeClient, artisan: Artisan) -> list[stripe.Account]:
    listed = client.v1.accounts.list({"limit": 100}).auto_paging_iter()
    return [one for one in listed if one.metadata is not None and one.metadata["artisan"] == artisan.public_id]


def test_connecting_twice_makes_one_account_that_can_be_paid(client: stripe.StripeClient) -> None:
    artisan = new_artisan()
    first = connect(artisan)
    onboard(artisan)
    second = connect(artisan)
    assert first.pk == second.pk
    assert (second.transfers_enabled, second.country) == (True, "DE")
    [account] = accounts_of(client, artisan)
    assert account.id == second.processor_account_id


@pytest.mark.parametrize("kind", ["answer_lost", "reset", "error_500", "rate_limited_429"])
def test_after_any_fault_there_is_one_account(sandbox: SandboxProcess, client: stripe.StripeClient, kind: str) -> None:
    artisan = new_artisan()
    more: dict[str, Any] = {"stored": False} if kind == "error_500" else {}
    sandbox.fault(path="^/v1/accounts$", kind=kind, **more)
    with pytest.raises(DomainError):
        connect(artisan)
    connect(artisan, later=MINUTE)
    assert len(accounts_of(client, artisan)) == 1


@pytest.mark.parametrize("kind", ["answer_lost", "reset"])
def test_a_request_older_than_its_key_is_looked_up_and_only_then_made_anew(
    sandbox: SandboxProcess, client: stripe.StripeClient, kind: str
) -> None:
    artisan, day = new_artisan(), dt.timedelta(hours=25)
    sandbox.fault(path="^/v1/accounts$", kind=kind)
    with pytest.raises(DomainError):
        connect(artisan)
    # The sandbox, as Stripe, has forgotten the key by then: sent again under it, there would be two.
    sandbox.advance_clock(day.total_seconds())
    connect(artisan, later=day)
    assert len(accounts_of(client, artisan)) == 1
