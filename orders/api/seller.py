"""The API of an artisan's own money: each answer starts from who is logged in, each view makes one call."""

from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import Artisan
from common.api import IDEMPOTENCY_KEY_HEADER, ProblemSerializer, idempotent
from common.clock import now
from orders.api.seller_serializers import (
    DaysQuery,
    DaysSerializer,
    PageQuery,
    PayoutAskedSerializer,
    PayoutsSerializer,
    PayoutStorySerializer,
    RepaymentsSerializer,
    SalesSerializer,
    SellerMoneySerializer,
)
from orders.api.seller_words import failure_in_words
from orders.contracts.seller_money import Balance, DayPoint, PayoutView, RepaymentView, Sale, StoryItem, StoryLine
from orders.selectors.seller_money import (
    balances_of,
    days_of,
    owed_by,
    payouts_to,
    repaid_by,
    repayments_of,
    sales,
    sold_by,
    views_of,
)
from orders.selectors.selling import artisan_of
from orders.selectors.why_payout import payout_of, why_payout
from payouts.services import ask_for_payout

PAGE_SIZE = 25
# Of a payout's explanation: enough that all but the largest are one page.
ITEMS_PER_PAGE = 100
FORBIDDEN = {400: ProblemSerializer, 403: ProblemSerializer}
NOT_THEIRS = {**FORBIDDEN, 404: ProblemSerializer}


class IsArtisan(BasePermission):
    """Somebody who sells."""

    message = "This is for artisans."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return artisan_of(request.user) is not None


class SellerView(APIView):
    """What all views of an artisan's money have in common."""

    permission_classes = (IsArtisan,)
    throttle_scope = "seller"

    def artisan(self) -> Artisan:
        """Who asks; the permission has been checked."""
        found = artisan_of(self.request.user)
        if found is None:
            raise AssertionError("IsArtisan let somebody else in")
        return found

    def asked(self, form: Any) -> dict[str, Any]:
        """The parameters of the address. Raises ValidationError."""
        query = form(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)

    def page_of(self, rows: Any, *, size: int = PAGE_SIZE) -> tuple[list[Any], dict[str, int]]:
        """The rows of the page that was asked for, and how many there are; past the last page there are none."""
        number = self.asked(PageQuery)["page"]
        pages = Paginator(rows, size)
        told = {"count": pages.count, "page": number, "pages": pages.num_pages}
        return (list(pages.page(number)) if number <= pages.num_pages else []), told


class SellerMoneyView(SellerView):
    @extend_schema(operation_id="seller_money", responses={200: SellerMoneySerializer, **FORBIDDEN})
    def get(self, request: Request) -> Response:
        artisan = self.artisan()
        return Response({
            "artisan": artisan.public_id,
            "name": artisan.name,
            "currency": artisan.currency,
            "balances": [_balance(balance) for balance in balances_of(artisan)],
        })  # fmt: skip


class SellerDaysView(SellerView):
    @extend_schema(
        operation_id="seller_money_days", parameters=[DaysQuery], responses={200: DaysSerializer, **FORBIDDEN}
    )
    def get(self, request: Request) -> Response:
        asked, artisan = self.asked(DaysQuery), self.artisan()
        currency = asked.get("currency", artisan.currency)
        points = days_of(artisan, currency=currency, first=asked["first"], last=asked["last"], now=now())
        return Response({"currency": currency, "points": [_point(point) for point in points]})


class SellerSalesView(SellerView):
    @extend_schema(operation_id="seller_sales", parameters=[PageQuery], responses={200: SalesSerializer, **FORBIDDEN})
    def get(self, request: Request) -> Response:
        rows, told = self.page_of(sold_by(self.artisan()))
        return Response({**told, "sales": [_sale(sale) for sale in sales(rows)]})


