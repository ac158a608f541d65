"""Connected accounts: what they still have to tell, the hosted pages on which they do, and who hears of it."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
import requests
import stripe

from tests.sandbox.conftest import Receiver
from tests.sandbox.process import Box, until

AGAIN, DONE = "http://127.0.0.1:9/again", "http://127.0.0.1:9/done"
YOU = {
    "first_name": "Jenny", "last_name": "Rosen", "day": "1", "month": "1", "year": "1902", "email": "j@example.org",
    "phone": "0000000000", "line1": "address_full_match", "postal_code": "10115", "city": "Berlin", "sells": "Bowls",
}  # fmt: skip
BANK = {"holder": "Jenny Rosen", "iban": "DE89 3704 0044 0532 0130 00"}


def made(client: stripe.StripeClient, **more: Any) -> str:
    account: Any = {
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "express"},
        },
        "country": "DE",
        "email": "j@example.org",
        "capabilities": {"transfers": {"requested": True}},
        "business_profile": {"name": "Pots", "mcc": "5970", "product_description": "Bowls"},
        "settings": {"payouts": {"schedule": {"interval": "manual"}}},
        **more,
    }
    return client.v1.accounts.create(account).id


def link(client: stripe.StripeClient, account: str) -> str:
    return client.v1.account_links.create(
        {"account": account, "type": "account_onboarding", "refresh_url": AGAIN, "return_url": DONE}
    ).url


def opened(url: str) -> str:
    """Where the link leads: the first form."""
    answer = requests.get(url, timeout=5)
    assert answer.status_code == 200
    return answer.url


def sent(url: str, form: dict[str, str]) -> str:
    """Where the browser is sent after a form."""
    answer = requests.post(url, data=form, timeout=5, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    address = answer.headers["Location"]
    return address if address.startswith("http") else f"{url.rpartition('/')[0]}/{address}"


def onboarded(client: stripe.StripeClient, account: str, **you: str) -> str:
    page = sent(opened(link(client, account)), YOU | you)
    return sent(sent(page, BANK), {"terms": "yes"})


def state(client: stripe.StripeClient, account: str) -> tuple[Any, bool, Any]:
    found = client.v1.accounts.retrieve(account)
    assert found.requirements is not None and found.capabilities is not None
    return found.capabilities.transfers, bool(found.payouts_enabled), found.requirements


def test_a_new_account_can_do_nothing_and_says_what_is_missing(client: stripe.StripeClient) -> None:
    transfers, payouts, due = state(client, made(client))
    assert (transfers, payouts) == ("inactive", False)
    assert due.disabled_reason == "requirements.past_due"
    assert {"business_type", "external_account", "individual.dob.day", "tos_acceptance.date"} <= set(due.currently_due)
    assert due.currently_due == due.past_due


def test_the_hosted_pages_lead_from_nothing_to_payouts(box: Box, client: stripe.StripeClient) -> None:
    account = made(client)
    page = opened(link(client, account))
    assert page.endswith("/you")
    page = sent(page, YOU)
    assert page.endswith("/bank")
    page = sent(page, BANK)
    assert page.endswith("/review")
    assert state(client, account)[0] == "inactive"
    assert sent(page, {"terms": "yes"}) == DONE
    transfers, payouts, due = state(client, account)
    assert (transfers, payouts, due.currently_due, due.disabled_reason) == ("active", True, [], None)
    found = client.v1.accounts.retrieve(account)
    assert found.details_submitted
    assert found.external_accounts is not None
    assert [(bank.last4, bank.country) for bank in found.external_accounts.data] == [("3000", "DE")]


def test_every_page_can_be_read_on_a_phone_and_by_a_screen_reader(client: stripe.StripeClient) -> None:
    page = opened(link(client, made(client)))
    for form in (YOU, BANK, None):
        shown = requests.get(page, timeout=5)
        assert shown.headers["Cache-Control"] == "no-store"
        assert 'name="viewport"' in shown.text and '<html lang="en">' in shown.text
        assert re.search(r"<title>Step \d of 3, ", shown.text)
        ids = set(re.findall(r"<input id=['\"](\w+)", shown.text))
        assert ids <= set(re.findall(r"<label for=['\"](\w+)", shown.text))
        if form is not None:
            page = sent(page, form)


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(client: stripe.StripeClient) -> None:
    page = opened(link(client, made(client)))
    answer = requests.post(page, data=YOU | {"email": "", "year": "2020", "city": "<b>Bern</b>"}, timeout=5)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert "id='email-wrong'>Enter your e-mail." in answer.text
    assert "You must be at least 18 years old." in answer.text
    assert "value='Jenny'" in answer.text
    assert "<b>Bern</b>" not in answer.text
    page = sent(page, YOU)
    answer = requests.post(page, data=BANK | {"iban": "DE88370400440532013000"}, timeout=5)
    assert (answer.status_code, "not a valid IBAN" in answer.text) == (422, True)
    page = sent(page, BANK)
    assert requests.post(page, data={}, timeout=5).status_code == 422


def test_who_goes_away_in_between_finds_the_form_filled_in(client: stripe.StripeClient) -> None:
    account = made(client)
    page = sent(opened(link(client, account)), YOU)
    left = requests.get(f"{page.rpartition('/')[0]}/leave", timeout=5, allow_redirects=False)
    assert left.headers["Location"] == DONE
    assert opened(link(client, account)).endswith("/bank")
    assert state(client, account)[0] == "inactive"


def test_a_link_is_good_for_one_visit_and_some_minutes(box: Box, client: stripe.StripeClient) -> None:
    account = made(client)
    used, late = link(client, account), link(client, account)
    assert requests.head(used, timeout=5).status_code == 200, "a look is no visit"
    opened(used)
    assert requests.get(used, timeout=5, allow_redirects=False).headers["Location"] == AGAIN
    box.post("clock", advance_seconds=301)
    assert requests.get(late, timeout=5, allow_redirects=False).headers["Location"] == AGAIN
    assert requests.get(f"{late}x", timeout=5).status_code == 410


@pytest.mark.parametrize(
    ("you", "requirements"),
    [
        ({"year": "1985"}, ["individual.verification.document"]),
        ({"line1": "address_no_match"}, ["individual.verification.additional_document"]),
        (
            {"year": "1985", "line1": "address_line1_no_match"},
            ["individual.verification.additional_document", "individual.verification.document"],
        ),
    ],
)
def test_what_is_not_confirmed_asks_for_a_document(
    box: Box, client: stripe.StripeClient, you: dict[str, str], requirements: list[str]
) -> None:
    account = made(client)
    onboarded(client, account, **you)
    box.post("clock", advance_seconds=10)
    box.settled()
    transfers, payouts, due = state(client, account)
    assert (transfers, payouts, due.currently_due) == ("inactive", False, requirements)
    assert sorted(error.requirement for error in due.errors) == requirements
    page = opened(link(client, account))
    if page.endswith("/you"):
        page = sent(page, YOU | you)
    assert page.endswith("/documents")
    file = "file_identity_document_success"
    page = sent(page, {"document": file, "additional_document": file})
    assert sent(page, {}) == DONE
    box.post("clock", advance_seconds=10)
    box.settled()
    assert state(client, account)[:2] == ("active", True)


def test_a_refused_document_leaves_the_account_stopped(box: Box, client: stripe.StripeClient) -> None:
    account = made(client)
    onboarded(client, account, year="1985")
    box.post("clock", advance_seconds=10)
    box.settled()
    page = sent(opened(link(client, account)), YOU | {"year": "1985"})
    sent(sent(page, {"document": "file_identity_document_failure"}), {})
    box.post("clock", advance_seconds=10)
    box.settled()
    transfers, _, due = state(client, account)
    assert transfers == "inactive"
    assert [error.code for error in due.errors] == ["verification_document_failed_test_mode"]


def test_a_check_that_takes_a_while_is_pending_until_then(box: Box, client: stripe.StripeClient) -> None:
    box.post("settings", check_seconds=600)
    account = made(client)
    onboarded(client, account, year="1901")
    transfers, payouts, due = state(client, account)
    assert (transfers, payouts, due.disabled_reason) == ("pending", False, "requirements.pending_verification")
    assert due.pending_verification == ["individual.verification.document"]
    box.post("clock", advance_seconds=601)
    box.settled()
    assert state(client, account)[:2] == ("active", True)


def test_what_is_asked_for_later_stops_the_account_at_its_deadline(box: Box, client: stripe.StripeClient) -> None:
    account = made(client)
    onboarded(client, account)
    box.post(f"accounts/{account}/require", requirements=["individual.id_number"], in_seconds=3600)
    transfers, payouts, due = state(client, account)
    assert (transfers, payouts, due.currently_due, due.past_due) == ("active", True, ["individual.id_number"], [])
    assert due.current_deadline is not None
    box.post("clock", advance_seconds=3601)
    box.settled()
    transfers, payouts, due = state(client, account)
    assert (transfers, payouts, due.past_due) == ("inactive", False, ["individual.id_number"])
    page = opened(link(client, account))
    sent(sent(page, {"individual.id_number": "000000000"}), {})
    assert state(client, account)[:2] == ("active", True)


def test_a_bank_account_that_sent_money_back_is_changed_on_the_same_pages(
    box: Box, client: stripe.StripeClient
) -> None:
    account = made(client)
    onboarded(client, account)
    box.post("topups", amount=1_000)
    client.v1.transfers.create({"amount": 1_000, "currency": "eur", "destination": account})
    payout = client.v1.payouts.create({"amount": 1_000, "currency": "eur"}, {"stripe_account": account})
    box.post(f"payouts/{payout.id}/fail", failure_code="account_closed")
    assert state(client, account)[1] is False
    page = opened(link(client, account))
    assert page.endswith("/bank")
    assert sent(sent(page, {"holder": "Jenny Rosen", "iban": "AT61 1904 3002 3457 3201"}), {}) == DONE
    assert state(client, account)[:2] == ("active", True)
    assert [bank.last4 for bank in client.v1.accounts.external_accounts.list(account).data] == ["3201"]


def test_who_has_told_everything_can_still_change_the_bank_account(client: stripe.StripeClient) -> None:
    account = made(client)
    onboarded(client, account)
    review = opened(link(client, account))
    assert review.endswith("/review")
    assert "<a href='bank'>" in requests.get(review, timeout=5).text
    page = review.replace("/review", "/bank")
    assert sent(sent(page, {"holder": "Jenny Rosen", "iban": "AT611904300234573201"}), {}) == DONE
    assert [bank.last4 for bank in client.v1.accounts.external_accounts.list(account).data] == ["3201"]
    assert state(client, account)[:2] == ("active", True)


def test_an_account_of_an_earlier_state_file_is_asked_for_what_is_not_known_of_it(own_box: Box) -> None:
    account = own_box.connected_account()
    own_box.kill()
    with closing(sqlite3.connect(own_box.state)) as state_file, state_file:
        state_file.execute(
            "UPDATE objects SET document = json_set(document, '$._', json('{}')) WHERE id = ?", (account,)
        )
        state_file.execute("DELETE FROM objects WHERE object = 'bank_account'")
    own_box.start()
    client = own_box.client()
    assert opened(link(client, account)).endswith("/you")
    assert onboarded(client, account) == DONE
    assert state(client, account)[:2] == ("active", True)


def test_stopped_let_go_and_withdrawn_by_the_control_api(box: Box, client: stripe.StripeClient) -> None:
    account = box.connected_account()
    box.post(f"accounts/{account}/disable", reason="rejected.fraud")
    transfers, payouts, due = state(client, account)
    assert (transfers, payouts, due.disabled_reason) == ("inactive", False, "rejected.fraud")
    box.post(f"accounts/{account}/enable")
    box.post(f"accounts/{account}/verify", succeeded=False)
    assert state(client, account)[2].past_due == ["individual.verification.document"]
    box.post(f"accounts/{account}/verify")
    assert state(client, account)[:2] == ("active", True)
    box.post(f"accounts/{account}/deauthorize")
    with pytest.raises(stripe.PermissionError) as refused:
        client.v1.accounts.retrieve(account)
    assert refused.value.http_status == 403
    with pytest.raises(stripe.PermissionError):
        client.v1.balance.retrieve(options={"stripe_account": account})
    assert client.v1.accounts.list().data == []
    box.post("topups", amount=500)
    with pytest.raises(stripe.InvalidRequestError) as no_destination:
        client.v1.transfers.create({"amount": 100, "currency": "eur", "destination": account})
    assert no_destination.value.code == "resource_missing"
    assert [one["connected"] for one in box.get("accounts")["accounts"]] == [False]


def test_a_platform_that_asks_by_itself_may_tell_all_at_once(client: stripe.StripeClient) -> None:
    told: Any = {
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "requirement_collection": "application",
            "stripe_dashboard": {"type": "none"},
        },
        "business_type": "individual",
        "individual": {
            "first_name": "Jenny", "last_name": "Rosen", "email": "j@example.org", "phone": "0000000000",
            "dob": {"day": 1, "month": 1, "year": 1902},
            "address": {"line1": "address_full_match", "city": "Berlin", "postal_code": "10115", "country": "DE"},
        },
        "external_account": {
            "object": "bank_account", "country": "DE", "currency": "eur", "account_number": "DE89370400440532013000",
        },
        "tos_acceptance": {"date": 1_700_000_000, "ip": "192.0.2.1"},
    }  # fmt: skip
    assert state(client, made(client, **told))[:2] == ("active", True)
    without: Any = {name: value for name, value in told.items() if name != "external_account"}
    account = made(client, **without)
    assert state(client, account)[2].currently_due == ["external_account"]
    client.v1.accounts.update(account, {"external_account": told["external_account"]})
    assert state(client, account)[:2] == ("active", True)


def test_what_the_seller_told_stripe_only_the_seller_can_change(client: stripe.StripeClient) -> None:
    account = made(client)
    onboarded(client, account)
    with pytest.raises(stripe.PermissionError):
        client.v1.accounts.update(account, {"individual": {"first_name": "Somebody"}})
    client.v1.accounts.update(account, {"metadata": {"artisan": "art_1"}})


def test_automatic_payouts_are_refused_rather_than_forgotten(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not simulate automatic payouts"):
        made(client, settings={"payouts": {"schedule": {"interval": "daily"}}})


def test_bank_accounts_of_a_seller(box: Box, client: stripe.StripeClient) -> None:
    account = box.connected_account()
    banks = client.v1.accounts.external_accounts

    def add(number: str, **more: Any) -> stripe.BankAccount:
        bank: Any = {"object": "bank_account", "country": number[:2], "currency": "eur", "account_number": number}
        added = banks.create(account, more | {"external_account": bank})  # type: ignore[arg-type]
        assert isinstance(added, stripe.BankAccount)
        return added

    first = banks.list(account).data[0]
    second = add("AT611904300234573201")
    assert (second.last4, second.default_for_currency, first.default_for_currency) == ("3201", False, True)
    with pytest.raises(stripe.InvalidRequestError, match="cannot delete the default"):
        banks.delete(account, first.id)
    banks.update(account, second.id, {"default_for_currency": True})
    banks.delete(account, first.id)
    assert [bank.id for bank in banks.list(account).data] == [second.id]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        add("AT611904300234573202")
    assert (refused.value.code, refused.value.param) == ("account_number_invalid", "external_account[account_number]")
    again = add("AT611904300234573201", default_for_currency=True)
    assert again.fingerprint == second.fingerprint != first.fingerprint


def test_changes_are_told_with_the_account_they_happened_on(
    hooked: Box, receiver: Receiver, settled: Callable[[Box], None]
) -> None:
    client = hooked.client()
    account = made(client)
    onboarded(client, account)
    hooked.post(f"accounts/{account}/bank", account_number="AT611904300234573201")
    hooked.post(f"accounts/{account}/deauthorize")
    settled(hooked)
    of_it = [item.event for item in receiver.received if "account" in item.event]
    assert {event.account for event in of_it} == {account}
    types = [event.type for event in of_it]
    assert set(types) == {
        "account.updated", "capability.updated", "account.external_account.created",
        "account.external_account.updated", "account.external_account.deleted", "account.application.deauthorized",
    }  # fmt: skip
    enabled = [event for event in of_it if event.type == "account.updated" and event.data.object["payouts_enabled"]]
    assert enabled[0].data.previous_attributes is not None
    assert enabled[0].data.previous_attributes["payouts_enabled"] is False
    capability = next(event for event in of_it if event.type == "capability.updated").data.object
    assert (capability["id"], capability["account"], capability["status"]) == ("transfers", account, "active")


@pytest.fixture
def settled() -> Callable[[Box], None]:
    def wait(box: Box) -> None:
        box.settled()
        until(lambda: all(d["state"] == "delivered" for e in box.get("webhooks")["events"] for d in e["deliveries"]))

    return wait


def test_an_endpoint_for_connected_accounts_hears_of_them_alone(
    box: Box, client: stripe.StripeClient, receiver: Receiver
) -> None:
    own = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    theirs = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"], "connect": True})
    box.post("webhooks/mode", mode="drop")
    box.connected_account()
    box.post("topups", amount=500)
    by_endpoint: dict[str, set[str]] = {}
    for event in box.get("webhooks")["events"]:
        for delivery in event["deliveries"]:
            by_endpoint.setdefault(delivery["endpoint"], set()).add(event["type"])
    assert by_endpoint[own.id] == {"topup.created", "topup.succeeded"}
    assert by_endpoint[theirs.id] == {"account.external_account.created", "account.updated", "capability.updated"}
