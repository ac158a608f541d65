"""Ways to pay that buyers keep: over the real adapter and the sandbox, in figures and in what must not happen."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import stripe as stripe_sdk
from django.core import mail
from django.test import Client

from common.clock import now as clock_now
from identity.models import User
from orders.contracts.order import Buyer
from orders.models import Order
from orders.services import confirm_checkout, settle_order
from payments.contracts import OutcomeUnknown, UnknownMethod
from payments.enums import MethodKind, MethodStatus
from payments.models import Payment, ProcessorCustomer, ProcessorRequest, SavedMethod, SavedMethodEvent, Setup
from payments.services import saved
from tests.orders.fixtures import RunOutbox, no_broker, no_throttle, run_outbox, stripe
from tests.orders.shop import check_out, new_product, new_user
from tests.orders.wire import Wire

__all__ = ["no_broker", "no_throttle", "run_outbox", "stripe"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]

CONSENT = saved.CONSENT
PAGE = "http://shop.test/account/payment-methods/"


@pytest.fixture
def api(stripe: Wire) -> stripe_sdk.StripeClient:
    """The processor asked behind the shop's back."""
    return stripe_sdk.StripeClient("sk_test_sandbox", base_addresses={"api": stripe.url})


def set_up(api: stripe_sdk.StripeClient, user: User, card: str = "pm_card_visa") -> SavedMethod:
    """A card kept without paying, as the browser would have it confirmed."""
    opened = saved.begin_setup(user_id=user.pk, kind=MethodKind.CARD, page_url=PAGE, now=clock_now())
    api.v1.setup_intents.confirm(str(opened.setup.processor_setup_id), {"payment_method": card})
    method = saved.complete_setup(user_id=user.pk, setup_reference=opened.setup.public_id, now=clock_now())
    assert method is not None
    return method


def confirm(order: Order, **choice: Any) -> Any:
    buyer = Buyer(user_id=order.buyer_id, guest_scope=order.guest_scope)
    return confirm_checkout(
        public_id=order.public_id, buyer=buyer, quote_hash=order.quote_hash, now=clock_now(), **choice
    )


def order_of(user: User) -> Order:
    return check_out([(new_product(price=2000), 1)], buyer=Buyer(user_id=user.pk, guest_scope=""))


def confirm_at_stripe(api: stripe_sdk.StripeClient, payment: Payment) -> None:
    """The browser confirms with what the payment holds already."""
    api.v1.payment_intents.confirm(str(payment.processor_payment_id), {"return_url": "http://shop.test/"})


def expire_card(stripe: Wire, method: SavedMethod, *, month: int, year: int, **more: Any) -> None:
    stripe._control(
        "POST",
        f"/payment_methods/{method.processor_method_id}/card_update",
        {"exp_month": month, "exp_year": year, **more},
    )


def test_a_card_is_kept_with_the_words_that_were_agreed_to(api: stripe_sdk.StripeClient) -> None:
    user = new_user()
    method = set_up(api, user)
    assert (method.brand, method.last4, method.kind, method.status) == ("visa", "4242", "card", "active")
    assert method.label == "Visa ending in 4242"
    assert method.consent_text == saved.CONSENT
    assert method.is_default
    assert [event.event for event in method.events.order_by("id")] == ["kept", "made_default"]
    customer = api.v1.payment_methods.retrieve(method.processor_method_id).customer
    assert customer == ProcessorCustomer.objects.get(user=user).processor_customer_id


def test_completing_twice_keeps_one_card(api: stripe_sdk.StripeClient) -> None:
    user = new_user()
    method = set_up(api, user)
    again = saved.settle_setup(
        processor="stripe",
        processor_setup_id=str(method.customer.setups.get().processor_setup_id),
        now=clock_now(),
    )
    assert again == method
    assert SavedMethod.objects.count() == 1
    assert SavedMethodEvent.objects.filter(event="kept").count() == 1


def test_an_attempt_of_somebody_else_is_not_there(api: stripe_sdk.StripeClient) -> None:
    opened = saved.begin_setup(user_id=new_user().pk, kind=MethodKind.CARD, page_url=PAGE, now=clock_now())
    with pytest.raises(UnknownMethod):
        saved.complete_setup(user_id=new_user().pk, setup_reference=opened.setup.public_id, now=clock_now())


