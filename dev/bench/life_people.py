"""Who keeps a shop busy: buyers over HTTP, staff and artisans through the use cases, and a processor's messenger.

Buyers are a closed loop: each starts the next purchase when the last step of the one before was answered, so the rate
is whatever the machine accepts. Half of them close the page after paying, and the webhook alone tells the shop.
"""

import datetime as dt
import itertools
import random
import threading
import time
import uuid
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import requests
from django.db import connection

from common.clock import now as clock_now
from common.errors import DomainError
from common.money import Money
from dev.bench.checkout_shop import ADDRESS
from orders.contracts.refund import AmountOnly, EverythingLeft
from orders.enums import FulfilmentStatus, OrderStatus
from orders.models import Fulfilment, Order
from orders.services import accept_part, request_refund
from payments.enums import ANSWERABLE_STATUSES, RefundReason
from payments.models import Capture, Dispute

VISA, DISPUTED_CARD = "4242424242424242", "4000000000000259"
# (way to pay, made to order, what comes after), in the order in which each buyer goes through them.
MIX = (
    ("card", False, "keep"), ("paypal", False, "keep"), ("card", False, "refund"), ("card", True, "keep"),
    ("card", False, "keep"), ("paypal", False, "refund_some"), ("card", False, "dispute"), ("paypal", True, "keep"),
    ("card", False, "refund_some"), ("paypal", False, "refund"), ("card", True, "refund"), ("paypal", False, "dispute"),
)  # fmt: skip
# How events are brought, in turns of so many seconds: as they come, twice, turned round, both.
MESSENGER: tuple[dict[str, Any], ...] = ({}, {"duplicate": 1}, {"reorder": True}, {"duplicate": 1, "reorder": True})
_TURN_SECONDS = 2.0
_TIMEOUT_SECONDS = 30
_STAFF_PAUSE_SECONDS = 0.2
_SOME = Money(700, "EUR")


class StepRefused(Exception):
    """A request of a buyer was not answered with success; the message says which and how."""


@dataclass(frozen=True)
class Purchase:
    """`done_at` is when the buyer's last step at the processor was answered: from then on it is for the shop to see."""

    order: str
    way: str
    made_to_order: bool
    after: str
    done_at: dt.datetime


@dataclass
class Town:
    """What all share. `ready` and `to_order` are public ids of products, `over` ends the buying."""

    site: str
    processor: str
    ready: list[str]
    to_order: list[str]
    over: threading.Event = field(default_factory=threading.Event)
    bought: list[Purchase] = field(default_factory=list)
    wishes: "deque[Purchase]" = field(default_factory=deque)
    accepted_at: dict[str, dt.datetime] = field(default_factory=dict)
    done: "Counter[str]" = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def tell(self, path: str, body: dict[str, Any]) -> None:
        """To the control API of the processors' stand-in."""
        answer = requests.post(f"{self.processor}/_sandbox{path}", json=body, timeout=_TIMEOUT_SECONDS)
        _check(answer, path)


class Buyer(threading.Thread):
    """Buys one thing after the other, each time as a new guest from an address of their own."""

    def __init__(self, town: Town, number: int) -> None:
        super().__init__(daemon=True, name=f"buyer-{number}")
        self.town, self.turn = town, number * 5
        self.chance = random.Random(number)
        self.card_page = requests.Session()  # of the processor

    def run(self) -> None:
        """Until the town closes. A refused step ends that purchase and is kept for the report."""
        while not self.town.over.is_set():
            way, made_to_order, after = MIX[self.turn % len(MIX)]
            self.turn += 1
            try:
                purchase = self._buy(way, made_to_order, after)
            except (StepRefused, requests.RequestException) as error:
                self.town.refused.append(f"{way}: {error}"[:400])
                continue
            self.town.bought.append(purchase)
            if after != "keep":
                self.town.wishes.append(purchase)

    def _buy(self, way: str, made_to_order: bool, after: str) -> Purchase:
        guest = _Guest(self.town)
        goods = self.town.to_order if made_to_order else self.town.ready
        cart = guest.ask("POST", "/cart/items", {"product_id": self.chance.choice(goods), "quantity": 1})
        checkout = guest.ask(
            "POST", "/checkouts",
            {"email": "b@bench.test", "cart_hash": cart["hash"], "shipping_address": ADDRESS},
        )  # fmt: skip
        path = f"/checkouts/{checkout['id']}"
        channel = "paypal" if way == "paypal" else "elements"
        sent = {"quote_hash": checkout["quote"]["hash"], "channel": channel}
        payment = guest.ask("POST", f"{path}/confirm", sent)["payment"]
        if way == "paypal":
            self._approve(payment["paypal_order_id"])
        else:
            self._pay(payment["client_secret"], DISPUTED_CARD if after == "dispute" else VISA)
        done_at = clock_now()
        if self.chance.random() < 0.5:
            guest.ask("POST", f"{path}/settle", {})
        return Purchase(str(checkout["id"]), way, made_to_order, after, done_at)

    def _pay(self, client_secret: str, card: str) -> None:
        form = {
            "key": "pk_test_sandbox", "client_secret": client_secret, "return_url": f"{self.town.site}/",
            "payment_method_data[type]": "card", "payment_method_data[card][number]": card,
            "payment_method_data[card][exp_month]": "12", "payment_method_data[card][exp_year]": "2034",
            "payment_method_data[card][cvc]": "123",
        }  # fmt: skip
        intent = client_secret.partition("_secret_")[0]
        address = f"{self.town.processor}/v1/payment_intents/{intent}/confirm"
        _check(self.card_page.post(address, data=form, timeout=_TIMEOUT_SECONDS), "card")

    def _approve(self, paypal_order: str) -> None:
        address = f"{self.town.processor}/paypal/checkout/{paypal_order}"
        _check(self.card_page.post(address, json={"action": "approve"}, timeout=_TIMEOUT_SECONDS), "approval")


