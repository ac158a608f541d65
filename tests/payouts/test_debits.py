"""What refunds and disputes take from artisans, and what is given back: exact figures in every place it can be."""

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from common.money import Money
from payments.contracts import ProcessorRefused
from payments.models import ProcessorRequest
from payouts import services
from payouts.contracts import (
    PartAmount,
    ReferenceTaken,
    ShareExceeded,
    TransferContradiction,
    UnknownDebit,
    UnknownPayable,
)
from payouts.enums import PayableStatus
from payouts.models import Payable, PayableEvent, SellerDebt, ShareCredit, ShareDebit
from tests.payouts.fake import INSUFFICIENT, LOST, FakeTransfers
from tests.payouts.hub import (
    HOLD,
    MINUTE,
    NOW,
    asked,
    audited,
    books,
    connected_artisan,
    credit,
    debit,
    minor,
    released,
    reversals,
    run,
    sell,
    send_reversals,
    the_transfer,
    transfer_of,
)

pytestmark = pytest.mark.django_db
SOLD = {"stripe_clearing": 1600, "commission": 100}


def held(amount_minor: int = 1500) -> Payable:
    order = sell([(connected_artisan(), amount_minor)], now=NOW)
    return Payable.objects.select_related("artisan").get(order_reference=order)


def sent(amount_minor: int = 1500) -> Payable:
    """Transferred to the artisan; needs the fixture `processor`."""
    [payable] = released([(connected_artisan(), amount_minor)], now=NOW)
    assert run().succeeded == 1
    payable.refresh_from_db()
    return payable


def test_a_refund_during_the_hold_is_taken_from_what_is_on_hold_and_the_rest_is_transferred(
    processor: FakeTransfers,
) -> None:
    payable = held()
    seller = payable.artisan.public_id
    assert minor(debit(payable, 600)) == (600, 0, 0)
    assert books() == {**SOLD, "refunds_in_transit": 600, f"seller_held:{seller}": 900}
    services.release_due(now=NOW + HOLD)
    assert books() == {**SOLD, "refunds_in_transit": 600, f"seller_payable:{seller}": 900}
    assert run(NOW + HOLD).succeeded == 1
    assert [found.amount.amount_minor for found in processor.made] == [900]
    assert books() == {"stripe_clearing": 700, "commission": 100, "refunds_in_transit": 600}
    payable.refresh_from_db()
    assert (payable.status, payable.debited_minor, payable.left) == ("transferred", 600, Money(900, "EUR"))
    payout = transfer_of(payable).payout
    assert [(event.event, event.amount_minor, event.reference) for event in payable.events.order_by("id")] == [
        ("debited", -600, "ref_1"), ("hold_over", 0, ""), ("transfer_requested", 0, payout.public_id),
        ("transfer_succeeded", 0, payout.public_id),
    ]  # fmt: skip
    assert audited(payable.seller_order_reference) == [("share.debited", "succeeded")]


def test_a_refund_after_the_hold_is_taken_from_what_is_released(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1500)], now=NOW)
    due_at = payable.next_transfer_at
    assert minor(debit(payable, 600)) == (0, 600, 0)
    payable.refresh_from_db()
    assert (payable.status, payable.next_transfer_at) == ("released", due_at)
    assert run().succeeded == 1
    assert [found.amount.amount_minor for found in processor.made] == [900]


@pytest.mark.parametrize("is_released", [False, True], ids=["held", "released"])
def test_a_share_refunded_whole_is_canceled_and_never_transferred(processor: FakeTransfers, is_released: bool) -> None:
    payable = held()
    if is_released:
        services.release_due(now=NOW + HOLD)
    debit(payable, 900, reference="ref_1")
    debit(payable, 600, reference="ref_2")
    payable.refresh_from_db()
    assert (payable.status, payable.debited_minor) == (PayableStatus.CANCELED, 1500)
    assert payable.events.order_by("-id")[0].event == "debited_whole"
    assert services.release_due(now=NOW + HOLD) == 0
    assert run(NOW + HOLD).requested == 0
    assert books() == {**SOLD, "refunds_in_transit": 1500}


