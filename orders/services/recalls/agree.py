"""The buyer agrees to pay a refund back: only this makes something that can be charged."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from common import audit, context
from common.ids import new_public_id
from common.writes import RowId, Writes
from orders.contracts.order import Buyer, PaymentRunning
from orders.contracts.recall import ConsentMissing, RecallOver
from orders.enums import OrderStatus, RecallStatus, RefundPart
from orders.models import Order, OrderLine, Recall, RecallAllocation, RecallConsent, SellerOrder
from orders.selectors.recalls import get_recall, open_orders_of
from orders.services.quotes import hash_of
from orders.services.recalls.move import lock_recall, remember
from orders.services.start import withdraw
from orders.services.transition import first_event, lock_order
from payments.enums import CaptureMethod


def consent_words(recall: Recall) -> str:
    """What the buyer agrees to; it is stored with each consent."""
    return (
        f"I agree to pay {recall.amount} to Artisan's Hub, because I was refunded this amount by mistake "
        f"(refund {recall.refund_reference}). I know that I am free to decline, and that nothing is charged unless I "
        "pay on the next page."
    )


def agree_to_recall(*, public_id: str, buyer: Buyer, words: str, now: dt.datetime, access_key: str = "") -> Order:
    """Records the consent to these words and makes the order that is paid on the checkout page.

    The order is the buyer's own where they are logged in, else it belongs to this browser alone, so that a link opens
    nobody's saved ways to pay. Agreeing again gives the same order while it can be paid; in another browser, or later,
    a new one, and the old one is canceled. Raises RecallNotFound, ConsentMissing, RecallOver and PaymentRunning.
    """
    recall = get_recall(public_id=public_id, buyer=buyer, access_key=access_key)
    if words != consent_words(recall):
        raise ConsentMissing()
    with transaction.atomic():
        sale = lock_order(order_id=recall.sale_id)
        orders = open_orders_of(recall)
        recall = lock_recall(recall_id=recall.id)
        if recall.status != RecallStatus.ASKED or recall.expires_at <= now:
            raise RecallOver()
        owner = sale.buyer_id if buyer.user_id is not None and buyer.user_id == sale.buyer_id else None
        scope = buyer.guest_scope
        for order in orders:
            is_same = (order.buyer_id, order.guest_scope) == (owner, scope)
            if is_same and (order.status == OrderStatus.PROCESSING or order.expires_at > now):
                return order
            if order.status == OrderStatus.PROCESSING:
                raise PaymentRunning()
            withdraw(order, now=now)
        order = _order(sale, recall, owner, scope, now)
        RecallConsent.objects.create(
            recall=recall, order=order, user_id=buyer.user_id, text=words, ip=context.current().ip or None,
            agreed_at=now,
        )  # fmt: skip
        remember(recall, "agreed", recall.status, source="api", now=now)
        audit.record(
            event_type="recall.agreed", outcome="succeeded", subject=recall.public_id, amount=recall.amount,
            command=order.public_id,
        )  # fmt: skip
    return order


def _order(sale: Order, recall: Recall, owner: int | None, scope: str, now: dt.datetime) -> Order:
    """Its parts give each artisan exactly the share that is asked back; what is nobody's share is ours."""
    rows = list(
        RecallAllocation.objects.filter(recall=recall)
        .select_related("refund_allocation__line__product", "refund_allocation__seller_order__artisan")
        .order_by("refund_allocation_id")
    )
    document = _document(recall, rows)
    order = Order(
        public_id=new_public_id("ord"),
        buyer_id=owner,
        guest_scope=scope,
        email=sale.email,
        currency=recall.currency,
        total_minor=recall.amount_minor,
        platform_minor=sum(row.platform_minor for row in rows),
        recall=recall,
        cart_reference=recall.public_id,
        cart_hash="",
        quote=document,
        quote_hash=hash_of(document),
        shipping_address=sale.shipping_address,
        capture_method=CaptureMethod.AUTOMATIC,
        expires_at=now + settings.QUOTE_TTL,
        created_at=now,
        updated_at=now,
    )
    parts, lines = _parts(order, rows)
    order.goods_minor = sum(part.goods_minor for part in parts)
    order.shipping_minor = sum(part.shipping_minor for part in parts)
    writes = Writes()
    writes.insert("order", order)
    if parts:
        writes.insert_many("parts", parts, key="public_id", order=RowId("order"))
    if lines:
        writes.insert_many("lines", lines, seller_order=RowId("parts"))
    writes.insert("event", first_event(order, source="api", now=now), order=RowId("order"))
    order.id = writes.execute()["order"][0]
    return order


