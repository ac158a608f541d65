"""The endpoints that are served: the name in Stripe's package, whose types are the contract, and what does the work."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from sandbox.store import Document
from sandbox.stripe import (
    account_links,
    accounts,
    balance,
    bank_accounts,
    charges,
    checkout_sessions,
    confirmation_tokens,
    customer_sessions,
    customers,
    disputes,
    events,
    files,
    payment_intents,
    payment_methods,
    payouts,
    products,
    refunds,
    setup_attempts,
    setup_intents,
    shipping_rates,
    topups,
    transfers,
    webhook_endpoints,
)
from sandbox.stripe.contract import Contract, Endpoint
from sandbox.stripe.work import Work

Handler = Callable[..., Document]


@dataclass
class Route:
    method: str
    template: str
    service: str
    call: str
    handler: Handler
    for_browsers: bool = False  # may be called with a publishable key

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{[^}]+\}", r"([^/]+)", self.template) + r"\Z")

    def endpoint(self, contract: Contract) -> Endpoint:
        return contract.endpoint(self.service, self.call)

    def run(self, work: Work, ids: tuple[str, ...]) -> Document:
        return self.handler(work, *ids)


_PI = "/v1/payment_intents"
_SI = "/v1/setup_intents"
_CS = "/v1/checkout/sessions"
_EA = "/v1/accounts/{account}/external_accounts"

ROUTES: tuple[Route, ...] = (
    Route("POST", _PI, "payment_intent", "create", payment_intents.create),
    Route("GET", _PI, "payment_intent", "list", payment_intents.list_),
    Route("GET", f"{_PI}/search", "payment_intent", "search", payment_intents.search_),
    Route("GET", _PI + "/{intent}", "payment_intent", "retrieve", payment_intents.retrieve, for_browsers=True),
    Route("POST", _PI + "/{intent}", "payment_intent", "update", payment_intents.update),
    Route("POST", _PI + "/{intent}/confirm", "payment_intent", "confirm", payment_intents.confirm, for_browsers=True),
    Route("POST", _PI + "/{intent}/capture", "payment_intent", "capture", payment_intents.capture),
    Route("POST", _PI + "/{intent}/cancel", "payment_intent", "cancel", payment_intents.cancel),
    Route("POST", _SI, "setup_intent", "create", setup_intents.create),
    Route("GET", _SI, "setup_intent", "list", setup_intents.list_),
    Route("GET", _SI + "/{intent}", "setup_intent", "retrieve", setup_intents.retrieve, for_browsers=True),
    Route("POST", _SI + "/{intent}", "setup_intent", "update", setup_intents.update),
    Route("POST", _SI + "/{intent}/confirm", "setup_intent", "confirm", setup_intents.confirm, for_browsers=True),
    Route("POST", _SI + "/{intent}/cancel", "setup_intent", "cancel", setup_intents.cancel),
    Route("GET", "/v1/setup_attempts", "setup_attempt", "list", setup_attempts.list_),
    Route("POST", "/v1/customer_sessions", "customer_session", "create", customer_sessions.create),
    Route("POST", "/v1/payment_methods", "payment_method", "create", payment_methods.create, for_browsers=True),
    Route("GET", "/v1/payment_methods", "payment_method", "list", payment_methods.list_),
    Route("GET", "/v1/payment_methods/{payment_method}", "payment_method", "retrieve", payment_methods.retrieve),
    Route("POST", "/v1/payment_methods/{payment_method}", "payment_method", "update", payment_methods.update),
    Route("POST", "/v1/payment_methods/{payment_method}/attach", "payment_method", "attach", payment_methods.attach),
    Route("POST", "/v1/payment_methods/{payment_method}/detach", "payment_method", "detach", payment_methods.detach),
    Route(
        "GET",
        "/v1/confirmation_tokens/{confirmation_token}",
        "confirmation_token",
        "retrieve",
        confirmation_tokens.retrieve,
    ),
    Route(
        "POST",
        "/v1/test_helpers/confirmation_tokens",
        "test_helpers.confirmation_token",
        "create",
        confirmation_tokens.create,
    ),
    Route("GET", "/v1/charges", "charge", "list", charges.list_),
    Route("GET", "/v1/charges/{charge}", "charge", "retrieve", charges.retrieve),
    Route("POST", "/v1/charges/{charge}", "charge", "update", charges.update),
    Route("POST", "/v1/refunds", "refund", "create", refunds.create),
    Route("GET", "/v1/refunds", "refund", "list", refunds.list_),
    Route("GET", "/v1/refunds/{refund}", "refund", "retrieve", refunds.retrieve),
    Route("POST", "/v1/refunds/{refund}", "refund", "update", refunds.update),
    Route("POST", "/v1/transfers", "transfer", "create", transfers.create),
    Route("GET", "/v1/transfers", "transfer", "list", transfers.list_),
    Route("GET", "/v1/transfers/{transfer}", "transfer", "retrieve", transfers.retrieve),
    Route("POST", "/v1/transfers/{transfer}", "transfer", "update", transfers.update),
    Route("POST", "/v1/transfers/{id}/reversals", "transfer_reversal", "create", transfers.reverse),
    Route("GET", "/v1/transfers/{id}/reversals", "transfer_reversal", "list", transfers.list_reversals),
    Route(
        "GET", "/v1/transfers/{transfer}/reversals/{id}", "transfer_reversal", "retrieve", transfers.retrieve_reversal
    ),
    Route("GET", "/v1/balance", "balance", "retrieve", balance.retrieve),
    Route("GET", "/v1/balance_transactions", "balance_transaction", "list", balance.list_transactions),
    Route("GET", "/v1/balance_transactions/{id}", "balance_transaction", "retrieve", balance.retrieve_transaction),
    Route("GET", "/v1/account", "account", "retrieve_current", accounts.retrieve_current),
    Route("POST", "/v1/accounts", "account", "create", accounts.create),
    Route("GET", "/v1/accounts", "account", "list", accounts.list_),
    Route("GET", "/v1/accounts/{account}", "account", "retrieve", accounts.retrieve),
    Route("POST", "/v1/accounts/{account}", "account", "update", accounts.update),
    Route("POST", "/v1/account_links", "account_link", "create", account_links.create),
    Route("POST", _EA, "account_external_account", "create", bank_accounts.create),
    Route("GET", _EA, "account_external_account", "list", bank_accounts.list_),
    Route("GET", _EA + "/{id}", "account_external_account", "retrieve", bank_accounts.retrieve),
    Route("POST", _EA + "/{id}", "account_external_account", "update", bank_accounts.update),
    Route("DELETE", _EA + "/{id}", "account_external_account", "delete", bank_accounts.delete),
    Route("POST", "/v1/customers", "customer", "create", customers.create),
    Route("GET", "/v1/customers", "customer", "list", customers.list_),
    Route("GET", "/v1/customers/{customer}", "customer", "retrieve", customers.retrieve),
    Route("POST", "/v1/customers/{customer}", "customer", "update", customers.update),
    Route("DELETE", "/v1/customers/{customer}", "customer", "delete", customers.delete),
    Route(
        "GET",
        "/v1/customers/{customer}/payment_methods",
        "customer_payment_method",
        "list",
        payment_methods.list_of_customer,
    ),
    Route(
        "GET",
        "/v1/customers/{customer}/payment_methods/{payment_method}",
        "customer_payment_method",
        "retrieve",
        payment_methods.retrieve_of_customer,
    ),
    Route("GET", "/v1/disputes", "dispute", "list", disputes.list_),
    Route("GET", "/v1/disputes/{dispute}", "dispute", "retrieve", disputes.retrieve),
    Route("POST", "/v1/disputes/{dispute}", "dispute", "update", disputes.update),
    Route("POST", "/v1/disputes/{dispute}/close", "dispute", "close", disputes.close),
    Route("POST", "/v1/files", "file", "create", files.create),
    Route("GET", "/v1/files", "file", "list", files.list_),
    Route("GET", "/v1/files/{file}", "file", "retrieve", files.retrieve),
    Route("POST", "/v1/products", "product", "create", products.create),
    Route("GET", "/v1/products", "product", "list", products.list_),
    Route("GET", "/v1/products/{id}", "product", "retrieve", products.retrieve),
    Route("POST", "/v1/products/{id}", "product", "update", products.update),
    Route("POST", "/v1/prices", "price", "create", products.create_price),
    Route("GET", "/v1/prices", "price", "list", products.list_prices),
    Route("GET", "/v1/prices/{price}", "price", "retrieve", products.retrieve_price),
    Route("POST", "/v1/prices/{price}", "price", "update", products.update_price),
    Route("POST", "/v1/shipping_rates", "shipping_rate", "create", shipping_rates.create),
    Route("GET", "/v1/shipping_rates", "shipping_rate", "list", shipping_rates.list_),
    Route("GET", "/v1/shipping_rates/{shipping_rate_token}", "shipping_rate", "retrieve", shipping_rates.retrieve),
    Route("POST", _CS, "checkout.session", "create", checkout_sessions.create),
    Route("GET", _CS, "checkout.session", "list", checkout_sessions.list_),
    Route("GET", _CS + "/{session}", "checkout.session", "retrieve", checkout_sessions.retrieve),
    Route("POST", _CS + "/{session}", "checkout.session", "update", checkout_sessions.update),
    Route("POST", _CS + "/{session}/expire", "checkout.session", "expire", checkout_sessions.expire),
    Route(
        "GET", _CS + "/{session}/line_items", "checkout.session_line_item", "list", checkout_sessions.list_line_items
    ),
    Route("POST", "/v1/payouts", "payout", "create", payouts.create),
    Route("GET", "/v1/payouts", "payout", "list", payouts.list_),
    Route("GET", "/v1/payouts/{payout}", "payout", "retrieve", payouts.retrieve),
    Route("POST", "/v1/payouts/{payout}", "payout", "update", payouts.update),
    Route("POST", "/v1/payouts/{payout}/cancel", "payout", "cancel", payouts.cancel),
    Route("POST", "/v1/topups", "topup", "create", topups.create),
    Route("GET", "/v1/topups", "topup", "list", topups.list_),
    Route("GET", "/v1/topups/{topup}", "topup", "retrieve", topups.retrieve),
    Route("POST", "/v1/topups/{topup}", "topup", "update", topups.update),
    Route("POST", "/v1/topups/{topup}/cancel", "topup", "cancel", topups.cancel),
    Route("GET", "/v1/events", "event", "list", events.list_),
    Route("GET", "/v1/events/{id}", "event", "retrieve", events.retrieve),
    Route("POST", "/v1/webhook_endpoints", "webhook_endpoint", "create", webhook_endpoints.create),
    Route("GET", "/v1/webhook_endpoints", "webhook_endpoint", "list", webhook_endpoints.list_),
    Route("GET", "/v1/webhook_endpoints/{id}", "webhook_endpoint", "retrieve", webhook_endpoints.retrieve),
    Route("POST", "/v1/webhook_endpoints/{id}", "webhook_endpoint", "update", webhook_endpoints.update),
    Route("DELETE", "/v1/webhook_endpoints/{id}", "webhook_endpoint", "delete", webhook_endpoints.delete),
)

# Only browsers call these (Stripe.js), so the package does not have them. The parameters of the first are those of the
# test helper; those of the others are Stripe.js's own affair.
BROWSER_ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/confirmation_tokens",
        "test_helpers.confirmation_token",
        "create",
        confirmation_tokens.create,
        for_browsers=True,
    ),
    Route("GET", "/v1/elements/sessions", "", "", customer_sessions.for_element, for_browsers=True),
    Route(
        "POST",
        "/v1/elements/payment_methods/{payment_method}/detach",
        "",
        "",
        customer_sessions.detach,
        for_browsers=True,
    ),
)


def match(method: str, path: str, *, publishable: bool) -> tuple[Route, tuple[str, ...]] | None:
    for route in (*ROUTES, *BROWSER_ROUTES) if publishable else ROUTES:
        if route.method == method:
            found = route.pattern.match(path)
            if found is not None:
                return route, found.groups()
    return None