def test_an_unfinished_attempt_keeps_nothing(api: stripe_sdk.StripeClient) -> None:
    user = new_user()
    opened = saved.begin_setup(user_id=user.pk, kind=MethodKind.CARD, page_url=PAGE, now=clock_now())
    assert saved.complete_setup(user_id=user.pk, setup_reference=opened.setup.public_id, now=clock_now()) is None
    assert not SavedMethod.objects.exists()


def test_a_lost_answer_makes_no_second_customer(stripe: Wire, api: stripe_sdk.StripeClient) -> None:
    user = new_user()
    stripe.fault("answer_lost", "^/v1/customers$")
    with pytest.raises(OutcomeUnknown):
        saved.ensure_customer(user_id=user.pk, processor="stripe", now=clock_now())
    later = clock_now() + dt.timedelta(minutes=5)
    assert saved.resolve_saved_requests(now=later) == 1
    [made] = api.v1.customers.list({"email": user.email}).data
    assert ProcessorCustomer.objects.get(user=user).processor_customer_id == made.id
    assert ProcessorRequest.objects.get(kind="create_customer").state == "succeeded"


def test_the_usual_one_is_one_and_passes_on(api: stripe_sdk.StripeClient) -> None:
    user = new_user()
    first, second = set_up(api, user), set_up(api, user, "pm_card_mastercard")
    saved.make_default(user_id=user.pk, public_id=second.public_id, now=clock_now())
    assert [m.public_id for m in SavedMethod.objects.filter(is_default=True)] == [second.public_id]
    saved.remove_method(user_id=user.pk, public_id=second.public_id, now=clock_now())
    assert [m.public_id for m in SavedMethod.objects.filter(is_default=True)] == [first.public_id]


def test_a_removed_card_is_gone_at_the_processor_and_removing_twice_is_once(
    api: stripe_sdk.StripeClient, run_outbox: RunOutbox
) -> None:
    user = new_user()
    method = set_up(api, user)
    for _ in range(2):
        saved.remove_method(user_id=user.pk, public_id=method.public_id, now=clock_now())
    assert run_outbox().count("payments.tasks.detach_method") == 1
    method.refresh_from_db()
    assert (method.status, method.is_default) == ("removed", False)
    assert api.v1.payment_methods.retrieve(method.processor_method_id).customer is None
    assert ProcessorRequest.objects.get(kind="detach_method").state == "succeeded"
    saved.settle_method(
        processor="stripe", processor_method_id=method.processor_method_id, source="webhook", now=clock_now()
    )
    method.refresh_from_db()
    assert method.status == "removed"


def test_a_card_removed_while_its_payment_runs_is_paid_all_the_same(
    stripe: Wire, api: stripe_sdk.StripeClient, run_outbox: RunOutbox
) -> None:
    user = new_user()
    method, order = set_up(api, user), order_of(user)
    payment = confirm(order, method_reference=method.public_id).payment
    confirm_at_stripe(api, payment)
    saved.remove_method(user_id=user.pk, public_id=method.public_id, now=clock_now())
    settle_order(order_id=order.id, source="browser", now=clock_now())
    run_outbox()
    order.refresh_from_db()
    assert (order.status, [c["amount"] for c in stripe.charges(order.public_id)]) == ("paid", [order.total_minor])


def test_a_card_removed_in_the_processors_dashboard_is_gone_here(api: stripe_sdk.StripeClient) -> None:
    user = new_user()
    method = set_up(api, user)
    api.v1.payment_methods.detach(method.processor_method_id)
    for _ in range(2):
        saved.settle_method(
            processor="stripe", processor_method_id=method.processor_method_id, source="webhook", now=clock_now()
        )
    method.refresh_from_db()
    assert (method.status, method.is_default) == ("detached", False)
    assert method.events.filter(event="detached").count() == 1


