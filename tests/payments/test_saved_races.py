"""Two at once, with real threads and a connection each."""

import contextlib
import threading
from functools import partial
from typing import Any

import pytest
import stripe as stripe_sdk
from django.db import transaction

from common.clock import now as clock_now
from payments.contracts import MethodFound, ProcessorUnavailable
from payments.enums import MethodKind
from payments.models import ProcessorCustomer, ProcessorRequest, SavedMethod
from payments.services import saved
from payments.services.saved.customers import own_customer
from tests.orders.fixtures import no_broker, stripe
from tests.orders.shop import new_user
from tests.orders.wire import Wire
from tests.races.at_once import at_once

__all__ = ["no_broker", "stripe"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_broker")]


def _api(stripe: Wire) -> stripe_sdk.StripeClient:
    return stripe_sdk.StripeClient("sk_test_sandbox", base_addresses={"api": stripe.url})


def test_a_user_who_saves_in_two_tabs_is_one_customer(stripe: Wire) -> None:
    user = new_user()

    def ensure() -> ProcessorCustomer:
        return saved.ensure_customer(user_id=user.pk, processor="stripe", now=clock_now())

    results = at_once([ensure] * 4)
    # One that came while the other's request was under way is told to try again, and nothing else.
    assert {type(result) for result in results} <= {ProcessorCustomer, ProcessorUnavailable}
    [made] = _api(stripe).v1.customers.list({"email": user.email}).data
    assert ensure().processor_customer_id == made.id
    assert ProcessorCustomer.objects.count() == 1
    assert ProcessorRequest.objects.filter(kind="create_customer").count() == 1


def test_the_page_and_the_webhook_keep_one_card(stripe: Wire) -> None:
    user = new_user()
    opened = saved.begin_setup(user_id=user.pk, kind=MethodKind.CARD, page_url="http://x.test/", now=clock_now())
    setup_id = str(opened.setup.processor_setup_id)
    _api(stripe).v1.setup_intents.confirm(setup_id, {"payment_method": "pm_card_visa"})
    results = at_once(
        [
            lambda: saved.complete_setup(user_id=user.pk, setup_reference=opened.setup.public_id, now=clock_now()),
            lambda: saved.settle_setup(processor="stripe", processor_setup_id=setup_id, now=clock_now()),
        ]
    )
    [method] = SavedMethod.objects.all()
    assert [result.public_id for result in results] == [method.public_id] * 2
    assert [event.event for event in method.events.order_by("id")] == ["kept", "made_default"]


def test_two_cards_made_the_usual_one_at_once_leave_one(stripe: Wire) -> None:
    user = new_user()
    methods = []
    for card in ("pm_card_visa", "pm_card_mastercard"):
        opened = saved.begin_setup(user_id=user.pk, kind=MethodKind.CARD, page_url="http://x.test/", now=clock_now())
        _api(stripe).v1.setup_intents.confirm(str(opened.setup.processor_setup_id), {"payment_method": card})
        method = saved.complete_setup(user_id=user.pk, setup_reference=opened.setup.public_id, now=clock_now())
        assert method is not None
        methods.append(method)
    works = [
        lambda method=method: saved.make_default(user_id=user.pk, public_id=method.public_id, now=clock_now())
        for method in methods
    ]
    results = at_once(works * 2)
    assert {type(result) for result in results} == {SavedMethod}
    assert SavedMethod.objects.filter(is_default=True).count() == 1


def test_the_first_card_and_the_first_paypal_account_kept_at_once_leave_one_usual_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = new_user()
    both_are_there = threading.Barrier(2, timeout=2)

    def own(**more: Any) -> ProcessorCustomer:
        """Made, and not committed yet: the other one does not see it."""
        customer = own_customer(**more)
        with contextlib.suppress(threading.BrokenBarrierError):
            both_are_there.wait()
        return customer

    monkeypatch.setattr("payments.services.saved.keep.own_customer", own)

    def keep(processor: str, kind: MethodKind) -> SavedMethod | None:
        found = MethodFound(f"method-{processor}", f"customer-{processor}", kind)
        with transaction.atomic():
            return saved.record_method(
                processor=processor, user_id=user.pk, found=found, consent_text="Yes.", consented_at=clock_now(),
                source="api", now=clock_now(),
            )  # fmt: skip

    kept = at_once([partial(keep, "stripe", MethodKind.CARD), partial(keep, "paypal", MethodKind.PAYPAL)])
    assert {type(method) for method in kept} == {SavedMethod}, kept
    assert SavedMethod.objects.filter(is_default=True).count() == 1
