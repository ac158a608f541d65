"""Stripe's documents as its API answers them, reduced to what a test needs to set."""

import time
from typing import Any


def balance_transaction(fee: int = 151, **changed: Any) -> dict[str, Any]:
    return {"id": "txn_1", "object": "balance_transaction", "amount": 4200, "fee": fee, "currency": "eur", **changed}


def charge(**changed: Any) -> dict[str, Any]:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": 4200,
        "amount_captured": 4200,
        "captured": True,
        "currency": "eur",
        "created": 1_790_000_000,
        "status": "succeeded",
        "failure_code": None,
        "balance_transaction": balance_transaction(),
        "outcome": {"risk_level": "normal", "reason": None, "type": "authorized"},
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": "visa",
                "last4": "4242",
                "country": "US",
                "checks": {
                    "address_line1_check": "pass",
                    "address_postal_code_check": "unavailable",
                    "cvc_check": "pass",
                },
                "three_d_secure": None,
            },
        },
        **changed,
    }


def intent(**changed: Any) -> dict[str, Any]:
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 4200,
        "amount_capturable": 0,
        "currency": "eur",
        "status": "succeeded",
        "client_secret": "pi_1_secret_x",
        "latest_charge": charge(),
        "last_payment_error": None,
        "metadata": {"payment": "pay_1", "order": "ord_1", "quote_hash": "a" * 64},
        "created": int(time.time()),
        **changed,
    }


def refund(**changed: Any) -> dict[str, Any]:
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 4200,
        "currency": "eur",
        "status": "succeeded",
        "payment_intent": "pi_1",
        "charge": "ch_1",
        "metadata": {"refund": "ref_1"},
        **changed,
    }


def transfer(**changed: Any) -> dict[str, Any]:
    return {
        "id": "tr_1",
        "object": "transfer",
        "amount": 1000,
        "amount_reversed": 0,
        "currency": "eur",
        "destination": "acct_1",
        "metadata": {"transfer": "trf_1"},
        **changed,
    }


def error(kind: str, **changed: Any) -> dict[str, Any]:
    return {"error": {"type": kind, "message": "told by the processor", **changed}}


def listed(*items: dict[str, Any], url: str) -> dict[str, Any]:
    return {"object": "list", "data": list(items), "has_more": False, "url": url}