def test_the_bank_renews_an_expired_card(stripe: Wire, api: stripe_sdk.StripeClient, run_outbox: RunOutbox) -> None:
    user = new_user()
    method = set_up(api, user)
    SavedMethod.objects.filter(id=method.id).update(expiry_month=3, expiry_year=2027)
    on_the_last_day = dt.datetime(2027, 3, 31, 23, 59, tzinfo=dt.UTC)
    assert saved.expire_methods(now=on_the_last_day) == 0
    the_day_after = dt.datetime(2027, 4, 1, 0, 0, tzinfo=dt.UTC)
    assert saved.expire_methods(now=the_day_after) == 1
    assert saved.expire_methods(now=the_day_after) == 0
    method.refresh_from_db()
    assert (method.status, method.is_default) == ("expired", False)
    run_outbox()
    [letter] = mail.outbox
    assert letter.to == [user.email]
    assert letter.subject == "Your Visa ending in 4242 has expired"
    assert "03/2027" in letter.body
    expire_card(stripe, method, month=12, year=2045, last4="4321")
    saved.settle_method(
        processor="stripe", processor_method_id=method.processor_method_id, source="webhook", now=the_day_after
    )
    method.refresh_from_db()
    assert (method.status, method.last4, method.expiry_month, method.expiry_year) == ("active", "4321", 12, 2045)


def test_a_card_that_was_not_the_usual_one_expires_without_a_letter(
    api: stripe_sdk.StripeClient, run_outbox: RunOutbox
) -> None:
    user = new_user()
    set_up(api, user)
    other = set_up(api, user, "pm_card_mastercard")
    SavedMethod.objects.filter(id=other.id).update(expiry_month=1, expiry_year=2020)
    assert saved.expire_methods(now=clock_now()) == 1
    run_outbox()
    assert mail.outbox == []


def test_the_new_card_is_kept_with_the_payment(stripe: Wire, api: stripe_sdk.StripeClient) -> None:
    user = new_user()
    order = order_of(user)
    first = confirm(order)
    second = confirm(order, saves_method=True)
    assert first.payment == second.payment
    stripe.pay(second.found.client_secret)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    settle_order(order_id=order.id, source="webhook", now=clock_now())
    [method] = SavedMethod.objects.filter(customer__user=user)
    assert (method.last4, method.status, method.consent_text) == ("4242", "active", saved.CONSENT)
    assert Payment.objects.get().saved_method == method
    assert api.v1.payment_methods.retrieve(method.processor_method_id).customer


def test_a_buyer_who_takes_the_wish_back_has_nothing_kept(stripe: Wire, api: stripe_sdk.StripeClient) -> None:
    user = new_user()
    order = order_of(user)
    confirm(order, saves_method=True)
    last = confirm(order)
    stripe.pay(last.found.client_secret)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    assert not SavedMethod.objects.exists()
    customer = ProcessorCustomer.objects.get(user=user).processor_customer_id
    assert api.v1.payment_methods.list({"customer": str(customer)}).data == []
    order.refresh_from_db()
    assert order.status == "paid"


def test_paying_with_a_saved_card_needs_no_number(stripe: Wire, api: stripe_sdk.StripeClient) -> None:
    user = new_user()
    method, order = set_up(api, user), order_of(user)
    confirm(order)
    payment = confirm(order, method_reference=method.public_id).payment
    assert payment.saved_method == method
    confirm_at_stripe(api, payment)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    order.refresh_from_db()
    assert order.status == "paid"
    [charge] = stripe.charges(order.public_id)
    assert (charge["amount"], len(stripe.intents(order.public_id))) == (order.total_minor, 1)
    assert SavedMethod.objects.count() == 1


@pytest.mark.parametrize("fault", ["reset", "answer_lost"])
def test_a_choice_that_was_lost_is_made_again(stripe: Wire, api: stripe_sdk.StripeClient, fault: str) -> None:
    user = new_user()
    method, order = set_up(api, user), order_of(user)
    confirm(order)
    stripe.fault(fault, "^/v1/payment_intents/pi_[^/]*$")
    with pytest.raises(OutcomeUnknown):
        confirm(order, method_reference=method.public_id)
    stripe.clear_faults()
    payment = confirm(order, method_reference=method.public_id).payment
    confirm_at_stripe(api, payment)
    settle_order(order_id=order.id, source="browser", now=clock_now())
    order.refresh_from_db()
    assert (order.status, len(stripe.charges(order.public_id))) == ("paid", 1)
    assert ProcessorRequest.objects.filter(kind="choose_method", finished_at__isnull=True).count() == 0


