"""The frozen quote: exact figures, commission on goods and per line, parts that add up to the whole."""

import re
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contracts import PricedProduct, Seller, ShippingRule
from common.money import MAX_AMOUNT_MINOR, Money, charge_step_minor, smallest_charge_minor, total
from orders.contracts.cart import CartGroup, CartLine, CartSnapshot
from orders.contracts.order import AmountTooLarge, AmountTooSmall, CartNotOrderable
from orders.services.quotes import hash_of, quote_cart
from sandbox.stripe.currencies import check_charge_amount
from sandbox.stripe.errors import ApiError


def _cart(
    groups: list[tuple[tuple[int, int], list[tuple[int, int]]]], *, currency: str = "EUR", cart_id: str = "crt_1"
) -> CartSnapshot:
    """`groups` are ((first, additional postage), [(price, quantity), ...]) of one artisan each."""
    made = []
    for number, (postage, lines) in enumerate(groups, start=1):
        rule = ShippingRule(Money(postage[0], currency), Money(postage[1], currency))
        seller = Seller(number, f"art_{number}", f"Artisan {number}", f"a{number}", "/", rule)
        made.append(
            CartGroup.of(
                seller,
                tuple(
                    CartLine(
                        PricedProduct(
                            pk=number * 1000 + index,
                            public_id=f"prd_{number}_{index}",
                            title="A thing",
                            slug="a",
                            url="/",
                            picture=None,
                            seller=seller,
                            price=Money(price, currency),
                            is_on_sale=True,
                            is_made_to_order=False,
                            lead_time_days=0,
                            available=None,
                        ),
                        quantity,
                        Money(price, currency),
                    )
                    for index, (price, quantity) in enumerate(lines)
                ),
            )
        )
    return CartSnapshot(id=cart_id, currency=currency, groups=tuple(made))


