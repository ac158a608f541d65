"""Connected accounts: the platform carries their losses and pays the fees; Stripe asks artisans what it must know."""

import datetime as dt

import stripe

from payments.contracts import AccountFound, AccountRequest, AccountRequirements, BankDetails
from payments.processors.stripe import mapping
from payments.processors.stripe.requirements import requirements_found

# What Stripe publishes for test mode: a person whose identity is verified at once, and a bank account per currency.
# https://docs.stripe.com/connect/testing
_TEST_IBAN = {"AT": "AT611904300234573201", "DE": "DE89370400440532013000", "ES": "ES0700120345030000067890",
              "FR": "FR1420041010050500013M02606", "IE": "IE29AIBK93115212345678", "IT": "IT40S0542811101000000123456",
              "PT": "PT50000201231234567890154"}  # fmt: skip
TEST_COUNTRIES = frozenset(_TEST_IBAN)


def create_params(request: AccountRequest) -> "stripe.params.AccountCreateParams":
    """An account that only receives transfers, and sends them on to its bank when we say so.

    With a test identity the platform tells everything at once; otherwise Stripe asks the artisan on its own pages, and
    the artisan has Stripe's small dashboard: https://docs.stripe.com/connect/express-accounts
    """
    told_by_us = request.has_test_identity
    params: stripe.params.AccountCreateParams = {
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "requirement_collection": "application" if told_by_us else "stripe",
            "stripe_dashboard": {"type": "none" if told_by_us else "express"},
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
        "settings": {"payouts": {"schedule": {"interval": "manual"}}},
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
        details_submitted=bool(account.details_submitted),
        payouts_enabled=bool(account.payouts_enabled),
        requirements=requirements_found(account.requirements if "requirements" in account else None),
        bank=_bank(account),
    )


def account_gone(processor_account_id: str) -> AccountFound:
    """Our key does not reach the account any more: its owner has withdrawn our access, or it was closed."""
    return AccountFound(
        processor_account_id=processor_account_id,
        account_reference="",
        country="",
        transfers_enabled=False,
        details_submitted=False,
        payouts_enabled=False,
        requirements=AccountRequirements(),
        bank=None,
        is_connected=False,
    )


# https://docs.stripe.com/api/external_account_bank_accounts/object#account_bank_account_object-status
_UNUSABLE = frozenset({"errored", "verification_failed", "tokenized_account_number_deactivated"})


def _bank(account: stripe.Account) -> BankDetails | None:
    """Where payouts in the account's own currency go; a debit card is shown like a bank account."""
    listed = account.external_accounts.data if "external_accounts" in account and account.external_accounts else []
    chosen = [external for external in listed if external.default_for_currency]
    chosen.sort(key=lambda external: external.currency != account.default_currency)
    if not chosen:
        return None
    first = chosen[0]
    is_bank = isinstance(first, stripe.BankAccount)
    return BankDetails(
        bank_name=(first.bank_name if isinstance(first, stripe.BankAccount) else first.brand) or "",
        last4=first.last4 or "",
        country=first.country or "",
        currency=(first.currency or "").upper(),
        fingerprint=first.fingerprint or "",
        is_usable=not is_bank or first.status not in _UNUSABLE,
    )


def _fill_in(params: "stripe.params.AccountCreateParams", request: AccountRequest) -> None:
    first_name, _, last_name = request.display_name.partition(" ")
    params["individual"] = {
        "first_name": first_name,
        "last_name": last_name or "Artisan",
        "email": request.email,
        "phone": "0000000000",
        "dob": {"day": 1, "month": 1, "year": 1902},  # confirmed in the answer itself
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
