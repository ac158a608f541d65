"""Finds card data where it must never be. Says where it was found, never what was found.

A number counts as a card number when it has 13 to 19 digits (spaces and hyphens between them allowed), starts as the
schemes' numbers do (2 to 6) and passes the Luhn check (ISO/IEC 7812-1). A leading plus makes it a telephone number.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

_RUN = re.compile(r"(?<![\d+])[2-6](?:[ -]{0,3}\d){12,18}(?!\d)", re.ASCII)
# Hashes and UUIDs hold 13 digits in a row now and then: one cart hash in some hundreds would be taken for a card. They
# are told by their form, which no card number has: hexadecimal with a letter in it, of a hash's or a UUID's length.
_RANDOM = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9-]*[a-f])(?:[0-9a-f]{32,128}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9A-Za-z])",
    re.ASCII | re.IGNORECASE,
)
_NAMES_OF_SECRETS = frozenset({
    "cvc", "cvv", "cvv2", "cvc2", "cid", "cardcvc", "cardcvv", "securitycode", "cardsecuritycode", "verificationvalue",
    "expiry", "exp", "cardexpiry", "cardexpiration", "cardexp", "expmonth", "expyear", "expirymonth", "expiryyear",
    "expirationdate", "cardnumber", "pan", "ccnumber", "cardno", "ccexp", "cccsc", "cccvc",
})  # fmt: skip
_MAX_PATH = 200


def passes_luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1."""
    total = 0
    for index, character in enumerate(reversed(digits)):
        value = int(character)
        if index % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def has_card_number(text: str) -> bool:
    """Whether a card number stands anywhere in the text; full-width digits and hard spaces are read as plain ones."""
    for match in _RUN.finditer(_RANDOM.sub("", unicodedata.normalize("NFKC", text))):
        digits = re.sub(r"[ -]", "", match.group())
        # A longer run may hold a number in front, followed by more digits after a blank.
        for length in range(13, len(digits) + 1):
            if (
                length >= 13
                and passes_luhn(digits[:length])
                and (length == len(digits) or _ends_group(match.group(), length))
            ):
                return True
    return False


def find(value: object, path: str = "") -> Iterator[str]:
    """Yields the name of every field of a JSON-like value that holds card data; names are cut and cleaned.

    However deeply it is nested: nothing is too deep to be looked at.
    """
    waiting = [(value, path)]
    while waiting:
        item, here = waiting.pop()
        if isinstance(item, Mapping):
            inside = []
            for key, inner in item.items():
                name = str(key)
                there = (f"{here}.{_clean(name)}" if here else _clean(name))[:_MAX_PATH]
                if has_card_number(name) or (_is_secret_name(name) and inner not in (None, "", [], {})):
                    yield there
                else:
                    inside.append((inner, there))
            waiting.extend(reversed(inside))
        elif isinstance(item, list | tuple):
            waiting.extend((inner, f"{here}[{index}]"[:_MAX_PATH]) for index, inner in reversed(list(enumerate(item))))
        elif isinstance(item, str | int | float) and not isinstance(item, bool) and has_card_number(str(item)):
            yield here or "body"


def _ends_group(text: str, length: int) -> bool:
    seen = 0
    for index, character in enumerate(text):
        seen += character.isdigit()
        if seen == length:
            return index + 1 < len(text) and not text[index + 1].isdigit()
    return False


def _is_secret_name(name: str) -> bool:
    return re.sub(r"[^a-z0-9]", "", name.lower()) in _NAMES_OF_SECRETS


def _clean(name: str) -> str:
    return "(hidden)" if has_card_number(name) else re.sub(r"[^\w.-]", "?", name)[:60]
