"""A shop to buy in, and the purchases of the checkout benchmark, as use cases and as HTTP requests."""

import datetime as dt
import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from django.db import transaction
from django.test import Client

from catalog.models import Artisan, Category, Product
from common.clock import now
from common.guests import guest_scope
from common.money import Money
from identity.models import User
from orders.contracts.order import Buyer, ShippingAddress
from orders.models import Cart, CartItem
from orders.selectors.cart import CartOwner, get_cart
from orders.services import confirm_checkout, start_checkout
from orders.services.settle import settle
from payments.contracts import ChargeFound, ChargeRequest, PaymentFound
from payments.enums import AttemptOutcome, PaymentStatus

Step = tuple[str, Callable[[], object]]
ADDRESS = {
    "name": "Bench Buyer", "line1": "Marktplatz 1", "line2": "", "city": "Bremen", "region": "",
    "postal_code": "28195", "country": "DE", "phone": "",
}  # fmt: skip
_numbers = itertools.count()


class InstantProcessor:
    """Answers at once: a new payment waits for a card, a looked-up one has succeeded."""

    name = "stripe"

    def __init__(self) -> None:
        self._requests: dict[str, ChargeRequest] = {}

    def create_payment(self, request: ChargeRequest, *, idempotency_key: str) -> PaymentFound:
        processor_payment_id = f"pi_{uuid.uuid4().hex}"
        self._requests[processor_payment_id] = request
        return self._found(processor_payment_id, PaymentStatus.REQUIRES_PAYMENT_METHOD, None)

    def retrieve_payment(self, processor_payment_id: str) -> PaymentFound:
        amount = self._requests[processor_payment_id].amount
        charge = ChargeFound(
            processor_charge_id=processor_payment_id.replace("pi_", "ch_"),
            outcome=AttemptOutcome.SUCCEEDED,
            captured=True,
            amount=amount,
            fee=Money(amount.amount_minor // 50, amount.currency),
            balance_transaction_id=processor_payment_id.replace("pi_", "txn_"),
            created_at=dt.datetime.now(dt.UTC),
            failure=None,
            card_brand="visa",
            card_last4="4242",
        )
        return self._found(processor_payment_id, PaymentStatus.SUCCEEDED, charge)

    def _found(self, processor_payment_id: str, status: PaymentStatus, charge: ChargeFound | None) -> PaymentFound:
        request = self._requests[processor_payment_id]
        return PaymentFound(
            processor="stripe", processor_payment_id=processor_payment_id, status=status, amount=request.amount,
            payment_reference=request.reference, quote_hash=request.quote_hash, client_secret="secret", charge=charge,
            failure=None,
        )  # fmt: skip


@contextmanager
def instant_processor() -> Iterator[None]:
    """Puts the stand-in where the services look processors up."""
    processor = InstantProcessor()
    with (
        patch("payments.services.charge.processor_named", lambda name: processor),
        patch("payments.services.look_up.processor_named", lambda name: processor),
    ):
        yield


@dataclass
class Shop:
    """`ids` name the cart's owner and, once it is created, the order of the purchase under way in `use_cases`."""

    products: list[Product] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    _browser: Client = field(default_factory=Client)

    @classmethod
    def with_goods(cls, *, lines: int, artisans: int) -> "Shop":
        """`lines` products, spread over so many new artisans, never sold out."""
        category, _ = Category.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
        makers = [cls._artisan(next(_numbers)) for _ in range(artisans)]
        return cls([cls._product(makers[index % artisans], category, next(_numbers)) for index in range(lines)])

    @staticmethod
    def _artisan(number: int) -> Artisan:
        owner = User.objects.create(email=f"maker{number}@bench.test")
        return Artisan.objects.create(
            owner=owner, slug=f"maker-{number}", name=f"Maker {number}", shipping_first_item_minor=500,
            shipping_additional_item_minor=100,
        )  # fmt: skip

    @staticmethod
    def _product(maker: Artisan, category: Category, number: int) -> Product:
        return Product.objects.create(
            artisan=maker, category=category, slug=f"piece-{number}", title=f"Piece {number}", price_minor=1_999,
            stock_on_hand=1_000_000,
        )  # fmt: skip

    def fill_cart(self, scope: str) -> None:
        """One piece of everything, for a guest."""
        cart = Cart.objects.create(guest_scope=scope, currency="EUR", created_at=now(), changed_at=now())
        CartItem.objects.bulk_create(
            CartItem(cart=cart, product=product, quantity=1, unit_price_seen_minor=1_999, added_at=now())
            for product in self.products
        )

    def use_cases(self) -> Iterator[Step]:
        """One purchase, as calls of the three use cases. A cart is filled before, untimed."""
        scope = "guest:" + uuid.uuid4().hex
        self.fill_cart(scope)
        buyer, made = Buyer(user_id=None, guest_scope=scope), []
        self.ids = {"scope": scope}

        def create() -> None:
            with transaction.atomic():
                cart = get_cart(owner=CartOwner(guest_scope=scope))
                made.append(
                    start_checkout(
                        buyer=buyer, cart=cart, expected_cart_hash=cart.hash, email="b@bench.test",
                        shipping_address=ShippingAddress(**ADDRESS), now=now(),
                    )
                )  # fmt: skip
            self.ids["order"] = made[0].public_id

        def confirm() -> None:
            confirm_checkout(public_id=made[0].public_id, buyer=buyer, quote_hash=made[0].quote_hash, now=now())

        yield "create", create
        yield "confirm", confirm
        yield "settle", lambda: settle(order=made[0], source="browser", now=now())

    def requests(self) -> Iterator[Step]:
        """One purchase, as HTTP requests of one guest."""
        client = self._browser
        client.cookies.clear()
        session = client.session
        scope = guest_scope(session)
        session.save()
        client.cookies["sessionid"] = str(session.session_key)
        self.fill_cart(scope)
        cart_hash = get_cart(owner=CartOwner(guest_scope=scope)).hash
        answers: list[dict[str, Any]] = []

        def post(path: str, body: dict[str, Any]) -> None:
            answer = client.post(
                f"/api/v1/checkouts{path}", body, content_type="application/json",
                headers={"Idempotency-Key": uuid.uuid4().hex},
            )  # fmt: skip
            if answer.status_code not in (200, 201):
                raise RuntimeError(f"{path or 'create'}: {answer.status_code} {answer.content[:300]!r}")
            answers.append(answer.json())

        yield (
            "create",
            lambda: post("", {"email": "b@bench.test", "cart_hash": cart_hash, "shipping_address": ADDRESS}),
        )
        order = answers[0]["id"]
        yield "confirm", lambda: post(f"/{order}/confirm", {"quote_hash": answers[0]["quote"]["hash"]})
        yield "settle", lambda: post(f"/{order}/settle", {})
