"""Amounts: https://docs.stripe.com/currencies (minor units, three-decimal rule, smallest and largest charges)."""

from decimal import ROUND_HALF_UP, Decimal

from sandbox.stripe.errors import ApiError

_SUPPORTED = (
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf "
    "clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils "
    "inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk "
    "mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp "
    "sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw"
)
SUPPORTED = frozenset(_SUPPORTED.split())
ZERO_DECIMAL = frozenset(("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
                          "xof", "xpf"))  # fmt: skip
THREE_DECIMAL = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))

# Stripe's table of smallest charges, in minor units. Other currencies must be worth about 0.50 USD: here, a flat sum.
_SMALLEST = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
_SMALLEST_OF_OTHERS = {0: 50, 2: 50, 3: 160}
_LARGEST = 99_999_999  # eight digits

# The simulator's price list: Stripe's European price for a card of the European Economic Area, 1.5 % and a fixed
# part. There is one rate for all cards and no conversion: every currency has its own balance.
RATE = Decimal("0.015")
_FIXED_FEE = {"eur": 25, "usd": 30, "gbp": 20, "jpy": 40, "kwd": 80, "chf": 30, "cad": 30, "aud": 30, "sek": 180,
              "dkk": 180, "nok": 200, "pln": 100, "czk": 650}  # fmt: skip
_FIXED_FEE_OF_OTHERS = {0: 40, 2: 25, 3: 80}


def exponent(currency: str) -> int:
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def fee_minor(amount_minor: int, currency: str) -> int:
    """The processing fee on a charge, half a minor unit rounded up, never more than the charge itself."""
    share = (amount_minor * RATE).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return min(amount_minor, int(share) + _FIXED_FEE.get(currency, _FIXED_FEE_OF_OTHERS[exponent(currency)]))


def shown(amount_minor: int, currency: str) -> str:
    """An amount as Stripe writes it in messages."""
    places = exponent(currency)
    figure = f"{Decimal(abs(amount_minor)).scaleb(-places):,.{places}f}"
    symbol = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}.get(currency)
    return ("-" if amount_minor < 0 else "") + (f"{symbol}{figure}" if symbol else f"{figure} {currency.upper()}")


def check_currency(currency: str) -> str:
    """The code in lower case. Raises ApiError."""
    code = currency.lower()
    if code not in SUPPORTED:
        raise ApiError(
            400,
            f"Invalid currency: {currency}. Stripe currently supports these currencies: {', '.join(sorted(SUPPORTED))}",
            param="currency",
        )
    return code


def check_charge_amount(amount_minor: int, currency: str, *, param: str = "amount") -> None:
    """Raises ApiError for an amount that cannot be charged, at once or when it is captured."""
    check_positive(amount_minor, param=param)
    smallest = _SMALLEST.get(currency, _SMALLEST_OF_OTHERS[exponent(currency)])
    if amount_minor < smallest:
        raise ApiError(
            400,
            f"Amount must be at least {shown(smallest, currency)} {currency}",
            code="amount_too_small",
            param=param,
        )
    if amount_minor > _LARGEST:
        raise ApiError(
            400,
            f"Amount must be no more than {shown(_LARGEST, currency)} {currency}",
            code="amount_too_large",
            param=param,
        )
    check_last_digit(amount_minor, currency, param=param)


def check_last_digit(amount_minor: int, currency: str, *, param: str) -> None:
    """Three-decimal currencies are charged and refunded in tens of their smallest unit."""
    if currency in THREE_DECIMAL and amount_minor % 10:
        raise ApiError(
            400,
            f"Invalid amount: {currency.upper()} amounts must be rounded to the nearest ten (the last digit is 0).",
            code="parameter_invalid_integer",
            param=param,
        )


def check_positive(amount_minor: int, *, param: str) -> None:
    if amount_minor < 1:
        raise ApiError(
            400,
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param=param,
        )
