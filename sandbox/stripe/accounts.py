"""Connected accounts, as far as a marketplace needs them before its sellers have gone through onboarding."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import currencies, lists, metadata, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_account_id
from sandbox.stripe.work import Work

PLATFORM_ID = "acct_sandboxplatform"
_LINK_LIFETIME_SECONDS = 5 * 60
_REQUIREMENTS = ["business_profile.url", "external_account", "tos_acceptance.date", "tos_acceptance.ip"]
# A platform that collects the requirements itself may give them all with the account; Stripe's test identities then
# are verified at once.
_TOLD_AT_ONCE = ("individual", "external_account", "tos_acceptance")


def create(work: Work) -> Document:
    params = work.params
    account = new_account(work, account_id=new_account_id(), country=params.get("country", "IE"))
    if "type" in params:
        account["type"] = params["type"]
    _apply(account, params)
    work.insert(account)
    if all(params.get(name) for name in _TOLD_AT_ONCE):
        complete_onboarding(work, account)
    else:
        work.emit("account.updated", account, account=account["id"])
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
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "total_count": 0,
            "url": f"/v1/accounts/{account_id}/external_accounts",
        },
        "metadata": {},
        "payouts_enabled": False,
        "requirements": _requirements(due=True),
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


def _requirements(*, due: bool) -> dict[str, Any]:
    names = list(_REQUIREMENTS) if due else []
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": names,
        "disabled_reason": "requirements.past_due" if due else None,
        "errors": [],
        "eventually_due": names,
        "past_due": names,
        "pending_verification": [],
    }


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
            status = "active" if account["details_submitted"] else "inactive"
            account["capabilities"][capability] = status
        elif capability in account["capabilities"]:
            del account["capabilities"][capability]
    account["metadata"] = metadata.merged(account["metadata"], params.get("metadata"))


def complete_onboarding(work: Work, account: Document) -> None:
    """What happens when the seller has told Stripe all it wants to know; makes the requested capabilities active."""
    before = {"charges_enabled": account["charges_enabled"], "payouts_enabled": account["payouts_enabled"]}
    capabilities = account["capabilities"] or {"transfers": "inactive"}
    account |= {
        "capabilities": dict.fromkeys(capabilities, "active"),
        "charges_enabled": True,
        "details_submitted": True,
        "payouts_enabled": True,
        "requirements": _requirements(due=False),
    }
    work.save(account)
    work.emit("account.updated", account, before=before, account=account["id"])


def update(work: Work, account_id: str) -> Document:
    account = get(work, account_id)
    _apply(account, work.params)
    work.save(account)
    work.emit("account.updated", account, before={}, account=account_id)
    return views.public(work, account)


def get(work: Work, account_id: str) -> Document:
    """Raises ApiError; Stripe does not tell a foreign account from none."""
    found = work.store.find(account_id)
    if found is None or found[0]["object"] != "account":
        raise no_access(account_id)
    return found[0]


def no_access(account_id: str) -> ApiError:
    return ApiError(
        403,
        f"The provided key 'sk_test_*****box' does not have access to account '{account_id}' (or that account does not "
        "exist). Application access may have been revoked.",
        code="account_invalid",
    )


def retrieve(work: Work, account_id: str) -> Document:
    return views.public(work, get(work, account_id))


def retrieve_current(work: Work) -> Document:
    """The platform's own account, or the connected one that the request is made for."""
    if work.account:
        return retrieve(work, work.account)
    platform = new_account(work, account_id=PLATFORM_ID, country="IE")
    platform |= {
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "details_submitted": True,
        "payouts_enabled": True,
        "requirements": _requirements(due=False),
        "type": "standard",
    }
    return views.public(work, platform)


def list_(work: Work) -> Document:
    return lists.page(work, "account", url="/v1/accounts")


def create_link(work: Work) -> Document:
    """The address of the onboarding page; here, opening it is all there is to onboarding."""
    params = work.params
    account = get(work, params["account"])
    for name in ("refresh_url", "return_url"):
        if name not in params:
            raise ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    account["_"]["return_url"] = params["return_url"]
    work.save(account)
    return {
        "object": "account_link",
        "created": work.now,
        "expires_at": work.now + _LINK_LIFETIME_SECONDS,
        "url": f"{work.base_url}/_sandbox/accounts/{account['id']}/onboarding",
    }
