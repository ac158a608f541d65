"""The allocator alone, without a database: exact splits, and random sequences that never pass what was sold."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.money import Money
from orders.contracts.refund import (
    Allocation,
    AmountOnly,
    EverythingLeft,
    GoodwillWish,
    Items,
    LineWish,
    NothingToRefund,
    PartLeft,
    Refundable,
    RefundableLine,
    RefundablePart,
    RefundPlan,
    RefundTooLarge,
    RefundWish,
    ShippingWish,
)
from orders.enums import Bearer, RefundPart
from orders.services.refunds.plan import plan_refund


def line(line_id: int, *, unit: int, quantity: int = 1, commission: int | None = None) -> RefundableLine:
    sold = unit * quantity
    return RefundableLine(
        line_id=line_id, title=f"Line {line_id}", quantity=quantity, unit_price_minor=unit, sold_minor=sold,
        commission_minor=Money(sold, "EUR").share_bps(1000).amount_minor if commission is None else commission,
    )  # fmt: skip


def part(reference: str, *lines: RefundableLine, shipping: int = 0) -> RefundablePart:
    share = shipping + sum(one.sold_minor - one.commission_minor for one in lines)
    return RefundablePart(
        reference=reference, artisan_id=1, artisan_public_id=f"art_{reference}", artisan_name=reference,
        shipping_minor=shipping, refunded_shipping_minor=0, refunded_minor=0, share_left_minor=share,
        commission_left_minor=sum(one.commission_minor for one in lines), lines=lines,
    )  # fmt: skip


def order(*parts: RefundablePart, currency: str = "EUR") -> Refundable:
    captured = sum(one.sold_minor for one in parts)
    return Refundable("ord_1", currency, captured, captured, parts)


def plan(figures: Refundable, wish: RefundWish, *, returns_commission: bool = True) -> RefundPlan:
    return plan_refund(refundable=figures, wish=wish, returns_commission=returns_commission)


def after(figures: Refundable, made: RefundPlan) -> Refundable:
    """The order once the refund is asked for."""
    return dataclasses.replace(
        figures,
        left_minor=figures.left_minor - made.amount.amount_minor,
        parts=tuple(_part_after(one, [a for a in made.allocations if a.reference == one.reference])
                    for one in figures.parts),
    )  # fmt: skip


def _part_after(one: RefundablePart, made: list[Allocation]) -> RefundablePart:
    return dataclasses.replace(
        one,
        refunded_minor=one.refunded_minor + sum(a.amount.amount_minor for a in made),
        refunded_shipping_minor=one.refunded_shipping_minor
        + sum(a.amount.amount_minor for a in made if a.part == RefundPart.SHIPPING),
        share_left_minor=one.share_left_minor - sum(a.share.amount_minor for a in made),
        commission_left_minor=one.commission_left_minor - sum(a.commission.amount_minor for a in made),
        lines=tuple(_line_after(sold, [a for a in made if a.line_id == sold.line_id]) for sold in one.lines),
    )


def _line_after(sold: RefundableLine, made: list[Allocation]) -> RefundableLine:
    return dataclasses.replace(
        sold,
        refunded_minor=sold.refunded_minor + sum(a.amount.amount_minor for a in made),
        refunded_commission_minor=sold.refunded_commission_minor + sum(a.commission.amount_minor for a in made),
        refunded_quantity=sold.refunded_quantity + sum(a.quantity or 0 for a in made),
    )


def amounts(made: RefundPlan) -> list[tuple[str, int, int, int, int]]:
    return [
        (a.reference, a.amount.amount_minor, a.commission.amount_minor, a.share.amount_minor, a.platform.amount_minor)
        for a in made.allocations
    ]


# ---- exact -----------------------------------------------------------------------------------------------------------


def test_largest_remainder_of_100_over_3() -> None:
    figures = order(*(part(name, line(n, unit=1000)) for n, name in enumerate("abc")))
    assert amounts(plan(figures, AmountOnly(Money(100, "EUR")))) == [
        ("a", 34, 3, 31, 0), ("b", 33, 3, 30, 0), ("c", 33, 3, 30, 0)
    ]  # fmt: skip


def test_largest_remainder_of_1_over_7() -> None:
    figures = order(*(part(name, line(n, unit=100)) for n, name in enumerate("abcdefg")))
    assert amounts(plan(figures, AmountOnly(Money(1, "EUR")))) == [("a", 1, 0, 1, 0)]
    for _ in range(7):
        figures = after(figures, plan(figures, AmountOnly(Money(1, "EUR"))))
    assert sorted(one.refunded_minor for one in figures.parts) == [1] * 7, "whoever has most left is next"


def test_in_proportion_to_what_is_left_goods_and_shipping() -> None:
    figures = order(part("a", line(1, unit=6000), shipping=1000), part("b", line(2, unit=3000)))
    assert amounts(plan(figures, AmountOnly(Money(1000, "EUR")))) == [
        ("a", 600, 60, 540, 0), ("a", 100, 0, 100, 0), ("b", 300, 30, 270, 0)
    ]  # fmt: skip


def test_commission_of_three_pieces_of_3_33_goes_back_to_the_cent() -> None:
    figures = order(part("a", line(1, unit=333, quantity=3)))
    made = []
    for _ in range(3):
        step = plan(figures, Items(lines=[LineWish(1, quantity=1)]))
        figures = after(figures, step)
        made += amounts(step)
    assert made == [("a", 333, 33, 300, 0), ("a", 333, 34, 299, 0), ("a", 333, 33, 300, 0)]
    assert sum(row[2] for row in made) == 100, "as was taken at the sale"


@pytest.mark.parametrize(("currency", "amount", "split"), [("JPY", 100, (34, 33, 33)), ("KWD", 1000, (334, 333, 333))])
def test_splits_of_yen_and_dinar_add_up(currency: str, amount: int, split: tuple[int, ...]) -> None:
    figures = order(*(part(name, line(n, unit=10_000)) for n, name in enumerate("abc")), currency=currency)
    made = plan(figures, AmountOnly(Money(amount, currency)))
    assert tuple(row[1] for row in amounts(made)) == split
    assert made.amount == Money(amount, currency)


def test_after_an_artisan_s_goodwill_only_the_rest_of_the_part_is_left() -> None:
    figures = order(part("a", line(1, unit=10_000)), part("b", line(2, unit=10_000)))
    figures = after(figures, plan(figures, Items(goodwill=[GoodwillWish(Money(500, "EUR"), "a")])))
    assert amounts(plan(figures, PartLeft("a"))) == [("a", 9500, 1000, 8500, 0)], "the share was 9,000 in all"
    with pytest.raises(RefundTooLarge):
        plan(figures, Items(lines=[LineWish(1, amount=Money(9501, "EUR"))]))
    with pytest.raises(RefundTooLarge):
        plan(figures, Items(goodwill=[GoodwillWish(Money(8501, "EUR"), "a")]))


def test_what_a_lost_dispute_took_of_a_share_is_not_taken_again() -> None:
    figures = order(part("a", line(1, unit=10_000), shipping=500))
    figures = dataclasses.replace(
        figures,
        left_minor=5500,
        parts=(
            dataclasses.replace(
                figures.parts[0], refunded_minor=5000, share_left_minor=5024, commission_left_minor=476
            ),
        ),
    )
    assert amounts(plan(figures, EverythingLeft())) == [("a", 5238, 476, 4762, 0), ("a", 262, 0, 262, 0)]


def test_kept_commission_is_paid_by_the_artisan() -> None:
    figures = order(part("a", line(1, unit=10_000)))
    figures = dataclasses.replace(figures, parts=(dataclasses.replace(figures.parts[0], share_left_minor=10_000),))
    assert amounts(plan(figures, EverythingLeft(), returns_commission=False)) == [("a", 10_000, 0, 10_000, 0)]


def test_the_platform_bears_what_it_says_it_bears() -> None:
    figures = order(part("a", line(1, unit=10_000), shipping=500))
    assert amounts(plan(figures, EverythingLeft(bearer=Bearer.PLATFORM))) == [
        ("a", 10_000, 1000, 0, 9000), ("a", 500, 0, 0, 500)
    ]  # fmt: skip


def test_all_pieces_go_back_on_the_shelf_but_those_that_are_paid_back_already() -> None:
    figures = order(part("a", line(1, unit=100, quantity=3), line(2, unit=50)))
    figures = after(figures, plan(figures, Items(lines=[LineWish(1, quantity=2)])))
    assert plan(figures, EverythingLeft(restocks=True)).restocks == ((1, 1), (2, 1))
    assert plan(figures, EverythingLeft()).restocks == ()


# ---- any sequence ----------------------------------------------------------------------------------------------------

currencies = st.sampled_from(["EUR", "JPY", "KWD"])


@st.composite
def orders(draw: st.DrawFn) -> Refundable:
    currency = draw(currencies)
    step = 10 if currency == "KWD" else 1
    numbers = iter(range(1, 100))
    parts = []
    for name in "abc"[: draw(st.integers(1, 3))]:
        lines = [
            line(
                next(numbers),
                unit=draw(st.integers(1, 500)) * step,
                quantity=draw(st.integers(1, 4)),
            )
            for _ in range(draw(st.integers(1, 3)))
        ]
        rates = [draw(st.integers(0, 10_000)) for _ in lines]
        lines = [
            dataclasses.replace(one, commission_minor=Money(one.sold_minor, currency).share_bps(rate).amount_minor)
            for one, rate in zip(lines, rates, strict=True)
        ]
        parts.append(part(name, *lines, shipping=draw(st.integers(0, 60)) * step))
    return order(*parts, currency=currency)


@st.composite
def wishes(draw: st.DrawFn, figures: Refundable) -> RefundWish:
    bearer = draw(st.sampled_from(Bearer))
    one = draw(st.sampled_from(figures.parts))
    sold = draw(st.sampled_from(one.lines))
    amount = Money(draw(st.integers(1, 2500)), figures.currency)
    kind = draw(st.integers(0, 6))
    if kind == 0:
        return EverythingLeft(bearer)
    if kind == 1:
        return PartLeft(one.reference, bearer)
    if kind == 2:
        return AmountOnly(amount)
    if kind == 3:
        return Items(lines=[LineWish(sold.line_id, quantity=draw(st.integers(1, 4)))], bearer=bearer)
    if kind == 4:
        return Items(lines=[LineWish(sold.line_id, amount=amount)], bearer=bearer)
    if kind == 5:
        return Items(shipping=[ShippingWish(one.reference, draw(st.sampled_from([None, amount])))], bearer=bearer)
    return Items(goodwill=[GoodwillWish(amount, draw(st.sampled_from(["", one.reference])))])


@settings(max_examples=300, deadline=None)
@given(data=st.data(), sold=orders())
def test_no_sequence_of_refunds_passes_what_was_sold_and_the_last_one_leaves_nothing(
    data: st.DataObject, sold: Refundable
) -> None:
    shares = {one.reference: one.share_left_minor for one in sold.parts}
    figures = sold
    done: list[RefundPlan] = []
    for _ in range(data.draw(st.integers(1, 8))):
        withdraws: bool = data.draw(st.booleans())
        if done and withdraws:
            # One is withdrawn: as if it had never been.
            done.pop(data.draw(st.integers(0, len(done) - 1)))
            figures = sold
            for made in done:
                figures = after(figures, made)
        try:
            made = plan(figures, data.draw(wishes(figures)))
        except (RefundTooLarge, NothingToRefund):
            continue
        done.append(made)
        figures = after(figures, made)
        _holds(figures, made, shares)
    if figures.left_minor:
        made = plan(figures, EverythingLeft())
        figures = after(figures, made)
        _holds(figures, made, shares)
    assert figures.left_minor == 0
    ours = sum(a.platform.amount_minor for made in [*done, made] for a in made.allocations) if done else 0
    for one in figures.parts:
        if one.left_minor == 0 and not ours:
            assert one.share_left_minor == 0
            assert [sold.commission_minor for sold in one.lines] == [
                sold.refunded_commission_minor for sold in one.lines
            ]


def _holds(figures: Refundable, made: RefundPlan, shares: dict[str, int]) -> None:
    assert made.amount.amount_minor > 0
    assert figures.left_minor >= 0
    if figures.currency == "KWD":
        assert made.amount.amount_minor % 10 == 0
    for a in made.allocations:
        assert a.commission.amount_minor + a.share.amount_minor + a.platform.amount_minor == a.amount.amount_minor
        assert min(a.commission.amount_minor, a.share.amount_minor, a.platform.amount_minor) >= 0
        assert a.amount.amount_minor > 0
    for one in figures.parts:
        assert 0 <= one.refunded_minor <= one.sold_minor
        assert 0 <= one.refunded_shipping_minor <= one.shipping_minor
        assert 0 <= one.share_left_minor <= shares[one.reference]
        for sold in one.lines:
            assert 0 <= sold.refunded_minor <= sold.sold_minor
            assert 0 <= sold.refunded_commission_minor <= sold.commission_minor
            assert sold.refunded_quantity <= sold.quantity