def _parts(order: Order, rows: Sequence[RecallAllocation]) -> tuple[list[SellerOrder], list[OrderLine]]:
    parts: dict[int, SellerOrder] = {}
    lines: list[OrderLine] = []
    for row in rows:
        sold = row.refund_allocation.seller_order
        amount_minor = row.commission_minor + row.share_minor
        if sold is None or not amount_minor:
            continue
        part = parts.setdefault(
            sold.id,
            SellerOrder(
                public_id=new_public_id("sor"), order=order, artisan_id=sold.artisan_id, currency=order.currency,
                goods_minor=0, shipping_minor=0, commission_minor=0, share_minor=0,
            ),
        )  # fmt: skip
        part.commission_minor += row.commission_minor
        part.share_minor += row.share_minor
        if row.refund_allocation.part == RefundPart.SHIPPING and not row.commission_minor:
            part.shipping_minor += amount_minor
            continue
        part.goods_minor += amount_minor
        position = 1 + sum(line.seller_order is part for line in lines)
        lines.append(_line(row, sold, part, position))
    return list(parts.values()), lines


def _line(row: RecallAllocation, sold: SellerOrder, part: SellerOrder, position: int) -> OrderLine:
    """One piece of it at its price; goodwill of an artisan stands under the first piece of their part."""
    was = row.refund_allocation
    line = was.line or OrderLine.objects.filter(seller_order=sold).order_by("position")[0]
    amount_minor = row.commission_minor + row.share_minor
    return OrderLine(
        seller_order=part,
        product_id=line.product_id,
        position=position,
        title=_title(row),
        quantity=1,
        currency=row.currency,
        unit_price_minor=amount_minor,
        line_total_minor=amount_minor,
        commission_bps=line.commission_bps if was.line is not None else 0,
        commission_minor=row.commission_minor,
        is_made_to_order=False,
    )


def _title(row: RecallAllocation) -> str:
    was = row.refund_allocation
    return was.line.title if was.line is not None else str(was.get_part_display()).capitalize()


def _document(recall: Recall, rows: Sequence[RecallAllocation]) -> dict[str, Any]:
    """What the buyer is shown: what was refunded, as far as it is asked back. Who gets how much of it is not in it."""
    groups: dict[str, dict[str, Any]] = {}
    for row in rows:
        was = row.refund_allocation
        artisan = was.seller_order.artisan if was.seller_order is not None else None
        group = groups.setdefault(
            artisan.public_id if artisan is not None else "",
            {
                "artisan": {
                    "id": artisan.public_id if artisan is not None else "",
                    "name": artisan.name if artisan is not None else "Artisan's Hub",
                    "slug": artisan.slug if artisan is not None else "",
                },
                "goods_minor": 0,
                "shipping_minor": 0,
                "lines": [],
            },
        )
        group["goods_minor"] += row.amount_minor
        product = was.line.product if was.line is not None else None
        group["lines"].append({
            "product_id": product.public_id if product is not None else "",
            "title": _title(row),
            "url": product.get_absolute_url() if product is not None else "",
            "image_url": "",
            "quantity": 1,
            "unit_price_minor": row.amount_minor,
            "line_total_minor": row.amount_minor,
            "is_made_to_order": False,
            "lead_time_days": 0,
        })  # fmt: skip
    return {
        "currency": recall.currency,
        "recall": recall.public_id,
        "refund": recall.refund_reference,
        "goods_minor": recall.amount_minor,
        "shipping_minor": 0,
        "total_minor": recall.amount_minor,
        "groups": list(groups.values()),
    }
