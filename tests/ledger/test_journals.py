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
        lambda: journals.transfer_succeeded(amount=money),
        lambda: journals.late_payment(captured=money),
        lambda: journals.late_payment_refund(refunded=money),
    ]
    for build in builds:
        with pytest.raises(NotPositive):
            build()


def test_another_processor_has_a_clearing_account_of_its_own() -> None:
    lines = journals.late_payment(captured=Money(5, "EUR"), processor="paypal")
    assert lines[0].code == "paypal_clearing:EUR"
