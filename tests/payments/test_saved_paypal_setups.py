"""Keeping a PayPal account without paying: whatever becomes of the answers, it is kept once, and never by chance."""

import datetime as dt
from typing import Any

import pytest
import requests

from common.clock import now as clock_now
from identity.models import User
from payments.contracts import OutcomeUnknown
from payments.enums import MethodKind
from payments.models import ProcessorRequest, SavedMethod, Setup
from payments.processors import keeper_of
from payments.services import saved
from payments.services.saved import SetupOpened
from tests.orders.fixtures import no_broker, run_outbox, stripe
from tests.orders.shop import new_user
from tests.orders.wire import Wire
from tests.races.at_once import at_once

__all__ = ["no_broker", "run_outbox", "stripe"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

TOKENS = "^/v3/vault/payment-tokens$"
MINUTE = dt.timedelta(minutes=1)


def begin(user: User) -> SetupOpened:
    return saved.begin_setup(user_id=user.pk, kind=MethodKind.PAYPAL, page_url="http://x.test/", now=clock_now())


def approve(stripe: Wire, opened: SetupOpened) -> None:
    address = f"{stripe.url}/paypal/agreements/{opened.setup.processor_setup_id}"
    requests.post(address, json={"action": "approve"}, timeout=15).raise_for_status()


def complete(user: User, opened: SetupOpened) -> SavedMethod | None:
    return saved.complete_setup(user_id=user.pk, setup_reference=opened.setup.public_id, now=clock_now())


def kept_at_paypal(user: User) -> int:
    """As many as PayPal holds for the customer of the user's setup."""
    request = ProcessorRequest.objects.get(kind="create_setup", state="succeeded")
    token = keeper_of("paypal")._client.sdk(  # type: ignore[attr-defined]  # the customer is told nowhere else
        "t", keeper_of("paypal")._client.vault.get_setup_token, request.processor_id  # type: ignore[attr-defined]
    )  # fmt: skip
    return len(keeper_of("paypal").list_methods(token["customer"]["id"]))


def test_the_request_is_written_down_and_ends_with_the_account(stripe: Wire) -> None:
    user = new_user()
    opened = begin(user)
    approve(stripe, opened)
    method = complete(user, opened)
    assert method is not None
    request = ProcessorRequest.objects.get(kind="complete_setup")
    assert (request.state, request.processor_id) == ("succeeded", method.processor_method_id)
    assert request.subject == opened.setup.public_id
    opened.setup.refresh_from_db()
    assert (opened.setup.status, opened.setup.next_look_up_at) == ("succeeded", None)


def test_the_page_loaded_again_shows_the_account_and_asks_nobody(stripe: Wire) -> None:
    user = new_user()
    opened = begin(user)
    approve(stripe, opened)
    method = complete(user, opened)
    stripe.fault("error_500", "^/v3/vault/", method="GET", times=9)
    stripe.fault("error_500", "^/v3/vault/", times=9)
    assert complete(user, opened) == method
    saved.remove_method(user_id=user.pk, public_id=str(method and method.public_id), now=clock_now())
    assert complete(user, opened) is None


@pytest.mark.parametrize(
    ("fault", "more"), [("answer_lost", {}), ("error_500", {"carried_out": True, "stored": False})]
)
def test_an_answer_lost_after_paypal_has_kept_it_is_found_and_not_kept_twice(
    stripe: Wire, fault: str, more: dict[str, Any]
) -> None:
    user = new_user()
    opened = begin(user)
    approve(stripe, opened)
    stripe.fault(fault, TOKENS, **more)
    with pytest.raises(OutcomeUnknown):
        complete(user, opened)
    assert ProcessorRequest.objects.get(kind="complete_setup").state == "unknown"
    assert saved.resolve_saved_requests(now=clock_now() + 5 * MINUTE) == 1
    method = SavedMethod.objects.get(customer__user=user)
    request = ProcessorRequest.objects.get(kind="complete_setup")
    assert (request.state, request.processor_id, request.attempt) == ("succeeded", method.processor_method_id, 1)
    assert kept_at_paypal(user) == 1


def test_hours_later_when_the_key_is_forgotten_it_is_found_in_the_list(stripe: Wire) -> None:
    user = new_user()
    opened = begin(user)
    approve(stripe, opened)
    stripe.fault("answer_lost", TOKENS)
    with pytest.raises(OutcomeUnknown):
        complete(user, opened)
    assert saved.resolve_saved_requests(now=clock_now() + dt.timedelta(hours=5)) == 1
    [request] = ProcessorRequest.objects.filter(kind="complete_setup")
    assert (request.state, request.attempt) == ("succeeded", 1)
    assert request.processor_id == SavedMethod.objects.get(customer__user=user).processor_method_id
    assert kept_at_paypal(user) == 1


def test_hours_later_what_never_arrived_is_asked_for_anew(stripe: Wire) -> None:
    user = new_user()
    opened = begin(user)
    approve(stripe, opened)
    stripe.fault("reset", TOKENS)
    with pytest.raises(OutcomeUnknown):
        complete(user, opened)
    assert saved.resolve_saved_requests(now=clock_now() + dt.timedelta(hours=5)) == 1
    requests_made = ProcessorRequest.objects.filter(kind="complete_setup").order_by("attempt")
    assert [(request.attempt, request.state) for request in requests_made] == [(1, "failed"), (2, "succeeded")]
    assert SavedMethod.objects.filter(customer__user=user).count() == 1
    assert kept_at_paypal(user) == 1


def test_approved_and_every_tab_closed_the_sweeper_keeps_it(stripe: Wire) -> None:
    user = new_user()
    opened = begin(user)
    assert saved.look_after_setups(now=clock_now()) == 0  # not before its time
    approve(stripe, opened)
    assert saved.look_after_setups(now=clock_now() + 2 * MINUTE) == 1
    assert SavedMethod.objects.get(customer__user=user).is_default
    assert saved.look_after_setups(now=clock_now() + dt.timedelta(days=1)) == 0


def test_an_attempt_that_nobody_approves_is_asked_after_with_growing_pauses_and_then_no_more(stripe: Wire) -> None:
    begin(new_user())
    now, asked = clock_now(), 0
    while (due := Setup.objects.get().next_look_up_at) is not None:
        now, asked = due, asked + 1
        saved.look_after_setups(now=due)
    assert 10 <= asked <= 25
    assert now < clock_now() + dt.timedelta(days=4)
    assert not SavedMethod.objects.exists()


def test_a_refusal_of_paypals_ends_the_attempt_and_another_one_may_begin(stripe: Wire) -> None:
    user = new_user()
    opened = begin(user)
    approve(stripe, opened)
    # Used by somebody else with our keys, and thrown away: PayPal refuses to keep anything by it again.
    setup_id = str(opened.setup.processor_setup_id)
    elsewhere = keeper_of("paypal").complete_setup(setup_id, idempotency_key="elsewhere").method
    assert elsewhere is not None
    keeper_of("paypal").detach_method(elsewhere.processor_method_id, idempotency_key="elsewhere:gone")
    assert complete(user, opened) is None
    opened.setup.refresh_from_db()
    assert (opened.setup.status, opened.setup.next_look_up_at) == ("canceled", None)
    assert ProcessorRequest.objects.get(kind="complete_setup").state == "failed"
    again = begin(user)
    approve(stripe, again)
    assert complete(user, again) is not None


@pytest.mark.django_db(transaction=True)
def test_the_page_and_the_sweeper_at_once_keep_one_account(stripe: Wire) -> None:
    user = new_user()
    opened = begin(user)
    approve(stripe, opened)
    at_once([lambda: complete(user, opened)] * 3 + [lambda: saved.look_after_setups(now=clock_now() + 2 * MINUTE)])
    assert complete(user, opened) == SavedMethod.objects.get(customer__user=user)
    assert ProcessorRequest.objects.filter(kind="complete_setup").count() == 1
    assert kept_at_paypal(user) == 1


def test_the_same_account_added_twice_stands_once_in_the_list(stripe: Wire) -> None:
    user = new_user()
    for _ in range(2):
        opened = begin(user)
        approve(stripe, opened)
        assert complete(user, opened) is not None
    assert SavedMethod.objects.filter(customer__user=user, status="active").count() == 1


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("ada.buyer@example.org", "a***r@example.org"), ("ab@example.org", "a***@example.org"), ("", ""),
    ],
)  # fmt: skip
def test_the_address_of_an_account_is_shown_shortened(email: str, shown: str) -> None:
    method = SavedMethod(kind=MethodKind.PAYPAL, payer_email=email)
    assert method.shown_email == shown
    assert method.label == f"PayPal account {shown}".strip()
