"""An artisan's monthly statements, read from the books.

Opening and closing balance are the books' balances as of the month's ends; the movements are the postings between. The
two are read independently of each other, so a statement that adds up (`Statement` refuses to be made otherwise) says
what the books say. A month begins and ends at midnight UTC.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Min

from catalog.models import Artisan
from common.money import Money
from ledger import selectors as ledger
from ledger.contracts import StatementLine
from ledger.enums import EntryKind
from orders.contracts.seller_money import FiguresDiffer
from orders.contracts.statement import Category, NoStatement, Places, Statement, StatementEntry
from orders.enums import FulfilmentStatus
from orders.models import RefundAllocation, SellerOrder
from orders.selectors.seller_money import places_of
from payments.models import Dispute, Payment
from payouts.models import Payable, Transfer, TransferReversal

_TICK = dt.timedelta(microseconds=1)
_PAGE = 500
# An entry that was being posted while the first figure was read is there for all of them the next time.
_ATTEMPTS = 3
_MOVING = ("pending", "available", "owed")

_KINDS: dict[str, tuple[Category, str]] = {
    EntryKind.SALE: (Category.SALES, "Sale"),
    EntryKind.REFUND_REQUESTED: (Category.REFUNDS, "Your share of a refund"),
    EntryKind.REFUND_WITHDRAWN: (Category.REFUNDS, "A refund was not made: your share of it is yours again"),
    EntryKind.DISPUTE_OPENED: (Category.DISPUTES, "Kept back: the buyer's bank disputes the payment"),
    EntryKind.DISPUTE_HELD: (Category.DISPUTES, "Kept back: the payment is disputed"),
    EntryKind.DISPUTE_RELEASED: (Category.DISPUTES, "No longer kept back for a dispute"),
    EntryKind.DISPUTE_WON: (Category.DISPUTES, "Dispute won: yours again"),
    EntryKind.DISPUTE_LOST: (Category.DISPUTES, "Dispute lost: what you don't bear of it is yours again"),
    EntryKind.DISPUTE_REGAINED: (Category.DISPUTES, "A lost dispute was decided again: yours again"),
    EntryKind.RESERVE_WITHHELD: (Category.RESERVES, "Kept back as a reserve"),
    EntryKind.RESERVE_RELEASED: (Category.RESERVES, "Reserve given back"),
    EntryKind.TRANSFER_REQUESTED: (Category.PAYOUTS, "Payout"),
    EntryKind.TRANSFER_FAILED: (Category.PAYOUTS, "Payout refused: nothing was moved, it is yours again"),
    EntryKind.TRANSFER_REVERSED: (Category.BROUGHT_BACK, "Brought back from your account for what you owed"),
    EntryKind.TRANSFER_RETURNED: (Category.BROUGHT_BACK, "Brought back from your account: yours, pending again"),
    "debt_repaid": (Category.OTHER, "You paid it to our bank account: what you owed is less"),
    "debt_repayment_undone": (Category.OTHER, "A payment to our bank account was recorded by mistake: owed again"),
    "debt_written_off": (Category.OTHER, "What you owed was written off"),
    "debt_reopened": (Category.OTHER, "What was written off is owed again"),
}


def months_of(artisan: Artisan, *, now: dt.datetime) -> list[tuple[str, str]]:
    """(month, currency) of each statement that there is, newest first: from the first sale on."""
    first = Payable.objects.filter(artisan=artisan).values_list("currency").annotate(Min("created_at")).order_by()
    found = [(f"{month:%Y-%m}", currency) for currency, since in first for month in _months(since.date(), now.date())]
    return sorted(found, key=lambda row: (row[0], row[1] == artisan.currency, row[1]), reverse=True)


def statement_of(artisan: Artisan, *, month: str, currency: str, now: dt.datetime) -> Statement:
    """The statement of `month` (2026-11) in one currency; of this month: until now. Raises NoStatement."""
    if (month, currency) not in months_of(artisan, now=now):
        raise NoStatement()
    start = dt.datetime.strptime(month, "%Y-%m").replace(tzinfo=dt.UTC)
    whole = _next_month(start)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return statement_between(artisan, currency, start, min(whole, now), is_complete=whole <= now)
        except FiguresDiffer:
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def statement_between(
    artisan: Artisan, currency: str, start: dt.datetime, end: dt.datetime, *, is_complete: bool
) -> Statement:
    """Of any time: `start` is included, `end` is not. Raises FiguresDiffer."""
    accounts = places_of(artisan, currency)
    codes = [spec.code for spec in accounts.values()]
    series = ledger.balances_at_times(codes=codes, times=[start - _TICK, end - _TICK])
    nothing = [Money.zero(currency)] * 2
    opening, closing = (
        Places(**{
            name: series.get(spec.code, nothing)[which] * spec.type.normal_sign for name, spec in accounts.items()
        })
        for which in (0, 1)
    )  # fmt: skip
    moves = _moves([accounts[name].code for name in _MOVING], accounts["reserved"].code, start, end)
    return Statement(
        artisan_name=artisan.name,
        artisan_reference=artisan.public_id,
        currency=currency,
        start=start,
        end=end,
        is_complete=is_complete,
        opening=opening,
        entries=tuple(_entries(artisan, currency, moves)),
        closing=closing,
    )


@dataclass(slots=True)
class _Move:
    """One entry of the books, with what it did to the balance and to the reserve: credit above zero."""

    line: StatementLine
    minor: int = 0
    reserved_minor: int = 0

    @property
    def subject(self) -> str:
        """What the entry is named by: `ref_...` of `refund_requested:ref_...`."""
        return self.line.source_reference.split(":")[1] if ":" in self.line.source_reference else ""


def _moves(codes: Iterable[str], reserved: str, start: dt.datetime, end: dt.datetime) -> list[_Move]:
    """The entries that changed the balance or the reserve, in the order of the books.

    What only changed its place within the balance is left out.
    """
    moves: dict[int, _Move] = {}
    for code in codes:
        for line in _postings(code, start, end):
            moves.setdefault(line.entry_id, _Move(line)).minor -= line.amount.amount_minor
    for line in _postings(reserved, start, end):
        moves.setdefault(line.entry_id, _Move(line)).reserved_minor -= line.amount.amount_minor
    changed = (move for move in moves.values() if move.minor or move.reserved_minor)
    return sorted(changed, key=lambda move: (move.line.posted_at, move.line.entry_id))


def _postings(code: str, start: dt.datetime, end: dt.datetime) -> Iterator[StatementLine]:
    page = ledger.statement(code, start=start, end=end, page_size=_PAGE)
    yield from page.lines
    while page.next_cursor:
        page = ledger.statement(code, end=end, cursor=page.next_cursor, page_size=_PAGE)
        yield from page.lines


def _entries(artisan: Artisan, currency: str, moves: list[_Move]) -> Iterator[StatementEntry]:
    sold = _sold(artisan, [move.subject for move in moves if move.line.kind == EntryKind.SALE])
    about = _parts_concerned(artisan, {move.subject for move in moves})
    sent = _payouts_concerned(artisan, {move.subject for move in moves})
    for move in moves:
        if move.line.kind == EntryKind.SALE:
            yield from _sale(move, sold.get(move.subject, []), currency)
            continue
        yield from _other(move, about.get(move.subject, ""), sent.get(move.subject, ""), currency)


def _other(move: _Move, part: str, payout: str, currency: str) -> Iterator[StatementEntry]:
    """What a refund or a dispute took of the reserve is told as taken, and as having been kept back for it."""
    # The books' own words are for staff.
    category, text = _KINDS.get(move.line.kind, (Category.OTHER, "Correction"))
    of_reserve = 0 if category == Category.RESERVES else move.reserved_minor
    for which, minor, words in (
        (category, move.minor + of_reserve, text),
        (Category.RESERVES, -of_reserve, "From your reserve" if of_reserve < 0 else "Back into your reserve"),
    ):
        if minor:
            yield StatementEntry(move.line.posted_at, which, Money(minor, currency), words, move.subject, part, payout)


def _sale(move: _Move, parts: list[SellerOrder], currency: str) -> Iterator[StatementEntry]:
    """Goods, commission and shipping; in one line where the parts are not the ones that the books know.

    The part is what it is about: the payment is the buyer's, and of other artisans too.
    """

    def entry(category: Category, minor: int, text: str, part: str) -> StatementEntry:
        return StatementEntry(move.line.posted_at, category, Money(minor, currency), text, "", part)

    if sum(part.share_minor for part in parts) != move.minor:
        yield entry(Category.SALES, move.minor, "Your share of a sale", "")
        return
    for part in parts:
        for category, minor, text in (
            (Category.SALES, part.goods_minor, _goods(part)),
            (Category.COMMISSION, -part.commission_minor, "Commission"),
            (Category.SHIPPING, part.shipping_minor, "Shipping, paid by the buyer"),
        ):
            if minor:
                yield entry(category, minor, text, part.public_id)


def _goods(part: SellerOrder) -> str:
    lines = sorted(part.lines.all(), key=lambda line: line.position)
    words = "; ".join(f"{line.quantity} × {line.title}" for line in lines)
    return f"Refund paid back by the buyer: {words}" if part.order.is_recall else words


def _sold(artisan: Artisan, payments: list[str]) -> dict[str, list[SellerOrder]]:
    """The artisan's parts that each of these payments paid for."""
    orders = dict(Payment.objects.filter(public_id__in=payments).values_list("order_reference", "public_id"))
    parts = (
        SellerOrder.objects.filter(artisan=artisan, order__public_id__in=orders)
        .exclude(fulfilment__status=FulfilmentStatus.DECLINED)
        .select_related("order")
        .prefetch_related("lines")
        .order_by("id")
    )
    found: dict[str, list[SellerOrder]] = defaultdict(list)
    for part in parts:
        found[orders[part.order.public_id]].append(part)
    return found


