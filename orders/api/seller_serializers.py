"""What the artisan's dashboard asks and gets. Amounts are integers in minor units of the `currency` beside them."""

import datetime as dt
from typing import Any

from rest_framework import serializers

from common.clock import now
from common.money import MAX_AMOUNT_MINOR
from orders.api.cart import StrictWholeNumberField
from orders.contracts.seller_money import StoryKind
from orders.contracts.statement import Category
from orders.enums import FulfilmentStatus
from orders.selectors.seller_money import MOST_DAYS
from payouts.enums import NotPaid, PayableStatus, PayoutSchedule, PayoutStatus, RepaymentStatus

Base = serializers.Serializer[Any]
STORY_KINDS = [kind.value for kind in StoryKind]
_USUAL_DAYS = 90
MOST_PAGES = 10_000


class PageQuery(Base):
    page = serializers.IntegerField(min_value=1, max_value=MOST_PAGES, default=1)


class CurrencyQuery(Base):
    currency = serializers.RegexField(
        r"^[A-Z]{3}$", required=False, help_text="ISO 4217; the artisan's own unless given"
    )


class DaysQuery(CurrencyQuery):
    first = serializers.DateField(required=False, help_text=f"Unless given {_USUAL_DAYS - 1} days before `last`")
    last = serializers.DateField(required=False, help_text="Included; today (UTC) unless given")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        today = now().date()
        last = attrs.get("last", today)
        first = attrs.get("first", last - dt.timedelta(days=_USUAL_DAYS - 1))
        if last > today:
            raise serializers.ValidationError({"last": "This day is yet to come."})
        if first > last:
            raise serializers.ValidationError({"first": "The first day is after the last one."})
        if (last - first).days >= MOST_DAYS:
            raise serializers.ValidationError({"first": f"At most {MOST_DAYS} days can be shown."})
        return {**attrs, "first": first, "last": last}


class BalanceSerializer(Base):
    currency = serializers.CharField()
    pending_minor = serializers.IntegerField(help_text="Sold, and held until the hold is over")
    available_minor = serializers.IntegerField(help_text="Released, to be paid with the next payout")
    reserved_minor = serializers.IntegerField(help_text="Kept back for a time")
    disputed_minor = serializers.IntegerField(help_text="Kept back until a dispute is decided")
    on_its_way_minor = serializers.IntegerField(help_text="Being transferred, or on its way to the bank")
    stuck_minor = serializers.IntegerField(help_text="Of that: sent back by the bank")
    paid_minor = serializers.IntegerField(help_text="Arrived at the bank, ever")
    owed_minor = serializers.IntegerField(help_text="Owed by the artisan; kept from what becomes due")


class SellerMoneySerializer(Base):
    artisan = serializers.CharField()
    name = serializers.CharField()
    currency = serializers.CharField(help_text="The artisan's own")
    balances = BalanceSerializer(many=True)


class DayPointSerializer(Base):
    date = serializers.DateField()
    pending_minor = serializers.IntegerField()
    available_minor = serializers.IntegerField()
    reserved_minor = serializers.IntegerField()
    disputed_minor = serializers.IntegerField()
    owed_minor = serializers.IntegerField()
    sold_minor = serializers.IntegerField(help_text="The artisan's shares of what was sold on that day")


class DaysSerializer(Base):
    currency = serializers.CharField()
    points = DayPointSerializer(many=True)


class SaleSerializer(Base):
    id = serializers.CharField(help_text="The artisan's part of the order")
    url = serializers.CharField()
    sold_at = serializers.DateTimeField()
    is_repayment = serializers.BooleanField(help_text="A refund that the buyer has paid back")
    titles = serializers.ListField(child=serializers.CharField())
    pieces = serializers.IntegerField()
    fulfilment = serializers.ChoiceField(choices=FulfilmentStatus.values)
    currency = serializers.CharField()
    goods_minor = serializers.IntegerField()
    commission_minor = serializers.IntegerField()
    shipping_minor = serializers.IntegerField()
    share_minor = serializers.IntegerField(help_text="goods - commission + shipping")
    taken_minor = serializers.IntegerField(help_text="Taken of the share for refunds and disputes")
    status = serializers.ChoiceField(choices=PayableStatus.values)
    hold_until = serializers.DateTimeField(allow_null=True, help_text="null until it is shipped")
    released_at = serializers.DateTimeField(allow_null=True)
    payout = serializers.CharField(allow_null=True)


class _PagedSerializer(Base):
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()


class SalesSerializer(_PagedSerializer):
    sales = SaleSerializer(many=True)


class PayoutSerializer(Base):
    id = serializers.CharField()
    currency = serializers.CharField()
    amount_minor = serializers.IntegerField()
    brought_back_minor = serializers.IntegerField(help_text="Of it: taken back later for what the artisan owed")
    status = serializers.ChoiceField(choices=PayoutStatus.values)
    items = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    transferred_at = serializers.DateTimeField(allow_null=True)
    paid_at = serializers.DateTimeField(allow_null=True)
    arrival_date = serializers.DateField(allow_null=True, help_text="When the bank is expected to have it")
    failure_code = serializers.CharField(allow_blank=True)
    failure_text = serializers.CharField(allow_blank=True, help_text="Why it did not arrive, and what to do")
    attempts = serializers.IntegerField(help_text="How often it was sent to the bank")


class PayoutsSerializer(_PagedSerializer):
    payouts = PayoutSerializer(many=True)


