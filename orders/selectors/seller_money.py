"""Where an artisan's money lies, now and day by day; what they sold; what they were paid.

What lies here is read from the books, in look-ups whose cost does not grow with the number of postings; what has left
them is read from the payouts. Every query starts from the artisan.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce

from catalog.models import Artisan
from common.money import Money
from ledger import chart
from ledger import selectors as ledger
from ledger.contracts import AccountSpec
from orders.contracts.seller_money import Balance, DayPoint, PayoutView, RepaymentView, Sale
from orders.models import SellerOrder
from payouts.enums import PayoutStatus, RepaymentStatus
from payouts.models import STILL_OWED, BankPayout, DebtRepayment, Payable, Payout, PayoutItem, SellerDebt, ShareDebit

MOST_DAYS = 366
# What has left the books for the artisan and is at no bank yet.
_ON_ITS_WAY = frozenset({PayoutStatus.REQUESTED, PayoutStatus.TRANSFERRED, PayoutStatus.ON_ITS_WAY})
_DAY = dt.timedelta(days=1)
_TICK = dt.timedelta(microseconds=1)


def balances_of(artisan: Artisan) -> list[Balance]:
    """By currency: the artisan's own first, which is there even without a sale."""
    books: dict[str, dict[str, int]] = defaultdict(dict)
    for code, amount in ledger.balances(owner_reference=artisan.public_id).items():
        books[amount.currency][code] = amount.amount_minor
    paid: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = Payout.objects.filter(artisan=artisan).exclude(status=PayoutStatus.REFUSED)
    still = Sum(F("amount_minor") - Coalesce("transfer__reversed_minor", 0))
    for currency, status, minor in rows.values_list("currency", "status").annotate(together=still).order_by():
        paid[currency][status] += minor
    currencies = sorted({*books, *paid} - {artisan.currency})
    return [
        _balance(artisan, currency, books[currency], paid[currency]) for currency in [artisan.currency, *currencies]
    ]


def _balance(artisan: Artisan, currency: str, books: dict[str, int], paid: dict[str, int]) -> Balance:
    def booked(spec: AccountSpec) -> Money:
        return Money(spec.type.normal_sign * books.get(spec.code, 0), currency)

    places = {name: booked(spec) for name, spec in places_of(artisan, currency).items()}
    stuck = paid.get(PayoutStatus.BANK_FAILED, 0)
    return Balance(
        currency=currency,
        **places,
        on_its_way=Money(sum(paid.get(status, 0) for status in _ON_ITS_WAY) + stuck, currency),
        stuck=Money(stuck, currency),
        paid=Money(paid.get(PayoutStatus.PAID, 0), currency),
    )


def places_of(artisan: Artisan, currency: str) -> dict[str, AccountSpec]:
    """The artisan's accounts in the books, by the name that they have on the dashboard."""
    seller = artisan.public_id
    return {
        "pending": chart.seller_held(seller, currency),
        "available": chart.seller_payable(seller, currency),
        "reserved": chart.seller_reserved(seller, currency),
        "disputed": chart.seller_disputed(seller, currency),
        "owed": chart.seller_receivable(seller, currency),
    }


def days_of(artisan: Artisan, *, currency: str, first: dt.date, last: dt.date, now: dt.datetime) -> list[DayPoint]:
    """One point for each day from `first` to `last`, both included; the caller has bounded them to MOST_DAYS.

    Two statements: one look-up in the books for each account and day, and the sales of these days.
    """
    days = [first + _DAY * number for number in range((last - first).days + 1)]
    times = [min(_midnight(day + _DAY) - _TICK, now) for day in days]
    places = places_of(artisan, currency)
    series = ledger.balances_at_times(codes=[spec.code for spec in places.values()], times=times)
    nothing = [Money.zero(currency)] * len(days)
    booked = {
        name: [amount * spec.type.normal_sign for amount in series.get(spec.code, nothing)]
        for name, spec in places.items()
    }
    sold = _sold_by_day(artisan, currency, days)
    return [
        DayPoint(
            date=day,
            **{name: amounts[number] for name, amounts in booked.items()},
            sold=Money(sold.get(day, 0), currency),
        )
        for number, day in enumerate(days)
    ]


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _sold_by_day(artisan: Artisan, currency: str, days: Sequence[dt.date]) -> dict[dt.date, int]:
    rows = Payable.objects.filter(
        artisan=artisan, currency=currency, origin_reference="",
        created_at__gte=_midnight(days[0]), created_at__lt=_midnight(days[-1] + _DAY),
    )  # fmt: skip
    return dict(rows.values_list("created_at__date").annotate(Sum("amount_minor")).order_by())


