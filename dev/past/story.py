"""Lives through the demo's past, day by day, by the public use cases and the sandbox: no row is written by hand.

The artisans send what was bought, it arrives, the holds end, a part is kept back and given back, payouts leave by
their schedule and reach the bank; one comes back from it and is sent again, and one buyer has a piece paid back.
"""

import datetime as dt
from unittest import mock

import requests
from django.conf import settings
from django.db import transaction
from django.db.models import F

from artisans_hub.celery import app as celery_app
from catalog.models import Artisan, Product
from common import context, outbox
from common.clock import now
from common.errors import DomainError
from common.guests import guest_scope
from common.models import OutboxMessage
from common.money import Money
from dev.past.clocks import Clocks, turned_back
from dev.past.people import (
    ARRIVES_AFTER_DAYS,
    BUYERS,
    FIRST_DAY_OF_MONTH,
    HOUR,
    MAIN,
    RESERVE_BPS,
    RESERVE_DAYS,
    SALES,
    SENT_AFTER_DAYS,
    WEEKLY,
    Sale,
)
from dev.purchase import TEST_CARD
from orders.contracts.order import Buyer, ShippingAddress
from orders.contracts.refund import Items, LineWish
from orders.models import Order, OrderLine, SellerOrder
from orders.selectors.cart import CartOwner, get_cart
from orders.services import confirm_checkout, confirm_delivery, request_refund, settle_order, ship_part, start_checkout
from orders.services.cart import add_to_cart
from payments.enums import RefundReason
from payouts import services as payouts
from payouts.contracts import PolicyTerms
from payouts.enums import PayoutSchedule, PayoutStatus
from payouts.models import BankPayout, ConnectedAccount, Payout
from payouts.services import bank

_DAY = dt.timedelta(days=1)
_SOON = dt.timedelta(minutes=1)
# The third of the main artisan's payouts comes back from the bank, and is sent again once there are other details.
_COMES_BACK, _MENDED_AFTER = 3, 2 * _DAY
_REFUNDED_AFTER_DAYS = 6
# Each day at another time.
_OPEN_MINUTES = 480


class PastFailed(Exception):
    """The past did not go as it should; the message says what."""


# What may go wrong with the shop, the sandbox or the story itself.
FAILURES = (PastFailed, DomainError, requests.RequestException)


def live_through(*, sandbox: str, days: int | None = None) -> int:
    """From the month before last until yesterday, or so many days of it; how many orders were made.

    Nothing in a shop that has had any. Raises one of FAILURES; what was lived through until then stays.
    """
    if Order.objects.exists():
        return 0
    today = now()
    start = _beginning(today)
    # As a worker does when it starts; and nothing goes to a broker, whose workers would be at another time.
    celery_app.loader.import_default_modules()
    with mock.patch.object(celery_app, "send_task", lambda *_, **__: None):
        orders = _live(sandbox, start, today, days)
        # What the schedules would have seen to between the last of those days and now.
        payouts.release_due(now=now())
        payouts.release_reserves(now=now())
        bank.look_after_bank_payouts(now=now())
    return orders


def _live(sandbox: str, start: dt.datetime, today: dt.datetime, days: int | None) -> int:
    with turned_back(sandbox=sandbox, to=start) as clocks:
        past = _Past(clocks, sandbox, start)
        past.begin()
        until_yesterday = (today.date() - start.date()).days
        for day in range(until_yesterday if days is None else min(days, until_yesterday)):
            past.live(day)
    return past.orders


def _beginning(today: dt.datetime) -> dt.datetime:
    month = today.replace(day=1, hour=HOUR, minute=0, second=0, microsecond=0)
    for _ in range(2):
        month = (month - _DAY).replace(day=1)
    return month.replace(day=FIRST_DAY_OF_MONTH)