def test_the_same_refund_twice_takes_once() -> None:
    payable = held()
    assert minor(debit(payable, 600)) == minor(debit(payable, 600)) == (600, 0, 0)
    assert ShareDebit.objects.get().amount_minor == 600
    with pytest.raises(ReferenceTaken):
        debit(payable, 601)
    payable.refresh_from_db()
    assert payable.debited_minor == 600


def test_never_more_than_the_share_over_all_refunds_and_disputes(processor: FakeTransfers) -> None:
    payable = sent()
    debit(payable, 1000, reference="ref_1")
    with pytest.raises(ShareExceeded, match=r"€5\.01 .* €5\.00"):
        debit(payable, 501, reference="dsp_1", collects=False)
    debit(payable, 500, reference="dsp_1", collects=False)
    with pytest.raises(ShareExceeded):
        debit(payable, 1, reference="ref_2")
    # What was given back may be taken again.
    credit(payable, 500, reference="dsp_1")
    debit(payable, 500, reference="ref_2")


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_nothing_and_less_can_not_be_taken(amount_minor: int) -> None:
    with pytest.raises(ShareExceeded):
        debit(held(), amount_minor)


def test_a_part_of_which_nothing_is_owed_is_unknown() -> None:
    with pytest.raises(UnknownPayable), transaction.atomic():
        services.debit_parts(parts=[PartAmount("sel_none", Money(1, "EUR"))], reference="ref_1", collects=True, now=NOW)


def test_a_refund_after_the_transfer_is_owed_by_the_artisan(processor: FakeTransfers) -> None:
    payable = sent()
    seller = payable.artisan.public_id
    assert minor(debit(payable, 600)) == (0, 0, 600)
    debt = SellerDebt.objects.get()
    assert (debt.reference, debt.seller_order_reference, debt.order_reference, debt.open_minor, debt.collects) == (
        "ref_1", payable.seller_order_reference, payable.order_reference, 600, True
    )  # fmt: skip
    assert books() == {
        "stripe_clearing": 100, "commission": 100, "refunds_in_transit": 600, f"seller_receivable:{seller}": 600
    }  # fmt: skip
    assert audited(debt.public_id) == [("debt.opened", "succeeded")]
    [reversal] = reversals()
    assert (reversal.amount_minor, reversal.status, reversal.debt_id) == (600, "requested", debt.pk)


def test_a_dispute_that_is_not_decided_asks_for_no_reversal_until_it_is_lost(processor: FakeTransfers) -> None:
    payable = sent()
    debit(payable, 600, reference="dsp_1", collects=False)
    assert (SellerDebt.objects.get().collects, reversals()) == (False, [])
    for expected in (1, 0):
        with transaction.atomic():
            assert services.collect_debt(reference="dsp_1", now=NOW) == expected
    assert [reversal.amount_minor for reversal in reversals()] == [600]


def test_each_part_of_a_lost_dispute_is_asked_back_from_its_own_transfer(processor: FakeTransfers) -> None:
    released([(connected_artisan(), 1000), (connected_artisan(), 2000)], now=NOW)
    run()
    one, other = Payable.objects.order_by("id")
    debit(one, 300, reference="dsp_1", collects=False)
    debit(other, 400, reference="dsp_1", collects=False)
    with transaction.atomic():
        assert services.collect_debt(reference="dsp_1", now=NOW) == 2
    asked_of = [(reversal.amount_minor, reversal.transfer.payout_id) for reversal in reversals()]
    assert asked_of == [(300, transfer_of(one).payout_id), (400, transfer_of(other).payout_id)]


