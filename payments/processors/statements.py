"""What the readers of all processors' statement files need: rows by column name, amounts, times."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from common.money import Money, exponent
from payments.contracts import MovementUnreadable

_MOST_CHARACTERS = 255


def rows(lines: Iterable[str], *, needs: Sequence[str]) -> Iterator[dict[str, str]]:
    """The rows of a CSV file with a line of headings. Raises MovementUnreadable when a column of `needs` is missing."""
    reader = csv.DictReader(_without_mark(lines), strict=True)
    missing = [name for name in needs if name not in (reader.fieldnames or ())]
    if missing:
        raise MovementUnreadable(f"the file has no column {', '.join(missing)}")
    try:
        for number, row in enumerate(reader, start=2):
            if None in row or None in row.values():
                raise MovementUnreadable(f"line {number} has another number of columns than the headings")
            yield row
    except csv.Error as error:
        raise MovementUnreadable(f"line {reader.line_num}: {error}") from error


def cells(lines: Iterable[str]) -> Iterator[list[str]]:
    """The rows of a CSV file whose lines are of several kinds. Raises MovementUnreadable."""
    reader = csv.reader(_without_mark(lines), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise MovementUnreadable(f"line {reader.line_num}: {error}") from error


def major(text: str, currency: str) -> Money:
    """An amount in major units: `-12.34`. Raises MovementUnreadable, also for more digits than the currency has."""
    try:
        minor = Decimal(text.strip()).scaleb(exponent(currency))
    except InvalidOperation as error:
        raise MovementUnreadable(f"{text!r} is no amount") from error
    return _whole(minor, text, currency)


def minor(text: str, currency: str) -> Money:
    """An amount in minor units, without sign. Raises MovementUnreadable."""
    if not text.strip().isdecimal():
        raise MovementUnreadable(f"{text!r} is no amount in minor units")
    return Money(int(text), currency)


def moment(text: str, *, form: str) -> dt.datetime:
    """In UTC where the text names no zone. Raises MovementUnreadable."""
    try:
        found = dt.datetime.strptime(text.strip(), form)  # noqa: DTZ007 the zone is put in below
    except ValueError as error:
        raise MovementUnreadable(f"{text!r} is no time like {form}") from error
    return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found


def currency_in(text: str) -> str:
    """ISO 4217 in capitals. Raises MovementUnreadable."""
    code = text.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise MovementUnreadable(f"{text!r} is no currency")
    return code


def text_in(row: Mapping[str, object], name: str) -> str:
    """Short enough to be stored; empty for a column that is not there."""
    value = row.get(name)
    return value.strip().replace("\x00", "")[:_MOST_CHARACTERS] if isinstance(value, str) else ""


def _whole(minor_units: Decimal, text: str, currency: str) -> Money:
    if not minor_units.is_finite() or minor_units != minor_units.to_integral_value():
        raise MovementUnreadable(f"{text!r} is no amount of {currency}")
    return Money(int(minor_units), currency)


def _without_mark(lines: Iterable[str]) -> Iterator[str]:
    """Without the byte order mark with which some programs begin a file."""
    for number, line in enumerate(lines):
        if "\x00" in line:
            raise MovementUnreadable(f"line {number + 1} is not text")
        yield line.removeprefix("\ufeff") if number == 0 else line
