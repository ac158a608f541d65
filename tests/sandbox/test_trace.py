"""A tour of every endpoint, whose trace is then held against the vendors' published contracts by their own checker."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from sandbox.stripe.routes import ROUTES, match
from tests.sandbox.process import ROOT, Box, charge_of, paid

CHECKER = ROOT.parent / "shared" / "contracts" / "check_trace.py"


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("trace")
    box = Box(folder, trace=folder / "trace.jsonl")
    box.start()
    try:
        _tour(box)
        yield box
    finally:
        box.stop()


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _tour(box: Box) -> None:
    client = box.client()
    _payments(box, client)
    _saved_cards(box, client)
    _browser(box, client)
    _disputes(box, client)
    _hosted(box, client)
    _money(box, client)
    _rest(box, client)


def _payments(box: Box, client: stripe.StripeClient) -> None:
    v1 = client.v1
    intent = v1.payment_intents.create(
        {
            "amount": 1000,
            "currency": "eur",
            "automatic_payment_methods": {"enabled": True},
            "metadata": {"order": "ord_1"},
            "shipping": {"name": "Ada", "address": {"line1": "Street 1", "country": "AT"}},
            "expand": ["latest_charge.balance_transaction"],
        }
    )
    v1.payment_intents.update(intent.id, {"description": "A jug"})
    v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": "http://shop.test"})
    v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction", "payment_method"]})
    v1.payment_intents.list({"limit": 1, "expand": ["data.latest_charge"]})
    v1.payment_intents.search({"query": "metadata['order']:'ord_1'"})
    held = paid(client, capture_method="manual")
    v1.payment_intents.capture(held.id, {"amount_to_capture": 100})
    for card in (
        "pm_card_visa_chargeDeclined",
        "pm_card_radarBlock",
        "pm_card_threeDSecure2Required",
        "pm_card_createDispute",
        "pm_card_refundFail",
    ):
        addresses: tuple[dict[str, Any], ...] = ({}, {"return_url": "http://shop.test"})
        for address in addresses:
            try:
                paid(client, payment_method=card, **address)
            except stripe.CardError:
                assert card in ("pm_card_visa_chargeDeclined", "pm_card_radarBlock")
    v1.payment_intents.cancel(v1.payment_intents.create({"amount": 1000, "currency": "eur"}).id)
    with pytest.raises(stripe.InvalidRequestError):
        v1.payment_intents.create({"amount": 1, "currency": "eur"})
    method = v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    customer = v1.customers.create({"email": "ada@example.org", "metadata": {"user": "1"}})
    v1.payment_methods.attach(method.id, {"customer": customer.id})
    v1.payment_methods.retrieve(method.id)
    v1.payment_methods.list({"customer": customer.id})
    v1.payment_methods.detach(method.id)
    v1.customers.update(customer.id, {"name": "Ada"})
    v1.customers.retrieve(customer.id)
    v1.customers.list({"email": "ada@example.org"})
    v1.customers.delete(customer.id)
    v1.customers.retrieve(customer.id)
    token = v1.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"})
    v1.confirmation_tokens.retrieve(token.id)


def _saved_cards(box: Box, client: stripe.StripeClient) -> None:
    v1 = client.v1
    customer = v1.customers.create({"email": "bo@example.org"}).id
    intent = v1.setup_intents.create({"customer": customer, "metadata": {"user": "2"}})
    v1.setup_intents.update(intent.id, {"description": "Bo's card"})
    done = v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": "http://shop.test"})
    v1.setup_intents.retrieve(intent.id, {"expand": ["latest_attempt", "payment_method"]})
    v1.setup_intents.list({"customer": customer, "expand": ["data.customer"]})
    v1.setup_attempts.list({"setup_intent": intent.id})
    v1.setup_intents.cancel(v1.setup_intents.create({}).id)
    method = str(done.payment_method)
    v1.payment_methods.update(method, {"allow_redisplay": "always", "metadata": {"a": "b"}})
    v1.customers.payment_methods.list(customer)
    v1.customers.payment_methods.retrieve(customer, method)
    v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method}})
    for card in ("pm_card_visa_chargeDeclined", "pm_card_authenticationRequired"):
        try:
            v1.setup_intents.create(
                {"customer": customer, "payment_method": card, "confirm": True, "return_url": "http://shop.test"}
            )
        except stripe.CardError:
            assert card == "pm_card_visa_chargeDeclined"
    paid(client, customer=customer, payment_method=method, off_session=True)
    v1.customer_sessions.create(
        {
            "customer": customer,
            "components": {
                "payment_element": {
                    "enabled": True,
                    "features": {
                        "payment_method_redisplay": "enabled",
                        "payment_method_save": "enabled",
                        "payment_method_save_usage": "off_session",
                        "payment_method_remove": "enabled",
                    },
                }
            },
        }
    )


def _disputes(box: Box, client: stripe.StripeClient) -> None:
    v1 = client.v1
    upload = io.BytesIO(b"%PDF-1.7 proof")
    upload.name = "proof.pdf"
    file = v1.files.create({"purpose": "dispute_evidence", "file": upload})
    v1.files.retrieve(file.id)
    v1.files.list({"purpose": "dispute_evidence"})
    for how in ({"amount": 500}, {"inquiry": True}):
        dispute = box.post(f"charges/{charge_of(paid(client)).id}/dispute", **how)["id"]
        v1.disputes.update(dispute, {"evidence": {"receipt": file.id, "customer_name": "Ada"}, "submit": False})
        v1.disputes.update(dispute, {"submit": True})
        box.post(f"disputes/{dispute}/decide", won=True)
        v1.disputes.retrieve(dispute, {"expand": ["charge", "payment_intent"]})


def _hosted(box: Box, client: stripe.StripeClient) -> None:
    v1 = client.v1
    product = v1.products.create({"name": "Jug", "description": "Blue"})
    v1.products.update(product.id, {"metadata": {"a": "b"}})
    v1.products.retrieve(product.id)
    v1.products.list({"active": True})
    price = v1.prices.create({"product": product.id, "unit_amount": 2_500, "currency": "eur", "lookup_key": "jug"})
    v1.prices.update(price.id, {"nickname": "usual"})
    v1.prices.retrieve(price.id, {"expand": ["product"]})
    v1.prices.list({"lookup_keys": ["jug"]})
    rate = v1.shipping_rates.create(
        {"display_name": "Post", "type": "fixed_amount", "fixed_amount": {"amount": 590, "currency": "eur"}}
    )
    v1.shipping_rates.retrieve(rate.id)
    v1.shipping_rates.list()

    def opened() -> str:
        session = v1.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [{"price": price.id, "quantity": 2}],
                "shipping_options": [{"shipping_rate": rate.id}],
                "success_url": "http://shop.test/done?session={CHECKOUT_SESSION_ID}",
                "cancel_url": "http://shop.test/cart",
                "client_reference_id": "ord_1",
                "payment_intent_data": {"metadata": {"payment": "pay_1"}},
            }
        )
        return session.id

    one, two, three = opened(), opened(), opened()
    box.post(f"checkout/sessions/{one}/pay", payment_method="pm_card_visa")
    box.post(f"checkout/sessions/{three}/pay", delayed=True)
    waiting = v1.checkout.sessions.retrieve(three, {"expand": ["payment_intent.payment_method"]})
    v1.charges.list({"limit": 1})
    assert isinstance(waiting.payment_intent, stripe.PaymentIntent)
    box.post(f"checkout/sessions/{three}/arrive", succeeded=False)
    v1.payment_intents.retrieve(waiting.payment_intent.id, {"expand": ["latest_charge"]})
    v1.checkout.sessions.update(one, {"metadata": {"a": "b"}})
    v1.checkout.sessions.retrieve(one, {"expand": ["payment_intent", "line_items", "shipping_cost.shipping_rate"]})
    v1.checkout.sessions.line_items.list(one)
    v1.checkout.sessions.list({"limit": 3})
    v1.checkout.sessions.expire(two)


def _browser(box: Box, client: stripe.StripeClient) -> None:
    card = {"card[number]": "4000000000003220", "card[exp_month]": "12", "card[exp_year]": "2034", "card[cvc]": "987"}
    method = box.browser("POST", "/v1/payment_methods", {"type": "card", **card}).json()
    intent = client.v1.payment_intents.create({"amount": 1000, "currency": "eur"})
    answer = box.browser(
        "POST",
        f"/v1/payment_intents/{intent.id}/confirm",
        {"client_secret": intent.client_secret, "payment_method": method["id"]},
    )
    assert answer.json()["status"] == "requires_action"
    done = requests.post(
        f"{box.url}/js/3ds/complete",
        json={"payment_intent": intent.id, "client_secret": intent.client_secret, "outcome": "succeed"},
        timeout=5,
    )
    assert done.json()["payment_intent"]["status"] == "succeeded"
    client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})


def _money(box: Box, client: stripe.StripeClient) -> None:
    v1 = client.v1
    box.settled()
    box.post("clock", advance_seconds=4 * 24 * 3600)
    seller = box.connected_account()
    charge = charge_of(paid(client)).id
    v1.charges.update(charge, {"metadata": {"a": "b"}})
    v1.charges.retrieve(charge, {"expand": ["refunds", "balance_transaction"]})
    v1.charges.list({"limit": 3})
    transfer = v1.transfers.create(
        {"amount": 500, "currency": "eur", "destination": seller, "source_transaction": charge, "metadata": {"t": "1"}}
    )
    v1.transfers.update(transfer.id, {"metadata": {"t": "2"}})
    reversal = v1.transfers.reversals.create(transfer.id, {"amount": 100})
    v1.transfers.reversals.retrieve(transfer.id, reversal.id)
    v1.transfers.reversals.list(transfer.id)
    v1.transfers.retrieve(transfer.id, {"expand": ["destination", "balance_transaction", "destination_payment"]})
    v1.transfers.list({"destination": seller})
    refund = v1.refunds.create({"charge": charge, "amount": 300, "metadata": {"r": "1"}})
    v1.refunds.update(refund.id, {"metadata": {"r": "2"}})
    v1.refunds.retrieve(refund.id)
    bounced = 0
    for item in v1.charges.list({"limit": 100}).data:
        details = item.payment_method_details
        if details is not None and details.to_dict().get("card", {}).get("last4") == "5126":
            bounced += bool(v1.refunds.create({"charge": item.id}))
    assert bounced
    box.post("clock", advance_seconds=10)
    box.settled()
    v1.refunds.list({"expand": ["data.balance_transaction"]})
    transactions = v1.balance_transactions.list({"limit": 100})
    v1.balance_transactions.retrieve(transactions.data[0].id, {"expand": ["source"]})
    v1.balance_transactions.list({"type": "charge", "limit": 1})
    for options in ({}, {"stripe_account": seller}):
        v1.balance.retrieve(options=options)  # type: ignore[arg-type]
    payout = v1.payouts.create({"amount": 100, "currency": "eur"})
    v1.payouts.update(payout.id, {"metadata": {"p": "1"}})
    v1.payouts.retrieve(payout.id, {"expand": ["balance_transaction"]})
    v1.payouts.cancel(payout.id)
    v1.payouts.list({"status": "canceled", "arrival_date": {"gte": 1}})
    topup = v1.topups.create({"amount": 500, "currency": "eur", "metadata": {"u": "1"}})
    v1.topups.update(topup.id, {"description": "for the artisans"})
    v1.topups.retrieve(topup.id)
    v1.topups.list({"status": "pending"})
    v1.topups.cancel(topup.id)
    v1.topups.retrieve(box.post("topups", amount=2_000)["id"], {"expand": ["balance_transaction"]})
    _payouts_of(box, client, seller)
    first, second = v1.disputes.list({"limit": 100}).data[-2:]
    v1.disputes.retrieve(first.id)
    v1.disputes.update(first.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    v1.disputes.close(second.id)


def _payouts_of(box: Box, client: stripe.StripeClient, seller: str) -> None:
    v1, on_it = client.v1, {"stripe_account": seller}
    v1.transfers.create({"amount": 900, "currency": "eur", "destination": seller})
    bank = v1.accounts.external_accounts.create(
        seller,
        {
            "external_account": {
                "object": "bank_account",
                "country": "DE",
                "currency": "eur",
                "account_number": "DE62370400440532013001",
            },
            "default_for_currency": True,
        },
    )
    v1.accounts.external_accounts.update(seller, bank.id, {"account_holder_name": "Jenny Rosen"})
    v1.accounts.external_accounts.retrieve(seller, bank.id)
    banks = v1.accounts.external_accounts.list(seller, {"object": "bank_account"})
    v1.accounts.external_accounts.delete(seller, next(one.id for one in banks.data if one.id != bank.id))
    payout = v1.payouts.create({"amount": 300, "currency": "eur", "statement_descriptor": "POTS"}, on_it)  # type: ignore[arg-type]
    box.post(f"payouts/{payout.id}/fail", failure_code="no_account")
    v1.payouts.retrieve(payout.id, {"expand": ["destination", "failure_balance_transaction"]}, on_it)  # type: ignore[arg-type]
    box.post(f"accounts/{seller}/require", requirements=["individual.verification.document"], in_seconds=900)
    v1.accounts.retrieve(seller)
    v1.balance_transactions.list({"type": "payout_failure"}, on_it)  # type: ignore[arg-type]


def _rest(box: Box, client: stripe.StripeClient) -> None:
    v1 = client.v1
    account = v1.accounts.create(
        {"type": "express", "country": "AT", "capabilities": {"transfers": {"requested": True}}}
    )
    v1.accounts.update(account.id, {"metadata": {"artisan": "art_1"}, "business_profile": {"name": "Pots"}})
    v1.accounts.retrieve(account.id)
    v1.accounts.retrieve_current()
    v1.accounts.list()
    address = "http://shop.test"
    v1.account_links.create(
        {"account": account.id, "type": "account_onboarding", "refresh_url": address, "return_url": address}
    )
    endpoint = v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["charge.succeeded"]})
    v1.webhook_endpoints.update(endpoint.id, {"description": "mine"})
    v1.webhook_endpoints.retrieve(endpoint.id)
    v1.webhook_endpoints.list()
    v1.webhook_endpoints.delete(endpoint.id)
    events = v1.events.list({"limit": 100, "types": ["charge.succeeded", "refund.created"]})
    v1.events.retrieve(events.data[0].id)
    for kind in ("answer_lost", "reset", "error_500", "rate_limited_429", "slow"):
        box.fault(kind, "^/v1/customers$", seconds=0)
        try:
            box.client(max_network_retries=0).v1.customers.create({})
        except stripe.StripeError:
            assert kind != "slow"


def test_the_tour_has_been_everywhere(toured: Box) -> None:
    assert toured.trace is not None
    been = {
        id(found[0])
        for row in _rows(toured.trace)
        if row["status"] == 200 and (found := match(row["method"], row["path"], publishable=False))
    }
    assert [f"{route.method} {route.template}" for route in ROUTES if id(route) not in been] == []


def test_no_exchange_breaks_the_published_contract(toured: Box) -> None:
    if not CHECKER.exists():
        pytest.skip(f"The vendors' published contracts are not there: {CHECKER}")
    checked = subprocess.run(
        [sys.executable, str(CHECKER), str(toured.trace)], capture_output=True, text=True, timeout=60, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_faults_are_marked(toured: Box) -> None:
    assert toured.trace is not None
    marked = {row["fault"]: row for row in _rows(toured.trace) if "fault" in row}
    assert marked.keys() == {"answer_lost", "reset", "error_500", "rate_limited_429", "slow"}
    assert marked["answer_lost"]["status"] == 200
    assert marked["reset"]["response"] is None


def test_browsers_have_a_trace_of_their_own_without_card_figures(toured: Box) -> None:
    assert toured.trace is not None
    rows = _rows(toured.trace.with_name("trace.browser.jsonl"))
    assert [row["path"].split("/")[-1] for row in rows] == ["payment_methods", "confirm"]
    text = json.dumps(rows)
    assert "4000000000003220" not in text and "987" not in rows[0]["request_body"]
    assert rows[0]["request_body"].count("***") == 4
    assert all(row["headers"] is not None and "client_secret" not in row["request_body"] for row in rows[:1])