class SellerPayoutsView(SellerView):
    @extend_schema(
        operation_id="seller_payouts", parameters=[PageQuery], responses={200: PayoutsSerializer, **FORBIDDEN}
    )
    def get(self, request: Request) -> Response:
        rows, told = self.page_of(payouts_to(self.artisan()))
        return Response({**told, "payouts": [payout_document(view) for view in views_of(rows)]})

    @extend_schema(
        operation_id="seller_ask_for_payout",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request=None,
        responses={202: PayoutAskedSerializer, **FORBIDDEN, 409: ProblemSerializer, 422: ProblemSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Of what is available now, by an artisan who is paid when they ask."""
        run = ask_for_payout(artisan_id=self.artisan().pk, now=now())
        return Response({"run": run.public_id}, status=202)


class SellerRepaymentsView(SellerView):
    @extend_schema(
        operation_id="seller_repayments", parameters=[PageQuery], responses={200: RepaymentsSerializer, **FORBIDDEN}
    )
    def get(self, request: Request) -> Response:
        artisan = self.artisan()
        rows, told = self.page_of(repaid_by(artisan))
        return Response({
            **told,
            "repayments": [_repayment(view) for view in repayments_of(rows)],
            "owed": [
                {"currency": owed.currency, "amount_minor": owed.amount_minor} for owed in owed_by(artisan)
            ],
        })  # fmt: skip


class SellerPayoutView(SellerView):
    @extend_schema(
        operation_id="seller_payout",
        parameters=[PageQuery],
        responses={200: PayoutStorySerializer, **NOT_THEIRS},
    )
    def get(self, request: Request, public_id: str) -> Response:
        payout = payout_of(artisan=self.artisan(), reference=public_id)
        story = why_payout(payout)
        items, told = self.page_of(story.items, size=ITEMS_PER_PAGE)
        return Response({
            **told,
            "payout": payout_document(views_of([payout])[0]),
            "sums": [{"kind": kind.value, "amount_minor": sum_.amount_minor} for kind, sum_ in story.sums.items()],
            "items": [_item(item) for item in items],
        })  # fmt: skip


def order_url(part_reference: str) -> str | None:
    """The artisan's page of an order part; None for none."""
    return reverse("orders:sold-part", args=[part_reference]) if part_reference else None


def payout_document(view: PayoutView) -> dict[str, Any]:
    """A payout as the API shows it."""
    return {
        "id": view.reference,
        "currency": view.amount.currency,
        "amount_minor": view.amount.amount_minor,
        "brought_back_minor": view.brought_back.amount_minor,
        "status": view.status,
        "items": view.items,
        "created_at": view.created_at,
        "transferred_at": view.transferred_at,
        "paid_at": view.paid_at,
        "arrival_date": view.arrival_date,
        "failure_code": view.failure_code,
        "failure_text": failure_in_words(view.status, view.failure_code),
        "attempts": view.attempts,
    }


def _repayment(view: RepaymentView) -> dict[str, Any]:
    return {
        "id": view.reference,
        "currency": view.amount.currency,
        "amount_minor": view.amount.amount_minor,
        "received_on": view.received_on,
        "bank_reference": view.bank_reference,
        "status": view.status,
    }


def _balance(balance: Balance) -> dict[str, Any]:
    places = ("pending", "available", "reserved", "disputed", "on_its_way", "stuck", "paid", "owed")
    return {
        "currency": balance.currency,
        **{f"{place}_minor": getattr(balance, place).amount_minor for place in places},
    }


def _point(point: DayPoint) -> dict[str, Any]:
    places = ("pending", "available", "reserved", "disputed", "owed", "sold")
    return {"date": point.date, **{f"{place}_minor": getattr(point, place).amount_minor for place in places}}


def _sale(sale: Sale) -> dict[str, Any]:
    amounts = ("goods", "commission", "shipping", "share", "taken")
    return {
        "id": sale.part_reference,
        "url": order_url(sale.part_reference),
        "sold_at": sale.sold_at,
        "is_repayment": sale.is_recall,
        "titles": list(sale.titles),
        "pieces": sale.pieces,
        "fulfilment": sale.fulfilment,
        "currency": sale.share.currency,
        **{f"{name}_minor": getattr(sale, name).amount_minor for name in amounts},
        "status": sale.status,
        "hold_until": sale.hold_until,
        "released_at": sale.released_at,
        "payout": sale.payout_reference or None,
    }


def _item(item: StoryItem) -> dict[str, Any]:
    return {
        "id": item.payable_reference,
        "order_part": item.part_reference or None,
        "order_url": order_url(item.part_reference),
        "sold_at": item.sold_at,
        "amount_minor": item.amount.amount_minor,
        "lines": [_line(line) for line in item.lines],
    }


def _line(line: StoryLine) -> dict[str, Any]:
    return {
        "kind": line.kind.value,
        "amount_minor": line.amount.amount_minor,
        "title": line.title,
        "quantity": line.quantity,
        "unit_price_minor": None if line.unit_price is None else line.unit_price.amount_minor,
        "reference": line.reference,
        "at": line.at,
        "until": line.until,
        "order_url": order_url(line.part_reference),
        "payout": line.payout_reference or None,
        "buyer_got_minor": None if line.buyer_got is None else line.buyer_got.amount_minor,
    }