def test_several_parts_are_taken_from_at_once_and_answered_in_their_order(processor: FakeTransfers) -> None:
    gone = sent()
    sell([(connected_artisan(), 700), (gone.artisan, 300)], now=NOW)
    one, two = Payable.objects.filter(status="held").order_by("id")
    parts = [
        PartAmount(two.seller_order_reference, Money(30, "EUR")),
        PartAmount(gone.seller_order_reference, Money(150, "EUR")),
        PartAmount(one.seller_order_reference, Money(70, "EUR")),
    ]
    with transaction.atomic():
        taken = services.debit_parts(parts=parts, reference="ref_9", collects=True, now=NOW)
    assert [minor(places) for places in taken] == [(30, 0, 0), (0, 0, 150), (70, 0, 0)]
    assert [places.seller for places in taken] == [
        two.artisan.public_id, gone.artisan.public_id, one.artisan.public_id
    ]  # fmt: skip
    with transaction.atomic():
        given = services.credit_parts(parts=parts, reference="ref_9", now=NOW)
    # The reversal that was asked for goes on, and the artisan has it back as another payable.
    assert [minor(places) for places in given] == [(30, 0, 0), (150, 0, 0), (70, 0, 0)]


# ---- given back ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("is_released", "places"), [(False, (600, 0, 0)), (True, (0, 600, 0))])
def test_what_is_still_here_gets_it_back(processor: FakeTransfers, is_released: bool, places: tuple[int, ...]) -> None:
    payable = held()
    if is_released:
        services.release_due(now=NOW + HOLD)
    debit(payable, 600)
    assert minor(credit(payable, 600)) == places
    services.release_due(now=NOW + HOLD)
    assert run(NOW + HOLD).succeeded == 1
    assert [found.amount.amount_minor for found in processor.made] == [1500]
    assert books() == {"stripe_clearing": 100, "commission": 100}


def test_taken_on_hold_and_given_back_after_the_release_is_given_to_what_is_released() -> None:
    payable = held()
    debit(payable, 600)
    services.release_due(now=NOW + HOLD)
    assert minor(credit(payable, 200)) == (0, 200, 0)
    assert books()[f"seller_payable:{payable.artisan.public_id}"] == 1100


def test_a_canceled_share_comes_back_as_a_payable_of_its_own(processor: FakeTransfers) -> None:
    payable = held()
    debit(payable, 1500, reference="dsp_1", collects=False)
    assert minor(credit(payable, 1500, reference="dsp_1")) == (1500, 0, 0)
    first, second = Payable.objects.order_by("id")
    assert (first.status, second.status) == ("canceled", "held")
    assert (second.seller_order_reference, second.origin_reference, second.hold_until, second.source_charge_id) == (
        first.seller_order_reference, "dsp_1", first.hold_until, ""
    )  # fmt: skip
    assert audited(second.public_id) == [("payable.supplemented", "succeeded")]
    assert services.release_due(now=NOW + HOLD) == 1
    assert run(NOW + HOLD).succeeded == 1
    assert [found.amount.amount_minor for found in processor.made] == [1500]
    assert books() == {"stripe_clearing": 100, "commission": 100}


def test_what_is_still_owed_is_forgiven_first(processor: FakeTransfers) -> None:
    payable = sent()
    debit(payable, 600, reference="dsp_1", collects=False)
    assert minor(credit(payable, 250, reference="dsp_1")) == (0, 0, 250)
    debt = SellerDebt.objects.get()
    assert (debt.open_minor, debt.forgiven_minor) == (350, 250)
    assert audited(debt.public_id)[-1] == ("debt.forgiven", "succeeded")
    assert books()[f"seller_receivable:{payable.artisan.public_id}"] == 350
    assert minor(credit(payable, 350, reference="dsp_1", by="dsp_1b")) == (0, 0, 350)
    assert books() == {"stripe_clearing": 100, "commission": 100}


