"""Money: a whole number of minor units in an ISO 4217 currency. No floats, ever."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

# ISO 4217 exponents that are not 2, of the currencies that card processors settle.
_EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "JPY": 0, "KMF": 0, "KRW": 0, "MGA": 0, "PYG": 0, "RWF": 0, "UGX": 0,
    "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}

_TYPED = re.compile(r"(?P<whole>[0-9]{1,9})([.,](?P<fraction>[0-9]{1,3}))?", re.ASCII)

# Stripe: an amount has at most eight digits in most currencies; ten in JPY-like ones is more than any basket.
MAX_AMOUNT_MINOR = 99_999_999
# Stripe's table of smallest charges: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
# What is not in it must be worth as much in the currency of our bank account; the last four, which are tied to the US
# dollar, are 0.50 USD rounded up to what can be charged.
_SMALLEST_CHARGE = {
    "USD": 50, "AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50,
    "GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50,
    "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000,
    "BHD": 190, "JOD": 360, "KWD": 160, "OMR": 200,
}  # fmt: skip
BPS_PER_WHOLE = 10_000


class InvalidMoney(ValueError):
    """An amount that is no whole number, or a currency that is no three capital letters."""


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were combined."""


def exponent(currency: str) -> int:
    """How many digits the currency's minor unit has: EUR 2, JPY 0, KWD 3."""
    return _EXPONENTS.get(currency, 2)


def charge_step_minor(currency: str) -> int:
    """What a charged amount must be a multiple of. Stripe: three-decimal currencies are charged to two decimals."""
    return 10 if exponent(currency) == 3 else 1


def smallest_charge_minor(currency: str) -> int:
    """The least that is charged at once, in minor units. PayPal takes less, but every order may be paid by card."""
    return _SMALLEST_CHARGE.get(currency, charge_step_minor(currency))


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`amount_minor` (any sign) minor units of `currency`."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount_minor) is not int:
            raise InvalidMoney(f"amount_minor must be an int, not {type(self.amount_minor).__name__}")
        if not (
            len(self.currency) == 3 and self.currency.isascii() and self.currency.isalpha() and self.currency.isupper()
        ):
            raise InvalidMoney(f"{self.currency!r} is not an ISO 4217 code")

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        if type(count) is not int:
            raise InvalidMoney("money is multiplied by whole numbers only; use share_bps for rates")
        return Money(self.amount_minor * count, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount_minor < other.amount_minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount_minor <= other.amount_minor

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.amount_minor).scaleb(-exponent(self.currency))

    def share_bps(self, rate_bps: int) -> "Money":
        """`rate_bps` basis points of this amount, half a minor unit rounded to even."""
        return Money(_divide_half_even(self.amount_minor * rate_bps, BPS_PER_WHOLE), self.currency)

    def format(self) -> str:
        """For people: `€1,234.50`, `¥500`, `KWD 1.250`."""
        sign = "-" if self.amount_minor < 0 else ""
        text = f"{abs(self.major):,.{exponent(self.currency)}f}"
        symbol = _SYMBOLS.get(self.currency)
        return f"{sign}{symbol}{text}" if symbol else f"{sign}{self.currency} {text}"

    def __str__(self) -> str:
        return self.format()


def parse_major(text: str, currency: str) -> Money:
    """What a person has typed: `6.90`, `6,90` or `7`, zero or more, and no more digits than the currency has.

    Raises InvalidMoney. Separators of thousands are refused: one person's 1.000 is another's 1.
    """
    match = _TYPED.fullmatch(text.strip())
    if match is None or len(match["fraction"] or "") > exponent(currency):
        raise InvalidMoney(f"{text[:20]!r} is not an amount in {currency}")
    digits = match["whole"] + (match["fraction"] or "").ljust(exponent(currency), "0")
    return Money(int(digits), currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of amounts that are all in `currency`; zero of it for none."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def allocate(amount: Money, weights: Sequence[int]) -> list[Money]:
    """Splits an amount by whole-number weights with the largest-remainder method; the parts sum to the amount.

    Remainders that are equal go to the earlier part. All weights zero, none, or a negative one raises InvalidMoney.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise InvalidMoney("weights must be whole numbers of which at least one is positive")
    sign = -1 if amount.amount_minor < 0 else 1
    units = abs(amount.amount_minor)
    parts = [units * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(units * weights[i] % whole), i))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    return [Money(sign * part, amount.currency) for part in parts]


def _divide_half_even(numerator: int, denominator: int) -> int:
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    if twice > denominator or (twice == denominator and quotient % 2):
        quotient += 1
    return quotient