def test_nobody_pays_with_somebody_elses_card(stripe: Wire, api: stripe_sdk.StripeClient) -> None:
    method = set_up(api, new_user())
    order = order_of(new_user())
    with pytest.raises(UnknownMethod):
        confirm(order, method_reference=method.public_id)
    guest = check_out([(new_product(), 1)])
    with pytest.raises(UnknownMethod):
        confirm(guest, method_reference=method.public_id)
    assert not Payment.objects.exists()
    assert stripe.summary()["payment_intents"] == []


@pytest.mark.parametrize("status", [MethodStatus.EXPIRED, MethodStatus.REMOVED, MethodStatus.DETACHED])
def test_a_card_that_can_t_be_used_is_not_charged(api: stripe_sdk.StripeClient, status: MethodStatus) -> None:
    user = new_user()
    method = set_up(api, user)
    SavedMethod.objects.filter(id=method.id).update(status=status, is_default=False)
    with pytest.raises(saved.MethodUnusable):
        confirm(order_of(user), method_reference=method.public_id)


# ---------------------------------------------------------------------- over the API
@pytest.fixture
def browser(stripe: Wire) -> Iterator[tuple[Client, User]]:
    user = new_user()
    client = Client()
    client.force_login(user)
    yield client, user


def _post(client: Client, path: str, body: dict[str, Any], key: str = "a-key-of-my-own") -> Any:
    return client.post(path, body, content_type="application/json", headers={"Idempotency-Key": key})


def test_the_api_shows_our_ids_only(browser: tuple[Client, User], api: stripe_sdk.StripeClient) -> None:
    client, _ = browser
    begun = _post(client, "/api/v1/payment-methods/setups", {"kind": "card", "consent": True, "consent_text": CONSENT})
    assert begun.status_code == 201, begun.content
    secret = begun.json()["client_secret"]
    api.v1.setup_intents.confirm(secret.split("_secret_")[0], {"payment_method": "pm_card_visa"})
    done = _post(client, f"/api/v1/payment-methods/setups/{begun.json()['id']}/complete", {}, "another-key")
    assert done.json()["status"] == "succeeded"
    listed = client.get("/api/v1/payment-methods")
    [method] = listed.json()["methods"]
    assert method == done.json()["method"]
    assert (method["label"], method["is_default"], method["last4"]) == ("Visa ending in 4242", True, "4242")
    kept = SavedMethod.objects.get()
    for secret in (kept.processor_method_id, str(kept.customer.processor_customer_id), kept.customer.public_id):
        assert secret not in listed.content.decode() + done.content.decode()
    assert client.delete(f"/api/v1/payment-methods/{method['id']}").status_code == 204
    assert client.delete(f"/api/v1/payment-methods/{method['id']}").status_code == 204
    assert client.get("/api/v1/payment-methods").json()["methods"] == []


def test_words_that_have_changed_since_they_were_shown_are_not_agreed_to(
    browser: tuple[Client, User], stripe: Wire
) -> None:
    client, user = browser
    body = {"kind": "card", "consent": True, "consent_text": "Keep this."}
    answer = _post(client, "/api/v1/payment-methods/setups", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "consent_changed")
    order = order_of(user)
    body = {"quote_hash": order.quote_hash, "save_method": True}
    path = f"/api/v1/checkouts/{order.public_id}/confirm"
    nothing_shown = _post(client, path, body, "key-nothing")
    assert (nothing_shown.status_code, nothing_shown.json()["errors"][0]["field"]) == (400, "consent_text")
    assert _post(client, path, body | {"consent_text": "Keep this."}, "key-other").json()["code"] == "consent_changed"
    assert not Payment.objects.exists() and not Setup.objects.exists()
    assert _post(client, path, body | {"consent_text": CONSENT}, "key-these").status_code == 200
    payment = Payment.objects.get()
    assert (payment.saves_method, payment.consent_text) == (True, CONSENT)


