"""The demo's division of a purchase, from two trial balances; it must notice money that went nowhere."""

from typing import Any

import pytest

from dev.books import AccountBalance
from dev.purchase import Purchase
from dev.receipt import Shares, money, trial_balance


def purchase() -> Purchase:
    def group(artisan: str, name: str, goods: int) -> dict[str, Any]:
        return {"artisan": {"id": artisan, "name": name}, "lines": [], "goods_minor": goods, "shipping_minor": 0}

    groups = [group("art_a", "Anna", 8000), group("art_b", "Ben", 2000)]
    return Purchase({"id": "ord_1", "quote": {"currency": "EUR", "total_minor": 10000, "groups": groups}})


def account(code: str, balance_minor: int, currency: str = "EUR") -> AccountBalance:
    owner = code.split(":")[1] if ":" in code else ""
    return AccountBalance(f"{code}:{currency}", owner, currency, balance_minor)


BEFORE = [account("commission", -500), account("seller_held:art_a", -100), account("commission", -70, "USD")]
AFTER = [
    account("stripe_clearing", 9700),
    account("processor_fees", 300),
    account("commission", -1500),
    account("commission", -9999, "USD"),
    account("seller_held:art_a", -7300),
    account("seller_held:art_b", -1800),
]


def test_shares_are_what_the_accounts_moved_by() -> None:
    shares = Shares(purchase(), BEFORE, AFTER)
    assert shares.earned == [("Anna", 7200), ("Ben", 1800)]
    assert (shares.commission, shares.processor_fee) == (1000, 300)
    assert shares.problems == []


def test_money_released_to_the_artisan_meanwhile_still_counts() -> None:
    after = [*AFTER[:4], account("seller_held:art_a", 0), account("seller_payable:art_a", -7300), AFTER[5]]
    assert Shares(purchase(), BEFORE, after).earned[0] == ("Anna", 7200)


@pytest.mark.parametrize(
    ("gone", "said"),
    [(5, "The shares add up to 82.00 EUR, not to 100.00 EUR."), (1, "The processor's fee has not been booked.")],
)
def test_what_is_missing_is_said(gone: int, said: str) -> None:
    after = [account for index, account in enumerate(AFTER) if index != gone]
    assert said in Shares(purchase(), BEFORE, after).problems


def test_trial_balance_names_artisans_and_adds_up() -> None:
    text = trial_balance([account for account in AFTER if account.currency == "EUR"], {"art_a": "Anna"})
    rows = [line.split() for line in text.splitlines()]
    assert ["seller_held", "of", "Anna", "73.00"] in rows
    assert ["seller_held", "of", "art_b", "18.00"] in rows
    assert ["Total", "EUR", "100.00", "106.00"] in rows


def test_money_has_its_currency_s_decimals() -> None:
    assert [money(1234567, code) for code in ("EUR", "JPY", "KWD")] == [
        "12,345.67 EUR",
        "1,234,567 JPY",
        "1,234.567 KWD",
    ]
