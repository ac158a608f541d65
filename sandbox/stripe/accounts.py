"""Connected accounts: made by the platform, told about by it or on Stripe's own pages, and what they may do by then."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import bank_accounts, currencies, lists, metadata, requirements, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_account_id
from sandbox.stripe.work import Work

PLATFORM_ID = "acct_sandboxplatform"
no_access = requirements.no_access
get = requirements.account

_TEST_IDENTITY: dict[str, Any] = {
    "first_name": "Jenny",
    "last_name": "Rosen",
    "email": "jenny.rosen@example.com",
    "phone": "0000000000",
    "dob": {"day": 1, "month": 1, "year": 1902},
    "address": {"line1": "address_full_match", "city": "Berlin", "postal_code": "10115", "country": "DE"},
}


def create(work: Work) -> Document:
    params = work.params
    account = new_account(work, account_id=new_account_id(), country=params.get("country", "IE"))
    if "type" in params:
        account["type"] = params["type"]
    _control(account, params)
    _apply(account, params)
    work.insert(account)
    _take_bank(work, account)
    requirements.refresh(work, account)
    return views.public(work, account)


def new_account(work: Work, *, account_id: str, country: str) -> Document:
    """An account that has not been through onboarding, not stored yet."""
    return {
        "id": account_id,
        "object": "account",
        "business_profile": {
            "mcc": None,
            "name": None,
            "product_description": None,
            "support_email": None,
            "url": None,
        },
        "business_type": None,
        "capabilities": {},
        "charges_enabled": False,
        "controller": {
            "fees": {"payer": "application"},
            "is_controller": True,
            "losses": {"payments": "application"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "express"},
            "type": "application",
        },
        "country": country,
        "created": work.now,
        "default_currency": {"GB": "gbp", "US": "usd", "JP": "jpy", "KW": "kwd", "CH": "chf"}.get(country, "eur"),
        "details_submitted": False,
        "email": None,
        "external_accounts": {},
        "metadata": {},
        "payouts_enabled": False,
        "requirements": {},
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_payments": {"decline_on": {"avs_failure": False, "cvc_failure": False}},
            "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
            "payments": {"statement_descriptor": None},
            "payouts": {"debit_negative_balances": True, "schedule": {"delay_days": 3, "interval": "manual"}},
        },
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": "none",
        "_": {},
    }


def _control(account: Document, params: dict[str, Any]) -> None:
    """Who asks, who pays and who bears losses: said once, when the account is made."""
    for name, value in (params.get("controller") or {}).items():
        if isinstance(value, dict):
            account["controller"][name] |= value
        else:
            account["controller"][name] = value
    if params.get("type") == "custom":
        account["controller"] |= {"requirement_collection": "application", "stripe_dashboard": {"type": "none"}}


def _apply(account: Document, params: dict[str, Any]) -> None:
    for name in ("email", "business_type", "default_currency"):
        if name in params:
            account[name] = params[name]
    if "default_currency" in params:
        currencies.check_currency(params["default_currency"])
    account["business_profile"] |= {
        name: value for name, value in (params.get("business_profile") or {}).items() if isinstance(value, str)
    }
    for capability, wish in (params.get("capabilities") or {}).items():
        if wish.get("requested"):
            account["capabilities"].setdefault(capability, "inactive")
        elif capability in account["capabilities"]:
            del account["capabilities"][capability]
    _schedule(account, params)
    if account["controller"]["requirement_collection"] == "application":
        requirements.tell(account, params.get("individual") or {})
        if params.get("tos_acceptance"):
            account["_"]["terms"] = True
            account["tos_acceptance"] |= params["tos_acceptance"]
    elif account["details_submitted"] and {"individual", "tos_acceptance", "external_account"} & set(params):
        # https://docs.stripe.com/connect/express-accounts: then only its owner may change these.
        raise ApiError(
            403,
            "This application does not have the required permissions for this endpoint on account "
            f"'{account['id']}'. The account's owner manages this information with Stripe.",
            code="oauth_not_supported",
        )
    else:
        requirements.tell(account, params.get("individual") or {})
    account["metadata"] = metadata.merged(account["metadata"], params.get("metadata"))


def _schedule(account: Document, params: dict[str, Any]) -> None:
    wish = ((params.get("settings") or {}).get("payouts") or {}).get("schedule") or {}
    if wish.get("interval", "manual") != "manual":
        raise ApiError(
            400,
            "The sandbox does not simulate automatic payouts; the interval is always manual.",
            param="settings[payouts][schedule][interval]",
        )


def _take_bank(work: Work, account: Document) -> None:
    given = work.params.get("external_account")
    if isinstance(given, dict):
        bank_accounts.replace(work, account, given)
    elif given:
        raise ApiError(400, "The sandbox takes bank accounts, not tokens.", param="external_account")


def complete_onboarding(work: Work, account: Document) -> None:
    """All at once, by the control API: a test identity that is confirmed, and a bank account that takes payouts."""
    hidden = account["_"]
    if not account["capabilities"]:
        account["capabilities"] = {"transfers": "inactive"}
    requirements.tell(account, _TEST_IDENTITY)
    hidden |= {"terms": True, "identity": "verified", "address": "verified", "asked": {}, "halt": None, "files": {}}
    account["tos_acceptance"] |= {"date": work.now, "ip": "192.0.2.1"}
    account["business_type"] = account["business_type"] or "individual"
    account["business_profile"]["mcc"] = account["business_profile"]["mcc"] or "5970"
    account["business_profile"]["url"] = account["business_profile"]["url"] or "https://accessible.stripe.com"
    bank = bank_accounts.default(work, account, account["default_currency"])
    if bank is None or bank["status"] == "errored":
        number = bank_accounts.TEST_IBAN
        bank_accounts.replace(work, account, {"account_number": number, "country": number[:2]})
    account["details_submitted"] = True
    requirements.refresh(work, account)


def update(work: Work, account_id: str) -> Document:
    account = get(work, account_id)
    before = {name: account[name] for name in ("metadata", "email", "business_type")}
    profile = dict(account["business_profile"])
    _apply(account, work.params)
    _take_bank(work, account)
    requirements.refresh(work, account)
    changed = {name: value for name, value in before.items() if account[name] != value}
    if profile != account["business_profile"]:
        changed["business_profile"] = profile
    if changed:
        work.emit("account.updated", account, before=changed, account=account_id)
    return views.public(work, account)


def retrieve(work: Work, account_id: str) -> Document:
    return views.public(work, get(work, account_id))


def retrieve_current(work: Work) -> Document:
    """The platform's own account, or the connected one that the request is made for."""
    if work.account:
        return retrieve(work, work.account)
    platform = new_account(work, account_id=PLATFORM_ID, country="IE")
    nothing: list[str] = []
    platform |= {
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "details_submitted": True,
        "payouts_enabled": True,
        "requirements": {
            "alternatives": nothing, "current_deadline": None, "currently_due": nothing, "disabled_reason": None,
            "errors": nothing, "eventually_due": nothing, "past_due": nothing, "pending_verification": nothing,
        },
        "type": "standard",
    }  # fmt: skip
    return views.public(work, platform)


def list_(work: Work) -> Document:
    connected = ("COALESCE(json_extract(document, '$._.deauthorized'), 0) = ?", 0)
    return lists.page(work, "account", url="/v1/accounts", where=[connected])


def deauthorize(work: Work, account: Document) -> None:
    """Its owner withdraws the platform's access: the last event about it, and no key reaches it any more."""
    application: Document = {"id": "ca_sandbox", "object": "application", "name": None}
    work.emit("account.application.deauthorized", application, account=account["id"])
    account["_"]["deauthorized"] = True
    work.save(account)
