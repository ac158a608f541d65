"""The two commands of payouts, over HTTP to the sandbox."""

from io import StringIO
from typing import Any

import pytest
import requests
import stripe
from django.conf import settings as project
from django.core.management import CommandError, call_command

from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts.models import ConnectedAccount, Payable, SellerApplication
from tests.orders.shop import new_artisan
from tests.payouts.fake import INSUFFICIENT, FakeTransfers
from tests.payouts.hub import NOW, books, connected_artisan, sell
from tests.support.sandbox import SandboxProcess

pytestmark = pytest.mark.django_db


def command(name: str, *arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(name, *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_demo_artisans_are_connected_once(sandbox: SandboxProcess) -> None:
    artisans = [new_artisan(), new_artisan()]
    command("connect_demo_artisans")
    client = stripe.StripeClient(project.STRIPE_SECRET_KEY, base_addresses={"api": project.STRIPE_API_BASE})
    for account in ConnectedAccount.objects.all():
        url = f"{project.STRIPE_API_BASE}/_sandbox/accounts/{account.processor_account_id}/onboarding"
        requests.post(url, timeout=10).raise_for_status()
    out, err = command("connect_demo_artisans")
    assert out.count("can be paid") == 2
    assert err == ""
    made = list(client.v1.accounts.list({"limit": 100}).auto_paging_iter())
    accounts = ConnectedAccount.objects.order_by("id")
    assert [account.artisan for account in accounts] == artisans
    assert sorted(account.processor_account_id for account in accounts) == sorted(account.id for account in made)
    keys = ProcessorRequest.objects.filter(kind=RequestKind.CREATE_ACCOUNT).values_list("idempotency_key", flat=True)
    assert sorted(keys) == sorted(f"create_account:{artisan.public_id}:1" for artisan in artisans)


def test_demo_accounts_are_refused_in_production(sandbox: SandboxProcess, settings: Any) -> None:
    new_artisan()
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        command("connect_demo_artisans")
    assert not ProcessorRequest.objects.exists()


def test_a_processor_that_is_down_is_named(sandbox: SandboxProcess) -> None:
    new_artisan()
    sandbox.fault(path="^/v1/accounts$", kind="reset")
    with pytest.raises(CommandError, match="payment_outcome_unknown"):
        command("connect_demo_artisans")


def test_without_options_only_what_is_due_is_released(processor: FakeTransfers) -> None:
    sell([(connected_artisan(), 1500)])
    out, _ = command("release_payables")
    assert "released 0; transfers: requested 0" in out


def test_one_order_is_released_and_sent_at_once(processor: FakeTransfers) -> None:
    first, second = sell([(connected_artisan(), 1500)]), sell([(connected_artisan(), 700)])
    out, err = command("release_payables", "--order", first)
    assert "released 1; transfers: requested 1, carried out 1, refused 0, not known yet 0" in out
    assert err == ""
    statuses = dict(Payable.objects.values_list("order_reference", "status"))
    assert statuses == {first: "transferred", second: "held"}
    with pytest.raises(CommandError, match="ord_none"):
        command("release_payables", "--order", "ord_none")


def test_all_are_released_and_a_refusal_is_told(processor: FakeTransfers) -> None:
    sell([(connected_artisan(), 1500), (connected_artisan(), 700)], now=NOW)
    processor.refuse = lambda request: INSUFFICIENT if request.amount.amount_minor == 700 else None
    out, err = command("release_payables", "--now")
    assert "released 2; transfers: requested 2, carried out 1, refused 1, not known yet 0" in out
    assert "not through" in err
    assert books()["stripe_clearing"] == 900


def test_somebody_waits_to_sell_in_the_demo_shop_once(settings: Any) -> None:
    for _ in range(2):
        out, _err = command("load_demo_applicant")
        assert "theo@artisans-hub.example" in out
    application = SellerApplication.objects.get()
    assert (application.status, application.country, application.currency) == ("waiting", "DK", "EUR")
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        command("load_demo_applicant")
