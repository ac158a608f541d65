"""A PayPal account that is kept: at the sandbox's vault, through the same services as cards."""

from typing import Any

import pytest
import requests

from common.clock import now as clock_now
from payments.enums import MethodKind
from payments.models import ProcessorCustomer, ProcessorRequest, SavedMethod
from payments.processors import keeper_of
from payments.services import saved
from tests.orders.fixtures import RunOutbox, no_broker, run_outbox, stripe
from tests.orders.shop import new_user
from tests.orders.wire import Wire

__all__ = ["no_broker", "run_outbox", "stripe"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def keep_paypal(stripe: Wire, user: Any) -> SavedMethod:
    opened = saved.begin_setup(user_id=user.pk, kind=MethodKind.PAYPAL, page_url="http://x.test/", now=clock_now())
    assert opened.approval_url
    setup_id = opened.setup.processor_setup_id
    answer = requests.post(f"{stripe.url}/paypal/agreements/{setup_id}", json={"action": "approve"}, timeout=15)
    assert answer.status_code == 200, answer.text
    method = saved.complete_setup(user_id=user.pk, setup_reference=opened.setup.public_id, now=clock_now())
    again = saved.complete_setup(user_id=user.pk, setup_reference=opened.setup.public_id, now=clock_now())
    assert method is not None and again in (None, method)
    return method


def test_a_paypal_account_is_kept_and_its_customer_is_the_users(stripe: Wire) -> None:
    user = new_user()
    method = keep_paypal(stripe, user)
    assert (method.kind, method.processor, method.status, method.is_default) == ("paypal", "paypal", "active", True)
    assert method.label.startswith("PayPal account ") and "@" in method.payer_email
    assert ProcessorCustomer.objects.get().processor_customer_id
    assert SavedMethod.objects.count() == 1


def test_two_users_are_two_customers_at_paypal(stripe: Wire) -> None:
    methods = [keep_paypal(stripe, new_user()) for _ in range(2)]
    assert len({method.customer_id for method in methods}) == 2


def test_a_removed_paypal_account_is_gone_from_the_vault(stripe: Wire, run_outbox: RunOutbox) -> None:
    user = new_user()
    method = keep_paypal(stripe, user)
    saved.remove_method(user_id=user.pk, public_id=method.public_id, now=clock_now())
    run_outbox()
    assert keeper_of("paypal").retrieve_method(method.processor_method_id) is None
    assert ProcessorRequest.objects.get(kind="detach_method").state == "succeeded"


def test_an_attempt_that_was_not_approved_keeps_nothing(stripe: Wire) -> None:
    user = new_user()
    opened = saved.begin_setup(user_id=user.pk, kind=MethodKind.PAYPAL, page_url="http://x.test/", now=clock_now())
    assert saved.complete_setup(user_id=user.pk, setup_reference=opened.setup.public_id, now=clock_now()) is None
    assert not SavedMethod.objects.exists()