def test_a_payable_gets_no_more_back_than_was_taken_from_it_the_rest_is_another_one(processor: FakeTransfers) -> None:
    payable = sent()
    debit(payable, 1000, reference="dsp_1")
    send_reversals()
    credit(payable, 600, reference="dsp_1", by="first")
    assert minor(debit(payable, 100, reference="ref_2")) == (100, 0, 0)
    assert minor(credit(payable, 400, reference="dsp_1", by="second")) == (400, 0, 0)
    first, second = Payable.objects.exclude(origin_reference="").order_by("id")
    assert (first.amount_minor, first.debited_minor, first.origin_reference) == (600, 0, "first")
    assert (second.amount_minor, second.origin_reference) == (300, "second")


def test_a_won_dispute_told_twice_gives_back_once(processor: FakeTransfers) -> None:
    payable = held()
    debit(payable, 600, reference="dsp_1", collects=False)
    assert minor(credit(payable, 600, reference="dsp_1")) == minor(credit(payable, 600, reference="dsp_1"))
    payable.refresh_from_db()
    assert (payable.debited_minor, ShareCredit.objects.count()) == (0, 1)
    with pytest.raises(ReferenceTaken):
        credit(payable, 599, reference="dsp_1")
    with pytest.raises(ShareExceeded):
        credit(payable, 1, reference="dsp_1", by="again")


def test_a_won_dispute_gives_back_several_debits_of_one_part(processor: FakeTransfers) -> None:
    """What is disputed was raised, so the part was debited twice; both debts were netted before it was won."""
    payable = sent(1500)
    for number, amount_minor in ((1, 400), (2, 300)):
        debit(payable, amount_minor, reference=f"dsp_1:{number}", collects=False)
    released([(payable.artisan, 700)], now=NOW)
    assert [debt.open_minor for debt in SellerDebt.objects.order_by("id")] == [0, 0]
    part = payable.seller_order_reference
    with transaction.atomic():
        for number, amount_minor in ((1, 400), (2, 300)):
            services.credit_parts(
                parts=[PartAmount(part, Money(amount_minor, "EUR"))], reference=f"dsp_1:{number}",
                credit_reference="dsp_1:w1", now=NOW,
            )  # fmt: skip
    more = Payable.objects.filter(seller_order_reference=part).exclude(origin_reference="").order_by("id")
    assert list(more.values_list("origin_reference", "amount_minor", "status")) == [
        ("dsp_1:w1", 400, "held"), ("dsp_1:w1:2", 300, "held")
    ]  # fmt: skip


def test_what_was_not_taken_is_not_given_back() -> None:
    payable = held()
    with pytest.raises(UnknownDebit):
        credit(payable, 1)
    debit(payable, 600)
    with pytest.raises(ShareExceeded):
        credit(payable, 601)


# ---- while the transfer is under way -------------------------------------------------------------------------------


def test_refunded_while_the_transfer_is_under_way_is_asked_back_once_it_has_arrived(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1500)], now=NOW)
    processor.after.append(LOST)
    run()
    assert minor(debit(payable, 600)) == (0, 0, 600)
    assert reversals() == []
    assert run(NOW + MINUTE).succeeded == 1
    [reversal] = reversals()
    assert (reversal.amount_minor, reversal.transfer) == (600, the_transfer())


def test_only_what_is_not_coming_back_already_is_asked_of_a_transfer_that_arrives_later(
    processor: FakeTransfers,
) -> None:
    payable, later = sent(), NOW + MINUTE + HOLD
    [made] = processor.made
    processor.reverse_by_hand(made.processor_transfer_id, Money(500, "EUR"))
    services.settle_transfer(
        processor_transfer_id=made.processor_transfer_id, transfer_reference=None, now=NOW + MINUTE
    )
    services.release_due(now=later)
    processor.after.append(LOST)
    run(later)
    debit(payable, 1200, now=later)
    assert run(later + MINUTE).succeeded == 1
    ours = [reversal for reversal in reversals() if reversal.debt is not None]
    assert [(reversal.amount_minor, reversal.transfer.amount_minor) for reversal in ours] == [(1000, 1500), (200, 500)]


