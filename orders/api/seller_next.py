"""The artisan's next payout, and the choice of when they are paid."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import IDEMPOTENCY_KEY_HEADER, ProblemSerializer, idempotent
from common.clock import now
from common.money import Money
from orders.api.seller import FORBIDDEN, SellerView, order_url
from orders.api.seller_serializers import ChooseScheduleSerializer, NextPayoutSerializer
from orders.api.seller_words import schedule_in_words, why_in_words
from orders.contracts.next_payout import Expected, NextPayout
from orders.selectors.next_payout import next_payout
from payouts.enums import PayoutSchedule
from payouts.services import choose_schedule

_REFUSALS = {**FORBIDDEN, 409: ProblemSerializer, 422: ProblemSerializer}


class NextPayoutView(SellerView):
    @extend_schema(operation_id="seller_next_payout", responses={200: NextPayoutSerializer, **FORBIDDEN})
    def get(self, request: Request) -> Response:
        return Response(_document(next_payout(self.artisan(), now=now())))


class PayoutScheduleView(SellerView):
    @extend_schema(
        operation_id="seller_choose_schedule",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request=ChooseScheduleSerializer,
        responses={200: NextPayoutSerializer, **_REFUSALS},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        data = ChooseScheduleSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        artisan, chosen, at = self.artisan(), data.validated_data, now()
        choose_schedule(
            artisan_id=artisan.pk,
            schedule=PayoutSchedule(chosen["schedule"]),
            weekday=chosen["weekday"],
            month_day=chosen["month_day"],
            minimum=Money(chosen["minimum_minor"], artisan.currency),
            now=at,
        )
        return Response(_document(next_payout(artisan, now=at)))


def _document(coming: NextPayout) -> dict[str, Any]:
    terms = coming.terms
    return {
        "schedule": {
            "schedule": terms.schedule.value,
            "weekday": terms.weekday,
            "month_day": terms.month_day,
            "minimum_minor": terms.minimum.amount_minor,
            "currency": terms.minimum.currency,
            "text": schedule_in_words(terms),
        },
        "date": None if coming.date is None else coming.date.isoformat(),
        "can_be_asked_for": coming.can_be_asked_for,
        "why_not": [{"reason": why.reason.value, "text": why_in_words(why)} for why in coming.why_not],
        "expected": [_expected(one) for one in coming.expected],
    }


def _expected(one: Expected) -> dict[str, Any]:
    amounts = ("available", "coming", "reserves_ending", "reserve", "debts", "amount")
    return {
        "currency": one.currency,
        **{f"{name}_minor": getattr(one, name).amount_minor for name in amounts},
        "items": [
            {
                "order_part": item.part_reference,
                "order_url": order_url(item.part_reference),
                "amount_minor": item.amount.amount_minor,
                "is_available": item.is_available,
                "hold_until": item.hold_until.isoformat() if item.hold_until is not None else None,
            }
            for item in one.items
        ],
        "item_count": one.item_count,
    }