class _Guest:
    """One browser with its session. Each comes from its own address, so the shop's rate limits stay as they are."""

    def __init__(self, town: Town) -> None:
        self.town, number = town, next(town.numbers)
        self.http = requests.Session()
        self.http.headers["X-Forwarded-For"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.ask("GET", "/config")

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {
            "X-CSRFToken": self.http.cookies.get("csrftoken", ""), "Referer": f"{self.town.site}/checkout/",
            "Idempotency-Key": uuid.uuid4().hex,
        }  # fmt: skip
        address = f"{self.town.site}/api/v1{path}"
        answer = self.http.request(method, address, json=body, headers=headers, timeout=_TIMEOUT_SECONDS)
        _check(answer, path)
        document: dict[str, Any] = answer.json()
        return document


class Staff(threading.Thread):
    """Artisans accept what is made to order; staff refund, and banks and PayPal decide what was disputed."""

    def __init__(self, town: Town) -> None:
        super().__init__(daemon=True, name="staff")
        self.town = town
        self.decided: set[str] = set()
        self.idle = threading.Event()  # nothing was left to do at the last look
        self.going_home = threading.Event()

    def run(self) -> None:
        """Until told to go home; the caller waits for `idle` first."""
        try:
            while not self.going_home.is_set():
                did = self._accept() + self._after_sales() + self._decide()
                if did or self.town.wishes:
                    self.idle.clear()
                else:
                    self.idle.set()
                time.sleep(_STAFF_PAUSE_SECONDS)
        finally:
            connection.close()

    def _accept(self) -> int:
        waiting = Fulfilment.objects.filter(
            status=FulfilmentStatus.TO_ACCEPT, seller_order__order__status=OrderStatus.AUTHORIZED
        ).select_related("seller_order__order")
        found = list(waiting[:50])
        for fulfilment in found:
            part = fulfilment.seller_order
            accept_part(seller_order_id=part.public_id, artisan_id=part.artisan_id, now=clock_now())
            self.town.accepted_at[part.order.public_id] = clock_now()
            self.town.done["accepted"] += 1
        return len(found)

    def _after_sales(self) -> int:
        """Of what was bought and is paid by now; the rest waits for the next round."""
        wishes = [self.town.wishes.popleft() for _ in range(len(self.town.wishes))]
        orders = Order.objects.in_bulk([wish.order for wish in wishes], field_name="public_id")
        count = 0
        for wish in wishes:
            order = orders[wish.order]
            if order.status != OrderStatus.PAID:
                self.town.wishes.append(wish)
                continue
            count += 1
            if wish.after == "dispute":
                if wish.way == "paypal":
                    capture = Capture.objects.get(payment__order_reference=wish.order).processor_charge_id
                    self.town.tell("/paypal/disputes", {"capture_id": capture})
                self.town.done["disputed"] += 1
                continue
            self._refund(order, wish.after)
        return count

    def _refund(self, order: Order, after: str) -> None:
        """Everything at once, or twice an amount."""
        for _ in range(2 if after == "refund_some" else 1):
            try:
                request_refund(
                    order_id=order.id, wish=AmountOnly(_SOME) if after == "refund_some" else EverythingLeft(),
                    reason=RefundReason.RETURNED, note="Sorry.", initiator="staff:1", now=clock_now(),
                )  # fmt: skip
            except DomainError as error:
                self.town.refused.append(f"refund of {order.public_id}: {error.code} {error}")
            else:
                self.town.done["refunds"] += 1

    def _decide(self) -> int:
        found = Dispute.objects.filter(status__in=ANSWERABLE_STATUSES).exclude(
            processor_dispute_id__in=sorted(self.decided)
        )
        disputes = list(found[:50])
        for dispute in disputes:
            won = len(self.decided) % 2 == 0
            self.decided.add(dispute.processor_dispute_id)
            if dispute.processor == "paypal":
                outcome = "RESOLVED_SELLER_FAVOUR" if won else "RESOLVED_BUYER_FAVOUR"
                self.town.tell(f"/paypal/disputes/{dispute.processor_dispute_id}/settle", {"outcome": outcome})
            else:
                self.town.tell(f"/disputes/{dispute.processor_dispute_id}/decide", {"won": won})
            self.town.done["decided"] += 1
        return len(disputes)


class Messenger(threading.Thread):
    """Has the processors bring their events in changing ways."""

    def __init__(self, town: Town) -> None:
        super().__init__(daemon=True, name="messenger")
        self.town = town

    def run(self) -> None:
        for way in itertools.cycle(MESSENGER):
            self.town.tell("/webhooks/mode", {"mode": "deliver", **way})
            if self.town.over.wait(_TURN_SECONDS):
                break
        self.town.tell("/webhooks/mode", {"mode": "deliver"})


def _check(answer: requests.Response, step: str) -> None:
    if not answer.ok:
        raise StepRefused(f"{step}: {answer.status_code} {answer.text[:250]}")
