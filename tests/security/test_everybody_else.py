"""Every address is walked as a guest, another buyer, another artisan and staff without permissions.

Nobody sees or changes an order, cart, address or checkout of somebody else, and an id that exists is answered exactly
as one that doesn't.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from catalog.models import Product
from common.clock import now as clock_now
from common.ids import new_public_id
from common.money import Money
from identity.models import Address, User
from orders.contracts.order import Buyer
from orders.contracts.refund import GoodwillWish, Items
from orders.models import Cart, Fulfilment, Order, Recall
from orders.services import send_refund, settle_order
from payments.models import Payment, ProcessorCustomer, ProcessorRequest, Refund, SavedMethod, Setup
from payouts.models import ConnectedAccount, Payout, PayoutRun, SellerApplication
from tests.orders.recalls import asked_back
from tests.orders.refunds import ask
from tests.orders.shop import ADDRESS, check_out, confirm, fill_cart, new_artisan, new_guest, new_product, new_user
from tests.orders.wire import Wire
from tests.payouts.sellers import applied, connected
from tests.security.urls import filled, parameters, routes
from tests.security.watch import changed, contents

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]

ROUTES = sorted(set(routes()))
# Served to everybody by design, and tested where they belong.
NOT_WALKED = {"admin/logout/", "accounts/logout/"}


@dataclass
class Victim:
    """Somebody with an open order, a paid one, a cart, an address, and everything that hangs on them."""

    user: User
    open_order: Order
    paid_order: Order
    guest_order: Order
    cart: Cart
    address: Address
    method: SavedMethod
    setup: Setup
    recall: Recall
    application: SellerApplication
    account: ConnectedAccount
    payout: Payout

    @property
    def secrets(self) -> set[str]:
        payments = Payment.objects.values_list("public_id", "processor_payment_id")
        return {
            self.user.email,
            "9 Hidden Court",
            "Lady Lovelace",
            self.cart.public_id,
            self.address.public_id,
            self.method.public_id,
            self.method.processor_method_id,
            str(self.method.customer.processor_customer_id),
            self.setup.public_id,
            self.recall.public_id,
            self.recall.refund_reference,
            self.recall.reason,
            self.payout.public_id,
            self.application.public_id,
            self.application.story,
            self.account.processor_account_id,
            self.account.bank_last4,
            *(order.public_id for order in (self.open_order, self.paid_order, self.guest_order)),
            *(text for row in payments for text in row if text),
        }


@pytest.fixture
def victim(stripe: Wire) -> Victim:
    user = new_user(full_name="Lady Lovelace")
    buyer = Buyer(user_id=user.pk, guest_scope="")
    artisan = new_artisan()
    hidden = {**ADDRESS, "name": "Lady Lovelace", "line1": "9 Hidden Court"}
    paid = check_out([(new_product(artisan), 1)], buyer=buyer, email=user.email)
    stripe.pay(confirm(paid).found.client_secret)  # type: ignore[union-attr]
    settle_order(order_id=paid.id, source="browser", now=clock_now())
    unpaid = check_out([(new_product(artisan), 1)], buyer=buyer, email=user.email)
    confirm(unpaid)
    fill_cart(buyer, [(new_product(artisan), 2)])
    address = Address.objects.create(user=user, **hidden)
    guest_order = check_out([(new_product(artisan), 1)], buyer=new_guest(), email=user.email)
    method, setup = _kept(user)
    recall = _asked_back(paid)
    application = applied(user, story="Nobody else is to read my story.")
    account = connected(paid.seller_orders.get().artisan, "acct_of_the_victim", bank_last4="7731")
    cart = Cart.objects.get(user=user)
    return Victim(
        user, unpaid, paid, guest_order, cart, address, method, setup, recall, application, account, _paid_out()
    )


def _paid_out() -> Payout:
    """To an artisan who is nobody of those who walk."""
    now = clock_now()
    run = PayoutRun.objects.create(
        public_id=new_public_id("run"), kind="on_demand", for_date=now.date(), started_by="staff:1", created_at=now,
        updated_at=now,
    )  # fmt: skip
    return Payout.objects.create(
        public_id=new_public_id("pyt"), run=run, artisan=new_artisan(), amount_minor=1, currency="EUR",
        processor="stripe", destination_account_id="acct_1", created_at=now, updated_at=now,
    )  # fmt: skip


def _asked_back(order: Order) -> Recall:
    """A euro was refunded by mistake, and the buyer is asked for it."""
    refund = ask(order, Items(goodwill=[GoodwillWish(Money(100, order.currency))]))
    send_refund(refund_id=refund.id, source="test", now=clock_now())
    return asked_back(refund, reason="Nobody else is to read this.")


def _kept(user: User) -> tuple[SavedMethod, Setup]:
    now = clock_now()
    customer = ProcessorCustomer.objects.create(
        public_id=new_public_id("cus"), user=user, processor="stripe", processor_customer_id="cus_of_the_victim",
        created_at=now,
    )  # fmt: skip
    method = SavedMethod.objects.create(
        public_id=new_public_id("pmt"), customer=customer, processor="stripe", processor_method_id="pm_of_the_victim",
        kind="card", is_default=True, consented_at=now, consent_text="Yes.", created_at=now, updated_at=now,
    )  # fmt: skip
    setup = Setup.objects.create(
        public_id=new_public_id("set"), customer=customer, kind="card", processor_setup_id="seti_of_the_victim",
        consent_text="Yes.", created_at=now, updated_at=now,
    )  # fmt: skip
    return method, setup


def _guest(_: Victim) -> Client:
    return Client()


def _guest_with_a_cart(_: Victim) -> Client:
    client = Client()
    body = {"product_id": new_product().public_id, "quantity": 1}
    client.post("/api/v1/cart/items", body, content_type="application/json")
    return client


def _other_buyer(_: Victim) -> Client:
    client = Client()
    client.force_login(new_user())
    return client


def _other_artisan(_: Victim) -> Client:
    client = Client()
    client.force_login(new_artisan().owner)
    return client


def _artisan_of_the_order(victim: Victim) -> Client:
    client = Client()
    part = victim.paid_order.seller_orders.select_related("artisan__owner").get()
    client.force_login(part.artisan.owner)
    return client


def _staff_without_permissions(_: Victim) -> Client:
    client = Client()
    client.force_login(new_user(is_staff=True))
    return client


STRANGERS: list[Callable[[Victim], Client]] = [
    _guest, _guest_with_a_cart, _other_buyer, _other_artisan, _artisan_of_the_order, _staff_without_permissions,
]  # fmt: skip


def _values(route: str, victim: Victim) -> list[tuple[dict[str, object], dict[str, object]]]:
    """(values that exist, the same with an id that doesn't) for every thing of the victim's that fits the route."""
    if route.startswith("account/addresses/"):
        return [({"public_id": victim.address.public_id}, {"public_id": new_public_id("adr")})]
    if route.startswith("selling/goods/") and "public_id" in parameters(route):
        product = victim.open_order.seller_orders.get().lines.get().product
        return [({"public_id": product.public_id}, {"public_id": new_public_id("prd")})]
    if route.startswith("selling/orders/") and "public_id" in parameters(route):
        parts = victim.paid_order.seller_orders.all()
        return [({"public_id": part.public_id}, {"public_id": new_public_id("sor")}) for part in parts]
    if route.startswith("requests/"):
        return [({"public_id": victim.recall.public_id}, {"public_id": new_public_id("rcl")})]
    if route.endswith("/ask-back/<str:public_id>/"):
        row = victim.paid_order.pk
        # The long one first: the short number may stand in it.
        there: dict[str, object] = {"public_id": victim.recall.refund_reference, "object_id": row}
        return [(there, {"public_id": new_public_id("ref"), "object_id": row})]
    if "payment-methods/" in route and "public_id" in parameters(route):
        thing, prefix = (victim.setup, "set") if "setups" in route else (victim.method, "pmt")
        return [({"public_id": thing.public_id}, {"public_id": new_public_id(prefix)})]
    if "part_id" in parameters(route):
        part = victim.paid_order.seller_orders.order_by("id").first()
        of_order: dict[str, object] = {"public_id": victim.paid_order.public_id, "part_id": part and part.public_id}
        return [(of_order, {**of_order, "part_id": new_public_id("sor")})]
    if "money/payouts/" in route or "seller/payouts/" in route:
        return [({"public_id": victim.payout.public_id}, {"public_id": new_public_id("pyt")})]
    if "public_id" in parameters(route):
        theirs = (victim.open_order, victim.paid_order, victim.guest_order)
        return [({"public_id": order.public_id}, {"public_id": new_public_id("ord")}) for order in theirs]
    model = re.match(r"admin/(\w+)/(\w+)/", route)
    row = 1
    if model and model[1] in apps.app_configs and model[2] in apps.all_models[model[1]]:
        manager = apps.get_model(model[1], model[2])._default_manager
        row = getattr(manager.order_by("pk").first(), "pk", 1)
    product = victim.open_order.seller_orders.get().lines.get().product
    slug = product.artisan.slug if route.startswith("artisans/") else product.slug
    known: dict[str, object] = {
        "object_id": row, "event_id": row, "id": row, "account_id": row,
        "product_id": product.public_id, "app_label": "orders",
        "slug": "things" if route.startswith("shop/") else slug, "url": "nothing", "path": "nothing.jpg",
        "month": "2026-11", "kind": "csv",
        "key": "Mg:x:y", "uidb36": "1", "content_type_id": ContentType.objects.get_for_model(Order).pk,
    }  # fmt: skip
    if "object_id" in parameters(route) and route.startswith("admin/r/"):
        known["object_id"] = victim.paid_order.pk
    return [(known, {**known, "object_id": 99999999, "event_id": 99999999, "id": 99999999})]


def _visits(client: Client, path: str, victim: Victim) -> list[tuple[str, Any]]:
    json_body = json.dumps({"quote_hash": victim.open_order.quote_hash, "quantity": 1})
    key = {"Idempotency-Key": new_public_id("key")}
    visits = [("GET", client.get(path))]
    if path.startswith("/api/"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            headers = {**key, "Idempotency-Key": f"{method}-{key['Idempotency-Key']}"}
            visits.append(
                (method, client.generic(method, path, json_body, content_type="application/json", headers=headers))
            )
    else:
        form = {
            "post": "yes",
            "name": "Mallory",
            "line1": "Taken over",
            "city": "X",
            "country": "IE",
            "postal_code": "1",
        }
        visits.append(("POST", client.post(path, form)))
    return visits


def _without(text: str, *words: object) -> str:
    for word in words:
        text = text.replace(str(word), "")
    return text


def _comparable(answer: Any, values: dict[str, object]) -> tuple[int, str, str]:
    """Status, place of redirect, and body without what differs from visit to visit."""
    body = answer.content.decode(errors="replace") if not answer.streaming else ""
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|"trace_id": ?"[^"]+"', "", body)
    return (
        answer.status_code,
        _without(answer.headers.get("Location", ""), *values.values()),
        _without(body, *values.values()),
    )


def _tells(text: str, secret: str) -> bool:
    """As a word of its own: four digits stand in many a trace id by chance."""
    return secret in text and re.search(rf"(?<![0-9A-Za-z]){re.escape(secret)}(?![0-9A-Za-z])", text) is not None


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda stranger: stranger.__name__.strip("_"))
def test_nobody_sees_or_changes_what_is_somebody_else_s(victim: Victim, stranger: Callable[[Victim], Client]) -> None:
    client = stranger(victim)
    visitor = client.session.get("_auth_user_id") if client.cookies else None
    secrets = victim.secrets - {User.objects.get(pk=visitor).email if visitor else ""}
    before = _theirs(victim)
    offences = []
    for route in ROUTES:
        if route in NOT_WALKED or (stranger is _artisan_of_the_order and route.startswith("selling/")):
            continue  # their own part, and an order that is paid has to be sent somewhere
        for there, nowhere in _values(route, victim):
            path, empty_path = filled(route, there), filled(route, nowhere)
            compared = _visits(client, empty_path, victim) if "public_id" in parameters(route) else []
            for number, (method, answer) in enumerate(_visits(client, path, victim)):
                text = str(answer.headers) + ("" if answer.streaming else answer.content.decode(errors="replace"))
                told = {secret for secret in secrets if _tells(_without(text, path, *there.values()), secret)}
                if told:
                    offences.append(f"{method} {path}: {answer.status_code} tells {told}")
                if answer.status_code >= 500:
                    offences.append(f"{method} {path}: {answer.status_code}")
                if compared:
                    other = compared[number][1]
                    if _comparable(answer, there) != _comparable(other, nowhere):
                        offences.append(f"{method} {path}: {answer.status_code}, but {other.status_code} for none")
    assert offences == []
    assert _theirs(victim) == before, "something of the victim's changed"


def _theirs(victim: Victim) -> dict[str, Any]:
    return {
        "recalls": list(Recall.objects.values("public_id", "status", "updated_at")),
        "orders": list(Order.objects.order_by("id").values("public_id", "status", "email", "buyer_id", "updated_at")),
        "payments": list(Payment.objects.order_by("id").values("public_id", "status", "updated_at")),
        "cart": list(victim.cart.items.order_by("id").values("product_id", "quantity")),
        "address": Address.objects.filter(pk=victim.address.pk).values().get(),
        "methods": list(SavedMethod.objects.order_by("id").values("status", "is_default", "updated_at")),
        "setups": list(Setup.objects.order_by("id").values("status", "updated_at")),
        "parts": list(Fulfilment.objects.order_by("id").values("status", "updated_at")),
        "refunds": list(Refund.objects.values_list("public_id", flat=True)),
        # An artisan without an account may have one made, their own.
        "requests": list(
            ProcessorRequest.objects.exclude(kind="create_account").order_by("id").values("kind", "subject", "state")
        ),
        "application": SellerApplication.objects.filter(pk=victim.application.pk).values().get(),
        "account": ConnectedAccount.objects.filter(pk=victim.account.pk).values().get(),
        "goods": list(
            Product.objects.filter(artisan=victim.account.artisan)
            .order_by("id")
            .values("title", "price_minor", "stock_on_hand", "is_published", "updated_at")
        ),
        "user": User.objects.filter(pk=victim.user.pk).values("email", "full_name", "password", "is_staff").get(),
    }


def test_their_owner_does_see_them(victim: Victim) -> None:
    """The other half of the proof: the same addresses do answer to the one they belong to."""
    client = Client()
    client.force_login(victim.user)
    for order in (victim.open_order, victim.paid_order):
        assert client.get(f"/api/v1/checkouts/{order.public_id}").json()["email"] == victim.user.email
        assert client.get(f"/orders/{order.public_id}/").status_code == 200
    assert client.get(f"/api/v1/checkouts/{victim.guest_order.public_id}").status_code == 404
    assert "9 Hidden Court" in client.get("/api/v1/config").content.decode()
    assert client.get(f"/account/addresses/{victim.address.public_id}/").status_code == 200
    assert victim.application.story in client.get("/sell/apply/").content.decode()
    assert victim.recall.reason in client.get(f"/requests/{victim.recall.public_id}/").content.decode()
    assert {order["id"] for order in client.get("/api/v1/orders").json()["orders"]} == {
        victim.open_order.public_id,
        victim.paid_order.public_id,
    }


@pytest.mark.parametrize("path", ["/api/v1/orders", "/orders/", "/api/v1/cart", "/cart/", "/api/v1/config"])
def test_lists_are_empty_for_strangers_and_make_no_session(victim: Victim, path: str) -> None:
    client = Client()
    before = contents()
    answer = client.get(path)
    assert answer.status_code == 200
    assert not {secret for secret in victim.secrets if secret in answer.content.decode()}
    assert changed(before, contents()) == set()
    assert "sessionid" not in answer.cookies


def test_every_route_can_be_filled_in(victim: Victim) -> None:
    """A new kind of parameter fails here and has to be taught to the walk."""
    assert len(ROUTES) > 40
    for route in ROUTES:
        for there, nowhere in _values(route, victim):
            assert filled(route, there)
            assert filled(route, nowhere)
