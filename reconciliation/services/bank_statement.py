"""Statements of our bank: CAMT.053 (ISO 20022), as banks give it, or a CSV file with the columns named here.

CSV: `entry_id, booking_date, value_date, amount, currency, reference, description`; dates YYYY-MM-DD, amounts in major
units with a sign. `entry_id` is the bank's own number of the entry, by which it is kept once.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

from common.money import Money, exponent
from payments.contracts import MovementFound, MovementKind, MovementUnreadable

if TYPE_CHECKING:
    from pyexpat import XMLParserType

_COLUMNS = ("entry_id", "booking_date", "amount", "currency", "reference", "description")
_CHUNK_BYTES = 65_536
_LONGEST = 255
# As ISO 20022 writes an amount. Decimal reads more than that: NaN, 1E999999999, underscores, digits of other scripts.
_AMOUNT = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{0,5})?", re.ASCII)
# An entry that is not booked yet comes again when it is. Before 001.08 the status was a word of its own.
_BOOKED = ("", "BOOK")
# `CreditDebitCode` of ISO 20022. An entry has to have it: amounts in CAMT.053 have no sign.
_SIGN = {"CRDT": 1, "DBIT": -1}


def read_bank_statement(path: Path) -> Iterator[MovementFound]:
    """The entries of a statement, as they are read. Raises MovementUnreadable."""
    try:
        with path.open("rb") as raw:
            is_xml = raw.read(200).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
        if is_xml:
            yield from _camt(path)
        else:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                yield from _csv(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise MovementUnreadable(f"{path} can't be read: {error}") from error


def _csv(lines: Iterable[str]) -> Iterator[MovementFound]:
    reader = csv.DictReader(lines, strict=True)
    try:
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise MovementUnreadable(f"the file has no column {', '.join(missing)}")
        for row in reader:
            if None in row or None in row.values():
                raise MovementUnreadable(f"line {reader.line_num} has another number of columns than the headings")
            yield _entry(
                entry_id=row["entry_id"], day=row["booking_date"], value_day=row.get("value_date") or "",
                amount=row["amount"], currency=row["currency"], sign=1, reference=row["reference"],
                words=row["description"],
            )  # fmt: skip
    except csv.Error as error:
        raise MovementUnreadable(f"line {reader.line_num}: {error}") from error


def _camt(path: Path) -> Iterator[MovementFound]:
    """Entry by entry, so that memory stays flat. A document type is refused: no bank sends one, it may hold bombs."""
    parser = expat.ParserCreate(namespace_separator=" ")
    reader = _CamtReader(parser)
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK_BYTES):
                parser.Parse(chunk, False)
                yield from reader.take()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise MovementUnreadable(f"{path.name} is no CAMT.053 document: {error}") from error
    yield from reader.take()


class _CamtReader:
    """Collects what is inside each `Ntry`; names of elements as in ISO 20022 camt.053.001."""

    def __init__(self, parser: "XMLParserType") -> None:
        self._path: list[str] = []
        self._found: dict[str, str] = {}
        self._done: list[MovementFound] = []
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse

    def take(self) -> list[MovementFound]:
        """The entries that are complete."""
        done, self._done = self._done, []
        return done

    def _refuse(self, *_: object) -> None:
        raise MovementUnreadable("a bank statement has no document type")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._path.append(local)
        if local == "Ntry":
            self._found = {}
        elif self._inside() == ["Amt"]:
            self._found["Ccy"] = attributes.get("Ccy", "")

    def _text(self, text: str) -> None:
        where = "/".join(self._inside())
        if where and len(self._found.get(where, "")) < _LONGEST:
            self._found[where] = self._found.get(where, "") + text

    def _end(self, name: str) -> None:
        if name.rpartition(" ")[2] == "Ntry" and self._is_booked():
            self._done.append(self._entry())
        self._path.pop()

    def _inside(self) -> list[str]:
        """The path below the entry; empty outside of one."""
        return self._path[self._path.index("Ntry") + 1 :] if "Ntry" in self._path else []

    def _is_booked(self) -> bool:
        return (self._found.get("Sts/Cd") or self._found.get("Sts", "")).strip() in _BOOKED

    def _entry(self) -> MovementFound:
        found = {where: text.strip() for where, text in self._found.items()}
        ending = {where.rpartition("/")[2]: text for where, text in found.items() if text}
        entry_id = found.get("AcctSvcrRef") or found.get("NtryRef") or ""
        return _entry(
            entry_id=entry_id,
            day=found.get("BookgDt/Dt") or found.get("BookgDt/DtTm") or "",
            value_day=found.get("ValDt/Dt") or found.get("ValDt/DtTm") or "",
            amount=found.get("Amt", ""),
            currency=found.get("Ccy", ""),
            sign=_sign(found.get("CdtDbtInd", ""), entry_id, f"{found.get('Amt', '')} {found.get('Ccy', '')}"),
            reference=ending.get("EndToEndId", ""),
            words=" ".join(text for text in (ending.get("Nm"), ending.get("Ustrd"), found.get("AddtlNtryInf")) if text),
        )


def _entry(
    *,
    entry_id: str,
    day: str,
    value_day: str,
    amount: str,
    currency: str,
    sign: int,
    reference: str,
    words: str,
) -> MovementFound:
    if "\x00" in entry_id + reference + words:
        raise MovementUnreadable("the file is not text")
    if not entry_id.strip():
        raise MovementUnreadable(f"an entry of {amount} {currency} has no number of the bank's own")
    code = currency.strip().upper()
    if not _AMOUNT.fullmatch(amount.strip()):
        raise MovementUnreadable(f"{amount[:40]!r} {currency!r} is no amount")
    try:
        minor = Decimal(amount.strip()).scaleb(exponent(code))
        moved = Money(int(minor) * sign, code)
    except (InvalidOperation, ValueError) as error:
        raise MovementUnreadable(f"{amount!r} {currency!r} is no amount") from error
    if minor != minor.to_integral_value():
        raise MovementUnreadable(f"{amount!r} is no amount of {code}")
    return MovementFound(
        external_id=entry_id.strip()[:_LONGEST],
        kind=MovementKind.OTHER,
        gross=moved,
        fee=Money.zero(code),
        occurred_at=_day(day),
        available_on=_day(value_day) if value_day.strip() else None,
        subject_id=(reference.strip() or entry_id.strip())[:_LONGEST],
        raw_type="bank",
        description=words.strip()[:_LONGEST],
    )


def _sign(indicator: str, entry_id: str, amount: str) -> int:
    """Whether it came in or went out. Nothing is assumed: a debit taken for a credit is money that is not there."""
    if indicator not in _SIGN:
        said = f"has {indicator[:40]!r} as" if indicator else "has no"
        raise MovementUnreadable(
            f"the entry {entry_id[:80] or 'without a number'} of {amount[:40]} {said} CdtDbtInd, which has to be CRDT"
            " (it came in) or DBIT (it went out)"
        )
    return _SIGN[indicator]


def _day(text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise MovementUnreadable(f"{text!r} is no date") from error
    return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found