def test_what_is_kept_says_what_was_shown_when_the_buyer_agreed_and_not_what_is_shown_now(
    stripe: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = new_user()
    order = order_of(user)
    agreed_at = clock_now()
    opened = confirm(order, saves_method=True)
    # The words are changed while the buyer is typing the card's number.
    for place in ("payments.services.saved.CONSENT", "payments.services.saved.consent.CONSENT"):
        monkeypatch.setattr(place, "Keep this, and more.")
    stripe.pay(opened.found.client_secret)
    settle_order(order_id=order.id, source="webhook", now=clock_now() + dt.timedelta(hours=1))
    method = SavedMethod.objects.get(customer__user=user)
    assert method.consent_text == CONSENT
    assert agreed_at <= method.consented_at <= clock_now()


def test_nothing_is_saved_without_consent(browser: tuple[Client, User], stripe: Wire) -> None:
    client, _ = browser
    answer = _post(
        client, "/api/v1/payment-methods/setups", {"kind": "card", "consent": False, "consent_text": CONSENT}
    )
    assert answer.status_code == 400
    assert not ProcessorCustomer.objects.exists()


def test_guests_have_no_saved_ways_to_pay(stripe: Wire) -> None:
    client = Client()
    assert client.get("/api/v1/payment-methods").status_code in (401, 403)
    assert _post(
        client, "/api/v1/payment-methods/setups", {"kind": "card", "consent": True, "consent_text": CONSENT}
    ).status_code in (401, 403)


def test_thieves_can_t_try_cards_by_the_dozen(browser: tuple[Client, User]) -> None:
    client, _ = browser
    body = {"kind": "card", "consent": False, "consent_text": CONSENT}
    answers = [_post(client, "/api/v1/payment-methods/setups", body, f"key-{n:08}").status_code for n in range(11)]
    assert answers == [400] * 10 + [429]


# ---------------------------------------------------------------------- the page
def test_the_page_lists_makes_usual_and_asks_before_removing(
    browser: tuple[Client, User], api: stripe_sdk.StripeClient
) -> None:
    client, user = browser
    first, second = set_up(api, user), set_up(api, user, "pm_card_mastercard")
    page = client.get("/account/payment-methods/").content.decode()
    assert page.index("Visa ending in 4242") < page.index("Mastercard ending in 4444")
    assert first.processor_method_id not in page and str(first.customer.processor_customer_id) not in page
    client.post(f"/account/payment-methods/{second.public_id}/default/")
    second.refresh_from_db()
    assert second.is_default
    asked = client.get(f"/account/payment-methods/{second.public_id}/remove/")
    assert "Remove Mastercard ending in 4444?" in asked.content.decode()
    assert SavedMethod.objects.get(id=second.id).status == "active"
    client.post(f"/account/payment-methods/{second.public_id}/remove/")
    assert SavedMethod.objects.get(id=second.id).status == "removed"
    assert "Mastercard ending in 4444</strong>" not in client.get("/account/payment-methods/").content.decode()


def test_a_buyer_back_from_the_bank_sees_what_was_saved(
    browser: tuple[Client, User], api: stripe_sdk.StripeClient
) -> None:
    client, user = browser
    opened = saved.begin_setup(user_id=user.pk, kind=MethodKind.CARD, page_url=PAGE, now=clock_now())
    early = client.get(f"/account/payment-methods/?setup={opened.setup.public_id}", follow=True)
    assert "Nothing was saved" in early.content.decode()
    api.v1.setup_intents.confirm(str(opened.setup.processor_setup_id), {"payment_method": "pm_card_visa"})
    page = client.get(f"/account/payment-methods/?setup={opened.setup.public_id}", follow=True)
    assert "Visa ending in 4242 is saved." in page.content.decode()
    stranger = Client()
    stranger.force_login(new_user())
    assert stranger.get(f"/account/payment-methods/?setup={opened.setup.public_id}").status_code == 404
