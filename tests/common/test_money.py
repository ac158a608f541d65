"""Money: whole minor units, parts that sum to the whole, and the currency's own number of digits."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import CurrencyMismatch, InvalidMoney, Money, allocate, exponent, total

amounts = st.integers(min_value=-(10**15), max_value=10**15)
currencies = st.sampled_from(["EUR", "USD", "GBP", "JPY", "KWD"])
weights = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=40).filter(any)


@given(amount=amounts, currency=currencies, parts=weights)
def test_parts_sum_to_the_whole_and_are_off_by_less_than_one_unit(amount: int, currency: str, parts: list[int]) -> None:
    whole = Money(amount, currency)
    allocated = allocate(whole, parts)
    assert len(allocated) == len(parts)
    assert total(allocated, currency) == whole
    for part, weight in zip(allocated, parts, strict=True):
        # |part - exact share| < 1, without a division: multiplied by the sum of the weights.
        assert abs(part.amount_minor * sum(parts) - amount * weight) < sum(parts)
        assert weight or part.amount_minor == 0


@given(amount=st.integers(min_value=0, max_value=10**9), parts=weights)
def test_the_units_left_over_go_to_the_largest_remainders_and_then_to_the_earlier_parts(
    amount: int, parts: list[int]
) -> None:
    whole = sum(parts)
    floors = [amount * weight // whole for weight in parts]
    given_more = [
        index for index, part in enumerate(allocate(Money(amount, "EUR"), parts)) if part.amount_minor > floors[index]
    ]
    ranked = sorted(range(len(parts)), key=lambda index: (-(amount * parts[index] % whole), index))
    assert sorted(ranked[: amount - sum(floors)]) == given_more


def test_worked_examples_of_allocation() -> None:
    assert allocate(Money(100, "EUR"), [1, 1, 1]) == [Money(34, "EUR"), Money(33, "EUR"), Money(33, "EUR")]
    assert allocate(Money(-100, "EUR"), [1, 1, 1]) == [Money(-34, "EUR"), Money(-33, "EUR"), Money(-33, "EUR")]
    assert allocate(Money(5, "JPY"), [70, 30]) == [Money(4, "JPY"), Money(1, "JPY")]
    assert allocate(Money(1, "EUR"), [0, 7]) == [Money(0, "EUR"), Money(1, "EUR")]


@pytest.mark.parametrize("parts", [[], [0], [0, 0], [1, -1], [5, -1]])
def test_weights_that_share_nothing_are_refused(parts: list[int]) -> None:
    with pytest.raises(InvalidMoney):
        allocate(Money(100, "EUR"), parts)


@given(amount=amounts, rate_bps=st.integers(min_value=0, max_value=10_000))
def test_a_rate_is_exact_and_half_a_unit_goes_to_even(amount: int, rate_bps: int) -> None:
    exact = (Decimal(amount) * rate_bps / 10_000).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    assert Money(amount, "EUR").share_bps(rate_bps).amount_minor == int(exact)


@pytest.mark.parametrize(
    ("amount", "share"), [(5, 0), (15, 2), (25, 2), (35, 4), (-5, 0), (-15, -2), (-25, -2), (14, 1), (16, 2)]
)
def test_ten_per_cent_of_figures_that_end_in_half_a_cent(amount: int, share: int) -> None:
    assert Money(amount, "EUR").share_bps(1000) == Money(share, "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (123450, "EUR", "€1,234.50"),
        (-5, "USD", "-$0.05"),
        (0, "GBP", "£0.00"),
        (500, "JPY", "¥500"),
        (1234567, "JPY", "¥1,234,567"),
        (1250, "KWD", "KWD 1.250"),
        (-1, "KWD", "-KWD 0.001"),
        (99999999, "EUR", "€999,999.99"),
    ],
)
def test_shown_with_the_digits_that_the_currency_has(amount: int, currency: str, text: str) -> None:
    assert Money(amount, currency).format() == str(Money(amount, currency)) == text


def test_exponents_follow_iso_4217() -> None:
    assert {code: exponent(code) for code in ("EUR", "USD", "GBP", "JPY", "KWD", "KRW", "BHD")} == {
        "EUR": 2,
        "USD": 2,
        "GBP": 2,
        "JPY": 0,
        "KWD": 3,
        "KRW": 0,
        "BHD": 3,
    }
    assert Money(1250, "KWD").major == Decimal("1.250")
    assert Money(500, "JPY").major == Decimal(500)


@pytest.mark.parametrize("amount", [1.0, 0.1, float("nan"), float("inf"), Decimal(1), "1", True, None])
def test_only_whole_numbers_are_amounts(amount: Any) -> None:
    with pytest.raises(InvalidMoney):
        Money(amount, "EUR")


@pytest.mark.parametrize("factor", [1.0, 0.5, Decimal(2), True, "2"])
def test_only_whole_numbers_multiply(factor: Any) -> None:
    with pytest.raises(InvalidMoney):
        Money(100, "EUR") * factor


@pytest.mark.parametrize("currency", ["", "eur", "EU", "EURO", "€€€", "E R", "12E", "Eur"])
def test_only_three_capital_letters_are_a_currency(currency: str) -> None:
    with pytest.raises(InvalidMoney):
        Money(100, currency)


def test_currencies_never_mix() -> None:
    euro, yen = Money(100, "EUR"), Money(100, "JPY")
    for mix in (lambda: euro + yen, lambda: euro - yen, lambda: euro < yen, lambda: euro <= yen):
        with pytest.raises(CurrencyMismatch):
            mix()
    with pytest.raises(CurrencyMismatch):
        total([euro, yen], "EUR")
    assert euro != yen


@given(first=amounts, second=amounts, third=amounts)
def test_adding_is_adding(first: int, second: int, third: int) -> None:
    parts = [Money(first, "EUR"), Money(second, "EUR"), Money(third, "EUR")]
    assert total(parts, "EUR") == Money(first + second + third, "EUR")
    assert parts[0] - parts[1] == -(parts[1] - parts[0])
    assert (parts[0] < parts[1]) == (first < second)
    assert bool(parts[0]) == (first != 0)
