"""Refunds after the transfer, against money that is on its way to the bank: each cent goes one way, never both."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Barrier

import pytest
from django.db import connection

from catalog.models import Artisan
from common.money import Money
from payments.contracts import ProcessorRefused
from payouts import services
from payouts.models import Payable, Payout, SellerDebt
from payouts.services import bank
from tests.payouts.bank.fake import FakeBanks
from tests.payouts.bank.hub import MINUTE, NOW, send, states
from tests.payouts.fake import LOST, FakeTransfers
from tests.payouts.hub import connected_artisan, debit, released, reversals, run, send_reversals

pytestmark = pytest.mark.django_db


@pytest.fixture
def transfers(monkeypatch: pytest.MonkeyPatch, processor: FakeBanks) -> FakeTransfers:
    """Transfers and reversals with the balances of `processor`: what went to a bank cannot be brought back."""
    fake = FakeTransfers()
    for module in ("send", "send_reversals", "settle"):
        monkeypatch.setattr(import_module(f"payouts.services.{module}"), "processor_named", lambda _: fake)
    fake.refuse_reversal = lambda request: (
        ProcessorRefused("too little", processor_code="balance_insufficient")
        if balances(processor, fake)[_account_of(fake, request.processor_transfer_id)] < request.amount.amount_minor
        else None
    )
    return fake


def _account_of(fake: FakeTransfers, processor_transfer_id: str) -> str:
    [made] = [found for found in fake.made if found.processor_transfer_id == processor_transfer_id]
    return made.destination_account_id


def balances(banks: FakeBanks, fake: FakeTransfers) -> dict[str, int]:
    """What is in each account at the processor; the banks' side is told of it."""
    for account in {made.destination_account_id for made in fake.made}:
        ids = {made.processor_transfer_id for made in fake.made if made.destination_account_id == account}
        came = sum(made.amount.amount_minor for made in fake.made if made.processor_transfer_id in ids)
        back = sum(one.amount.amount_minor for one in fake.came_back if one.processor_transfer_id in ids)
        banks.came_in[account] = came - back
    return {account: banks._available(account) for account in banks.came_in}


def in_the_account(
    artisan: Artisan, banks: FakeBanks, fake: FakeTransfers, minor: int = 5000
) -> tuple[Payout, Payable]:
    """Sold, released, transferred by a run."""
    [payable] = released([(artisan, minor)], now=NOW)
    assert run().succeeded == 1
    balances(banks, fake)
    return Payout.objects.latest("id"), payable


def refund(payable: Payable, minor: int, reference: str = "ref_1") -> None:
    payable.refresh_from_db()
    debit(payable, minor, reference=reference)


def test_a_refund_before_the_bank_was_asked_lowers_what_goes_there(
    processor: FakeBanks, transfers: FakeTransfers, artisan: Artisan
) -> None:
    payout, payable = in_the_account(artisan, processor, transfers)
    refund(payable, 1500)
    # While it is being brought back nobody knows how much is left.
    assert send(payout) == "transferred"
    assert send_reversals() == ["succeeded"]
    balances(processor, transfers)
    assert bank.look_after_bank_payouts(now=NOW + 5 * MINUTE) == 1
    assert (states(payout)[0], processor.sent_minor) == ("on_its_way", [3500])
    assert balances(processor, transfers) == {payout.destination_account_id: 0}


def test_all_of_it_refunded_nothing_goes_to_the_bank(
    processor: FakeBanks, transfers: FakeTransfers, artisan: Artisan
) -> None:
    payout, payable = in_the_account(artisan, processor, transfers)
    refund(payable, 5000)
    assert send_reversals() == ["succeeded"]
    assert send(payout) == "brought_back"
    assert processor.sent_minor == []


def test_a_reversal_without_an_answer_is_waited_for(
    processor: FakeBanks, transfers: FakeTransfers, artisan: Artisan
) -> None:
    payout, payable = in_the_account(artisan, processor, transfers)
    refund(payable, 1500)
    transfers.reversal_after = [LOST]
    assert send_reversals() == ["unknown"]
    balances(processor, transfers)
    assert send(payout) == "transferred"
    assert services.resolve_reversals(now=NOW + MINUTE).succeeded == 1
    bank.look_after_bank_payouts(now=NOW + 5 * MINUTE)
    assert processor.sent_minor == [3500]


def test_a_reversal_that_was_refused_does_not_hold_the_rest_up(
    processor: FakeBanks, transfers: FakeTransfers, artisan: Artisan
) -> None:
    payout, payable = in_the_account(artisan, processor, transfers)
    refund(payable, 1500)
    transfers.refuse_reversal = lambda _: ProcessorRefused("no", processor_code="account_invalid")
    assert send_reversals() == ["failed"]
    assert send(payout) == "on_its_way"
    assert processor.sent_minor == [5000]
    # It is netted against what is sold next.
    assert SellerDebt.objects.get().open_minor == 1500


def test_what_is_on_its_way_to_the_bank_cannot_be_brought_back_and_is_netted(
    processor: FakeBanks, transfers: FakeTransfers, artisan: Artisan
) -> None:
    payout, payable = in_the_account(artisan, processor, transfers)
    send(payout)
    refund(payable, 1500)
    balances(processor, transfers)
    assert send_reversals() == ["failed"]
    released([(artisan, 4000)], now=NOW)
    assert run(NOW + MINUTE).succeeded == 1
    balances(processor, transfers)
    later = Payout.objects.latest("id")
    assert later.amount == Money(2500, "EUR")
    assert send(later, NOW + MINUTE) == "on_its_way"
    assert processor.sent_minor == [5000, 2500]
    assert balances(processor, transfers) == {payout.destination_account_id: 0}


def test_money_of_the_next_payout_that_a_reversal_took_is_not_missed_twice(
    processor: FakeBanks, transfers: FakeTransfers, artisan: Artisan
) -> None:
    first, payable = in_the_account(artisan, processor, transfers)
    send(first)
    released([(artisan, 4000)], now=NOW)
    run(NOW + MINUTE)
    second = Payout.objects.latest("id")
    refund(payable, 1500)
    # The account holds the second payout's money: the processor takes it from there.
    assert send_reversals() == ["succeeded"]
    balances(processor, transfers)
    assert send(second, NOW + MINUTE) == "on_its_way"
    assert processor.sent_minor == [5000, 2500]
    assert SellerDebt.objects.get().open_minor == 0
    assert balances(processor, transfers) == {first.destination_account_id: 0}


def at_once(*calls: Callable[[], object]) -> None:
    barrier = Barrier(len(calls))

    def go(call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        list(pool.map(go, calls))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_a_refund_and_the_way_to_the_bank_at_once_send_each_cent_one_way(
    processor: FakeBanks, transfers: FakeTransfers, turn: int
) -> None:
    artisan = connected_artisan()
    payout, payable = in_the_account(artisan, processor, transfers)
    payable.refresh_from_db()
    at_once(lambda: debit(payable, 1500), lambda: send(payout), lambda: send(payout))
    balances(processor, transfers)
    [outcome] = send_reversals()
    balances(processor, transfers)
    bank.look_after_bank_payouts(now=NOW + 5 * MINUTE)
    brought_back = outcome == "succeeded"
    assert processor.sent_minor == [3500 if brought_back else 5000]
    assert balances(processor, transfers) == {payout.destination_account_id: 0}
    assert SellerDebt.objects.get().open_minor == (0 if brought_back else 1500)
    assert states(payout)[:2] == ("on_its_way", ["pending"])
    assert [one.status for one in reversals()] == [outcome]
