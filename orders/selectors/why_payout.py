"""Why a payout has its amount: each payable in it, traced to the order lines, refunds, disputes, debts and reserves.

A payable is paid with what is left of it, and what is left changes by its history alone. So a payable's lines are its
share as it was sold, line by line, and what its history took or gave until the payout was composed. That they add up
is not assumed: `PayoutStory` refuses to be made otherwise.

The number of queries does not depend on the number of items.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Sum

from catalog.models import Artisan
from common.ids import is_public_id
from common.money import Money
from orders.contracts.seller_money import PayoutNotFound, PayoutStory, StoryItem, StoryKind, StoryLine
from orders.models import OrderLine, RefundAllocation, SellerOrder
from payouts.enums import PayableEdge, PayoutStatus
from payouts.models import Payable, PayableEvent, Payout, PayoutItem, Reserve, ReserveRelease, SellerDebt

_BY_PREFIX = {"ref": StoryKind.REFUND, "dsp": StoryKind.DISPUTE}


def payout_of(*, artisan: Artisan, reference: str) -> Payout:
    """One payout of this artisan. Raises PayoutNotFound, also for another's."""
    payout = None
    if is_public_id(reference, "pyt"):
        payout = Payout.objects.filter(artisan=artisan, public_id=reference).first()
    if payout is None:
        raise PayoutNotFound()
    return payout


def why_payout(payout: Payout) -> PayoutStory:
    """The payout, explained to the minor unit. Raises FiguresDiffer rather than telling what does not add up."""
    items = list(PayoutItem.objects.filter(payout=payout).select_related("payable", "payout").order_by("id"))
    known = _read([item.payable for item in items])
    return PayoutStory(
        payout_reference=payout.public_id,
        amount=payout.amount,
        items=tuple(_item(item, known) for item in items),
    )


@dataclass(slots=True)
class _Known:
    """All that the lines are made from, by what they are looked up with."""

    parts: dict[str, SellerOrder]
    lines: dict[int, list[OrderLine]]
    events: dict[int, list[PayableEvent]]
    debts: dict[str, SellerDebt]
    reserves: dict[str, Reserve]
    releases: dict[str, ReserveRelease]
    buyer_got: dict[tuple[str, str], Money]
    paid_with: dict[int, str] = field(default_factory=dict)
    paid_for: dict[str, str] = field(default_factory=dict)


def _read(payables: Sequence[Payable]) -> _Known:
    ids = [payable.pk for payable in payables]
    events: dict[int, list[PayableEvent]] = defaultdict(list)
    for event in PayableEvent.objects.filter(payable__in=ids).order_by("id"):
        events[event.payable_id].append(event)
    references = {event.reference for found in events.values() for event in found if event.reference}
    origins = {payable.origin_reference for payable in payables if payable.origin_reference}
    debts = {debt.public_id: debt for debt in SellerDebt.objects.filter(public_id__in=references)}
    about = {payable.seller_order_reference for payable in payables}
    about |= {debt.seller_order_reference for debt in debts.values()}
    parts = {part.public_id: part for part in SellerOrder.objects.filter(public_id__in=about).select_related("order")}
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(seller_order__in=parts.values()).order_by("position"):
        lines[line.seller_order_id].append(line)
    releases = ReserveRelease.objects.filter(public_id__in=origins).select_related("reserve__payable")
    known = _Known(
        parts=parts,
        lines=lines,
        events=events,
        debts=debts,
        reserves={reserve.public_id: reserve for reserve in Reserve.objects.filter(public_id__in=references)},
        releases={release.public_id: release for release in releases},
        buyer_got=_buyer_got(references | {debt.reference for debt in debts.values()}, parts),
    )
    _add_earlier_payouts(known)
    return known


def _buyer_got(references: Iterable[str], parts: dict[str, SellerOrder]) -> dict[tuple[str, str], Money]:
    """What each refund gave the buyer for each part."""
    rows = (
        RefundAllocation.objects.filter(refund_reference__in=references, seller_order__in=parts.values())
        .values_list("refund_reference", "seller_order__public_id", "currency")
        .annotate(Sum("amount_minor"))
    )
    return {(refund, part): Money(minor, currency) for refund, part, currency, minor in rows}


def _add_earlier_payouts(known: _Known) -> None:
    """Which payout took the payable that a reserve was kept back of, and which the part that a debt arose from."""
    payables = {release.reserve.payable_id for release in known.releases.values()}
    parts = {debt.seller_order_reference for debt in known.debts.values()}
    paid = PayoutItem.objects.exclude(payout__status=PayoutStatus.REFUSED).order_by("id")
    known.paid_with = dict(paid.filter(payable__in=payables).values_list("payable_id", "payout__public_id"))
    known.paid_for = dict(
        paid.filter(payable__seller_order_reference__in=parts, payable__origin_reference="").values_list(
            "payable__seller_order_reference", "payout__public_id"
        )
    )


