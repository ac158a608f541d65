"""Refunds of paid orders, against the real sandbox: the split, the books, what comes back, what bounces."""

import datetime as dt

import pytest
from django.core import mail

from common.clock import now as clock_now
from common.models import AuditRecord
from common.money import Money
from orders.contracts.order import PartNotFound
from orders.contracts.refund import (
    AmountOnly,
    EverythingLeft,
    GoodwillWish,
    InvalidRefund,
    Items,
    LineWish,
    NothingToRefund,
    NotRefundable,
    PartLeft,
    RefundInTheWay,
    RefundTooLarge,
    RefundWhileDisputed,
    ShippingWish,
)
from orders.enums import Bearer
from orders.models import DisputeAllocation, Fulfilment, Order, RefundAllocation
from orders.selectors.refunds import paid_back_whole, refundable, refunds_of, refunds_of_part
from orders.services import (
    preview_refund,
    request_refund_of_part,
    resend_refund,
    resolve_requests,
    send_refund,
    settle_refund,
    withdraw_refund,
)
from payments.contracts import OutcomeUnknown
from payments.enums import RefundReason
from payments.models import Capture, Dispute, ProcessorRequest, Refund
from payouts.models import Payable
from payouts.services import release_due, run_payouts
from tests.orders.books import balances, everything_agrees
from tests.orders.fixtures import RunOutbox
from tests.orders.refunds import ask, lines_of, paid, parts_of, split_of
from tests.orders.shop import check_out, new_artisan, new_product, three_artisans
from tests.orders.wire import Wire
from tests.payments.fake_processor import Died
from tests.payouts.test_sandbox import connected
from tests.support.parcels import deliver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

REFUND_FAILS_LATER = "4000000000005126"
REFUND_PENDING = "4000000000007726"


def EUR(minor: int) -> Money:
    return Money(minor, "EUR")


def fee() -> int:
    return sum(capture.fee_minor or 0 for capture in Capture.objects.all())


# ---- the split and its books -----------------------------------------------------------------------------------------


