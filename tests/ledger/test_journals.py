"""The builders of journals: signs, sums, and what they refuse."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import CurrencyMismatch, Money, allocate
from ledger import journals
from ledger.journals import NotPositive, SellerShare, SharesDiffer

minor = st.integers(min_value=1, max_value=99_999_999)
weights = st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=12).filter(any)


@given(total=minor, parts=weights, rate_bps=st.integers(min_value=0, max_value=10_000))
def test_any_split_of_a_sale_sums_to_zero(total: int, parts: list[int], rate_bps: int) -> None:
    captured = Money(total, "EUR")
    shares = [
        SellerShare(f"art_{number}", share=part - part.share_bps(rate_bps), commission=part.share_bps(rate_bps))
        for number, part in enumerate(allocate(captured, parts))
    ]
    lines = journals.sale(captured=captured, shares=shares)
    assert sum(line.amount.amount_minor for line in lines) == 0
    assert all(line.amount for line in lines)
    assert lines[0].amount == captured
    assert all(line.amount.amount_minor < 0 for line in lines[1:])
    held = {line.code: -line.amount.amount_minor for line in lines if line.code.startswith("seller_held:")}
    assert held == {f"seller_held:{s.seller}:EUR": s.share.amount_minor for s in shares if s.share}


def test_several_shares_of_one_artisan_are_one_line() -> None:
    def share(seller: str, amount: int) -> SellerShare:
        return SellerShare(seller, Money(amount, "EUR"), Money(10, "EUR"))

    lines = journals.sale(captured=Money(330, "EUR"), shares=[share("a", 100), share("b", 50), share("a", 150)])
    assert [(line.code, line.amount.amount_minor) for line in lines] == [
        ("stripe_clearing:EUR", 330),
        ("seller_held:a:EUR", -250),
        ("seller_held:b:EUR", -50),
        ("commission:EUR", -30),
    ]


def test_a_sale_must_add_up() -> None:
    share = SellerShare("a", Money(90, "EUR"), Money(10, "EUR"))
    for captured in (99, 101):
        with pytest.raises(SharesDiffer):
            journals.sale(captured=Money(captured, "EUR"), shares=[share])
    with pytest.raises(SharesDiffer):
        journals.sale(captured=Money(10, "EUR"), shares=[SellerShare("a", Money(-5, "EUR"), Money(15, "EUR"))])
    with pytest.raises(CurrencyMismatch):
        journals.sale(captured=Money(100, "USD"), shares=[share])


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_moves_an_amount_that_is_not_positive(amount: int) -> None:
    money = Money(amount, "EUR")
    builds: list[Callable[[], object]] = [
        lambda: journals.sale(captured=money, shares=[]),
        lambda: journals.processor_fee(fee=money),
        lambda: journals.release(seller="a", amount=money),
        lambda: journals.transfer_requested(seller="a", amount=money),
        lambda: journals.reserve_withheld(seller="a", amount=money),
        lambda: journals.reserve_released(seller="a", amount=money),
        lambda: journals.debt_repaid(seller="a", amount=money),
        lambda: journals.debt_written_off(seller="a", amount=money),
        lambda: journals.debt_reopened(seller="a", amount=money),
        lambda: journals.transfer_succeeded(amount=money),
        lambda: journals.late_payment(captured=money),
        lambda: journals.late_payment_refund(refunded=money),
        lambda: journals.late_payment_paid_otherwise(refunded=money),
    ]
    for build in builds:
        with pytest.raises(NotPositive):
            build()


def test_another_processor_has_a_clearing_account_of_its_own() -> None:
    lines = journals.late_payment(captured=Money(5, "EUR"), processor="paypal")
    assert lines[0].code == "paypal_clearing:EUR"


def _places(
    seller: str, held: int = 0, payable: int = 0, reserved: int = 0, receivable: int = 0
) -> journals.SellerPlaces:
    return journals.SellerPlaces(
        seller,
        held=Money(held, "EUR"),
        payable=Money(payable, "EUR"),
        reserved=Money(reserved, "EUR"),
        receivable=Money(receivable, "EUR"),
    )


def test_a_refund_must_be_taken_from_somebody_to_the_cent() -> None:
    for held in (899, 901):
        with pytest.raises(journals.SharesDiffer):
            journals.refund_requested(
                refunded=Money(1000, "EUR"),
                sellers=[_places("art_x", held=held)],
                commission=Money(100, "EUR"),
                goodwill=Money.zero("EUR"),
            )


def test_a_refund_takes_nothing_below_zero() -> None:
    with pytest.raises(journals.SharesDiffer):
        journals.refund_requested(
            refunded=Money(1000, "EUR"),
            sellers=[_places("art_x", held=1100)],
            commission=Money(-100, "EUR"),
            goodwill=Money.zero("EUR"),
        )


def test_a_withdrawn_refund_is_the_opposite_of_the_requested_one() -> None:
    of = {
        "refunded": Money(1000, "EUR"),
        "sellers": [_places("art_x", held=400, payable=250, reserved=50, receivable=200)],
        "commission": Money(60, "EUR"),
        "goodwill": Money(40, "EUR"),
    }
    asked = {line.code: line.amount.amount_minor for line in journals.refund_requested(**of)}  # type: ignore[arg-type]
    back = {line.code: line.amount.amount_minor for line in journals.refund_withdrawn(**of)}  # type: ignore[arg-type]
    assert asked == {
        "seller_held:art_x:EUR": 400,
        "seller_payable:art_x:EUR": 250,
        "seller_reserved:art_x:EUR": 50,
        "seller_receivable:art_x:EUR": 200,
        "commission:EUR": 60,
        "goodwill:EUR": 40,
        "refunds_in_transit:EUR": -1000,
    }
    assert back == {code: -amount for code, amount in asked.items()}


def test_no_more_is_borne_than_was_disputed() -> None:
    share = journals.DisputedShare("art_x", lost=Money(950, "EUR"), returned=_places("art_x"))
    with pytest.raises(journals.SharesDiffer):
        journals.dispute_lost(disputed=Money(1000, "EUR"), shares=[share], commission=Money(51, "EUR"))
    lines = journals.dispute_lost(disputed=Money(1000, "EUR"), shares=[share], commission=Money(50, "EUR"))
    assert sum(line.amount.amount_minor for line in lines) == 0
    assert "dispute_losses:EUR" not in {line.code for line in lines}