def _parts_concerned(artisan: Artisan, subjects: set[str]) -> dict[str, str]:
    """The order part in which a refund, a dispute or a payable can be read up, by what it is named by."""
    found = dict(
        RefundAllocation.objects.filter(refund_reference__in=subjects, seller_order__artisan=artisan).values_list(
            "refund_reference", "seller_order__public_id"
        )
    )
    disputed = Dispute.objects.filter(public_id__in=subjects).values_list(
        "public_id", "capture__payment__order_reference"
    )
    orders = dict(disputed)
    parts = SellerOrder.objects.filter(artisan=artisan, order__public_id__in=orders.values())
    by_order = dict(parts.values_list("order__public_id", "public_id"))
    return found | {dispute: by_order[order] for dispute, order in orders.items() if order in by_order}


def _payouts_concerned(artisan: Artisan, subjects: set[str]) -> dict[str, str]:
    """The payout that a transfer, or one that came back of it, belongs to."""
    sent = Transfer.objects.filter(public_id__in=subjects, payout__artisan=artisan)
    back = TransferReversal.objects.filter(public_id__in=subjects, transfer__payout__artisan=artisan)
    return dict(sent.values_list("public_id", "payout__public_id")) | dict(
        back.values_list("public_id", "transfer__payout__public_id")
    )


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + dt.timedelta(days=31)).replace(day=1)


def _next_month(start: dt.datetime) -> dt.datetime:
    return (start + dt.timedelta(days=31)).replace(day=1)
