"""What an artisan owes is kept from what is due to them: once, oldest first, in the same currency."""

from importlib import import_module
from typing import Any

import pytest

from catalog.models import Artisan
from common.money import Money
from ledger.selectors import entry_by_source
from payments.models import ProcessorRequest
from payouts import services
from payouts.models import ConnectedAccount, DebtRecovery, Payable, SellerDebt
from payouts.selectors import (
    debts_of_artisan,
    earnings_of_order,
    totals_of_artisan,
)
from tests.orders.shop import new_artisan
from tests.payouts.fake import INSUFFICIENT, FakeTransfers
from tests.payouts.hub import (
    HOLD,
    MINUTE,
    NOW,
    audited,
    books,
    connected_artisan,
    credit,
    debit,
    released,
    run,
    sell,
    send_reversals,
    transfer_of,
)

pytestmark = pytest.mark.django_db


def owing(artisan: Artisan, amount_minor: int, *, reference: str = "ref_1", collects: bool = False) -> Payable:
    """A share of 15.00 that was transferred, of which the artisan owes us some."""
    [payable] = released([(artisan, 1500)], now=NOW)
    assert run().succeeded == 1
    debit(payable, amount_minor, reference=reference, collects=collects)
    payable.refresh_from_db()
    return payable


def test_a_debt_is_kept_from_the_next_share_when_its_hold_is_over(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    owing(artisan, 600)
    sell([(artisan, 1000)], now=NOW)
    payable = Payable.objects.get(status="held")
    assert SellerDebt.objects.get().open_minor == 600
    services.release_due(now=NOW + HOLD)
    payable.refresh_from_db()
    debt = SellerDebt.objects.get()
    assert (debt.open_minor, debt.recovered_minor, payable.status, payable.left) == (
        0, 600, "released", Money(400, "EUR")
    )  # fmt: skip
    recovery = DebtRecovery.objects.get()
    assert (recovery.payable, recovery.number, recovery.amount_minor) == (payable, 1, 600)
    entry = entry_by_source(f"recovery:{debt.public_id}:{payable.public_id}:1")
    assert entry is not None
    assert audited(debt.public_id) == [("debt.opened", "succeeded"), ("debt.netted", "succeeded")]
    assert [(event.event, event.amount_minor, event.reference) for event in payable.events.order_by("id")] == [
        ("hold_over", 0, ""), ("recovered", -600, debt.public_id)
    ]  # fmt: skip
    assert run(NOW + HOLD).succeeded == 1
    assert [found.amount.amount_minor for found in processor.made] == [1500, 400]
    assert books() == {"stripe_clearing": 800, "commission": 200, "refunds_in_transit": 600}


def test_a_share_that_is_needed_whole_is_canceled_and_the_next_one_goes_on(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    owing(artisan, 1300)
    sell([(artisan, 500), (artisan, 500), (artisan, 500)], now=NOW)
    services.release_due(now=NOW + HOLD)
    later = Payable.objects.filter(debited_minor__gt=0).order_by("id")
    assert [(payable.status, payable.left.amount_minor) for payable in later] == [
        ("canceled", 0), ("canceled", 0), ("released", 200)
    ]  # fmt: skip
    assert [event.event for event in later[0].events.order_by("id")] == ["hold_over", "recovered_whole"]
    assert run(NOW + HOLD).succeeded == 1
    assert [found.amount.amount_minor for found in processor.made] == [1500, 200]


def test_the_oldest_debt_comes_first(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    payable = owing(artisan, 300)
    debit(payable, 400, reference="ref_2", collects=False)
    released([(artisan, 500)], now=NOW)
    assert [debt.open_minor for debt in SellerDebt.objects.order_by("id")] == [0, 200]


def test_nobody_pays_for_another_artisan_or_in_another_currency(processor: FakeTransfers) -> None:
    artisan, other = connected_artisan(), connected_artisan()
    owing(artisan, 600)
    Artisan.objects.filter(id=artisan.pk).update(currency="USD")
    artisan.refresh_from_db()
    sell([(other, 1000)], now=NOW)
    sell([(artisan, 1000)], now=NOW)
    assert services.release_due(now=NOW + HOLD) == 2
    assert SellerDebt.objects.get().open_minor == 600
    run(NOW + HOLD)
    assert {str(found.amount) for found in processor.made[1:]} == {str(Money(1000, "EUR")), str(Money(1000, "USD"))}


def test_a_debt_that_arises_after_the_release_is_kept_before_the_transfer(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    first = owing(artisan, 1, reference="ref_0")
    [second] = released([(artisan, 1000)], now=NOW)
    debit(first, 600, collects=False)
    assert run(NOW + MINUTE).succeeded == 1
    second.refresh_from_db()
    assert second.debited_minor == 601
    assert [found.amount.amount_minor for found in processor.made] == [1500, 399]


def test_what_a_reversal_is_bringing_back_is_not_kept_as_well(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    owing(artisan, 600, collects=True)
    released([(artisan, 1000)], now=NOW)
    run(NOW)
    assert [found.amount.amount_minor for found in processor.made] == [1500, 1000]
    assert send_reversals() == ["succeeded"]
    assert DebtRecovery.objects.count() == 1


def test_after_a_refused_reversal_the_same_payable_serves_the_debt_again(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    payable = owing(artisan, 600, collects=True)
    debit(payable, 100, reference="ref_2", collects=False)
    ConnectedAccount.objects.update(transfers_enabled=False)
    [waiting] = released([(artisan, 1000)], now=NOW)
    waiting.refresh_from_db()
    assert waiting.debited_minor == 100
    processor.refuse_reversal = lambda _: INSUFFICIENT
    send_reversals()
    ConnectedAccount.objects.update(transfers_enabled=True)
    assert run(NOW).succeeded == 1
    waiting.refresh_from_db()
    assert (waiting.debited_minor, [debt.open_minor for debt in SellerDebt.objects.all()]) == (700, [0, 0])


def test_what_was_kept_for_a_dispute_that_is_won_is_given_back(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    payable = owing(artisan, 600, reference="dsp_1")
    released([(artisan, 400)], now=NOW)
    assert SellerDebt.objects.get().open_minor == 200
    places = credit(payable, 600, reference="dsp_1")
    assert (places.held.amount_minor, places.receivable.amount_minor) == (400, 200)
    services.release_due(now=NOW + HOLD)
    run(NOW + HOLD)
    assert [found.amount.amount_minor for found in processor.made] == [1500, 400]
    assert books() == {"stripe_clearing": 200, "commission": 200}


def test_netting_takes_no_more_statements_where_nobody_owes_anything(
    processor: FakeTransfers, django_assert_max_num_queries: Any
) -> None:
    artisan = connected_artisan()
    services.ensure_policies(now=NOW)
    sell([(artisan, 100)] * 5, now=NOW)
    with django_assert_max_num_queries(9):
        services.release_due(now=NOW + HOLD)


# ---- PayPal --------------------------------------------------------------------------------------------------------


def test_a_share_of_a_sale_paid_by_paypal_is_sent_by_stripe_from_what_is_available(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    order = sell([(artisan, 1500)], now=NOW, charge_id="2GG279541U471931P", processor="paypal")
    services.release_due(now=NOW + HOLD)
    assert run(NOW + HOLD).succeeded == 1
    payable = Payable.objects.get(order_reference=order)
    transfer = transfer_of(payable)
    assert (payable.processor, transfer.processor) == ("paypal", "stripe")
    assert ProcessorRequest.objects.get(subject=transfer.public_id).processor == "stripe"
    assert books() == {"paypal_clearing": 1600, "stripe_clearing": -1500, "commission": 100}


def test_too_little_at_stripe_for_a_paypal_share_is_tried_again_later(processor: FakeTransfers) -> None:
    sell([(connected_artisan(), 1500)], now=NOW, processor="paypal")
    services.release_due(now=NOW + HOLD)
    processor.refuse = lambda _: INSUFFICIENT
    assert run(NOW + HOLD).refused == 1
    processor.refuse = lambda _: None
    assert services.look_after_runs(now=NOW + HOLD + 29 * MINUTE).requested == 0
    assert services.look_after_runs(now=NOW + HOLD + 31 * MINUTE).succeeded == 1


def test_a_paypal_share_that_is_refunded_after_the_transfer_is_asked_back_from_stripe(processor: FakeTransfers) -> None:
    order = sell([(connected_artisan(), 1500)], now=NOW, processor="paypal")
    services.release_due(now=NOW + HOLD)
    run(NOW + HOLD)
    debit(Payable.objects.get(order_reference=order), 600, now=NOW + HOLD)
    assert send_reversals(NOW + HOLD) == ["succeeded"]
    assert books() == {
        "paypal_clearing": 1600, "stripe_clearing": -900, "commission": 100, "refunds_in_transit": 600
    }  # fmt: skip


# ---- what pages read -----------------------------------------------------------------------------------------------


def test_pages_see_what_an_artisan_owes_and_why(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    payable = owing(artisan, 600, collects=True)
    debit(payable, 50, reference="dsp_1", collects=False)
    second, first = debts_of_artisan(artisan_id=artisan.pk)
    assert (first.reference, first.open.amount_minor, first.under_reversal.amount_minor, first.collects) == (
        "ref_1", 600, 600, True
    )  # fmt: skip
    assert (second.reference, second.open.amount_minor, second.under_reversal.amount_minor, second.collects) == (
        "dsp_1", 50, 0, False
    )  # fmt: skip
    assert first.seller_order_reference == payable.seller_order_reference
    send_reversals()
    assert [debt.reference for debt in debts_of_artisan(artisan_id=artisan.pk)] == ["dsp_1"]
    assert len(debts_of_artisan(artisan_id=artisan.pk, open_only=False)) == 2
    [paid] = [debt for debt in debts_of_artisan(artisan_id=artisan.pk, open_only=False) if debt.reference == "ref_1"]
    assert (paid.open.amount_minor, paid.recovered.amount_minor, paid.under_reversal.amount_minor) == (0, 600, 0)
    assert debts_of_artisan(artisan_id=new_artisan().pk) == []


def test_earnings_and_totals_are_after_refunds(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    payable = owing(artisan, 600, collects=True)
    [earning] = earnings_of_order(order_reference=payable.order_reference)
    assert [part.amount_minor for part in (earning.amount, earning.taken, earning.owed, earning.earned)] == [
        1500, 600, 600, 900
    ]  # fmt: skip
    totals = totals_of_artisan(artisan_id=artisan.pk)["EUR"]
    assert [part.amount_minor for part in (totals.transferred, totals.owed, totals.earned)] == [1500, 600, 900]
    send_reversals()
    totals = totals_of_artisan(artisan_id=artisan.pk)["EUR"]
    assert [part.amount_minor for part in (totals.transferred, totals.owed, totals.earned)] == [900, 0, 900]
    [earning] = earnings_of_order(order_reference=payable.order_reference)
    assert (earning.owed.amount_minor, earning.earned.amount_minor) == (0, 900)


def test_a_debt_that_another_sale_pays_is_counted_once(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    owing(artisan, 600)
    released([(artisan, 1000)], now=NOW)
    both = totals_of_artisan(artisan_id=artisan.pk)["EUR"]
    assert both.earned == both.held + both.released + both.in_transit + both.transferred - both.owed
    assert both.earned.amount_minor == 1900


def test_a_canceled_sale_earned_nothing(processor: FakeTransfers) -> None:
    artisan = connected_artisan()
    order = sell([(artisan, 1500)], now=NOW)
    services.cancel(seller_order_reference=Payable.objects.get().seller_order_reference, now=NOW)
    assert totals_of_artisan(artisan_id=artisan.pk)["EUR"].earned == Money(0, "EUR")
    [earning] = earnings_of_order(order_reference=order)
    assert (earning.status, earning.earned) == ("canceled", Money(0, "EUR"))


def test_the_payables_of_a_part_tell_where_supplementary_ones_come_from(processor: FakeTransfers) -> None:
    payable = owing(connected_artisan(), 600, collects=True)
    send_reversals()
    credit(payable, 600)
    first, second = Payable.objects.filter(seller_order_reference=payable.seller_order_reference).order_by("id")
    assert (first.origin_reference, first.status, second.origin_reference, second.status) == (
        "", "transferred", "ref_1", "held"
    )  # fmt: skip
    assert second.amount == Money(600, "EUR")


def test_one_artisan_whose_debt_cannot_be_netted_keeps_nobody_else_waiting(
    processor: FakeTransfers, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = (released([(connected_artisan(), 1000)], now=NOW)[0] for _ in range(2))
    run()
    for payable in (broken, other):
        released([(payable.artisan, 500)], now=NOW)
        debit(payable, 300, reference=f"ref_{payable.pk}", collects=False)
    module = import_module("payouts.services.net")
    netting = module.net_debts

    def net_debts(payables: Any, **asked: Any) -> Any:
        if broken.artisan_id in asked["artisan_ids"]:
            raise ValueError("a defect")
        return netting(payables, **asked)

    monkeypatch.setattr(module, "net_debts", net_debts)
    with pytest.raises(ValueError, match="a defect"):
        services.recover_debts(now=NOW)
    assert dict(SellerDebt.objects.values_list("artisan_id", "recovered_minor")) == {
        broken.artisan_id: 0, other.artisan_id: 300
    }  # fmt: skip