def _item(item: PayoutItem, known: _Known) -> StoryItem:
    payable = item.payable
    part = known.parts.get(payable.seller_order_reference)
    changes = (_change(event, payable, known) for event in _until_composed(item, known))
    return StoryItem(
        payable_reference=payable.public_id,
        part_reference=part.public_id if part is not None else "",
        order_reference=payable.order_reference,
        sold_at=_sold_at(payable, part),
        amount=Money(item.amount_minor, payable.currency),
        lines=(*_beginning(payable, part, known), *changes),
    )


def _sold_at(payable: Payable, part: SellerOrder | None) -> dt.datetime:
    return (part.order.paid_at if part is not None else None) or payable.created_at


def _until_composed(item: PayoutItem, known: _Known) -> list[PayableEvent]:
    """What changed the payable before this payout took it; after a refusal it may have changed, and gone, again.

    The events of a payable are written under its lock, so they are numbered in the order of the facts.
    """
    events = known.events[item.payable_id]
    requests = [event for event in events if event.event == PayableEdge.TRANSFER_REQUESTED]
    mine = [event.pk for event in requests if event.reference == item.payout.public_id]
    # Those of before there were payouts name none; each was the last of its payable.
    composed_at = mine[0] if mine else requests[-1].pk if requests else None
    return [event for event in events if event.amount_minor and (composed_at is None or event.pk < composed_at)]


def _beginning(payable: Payable, part: SellerOrder | None, known: _Known) -> list[StoryLine]:
    """The payable as it was accrued."""
    if payable.origin_reference:
        return [_supplement(payable, part, known)]
    if part is None or part.share_minor != payable.amount_minor:
        return [StoryLine(StoryKind.SHARE, payable.amount, reference=payable.public_id, at=payable.created_at)]
    currency = part.currency
    told = [
        StoryLine(
            StoryKind.GOODS,
            Money(line.line_total_minor, currency),
            title=line.title,
            quantity=line.quantity,
            unit_price=Money(line.unit_price_minor, currency),
            part_reference=part.public_id,
        )
        for line in known.lines[part.pk]
    ]
    told += [
        StoryLine(kind, amount, part_reference=part.public_id)
        for kind, amount in (
            (StoryKind.COMMISSION, Money(-part.commission_minor, currency)),
            (StoryKind.SHIPPING, Money(part.shipping_minor, currency)),
        )
        if amount
    ]
    return told


def _supplement(payable: Payable, part: SellerOrder | None, known: _Known) -> StoryLine:
    """What became due after the payable of the sale had left."""
    origin = payable.origin_reference
    release = known.releases.get(origin)
    kind = StoryKind.RESERVE_RELEASED if release is not None else StoryKind.GIVEN_BACK
    if origin.startswith("trr_"):
        kind = StoryKind.BROUGHT_BACK
    return StoryLine(
        kind,
        payable.amount,
        reference=release.reserve.public_id if release is not None else origin,
        at=payable.created_at,
        part_reference=part.public_id if part is not None else "",
        payout_reference=known.paid_with.get(release.reserve.payable_id, "") if release is not None else "",
    )


def _change(event: PayableEvent, payable: Payable, known: _Known) -> StoryLine:
    """One entry of a payable's history that changed what is left of it."""
    amount = Money(event.amount_minor, payable.currency)
    part = payable.seller_order_reference if payable.seller_order_reference in known.parts else ""
    debt = known.debts.get(event.reference)
    if debt is not None:
        return StoryLine(
            StoryKind.DEBT,
            amount,
            reference=debt.reference,
            at=event.occurred_at,
            part_reference=debt.seller_order_reference if debt.seller_order_reference in known.parts else "",
            payout_reference=known.paid_for.get(debt.seller_order_reference, ""),
            buyer_got=known.buyer_got.get((debt.reference, debt.seller_order_reference)),
        )
    reserve = known.reserves.get(event.reference)
    kind = _kind_of(event)
    return StoryLine(
        kind,
        amount,
        reference=event.reference,
        at=event.occurred_at,
        until=reserve.release_at if reserve is not None else None,
        part_reference=part,
        buyer_got=known.buyer_got.get((event.reference, part)) if kind == StoryKind.REFUND else None,
    )


def _kind_of(event: PayableEvent) -> StoryKind:
    if event.event == PayableEdge.RESERVED:
        return StoryKind.RESERVE_WITHHELD
    if event.event == PayableEdge.CREDITED:
        return StoryKind.GIVEN_BACK
    return _BY_PREFIX.get(event.reference.partition("_")[0], StoryKind.OTHER)