baskets = st.lists(
    st.tuples(
        st.tuples(st.integers(0, 5_000), st.integers(0, 1_000)),
        st.lists(st.tuples(st.integers(50, 30_000), st.integers(1, 9)), min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=10,
)


@given(groups=baskets, rate_bps=st.integers(0, 10_000), currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_shares_and_commission_are_the_total_to_the_last_unit(
    groups: list[tuple[tuple[int, int], list[tuple[int, int]]]], rate_bps: int, currency: str
) -> None:
    if currency == "KWD":
        # its amounts end in 0, see below
        groups = [((a * 10, b * 10), [(price * 10, n) for price, n in lines]) for (a, b), lines in groups]
    quote = quote_cart(cart=_cart(groups, currency=currency), commission_bps=rate_bps)
    given_out = [part for seller in quote.sellers for part in (seller.share, seller.commission)]
    assert total(given_out, currency) == quote.total == quote.goods + quote.shipping
    assert quote.total.amount_minor == quote.document["total_minor"]
    for seller, (postage, lines) in zip(quote.sellers, groups, strict=True):
        assert seller.goods == Money(sum(price * quantity for price, quantity in lines), currency)
        assert seller.shipping.amount_minor == postage[0] + postage[1] * (sum(q for _, q in lines) - 1)
        exact = [Decimal(price * quantity) * rate_bps / 10_000 for price, quantity in lines]
        rounded = [int(value.quantize(Decimal(1), ROUND_HALF_EVEN)) for value in exact]
        assert [line.commission.amount_minor for line in seller.lines] == rounded
        assert seller.commission.amount_minor == sum(rounded)
        assert 0 <= seller.commission.amount_minor <= seller.goods.amount_minor
        assert seller.share == seller.goods - seller.commission + seller.shipping


@given(groups=baskets)
def test_the_document_shows_what_is_charged(groups: list[tuple[tuple[int, int], list[tuple[int, int]]]]) -> None:
    document = quote_cart(cart=_cart(groups), commission_bps=1000).document
    assert document["goods_minor"] + document["shipping_minor"] == document["total_minor"]
    for group in document["groups"]:
        assert sum(line["line_total_minor"] for line in group["lines"]) == group["goods_minor"]
        assert all(line["unit_price_minor"] * line["quantity"] == line["line_total_minor"] for line in group["lines"])
    assert sum(group["goods_minor"] for group in document["groups"]) == document["goods_minor"]
    assert sum(group["shipping_minor"] for group in document["groups"]) == document["shipping_minor"]


def test_a_basket_of_three_artisans_in_figures() -> None:
    quote = quote_cart(
        cart=_cart([((500, 100), [(2500, 2)]), ((500, 0), [(9995, 1)]), ((0, 0), [(333, 3)])]), commission_bps=1000
    )
    assert (quote.goods, quote.shipping, quote.total) == (Money(15994, "EUR"), Money(1100, "EUR"), Money(17094, "EUR"))
    # 99.95 -> 9.995 and 9.99 -> 0.999: a half goes to the even cent, postage pays no commission.
    assert [seller.commission.amount_minor for seller in quote.sellers] == [500, 1000, 100]
    assert [seller.share.amount_minor for seller in quote.sellers] == [5100, 9495, 899]


@pytest.mark.parametrize(
    "change",
    [
        {"groups": [((500, 100), [(2501, 2)])]},
        {"groups": [((500, 100), [(2500, 3)])]},
        {"groups": [((501, 100), [(2500, 2)])]},
        {"groups": [((500, 100), [(2500, 2), (1, 1)])]},
        {"groups": [((500, 100), [(2500, 2)])], "currency": "USD"},
    ],
)
def test_any_change_makes_another_hash(change: dict[str, object]) -> None:
    base = [((500, 100), [(2500, 2)])]
    first = quote_cart(cart=_cart(base), commission_bps=1000)
    assert quote_cart(cart=_cart(base), commission_bps=1000).hash == first.hash == hash_of(first.document)
    assert quote_cart(cart=_cart(**change), commission_bps=1000).hash != first.hash  # type: ignore[arg-type]
    assert quote_cart(cart=_cart(base), commission_bps=999).hash != first.hash


def test_more_than_a_processor_takes_at_once_is_refused() -> None:
    assert (
        quote_cart(cart=_cart([((0, 0), [(MAX_AMOUNT_MINOR, 1)])]), commission_bps=0).total.amount_minor == 99_999_999
    )
    with pytest.raises(AmountTooLarge, match=r"€999,999\.99"):
        quote_cart(cart=_cart([((1, 0), [(MAX_AMOUNT_MINOR, 1)])]), commission_bps=0)


def test_three_decimal_currencies_are_charged_to_two() -> None:
    """Stripe: the last digit of a KWD amount is 0. The total decides, because the total is what is charged."""
    assert quote_cart(cart=_cart([((500, 0), [(12_340, 1)])], currency="KWD"), commission_bps=1000).total == Money(
        12_840, "KWD"
    )
    with pytest.raises(CartNotOrderable, match=r"KWD 12\.841 can't be charged"):
        quote_cart(cart=_cart([((500, 0), [(12_341, 1)])], currency="KWD"), commission_bps=1000)
    assert quote_cart(cart=_cart([((0, 0), [(501, 1)])], currency="JPY"), commission_bps=1000).total == Money(
        501, "JPY"
    )


@pytest.mark.parametrize(
    ("currency", "too_small_minor", "smallest_minor", "words"),
    [("EUR", 49, 50, "€0.50"), ("GBP", 29, 30, "£0.30"), ("JPY", 49, 50, "¥50"), ("KWD", 150, 160, "0.160"),
     ("HUF", 17499, 17500, "175.00")],
)  # fmt: skip
def test_an_order_below_what_can_be_charged_is_told_the_smallest_amount(
    currency: str, too_small_minor: int, smallest_minor: int, words: str
) -> None:
    with pytest.raises(AmountTooSmall, match=re.escape(words)):
        quote_cart(cart=_cart([((0, 0), [(too_small_minor, 1)])], currency=currency), commission_bps=1000)
    cart = _cart([((0, 0), [(smallest_minor, 1)])], currency=currency)
    assert quote_cart(cart=cart, commission_bps=1000).total == Money(smallest_minor, currency)
    # Several small things come to enough together.
    several = _cart([((0, 0), [(smallest_minor // 2, 2)])], currency=currency)
    assert quote_cart(cart=several, commission_bps=1000).total.amount_minor == smallest_minor


def test_the_smallest_amounts_are_those_at_which_the_processor_charges() -> None:
    for currency in ("EUR", "USD", "GBP", "JPY", "KWD", "CZK", "SEK", "HUF", "THB"):
        smallest = smallest_charge_minor(currency)
        check_charge_amount(smallest, currency.lower())
        with pytest.raises(ApiError) as told:
            check_charge_amount(smallest - charge_step_minor(currency), currency.lower())
        assert "must be at least" in str(told.value)