def test_a_whole_order_paid_back_leaves_nothing_but_the_processor_s_fee(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = paid(stripe, three_artisans())
    refund = ask(order)
    assert (refund.amount_minor, refund.status) == (17094, "requested")
    assert balances() == {
        "stripe_clearing:EUR": 17094 - fee(),
        "processor_fees:EUR": fee(),
        "refunds_in_transit:EUR": -17094,
    }
    everything_agrees(stripe)
    assert "orders.tasks.send_refund" in run_outbox()
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert balances() == {"stripe_clearing:EUR": -fee(), "processor_fees:EUR": fee()}
    assert set(Payable.objects.values_list("status", flat=True)) == {"canceled"}
    assert Order.objects.get().status == "paid", "it was a sale, and stays one"
    everything_agrees(stripe)


def test_one_piece_one_shipping_and_goodwill_are_one_refund(stripe: Wire, run_outbox: RunOutbox) -> None:
    basket = three_artisans()
    order = paid(stripe, basket)
    clay, wool, wood = parts_of(order)
    wish = Items(
        lines=[LineWish(lines_of(order)[0].id, quantity=1), LineWish(lines_of(order)[2].id, amount=EUR(100))],
        shipping=[ShippingWish(wool.public_id, EUR(250))],
        goodwill=[GoodwillWish(EUR(200)), GoodwillWish(EUR(30), wood.public_id)],
    )
    plan = preview_refund(order_id=order.id, wish=wish)
    assert RefundAllocation.objects.count() == 0
    assert plan.shares == {clay.public_id: EUR(2250), wood.public_id: EUR(120), wool.public_id: EUR(250)}
    refund = ask(order, wish)
    assert sorted(split_of(refund)) == [
        ("goods", 100, 10, 90, 0),
        ("goods", 2500, 250, 2250, 0),
        ("goodwill", 30, 0, 30, 0),
        ("goodwill", 200, 0, 0, 200),
        ("shipping", 250, 0, 250, 0),
    ]
    run_outbox()
    names = [product.artisan.public_id for product, _ in basket]
    assert balances("commission", "goodwill", "seller", "refunds") == {
        "commission:EUR": -1600 + 260,
        "goodwill:EUR": 200,
        f"seller_held:{names[0]}:EUR": -5100 + 2250,
        f"seller_held:{names[1]}:EUR": -9495 + 250,
        f"seller_held:{names[2]}:EUR": -899 + 120,
    }
    everything_agrees(stripe)


def test_refund_after_payout_brings_the_transfer_back(stripe: Wire, run_outbox: RunOutbox) -> None:
    artisan = connected(new_artisan(shipping=(0, 0)))
    order = paid(stripe, [(new_product(artisan, price=10_000), 1)])
    deliver(order)
    later = clock_now() + dt.timedelta(days=8)
    release_due(now=later)
    assert run_payouts(now=later).succeeded == 1
    refund = ask(order, Items(lines=[LineWish(lines_of(order)[0].id, amount=EUR(4000))]))
    assert split_of(refund) == [("goods", 4000, 400, 3600, 0)]
    assert balances("seller") == {f"seller_receivable:{artisan.public_id}:EUR": 3600}
    everything_agrees(stripe)
    run_outbox()
    assert balances("seller", "refunds_in_transit", "commission") == {"commission:EUR": -600}
    [transfer] = stripe.summary()["transfers"]
    assert (transfer["amount"], transfer["amount_reversed"]) == (9000, 3600)
    everything_agrees(stripe)


def test_where_commission_is_kept_the_artisan_pays_the_whole_refund(
    stripe: Wire, run_outbox: RunOutbox, settings: object
) -> None:
    settings.REFUND_RETURNS_COMMISSION = False  # type: ignore[attr-defined]
    artisan = new_artisan(shipping=(500, 0))
    order = paid(stripe, [(new_product(artisan, price=10_000), 1)])
    refund = ask(order)
    assert split_of(refund) == [("goods", 10_000, 0, 10_000, 0), ("shipping", 500, 0, 500, 0)]
    run_outbox()
    assert balances("commission", "seller") == {
        "commission:EUR": -1000,
        f"seller_receivable:{artisan.public_id}:EUR": 1000,
    }
    everything_agrees(stripe)


def test_the_platform_can_bear_it_alone(stripe: Wire, run_outbox: RunOutbox) -> None:
    artisan = new_artisan(shipping=(0, 0))
    order = paid(stripe, [(new_product(artisan, price=10_000), 1)])
    refund = ask(order, EverythingLeft(bearer=Bearer.PLATFORM))
    assert split_of(refund) == [("goods", 10_000, 1000, 0, 9000)]
    assert balances("seller", "goodwill") == {
        f"seller_held:{artisan.public_id}:EUR": -9000, "goodwill:EUR": 9000
    }  # fmt: skip
    run_outbox()
    everything_agrees(stripe)


def test_a_line_that_became_invalid_but_is_captured_is_paid_back_by_its_frozen_figures(
    stripe: Wire, run_outbox: RunOutbox, settings: object
) -> None:
    product = new_product(new_artisan(shipping=(0, 0)), price=3333)
    order = paid(stripe, [(product, 3)])
    product.price_minor, product.is_published, product.title = 1, False, "Something else"
    product.save()
    settings.COMMISSION_BPS = 5000  # type: ignore[attr-defined]
    refund = ask(order, Items(lines=[LineWish(lines_of(order)[0].id, quantity=2)]))
    assert split_of(refund) == [("goods", 6666, 667, 5999, 0)]
    run_outbox()
    assert [item.title for item in refunds_of(order)[0].items] == [lines_of(order)[0].title]
    everything_agrees(stripe)


@pytest.mark.parametrize(("currency", "price"), [("JPY", 10_001), ("KWD", 12_350)])
def test_currencies_with_other_digits_are_paid_back_to_the_last_unit(
    stripe: Wire, run_outbox: RunOutbox, currency: str, price: int
) -> None:
    order = paid(stripe, [(new_product(new_artisan(currency=currency, shipping=(0, 0)), price=price), 3)])
    line = lines_of(order)[0].id
    for _ in range(3):
        ask(order, Items(lines=[LineWish(line, quantity=1)]))
        run_outbox()
    assert balances("commission", "seller", "refunds_in_transit", "goodwill") == {}
    everything_agrees(stripe)


def test_an_amount_that_kwd_can_t_pay_to_the_last_digit_is_rounded_up_at_our_cost(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order = paid(stripe, [(new_product(new_artisan(currency="KWD", shipping=(0, 0)), price=12_345), 2)])
    line = lines_of(order)[0].id
    first = ask(order, Items(lines=[LineWish(line, quantity=1)]))
    assert split_of(first) == [("goods", 12_345, 1234, 11_111, 0), ("goodwill", 5, 0, 0, 5)]
    second = ask(order, Items(lines=[LineWish(line, quantity=1)]))
    assert (first.amount_minor, second.amount_minor) == (12_350, 12_340), "all that was captured, and no more"
    run_outbox()
    assert set(Refund.objects.values_list("status", flat=True)) == {"succeeded"}
    everything_agrees(stripe)


def test_only_parts_that_were_captured_are_paid_back(stripe: Wire) -> None:
    order = paid(stripe, three_artisans())
    declined = parts_of(order)[0]
    Fulfilment.objects.filter(seller_order=declined).update(status="declined")
    with pytest.raises(InvalidRefund):
        ask(order, PartLeft(declined.public_id))
    plan = preview_refund(order_id=order.id, wish=EverythingLeft())
    assert plan.amount == EUR(17094 - 5600)


# ---- the bound -------------------------------------------------------------------------------------------------------


def test_never_more_than_was_captured_per_line_and_in_sum(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = paid(stripe, [(new_product(new_artisan(shipping=(500, 0)), price=5000), 2)])
    line = lines_of(order)[0].id
    with pytest.raises(RefundTooLarge) as too_large:
        ask(order, Items(lines=[LineWish(line, amount=EUR(10_001))]))
    assert too_large.value.members == {"left_minor": 10_000}
    with pytest.raises(RefundTooLarge):
        ask(order, Items(lines=[LineWish(line, quantity=3)]))
    with pytest.raises(RefundTooLarge):
        ask(order, AmountOnly(EUR(10_501)))
    ask(order, Items(goodwill=[GoodwillWish(EUR(10_000))]))
    with pytest.raises(RefundTooLarge):
        ask(order, Items(lines=[LineWish(line, amount=EUR(501))]))
    rest = ask(order)
    assert rest.amount_minor == 500, "of goods and shipping, in proportion"
    with pytest.raises(NothingToRefund):
        ask(order)
    assert Capture.objects.get().refunded_minor == 10_500
    run_outbox()
    everything_agrees(stripe)


def test_what_makes_no_sense_is_refused_and_writes_nothing(stripe: Wire) -> None:
    order, other = paid(stripe, [(new_product(), 1)]), paid(stripe, [(new_product(), 1)])
    line = lines_of(order)[0].id
    for wish in (
        Items(),
        Items(lines=[LineWish(lines_of(other)[0].id, quantity=1)]),
        Items(lines=[LineWish(line)]),
        Items(lines=[LineWish(line, quantity=0)]),
        Items(lines=[LineWish(line, amount=EUR(0))]),
        Items(lines=[LineWish(line, amount=Money(100, "USD"))]),
        Items(lines=[LineWish(line, quantity=1), LineWish(line, amount=EUR(1))]),
        Items(lines=[LineWish(line, amount=EUR(1), restocks=1)]),
        Items(goodwill=[GoodwillWish(EUR(-1))]),
        PartLeft(parts_of(other)[0].public_id),
        AmountOnly(Money(100, "JPY")),
    ):
        with pytest.raises((InvalidRefund, NothingToRefund)):
            ask(order, wish)
    for reason in ("sold_out", "duplicate", "processor"):
        with pytest.raises(InvalidRefund):
            ask(order, reason=RefundReason(reason))
    with pytest.raises(NotRefundable):
        ask(check_out([(new_product(), 1)]))
    assert (Refund.objects.count(), RefundAllocation.objects.count()) == (0, 0)


def test_a_double_click_pays_once(stripe: Wire) -> None:
    order, other = paid(stripe, [(new_product(), 2)]), paid(stripe, [(new_product(), 2)])
    wish = Items(lines=[LineWish(lines_of(order)[0].id, quantity=1)])
    first = ask(order, wish, reference="ref_8kJmAAAAAAAAAAAAAAAAAA")
    assert ask(order, wish, reference="ref_8kJmAAAAAAAAAAAAAAAAAA").id == first.id
    assert Refund.objects.count() == 1
    with pytest.raises(InvalidRefund):
        ask(other, reference="ref_8kJmAAAAAAAAAAAAAAAAAA")
    with pytest.raises(InvalidRefund):
        ask(other, reference="ref_x")


def _dispute(order: Order, **values: object) -> Dispute:
    capture = Capture.objects.get(payment__order_reference=order.public_id)
    fields = {
        "public_id": f"dsp_{order.id}", "capture": capture, "processor": "stripe",
        "processor_dispute_id": f"dp_{order.id}", "status": "needs_response", "reason": "fraudulent",
        "liability": "artisan", "amount_minor": capture.amount_minor, "withdrawn_minor": capture.amount_minor,
        "currency": capture.currency, "opened_at": clock_now(), "created_at": clock_now(), "updated_at": clock_now(),
    }  # fmt: skip
    return Dispute.objects.create(**{**fields, **values})


def test_refund_during_dispute_debits_nobody_twice(stripe: Wire) -> None:
    order = paid(stripe, [(new_product(), 1)])
    dispute = _dispute(order)
    with pytest.raises(RefundWhileDisputed):
        ask(order)
    assert (Refund.objects.count(), balances("refunds_in_transit")) == (0, {})
    dispute.status, dispute.closed_at = "lost", clock_now()
    dispute.save()
    with pytest.raises(NothingToRefund):
        ask(order)
    dispute.status, dispute.reinstated_minor = "won", dispute.withdrawn_minor
    dispute.save()
    assert ask(order).amount_minor == 2500


def test_an_inquiry_has_taken_nothing_and_is_answered_with_a_refund(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = paid(stripe, [(new_product(), 1)])
    _dispute(order, status="inquiry_needs_response", withdrawn_minor=0)
    assert ask(order).amount_minor == 2500


def test_a_part_that_was_paid_back_whole_needs_not_be_sent_any_more(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = paid(stripe, three_artisans())
    clay, wool, _ = parts_of(order)
    ask(order, PartLeft(clay.public_id))
    ask(order, Items(shipping=[ShippingWish(wool.public_id)]))
    assert set(Fulfilment.objects.values_list("status", flat=True)) == {"to_ship"}
    run_outbox()
    statuses = dict(Fulfilment.objects.values_list("seller_order__public_id", "status"))
    assert statuses.pop(clay.public_id) == "canceled"
    assert set(statuses.values()) == {"to_ship"}
    everything_agrees(stripe)


def test_what_is_paid_back_whole_is_told_as_refunds_are_planned(stripe: Wire) -> None:
    order = paid(stripe, three_artisans())
    clay, wool, _ = parts_of(order)

    def whole() -> set[str]:
        planned = {part.reference for part in refundable(order).parts if part.left_minor == 0}
        told = set(order.seller_orders.filter(id__in=paid_back_whole(order)).values_list("public_id", flat=True))
        assert told == planned
        return told

    assert whole() == set()
    ask(order, PartLeft(clay.public_id))
    ask(order, Items(shipping=[ShippingWish(wool.public_id)]))
    assert whole() == {clay.public_id}
    disputed = DisputeAllocation.objects.create(
        dispute_reference="dsp_1", order=order, seller_order=wool, number=1, currency="EUR", share_minor=0,
        amount_minor=wool.goods_minor, commission_minor=0, created_at=clock_now(), updated_at=clock_now(),
    )  # fmt: skip
    assert whole() == {clay.public_id}, "it may be won yet"
    disputed.lost_at = clock_now()
    disputed.save()
    assert whole() == {clay.public_id, wool.public_id}
    disputed.returned_minor = 1
    disputed.save()
    assert whole() == {clay.public_id}
    RefundAllocation.objects.update(withdrawn_at=clock_now())
    assert whole() == set()


# ---- an artisan's own part -------------------------------------------------------------------------------------------


def test_an_artisan_pays_back_their_own_part_and_no_other(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = paid(stripe, three_artisans())
    clay, wool, _ = parts_of(order)

    def by_clay(wish: object, *, part: object = clay) -> Refund:
        return request_refund_of_part(
            seller_order_id=part.public_id, artisan_id=clay.artisan_id, wish=wish,  # type: ignore[arg-type, attr-defined]
            reason=RefundReason.OUT_OF_STOCK,
            note="", initiator=f"artisan:{clay.artisan.public_id}", now=clock_now(),
        )  # fmt: skip

    with pytest.raises(PartNotFound):
        by_clay(PartLeft(wool.public_id), part=wool)
    for wish in (
        PartLeft(wool.public_id),
        EverythingLeft(),
        AmountOnly(EUR(1)),
        PartLeft(clay.public_id, bearer=Bearer.PLATFORM),
        Items(lines=[LineWish(lines_of(order)[1].id, quantity=1)]),
        Items(shipping=[ShippingWish(wool.public_id)]),
        Items(goodwill=[GoodwillWish(EUR(1))]),
        Items(goodwill=[GoodwillWish(EUR(1), wool.public_id)]),
    ):
        with pytest.raises(InvalidRefund):
            by_clay(wish)
    refund = by_clay(PartLeft(clay.public_id))
    assert refund.amount_minor == 5600
    assert [view.amount for view in refunds_of_part(clay)] == [EUR(5600)]
    assert refunds_of_part(wool) == []
    run_outbox()
    everything_agrees(stripe)


def test_goods_go_back_on_the_shelf_only_when_said_so(stripe: Wire) -> None:
    product = new_product(stock=5)
    made_to_order = new_product(product.artisan, stock=0, is_made_to_order=True, lead_time_days=5)
    order = paid(stripe, [(product, 3), (made_to_order, 1)])
    line, made = lines_of(order)
    ask(order, Items(lines=[LineWish(line.id, quantity=1)]))
    product.refresh_from_db()
    assert product.stock_on_hand == 2
    ask(order, Items(lines=[LineWish(line.id, quantity=1, restocks=1), LineWish(made.id, quantity=1, restocks=1)]))
    product.refresh_from_db()
    made_to_order.refresh_from_db()
    assert (product.stock_on_hand, made_to_order.stock_on_hand) == (3, 0)
    ask(order, EverythingLeft(restocks=True))
    product.refresh_from_db()
    assert product.stock_on_hand == 4
    assert AuditRecord.objects.filter(event_type="stock.returned").count() == 2


# ---- what becomes of it ----------------------------------------------------------------------------------------------


def test_refused_for_good_it_is_withdrawn_and_everybody_has_back_what_was_taken(
    stripe: Wire, run_outbox: RunOutbox
) -> None:
    order = paid(stripe, three_artisans())
    before = balances()
    refund = ask(order)
    _refuse(stripe, order)
    run_outbox()
    refund.refresh_from_db()
    assert (refund.status, refund.withdrawn_at is not None) == ("failed", True)
    after = balances()
    assert {name: after.get(name, 0) for name in before if "seller" in name or "commission" in name} == {
        name: value for name, value in before.items() if "seller" in name or "commission" in name
    }
    assert not RefundAllocation.objects.filter(withdrawn_at__isnull=True, refund_reference=refund.public_id).exists()


def _refuse(stripe: Wire, order: Order) -> None:
    """Somebody pays it back in the dashboard first, and we have not heard of it."""
    [charge] = stripe.charges(order.public_id)
    stripe.dashboard_refund(charge["id"])


def test_a_bounced_refund_is_owed_still_and_sent_again_once(stripe: Wire, run_outbox: RunOutbox) -> None:
    artisan = new_artisan(shipping=(0, 0))
    order = paid(stripe, [(new_product(artisan, price=10_000), 1)], card=REFUND_FAILS_LATER)
    refund = ask(order)
    run_outbox()
    refund.refresh_from_db()
    first = refund.processor_refund_id
    assert (refund.status, balances("refunds_in_transit")) == ("succeeded", {})
    with pytest.raises(RefundInTheWay):
        resend_refund(refund_id=refund.id, source="staff", now=clock_now())
    stripe.advance(60)
    settle_refund(processor="stripe", processor_refund_id=str(first), source="webhook", now=clock_now())
    refund.refresh_from_db()
    assert (refund.status, refund.failure_code) == ("failed", "expired_or_canceled_card")
    assert balances("refunds_in_transit", "seller") == {"refunds_in_transit:EUR": -10_000}
    everything_agrees(stripe)
    with pytest.raises(NothingToRefund):
        ask(order)

    resend_refund(refund_id=refund.id, source="staff", now=clock_now())
    with pytest.raises(RefundInTheWay):
        resend_refund(refund_id=refund.id, source="staff", now=clock_now())
    assert (balances("seller"), balances("refunds_in_transit")) == ({}, {"refunds_in_transit:EUR": -10_000})
    # News of the first attempt that come late change nothing.
    settle_refund(processor="stripe", processor_refund_id=str(first), source="webhook", now=clock_now())
    run_outbox()
    refund.refresh_from_db()
    assert (refund.status, refund.attempt) == ("succeeded", 2)
    assert refund.processor_refund_id not in (None, first)
    assert balances("refunds_in_transit", "seller") == {}
    keys = ProcessorRequest.objects.filter(kind="refund").order_by("id").values_list("idempotency_key", flat=True)
    assert list(keys) == [f"refund:{refund.public_id}:1", f"refund:{refund.public_id}:2"]
    everything_agrees(stripe)
    assert len([message for message in mail.outbox if "refunded" in message.subject]) == 2

    stripe.advance(60)
    settle_refund(
        processor="stripe", processor_refund_id=str(refund.processor_refund_id), source="webhook", now=clock_now()
    )
    with pytest.raises(RefundInTheWay):
        resend_refund(refund_id=refund.id, source="staff", now=clock_now())
    withdrawn = withdraw_refund(refund_id=refund.id, now=clock_now())
    assert withdraw_refund(refund_id=refund.id, now=clock_now()).withdrawn_at == withdrawn.withdrawn_at
    assert balances("refunds_in_transit", "seller", "commission") == {
        f"seller_held:{artisan.public_id}:EUR": -9000, "commission:EUR": -1000
    }  # fmt: skip
    assert Capture.objects.get().refunded_minor == 0
    everything_agrees(stripe)


def test_the_answer_lost_and_done_all_the_same_is_found_and_not_made_twice(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = paid(stripe, [(new_product(), 1)])
    refund = ask(order, Items(goodwill=[GoodwillWish(EUR(700))]))
    stripe.fault("answer_lost", "/v1/refunds")
    with pytest.raises(OutcomeUnknown):
        send_refund(refund_id=refund.id, source="task", now=clock_now())
    send_refund(refund_id=refund.id, source="sweeper", now=clock_now() + dt.timedelta(minutes=2))
    assert [made["amount"] for made in stripe.summary()["refunds"]] == [700]
    everything_agrees(stripe)


@pytest.mark.parametrize("when", ["before the call", "between the answer and the books"])
def test_a_process_that_dies_leaves_the_refund_to_the_sweeper(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    order = paid(stripe, three_artisans())
    refund = ask(order)
    name = "send_refund" if when == "before the call" else "record_refund_found"

    def die(**_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(f"orders.services.refunds.send.payments.{name}", die)
        with pytest.raises(Died):
            send_refund(refund_id=refund.id, source="task", now=clock_now())
    assert resolve_requests(now=clock_now() + dt.timedelta(minutes=2)) == 1
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert [made["amount"] for made in stripe.summary()["refunds"]] == [17094]
    assert balances("refunds_in_transit", "seller", "commission") == {}
    everything_agrees(stripe)


def test_the_buyer_is_told_what_for_and_how_much(stripe: Wire, run_outbox: RunOutbox) -> None:
    order = paid(stripe, three_artisans())
    ask(order, Items(lines=[LineWish(lines_of(order)[0].id, quantity=1)]), note="One was cracked.")
    run_outbox()
    [message] = [m for m in mail.outbox if "refunded" in m.subject]
    assert (message.subject, message.to) == ("We have refunded €25.00", ["ada@example.org"])
    html = str(message.alternatives[0][0])  # type: ignore[attr-defined]
    for text in (str(message.body), html):
        for words in ("€25.00", "One was cracked.", lines_of(order)[0].title, "5 to 10 days", order.public_id):
            assert words in text
