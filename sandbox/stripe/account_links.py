"""Account links: the way to the hosted onboarding page, good for one visit and for some minutes.

https://docs.stripe.com/api/account_links
"""

import secrets

from sandbox.store import Document
from sandbox.stripe import requirements
from sandbox.stripe.errors import ApiError
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

LIFETIME_SECONDS = 5 * 60
# How long somebody may take to fill in the forms.
_VISIT_SECONDS = 60 * 60


def create(work: Work) -> Document:
    params = work.params
    account = requirements.account(work, params["account"])
    for name in ("refresh_url", "return_url"):
        if name not in params:
            raise ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    if params["type"] != "account_onboarding" and account["controller"]["requirement_collection"] == "stripe":
        raise ApiError(
            400,
            "You cannot create `account_update` type Account Links for this account. You can only create Account Links "
            "of type `account_onboarding`.",
            param="type",
        )
    token = secrets.token_urlsafe(24)
    expires_at = work.now + LIFETIME_SECONDS
    work.insert(
        {
            "id": _id_of(token),
            "object": "onboarding_link",
            "created": work.now,
            "_": {
                "account": account["id"],
                "expires_at": expires_at,
                "refresh_url": params["refresh_url"],
                "return_url": params["return_url"],
                "used": False,
            },
        }
    )
    return {
        "object": "account_link",
        "created": work.now,
        "expires_at": expires_at,
        "url": f"{work.base_url}/setup/e/{account['id']}/{token}",
    }


def follow(work: Work, token: str) -> tuple[Document | None, str]:
    """The visit that the link begins, or none and where to ask for another link (empty: there was no such link)."""
    found = work.store.find(_id_of(token))
    if found is None or found[0]["object"] != "onboarding_link":
        return None, ""
    link, hidden = found[0], found[0]["_"]
    account = work.store.find(hidden["account"])
    if account is None or account[0]["_"].get("deauthorized") or hidden["used"] or hidden["expires_at"] <= work.now:
        return None, hidden["refresh_url"]
    # Of an account made by an earlier version of the sandbox less is known than it says.
    requirements.refresh(work, account[0])
    hidden["used"] = True
    work.save(link)
    visit: Document = {
        "id": new_id("onboarding"),
        "object": "onboarding_visit",
        "created": work.now,
        "_": {
            "account": hidden["account"],
            "ends_at": work.now + _VISIT_SECONDS,
            "refresh_url": hidden["refresh_url"],
            "return_url": hidden["return_url"],
        },
    }
    return work.insert(visit), ""


def visit(work: Work, visit_id: str) -> tuple[Document, Document] | None:
    """A visit that goes on, and its account."""
    found = work.store.find(visit_id)
    if found is None or found[0]["object"] != "onboarding_visit" or found[0]["_"]["ends_at"] <= work.now:
        return None
    account = work.store.find(found[0]["_"]["account"])
    if account is None or account[0]["_"].get("deauthorized"):
        return None
    return found[0], account[0]


def _id_of(token: str) -> str:
    return f"onboardinglink_{token}"