class RepaymentSerializer(Base):
    id = serializers.CharField()
    currency = serializers.CharField()
    amount_minor = serializers.IntegerField()
    received_on = serializers.DateField(help_text="When our bank booked it")
    bank_reference = serializers.CharField(help_text="The line of our bank's statement")
    status = serializers.ChoiceField(choices=RepaymentStatus.values)


class OwedSerializer(Base):
    currency = serializers.CharField()
    amount_minor = serializers.IntegerField()


class RepaymentsSerializer(_PagedSerializer):
    """What the artisan paid to our bank account; `owed` is what is still owed now, whatever the page."""

    repayments = RepaymentSerializer(many=True)
    owed = OwedSerializer(many=True)


class StoryLineSerializer(Base):
    kind = serializers.ChoiceField(choices=STORY_KINDS)
    amount_minor = serializers.IntegerField(help_text="Below zero for what was taken")
    title = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField(allow_null=True)
    unit_price_minor = serializers.IntegerField(allow_null=True)
    reference = serializers.CharField(allow_blank=True, help_text="The refund, dispute or reserve")
    at = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True, help_text="When a reserve ends")
    order_url = serializers.CharField(allow_null=True)
    payout = serializers.CharField(allow_null=True, help_text="The earlier payout that it goes back to")
    buyer_got_minor = serializers.IntegerField(allow_null=True, help_text="What the refund gave the buyer")


class StoryItemSerializer(Base):
    id = serializers.CharField()
    order_part = serializers.CharField(allow_null=True)
    order_url = serializers.CharField(allow_null=True)
    sold_at = serializers.DateTimeField()
    amount_minor = serializers.IntegerField(help_text="Its lines together")
    lines = StoryLineSerializer(many=True)


class StorySumSerializer(Base):
    kind = serializers.ChoiceField(choices=STORY_KINDS)
    amount_minor = serializers.IntegerField()


class PayoutStorySerializer(_PagedSerializer):
    """`sums` are over all items and add up to the payout; `items` is a page of them, `count` how many there are."""

    payout = PayoutSerializer()
    sums = StorySumSerializer(many=True)
    items = StoryItemSerializer(many=True)


class WhyNotSerializer(Base):
    reason = serializers.ChoiceField(choices=NotPaid.values)
    text = serializers.CharField(help_text="Words for the artisan")


class ScheduleSerializer(Base):
    schedule = serializers.ChoiceField(choices=PayoutSchedule.values)
    weekday = serializers.IntegerField(help_text="Of weekly payouts: 0 is Monday")
    month_day = serializers.IntegerField(help_text="Of monthly ones; the last day where the month is shorter")
    minimum_minor = serializers.IntegerField(help_text="Less than this is carried over")
    currency = serializers.CharField()
    text = serializers.CharField(help_text="`every Monday`")


class ChooseScheduleSerializer(Base):
    schedule = serializers.ChoiceField(choices=PayoutSchedule.values)
    weekday = StrictWholeNumberField(min_value=0, max_value=6, default=0)
    month_day = StrictWholeNumberField(min_value=1, max_value=31, default=1)
    minimum_minor = StrictWholeNumberField(
        min_value=0, max_value=MAX_AMOUNT_MINOR, default=0, help_text="Minor units of the artisan's own currency"
    )


class ExpectedItemSerializer(Base):
    order_part = serializers.CharField()
    order_url = serializers.CharField()
    amount_minor = serializers.IntegerField()
    is_available = serializers.BooleanField(help_text="Now; else once its hold is over")
    hold_until = serializers.DateTimeField(allow_null=True)


class ExpectedSerializer(Base):
    """`amount` = available + coming + reserves_ending - reserve - debts"""

    currency = serializers.CharField()
    available_minor = serializers.IntegerField()
    coming_minor = serializers.IntegerField(help_text="Held now, and available by then")
    reserves_ending_minor = serializers.IntegerField()
    reserve_minor = serializers.IntegerField(help_text="What will be kept back of what becomes available")
    debts_minor = serializers.IntegerField(help_text="What will be kept for what the artisan owes")
    amount_minor = serializers.IntegerField()
    items = ExpectedItemSerializer(many=True)
    item_count = serializers.IntegerField()


class NextPayoutSerializer(Base):
    schedule = ScheduleSerializer()
    date = serializers.DateField(allow_null=True, help_text="null where it is made when it is asked for")
    can_be_asked_for = serializers.BooleanField()
    why_not = WhyNotSerializer(many=True, help_text="What stands in the way now, the weightiest first")
    expected = ExpectedSerializer(many=True)


class PayoutAskedSerializer(Base):
    run = serializers.CharField(help_text="Its payouts stand among the payouts once it is under way")


class StatementFileSerializer(Base):
    month = serializers.CharField(help_text="2026-11")
    currency = serializers.CharField()
    is_complete = serializers.BooleanField(help_text="false for the month that is running")
    pdf_url = serializers.CharField()
    csv_url = serializers.CharField()


class StatementListSerializer(Base):
    statements = StatementFileSerializer(many=True)


CATEGORY_WORDS = {
    Category.SALES: "Sales",
    Category.COMMISSION: "Commission",
    Category.SHIPPING: "Shipping",
    Category.REFUNDS: "Refunds",
    Category.DISPUTES: "Disputes",
    Category.RESERVES: "Reserves",
    Category.PAYOUTS: "Payouts",
    Category.BROUGHT_BACK: "Brought back",
    Category.OTHER: "Other",
}
