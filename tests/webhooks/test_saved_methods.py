"""Signed news of saved ways to pay, from the processor's own events through the inbox's work."""

import uuid
from typing import Any

import pytest
import stripe as stripe_sdk

from common.clock import now as clock_now
from payments.enums import MethodKind
from payments.models import SavedMethod
from payments.processors.stripe.events import describe
from payments.services import saved
from tests.orders.fixtures import no_broker, stripe
from tests.orders.shop import new_user
from tests.orders.wire import Wire
from webhooks.contracts import Claim, ClaimedEvent, Outcome
from webhooks.enums import EventEdge
from webhooks.services.dispatch import dispatch

__all__ = ["no_broker", "stripe"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.fixture
def api(stripe: Wire) -> stripe_sdk.StripeClient:
    return stripe_sdk.StripeClient("sk_test_sandbox", base_addresses={"api": stripe.url})


def hear(api: stripe_sdk.StripeClient, event_type: str) -> Outcome:
    """The newest event of that type, as the inbox hands it to a worker."""
    newest: dict[str, Any] = api.v1.events.list({"type": event_type}).data[0].to_dict()
    event = describe(newest)
    claimed = ClaimedEvent(1, event.external_id, event.event_type, event.reference, event.connected_account_id, "t")
    claim = Claim(uuid.uuid4(), "stripe", event.concern, event.subject_id, (claimed,))
    return dispatch(claim=claim, now=clock_now())


def begin(api: stripe_sdk.StripeClient) -> Any:
    """Saved at the processor; the browser was closed before it could tell."""
    opened = saved.begin_setup(
        user_id=new_user().pk, kind=MethodKind.CARD, page_url="http://shop.test/", now=clock_now()
    )
    api.v1.setup_intents.confirm(str(opened.setup.processor_setup_id), {"payment_method": "pm_card_visa"})
    return opened.setup


def test_a_card_is_kept_though_the_browser_was_closed(api: stripe_sdk.StripeClient) -> None:
    setup = begin(api)
    assert hear(api, "setup_intent.succeeded").edge == EventEdge.SETTLED
    assert hear(api, "setup_intent.succeeded").edge == EventEdge.SETTLED
    [method] = SavedMethod.objects.all()
    assert (method.customer_id, method.last4) == (setup.customer_id, "4242")


def test_a_card_that_nobody_agreed_to_keep_is_not_kept_by_news(api: stripe_sdk.StripeClient) -> None:
    begin(api)
    assert hear(api, "payment_method.attached").edge == EventEdge.NOT_FOR_US
    assert not SavedMethod.objects.exists()


def test_the_card_updater_and_a_removal_are_followed(stripe: Wire, api: stripe_sdk.StripeClient) -> None:
    begin(api)
    hear(api, "setup_intent.succeeded")
    method = SavedMethod.objects.get()
    card = {"exp_month": 2, "exp_year": 2041, "last4": "9876"}
    stripe._control("POST", f"/payment_methods/{method.processor_method_id}/card_update", card)
    assert hear(api, "payment_method.automatically_updated").edge == EventEdge.SETTLED
    method.refresh_from_db()
    assert (method.last4, method.expiry_month, method.expiry_year) == ("9876", 2, 2041)
    api.v1.payment_methods.detach(method.processor_method_id)
    assert hear(api, "payment_method.detached").edge == EventEdge.SETTLED
    method.refresh_from_db()
    assert (method.status, method.is_default) == ("detached", False)
