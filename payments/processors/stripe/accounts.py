"""Connected accounts: the platform collects their details, carries their losses and pays the fees."""

import datetime as dt

import stripe

from payments.contracts import AccountFound, AccountRequest
from payments.processors.stripe import mapping

# What Stripe publishes for test mode: a person whose identity is verified at once, and a bank account per currency.
# https://docs.stripe.com/connect/testing
_TEST_IBAN = {"AT": "AT611904300234573201", "DE": "DE89370400440532013000", "ES": "ES0700120345030000067890",
              "FR": "FR1420041010050500013M02606", "IE": "IE29AIBK93115212345678", "IT": "IT40S0542811101000000123456",
              "PT": "PT50000201231234567890154"}  # fmt: skip
TEST_COUNTRIES = frozenset(_TEST_IBAN)


def create_params(request: AccountRequest) -> "stripe.params.AccountCreateParams":
    """An account that only receives transfers."""
    params: stripe.params.AccountCreateParams = {
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "requirement_collection": "application",
            "stripe_dashboard": {"type": "none"},
        },
        "country": request.country,
        "email": request.email,
        "default_currency": request.currency.lower(),
        "capabilities": {"transfers": {"requested": True}},
        "business_type": "individual",
        "business_profile": {
            "name": request.display_name,
            "mcc": "5970",  # artists' supply and craft shops
            "product_description": "Handmade goods, sold on a marketplace",
        },
        "metadata": {"artisan": request.reference, "trace_id": request.trace_id},
    }
    if request.has_test_identity:
        _fill_in(params, request)
    return params


def account_found(account: stripe.Account) -> AccountFound:
    """An Account; one without the transfers capability can't be paid to."""
    capabilities = account.capabilities
    status = capabilities.transfers if capabilities is not None and "transfers" in capabilities else None
    return AccountFound(
        processor_account_id=account.id,
        account_reference=mapping.reference_in(account.metadata, "artisan"),
        country=str(account.country or ""),
        transfers_enabled=status == "active",
    )


def _fill_in(params: "stripe.params.AccountCreateParams", request: AccountRequest) -> None:
    first_name, _, last_name = request.display_name.partition(" ")
    params["individual"] = {
        "first_name": first_name,
        "last_name": last_name or "Artisan",
        "email": request.email,
        "phone": "0000000000",
        "dob": {"day": 1, "month": 1, "year": 1901},
        "address": {"line1": "address_full_match", "city": "Any", "postal_code": "10115", "country": request.country},
    }
    params["external_account"] = {
        "object": "bank_account",
        "country": request.country,
        "currency": request.currency.lower(),
        "account_number": _TEST_IBAN[request.country],
    }
    # A fixed time and address of the documentation range: the same request must have the same body when repeated.
    params["tos_acceptance"] = {"date": int(dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp()), "ip": "192.0.2.1"}