def test_found_after_a_refusal_and_a_refund_a_person_has_to_look(processor: FakeTransfers) -> None:
    """The artisan got more than is left: no entry of ours says that, so nothing is booked and an alarm is raised."""
    [payable] = released([(connected_artisan(), 1500)], now=NOW)
    processor.before.append(ProcessorRefused("no", processor_code="account_invalid"))
    run()
    made = processor.create_transfer(asked(ProcessorRequest.objects.get()), idempotency_key="late")
    debit(payable, 600)
    before = books()
    with pytest.raises(TransferContradiction, match=r"€9\.00"):
        services.settle_transfer(
            processor_transfer_id=made.processor_transfer_id, transfer_reference=made.transfer_reference, now=NOW
        )
    assert books() == before
    assert audited(made.transfer_reference)[-1] == ("transfer.contradiction", "refused")


def test_refunded_while_a_transfer_is_under_way_that_fails_is_kept_from_the_payable(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1500)], now=NOW)
    seller = payable.artisan.public_id
    processor.before.append(LOST)
    run()
    assert minor(debit(payable, 600)) == (0, 0, 600)
    processor.refuse = lambda _: INSUFFICIENT
    assert run(NOW + MINUTE).refused == 1
    assert books()[f"seller_receivable:{seller}"] == 600
    processor.refuse = lambda _: None
    assert run(NOW + 20 * MINUTE).succeeded == 1
    assert [found.amount.amount_minor for found in processor.made] == [900]
    assert reversals() == []
    assert SellerDebt.objects.get().open_minor == 0
    assert books() == {"stripe_clearing": 700, "commission": 100, "refunds_in_transit": 600}
    payable.refresh_from_db()
    assert payable.events.get(event="recovered").amount_minor == -600


def test_refunded_whole_after_a_refused_transfer_it_is_not_sent_again(processor: FakeTransfers) -> None:
    [payable] = released([(connected_artisan(), 1500)], now=NOW)
    processor.refuse = lambda _: INSUFFICIENT
    run()
    debit(payable, 1500)
    processor.refuse = lambda _: None
    assert run(NOW + dt.timedelta(days=1)).requested == 0
    assert (processor.made, Payable.objects.get().status) == ([], "canceled")


# ---- PostgreSQL ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payouts_payable SET debited_minor = -1",
        "UPDATE payouts_payable SET debited_minor = amount_minor + 1",
        "UPDATE payouts_payable SET debited_minor = amount_minor",
        "UPDATE payouts_payable SET status = 'canceled'",
        "UPDATE payouts_payable SET origin_reference = 'x'",
        "UPDATE payouts_sharedebit SET credited_minor = amount_minor + 1",
        "UPDATE payouts_sharedebit SET amount_minor = 1, held_minor = 0, payable_minor = 0, receivable_minor = 1",
        "UPDATE payouts_sellerdebt SET recovered_minor = amount_minor, forgiven_minor = 1",
        "UPDATE payouts_sellerdebt SET amount_minor = amount_minor + 1",
        "DELETE FROM payouts_sellerdebt",
        "DELETE FROM payouts_sharedebit",
        "UPDATE payouts_transferreversal SET amount_minor = 1",
        "UPDATE payouts_transferreversal SET status = 'succeeded'",
        "UPDATE payouts_transfer SET reversed_minor = amount_minor + 1",
        "DELETE FROM payouts_transferreversal",
    ],
)
def test_postgresql_keeps_what_was_taken_and_owed(processor: FakeTransfers, statement: str) -> None:
    debit(sent(), 600)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_part_has_one_payable_of_the_sale_and_one_of_each_origin() -> None:
    payable = held()
    values = {
        name: getattr(payable, name)
        for name in ("order_reference", "seller_order_reference", "artisan", "currency", "processor", "hold_until")
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Payable.objects.create(public_id="pbl_twin", amount_minor=1, created_at=NOW, updated_at=NOW, **values)
    assert PayableEvent.objects.count() == 0