class _Past:
    """The days of the shop, one after the other."""

    def __init__(self, clocks: Clocks, sandbox: str, start: dt.datetime) -> None:
        self._clocks, self._sandbox, self._start = clocks, sandbox, start
        self._http = requests.Session()
        self._http.trust_env = False
        self._main = Artisan.objects.get(slug=MAIN)
        self._sold: dict[int, list[Order]] = {}
        self._to_refund: dict[int, Order] = {}
        self._mended_on: dt.date | None = None
        self.orders = 0

    def begin(self) -> None:
        """The artisans can be paid from the first day on; the main one weekly, with a part kept back for a time."""
        _as("command:past")
        for artisan in Artisan.objects.order_by("id"):
            payouts.connect_demo_artisan(artisan_id=artisan.pk, country="DE", now=now())
        _as("staff:past")
        terms = PolicyTerms(
            hold_days=7, schedule=PayoutSchedule.WEEKLY, weekday=WEEKLY, month_day=1,
            minimum=Money(0, self._main.currency), reserve_bps=RESERVE_BPS, reserve_days=RESERVE_DAYS,
        )  # fmt: skip
        payouts.change_policy(artisan_id=self._main.pk, terms=terms, now=now())

    def live(self, day: int) -> None:
        self._clocks.set(self._start + day * _DAY + dt.timedelta(minutes=day * 97 % _OPEN_MINUTES))
        for sale in SALES:
            if sale.day == day:
                self._sell(sale)
        for order in self._sold.get(day - SENT_AFTER_DAYS, []):
            self._send(order)
        for order in self._sold.get(day - ARRIVES_AFTER_DAYS, []):
            self._arrives(order)
        if day in self._to_refund:
            self._pay_back(self._to_refund.pop(day))
        self._pay_artisans()
        self._work_off()
        # The day is closed in its evening, as by a shop that is never off.
        self._clocks.set(max(now(), now().replace(hour=settings.PAYOUT_CLOSING_HOUR, minute=30)))
        payouts.run_scheduled(now=now())
        self._work_off()

    def _sell(self, sale: Sale) -> None:
        _as("guest")
        name, email, city, country, postal_code = BUYERS[sale.buyer]
        buyer = Buyer(user_id=None, guest_scope=guest_scope({}))
        owner = CartOwner(guest_scope=buyer.guest_scope)
        # What was sold in those weeks has been on the shelf then, beside what is on it today.
        Product.objects.filter(slug__in=sale.goods).update(stock_on_hand=F("stock_on_hand") + 1)
        for product in Product.objects.filter(slug__in=sale.goods).order_by("id"):
            add_to_cart(owner=owner, product_id=product.public_id, quantity=1, now=now())
        cart = get_cart(owner=owner)
        address = ShippingAddress(
            name=name, line1="Market Street 12", line2="", city=city, region="", postal_code=postal_code,
            country=country, phone="",
        )  # fmt: skip
        with transaction.atomic():
            order = start_checkout(
                buyer=buyer, cart=cart, expected_cart_hash=cart.hash, email=email, shipping_address=address, now=now()
            )
        found = confirm_checkout(public_id=order.public_id, buyer=buyer, quote_hash=order.quote_hash, now=now()).found
        if found is None:
            raise PastFailed(f"{order.public_id} got no payment")
        self._pay(found.client_secret)
        order = settle_order(order_id=order.pk, source="browser", now=now()).order
        if order.status != "paid":
            raise PastFailed(f"{order.public_id} is {order.status}, not paid")
        self.orders += 1
        self._sold.setdefault(sale.day, []).append(order)
        if sale.is_refunded:
            self._to_refund[sale.day + _REFUNDED_AFTER_DAYS] = order
        self._work_off()

    def _pay(self, client_secret: str) -> None:
        """What the buyer's browser does with the card's figures: they go to the processor alone."""
        form = {
            "client_secret": client_secret, "key": "pk_test_sandbox", "return_url": "http://127.0.0.1/checkout/return/",
            "payment_method_data[type]": "card",
            **{f"payment_method_data[card][{name}]": value for name, value in TEST_CARD.items()},
        }  # fmt: skip
        intent = client_secret.partition("_secret_")[0]
        answer = self._http.post(f"{self._sandbox}/v1/payment_intents/{intent}/confirm", data=form, timeout=30)
        answer.raise_for_status()
        # The processor's fee is known a moment after the charge.
        self._clocks.settle()

    def _send(self, order: Order) -> None:
        for part in SellerOrder.objects.filter(order=order).select_related("artisan"):
            _as(f"user:{part.artisan.owner_id}")
            ship_part(
                seller_order_id=part.public_id, artisan_id=part.artisan_id, carrier="DHL", tracking_number="",
                now=now(),
            )  # fmt: skip

    def _arrives(self, order: Order) -> None:
        for part in SellerOrder.objects.filter(order=order).select_related("artisan"):
            _as(f"user:{part.artisan.owner_id}")
            confirm_delivery(seller_order_id=part.public_id, artisan_id=part.artisan_id, now=now())

    def _pay_back(self, order: Order) -> None:
        _as("staff:past")
        lines = OrderLine.objects.filter(seller_order__order=order, seller_order__artisan=self._main)
        wish = Items(lines=[LineWish(line.pk, quantity=1) for line in lines])
        request_refund(
            order_id=order.pk, wish=wish, reason=RefundReason.NOT_AS_DESCRIBED, note="A crack in the glaze.",
            initiator="staff:past", now=now(),
        )  # fmt: skip

    def _pay_artisans(self) -> None:
        """What the schedules do each day, and the bank."""
        _as("task:past")
        payouts.release_due(now=now())
        payouts.release_reserves(now=now())
        known = set(Payout.objects.values_list("id", flat=True))
        payouts.run_scheduled(now=now())
        self._work_off()
        made = Payout.objects.exclude(id__in=known)
        mine = Payout.objects.filter(artisan=self._main)
        for payout in made.filter(artisan=self._main) if mine.count() == _COMES_BACK else ():
            self._comes_back(payout)
        bank.look_after_bank_payouts(now=now())
        if now().date() == self._mended_on:
            self._mend_bank_account()

    def _comes_back(self, payout: Payout) -> None:
        attempt = BankPayout.objects.get(payout=payout)
        self._clocks.control("POST", f"/payouts/{attempt.processor_payout_id}/fail", {"failure_code": "account_closed"})
        self._clocks.settle()
        bank.settle_bank_payout(
            processor_payout_id=str(attempt.processor_payout_id),
            processor_account_id=attempt.processor_account_id,
            now=now(),
        )
        payout.refresh_from_db()
        if payout.status != PayoutStatus.BANK_FAILED:
            raise PastFailed(f"{payout.public_id} is {payout.status}, and was to come back from the bank")
        self._news_of_account()
        self._mended_on = (now() + _MENDED_AFTER).date()

    def _mend_bank_account(self) -> None:
        """The artisan gives other bank details at the processor; what had come back is sent again for that."""
        _as("stripe")
        self._clocks.control("POST", f"/accounts/{self._account}/bank", {})
        self._clocks.settle()
        self._news_of_account()

    def _news_of_account(self) -> None:
        payouts.settle_account(processor_account_id=self._account, now=now())
        self._work_off()

    @property
    def _account(self) -> str:
        return ConnectedAccount.objects.get(artisan=self._main).processor_account_id

    def _work_off(self) -> None:
        """What the shop would have its workers do: everything that is in the outbox, and what that leaves in it."""
        while True:
            due = OutboxMessage.objects.filter(status="waiting", available_at__lte=now() + _SOON)
            waiting = list(due.order_by("id").values_list("id", flat=True))
            if not waiting:
                return
            before = OutboxMessage.objects.filter(status="done").count()
            for message in waiting:
                outbox.run_message(message)
            if OutboxMessage.objects.filter(status="done").count() == before:
                raise PastFailed("work that waits is not done: see `last_error` of the outbox messages in admin")


def _as(actor: str) -> None:
    """Whose work it is from now on."""
    context.bind(trace_id=context.new_trace_id(), actor=actor, ip="")