def sold_by(artisan: Artisan) -> "QuerySet[Payable]":
    """What the artisan sold and was paid for by buyers, newest first; `sales` makes a page of it readable."""
    return Payable.objects.filter(artisan=artisan, origin_reference="").order_by("-id")


def sales(payables: Iterable[Payable]) -> list[Sale]:
    """A page of `sold_by` with what became of the money. Four queries."""
    rows = list(payables)
    references = [row.seller_order_reference for row in rows]
    parts = {
        part.public_id: part
        for part in SellerOrder.objects.filter(public_id__in=references)
        .select_related("order", "fulfilment")
        .prefetch_related("lines")
    }
    taken = dict(
        ShareDebit.objects.filter(seller_order_reference__in=references)
        .values_list("seller_order_reference")
        .annotate(net=Sum(F("amount_minor") - F("credited_minor")))
    )
    paid_with = dict(
        PayoutItem.objects.filter(payable__in=rows)
        .exclude(payout__status=PayoutStatus.REFUSED)
        .order_by("id")
        .values_list("payable_id", "payout__public_id")
    )
    return [
        _sale(
            row, parts[row.seller_order_reference], taken.get(row.seller_order_reference, 0), paid_with.get(row.pk, "")
        )
        for row in rows
        if row.seller_order_reference in parts
    ]


def _sale(payable: Payable, part: SellerOrder, taken_minor: int, payout: str) -> Sale:
    currency = part.currency
    lines = sorted(part.lines.all(), key=lambda line: line.position)
    return Sale(
        part_reference=part.public_id,
        sold_at=part.order.paid_at or payable.created_at,
        is_recall=part.order.is_recall,
        titles=tuple(line.title for line in lines),
        pieces=sum(line.quantity for line in lines),
        fulfilment=part.fulfilment.status,
        goods=Money(part.goods_minor, currency),
        commission=Money(part.commission_minor, currency),
        shipping=Money(part.shipping_minor, currency),
        share=part.share,
        taken=Money(taken_minor, currency),
        status=payable.status,
        hold_until=payable.hold_until,
        released_at=payable.released_at,
        payout_reference=payout,
    )


def payouts_to(artisan: Artisan) -> "QuerySet[Payout]":
    """Newest first; `views_of` makes a page of it readable."""
    return Payout.objects.filter(artisan=artisan).order_by("-id")


def views_of(payouts: Iterable[Payout]) -> list[PayoutView]:
    """A page of `payouts_to` with the newest attempts at the bank. Three queries."""
    rows = list(payouts)
    items = PayoutItem.objects.filter(payout__in=rows).values_list("payout_id")
    counts = {
        payout_id: (count, brought_back)
        for payout_id, count, brought_back in items.annotate(Count("id"), Sum("brought_back_minor")).order_by()
    }
    newest: dict[int, BankPayout] = {}
    for attempt in BankPayout.objects.filter(payout__in=rows).order_by("attempt"):
        newest[attempt.payout_id] = attempt
    return [_view(row, newest.get(row.pk), counts.get(row.pk, (0, 0))) for row in rows]


def _view(payout: Payout, attempt: BankPayout | None, counted: tuple[int, int]) -> PayoutView:
    items, brought_back_minor = counted
    return PayoutView(
        reference=payout.public_id,
        amount=payout.amount,
        status=PayoutStatus(payout.status),
        brought_back=Money(brought_back_minor, payout.currency),
        items=items,
        created_at=payout.created_at,
        transferred_at=payout.transferred_at,
        paid_at=payout.paid_at,
        arrival_date=attempt.arrival_date if attempt is not None else None,
        failure_code=payout.failure_code,
        attempts=attempt.attempt if attempt is not None else 0,
    )


def repaid_by(artisan: Artisan) -> "QuerySet[DebtRepayment]":
    """What the artisan paid to our bank account, the latest first; also what was recorded by mistake and undone."""
    return DebtRepayment.objects.filter(artisan=artisan).order_by("-received_on", "-id")


def repayments_of(repayments: Iterable[DebtRepayment]) -> list[RepaymentView]:
    """A page of `repaid_by`. No query of its own."""
    return [
        RepaymentView(
            reference=row.public_id, amount=row.amount, received_on=row.received_on,
            bank_reference=row.bank_reference, status=RepaymentStatus(row.status),
        )
        for row in repayments
    ]  # fmt: skip


def owed_by(artisan: Artisan) -> list[Money]:
    """What is still owed at this moment, by currency; nothing for a currency that is paid up. One query."""
    debts = SellerDebt.objects.filter(artisan=artisan)
    sums = debts.values_list("currency").annotate(still=Sum(STILL_OWED)).order_by("currency")
    return [Money(minor, currency) for currency, minor in sums if minor]
