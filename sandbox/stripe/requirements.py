"""What a connected account has told, what became of checking it, and what follows: requirements, capabilities, payouts.

Everything is worked out afresh from what is known (`refresh`), so that an account can never say that it is enabled
while something is past due. What was told is kept under `_`: `told` (as in the API's `individual`, and `terms`),
`identity` and `address` (what became of checking them), `asked` (what the control API wants to know besides, with its
deadline) and `halt` (why Stripe has stopped the account).
https://docs.stripe.com/connect/handling-api-verification
"""

from typing import Any

from sandbox.store import Document
from sandbox.stripe.errors import ApiError
from sandbox.stripe.work import Work

DOCUMENT = "individual.verification.document"
ADDRESS_DOCUMENT = "individual.verification.additional_document"
BANK = "external_account"
_TOLD = (
    "first_name", "last_name", "dob.day", "dob.month", "dob.year", "address.line1", "address.city",
    "address.postal_code", "email", "phone",
)  # fmt: skip

# https://docs.stripe.com/connect/testing#test-dobs: any other date is not confirmed.
_CONFIRMED_BIRTH = {(1901, 1, 1), (1902, 1, 1)}
_CONFIRMED_AT_ONCE = (1902, 1, 1)
_UNCONFIRMED_ADDRESSES = ("address_no_match", "address_line1_no_match")
_GOOD_FILE = "file_identity_document_success"
# Stripe's checks of test identities take some seconds.
CHECK_SECONDS = 2

_ERRORS = {
    "identity": (DOCUMENT, "verification_failed_keyed_identity",
                 "The person's keyed-in identity information could not be verified. Correct any errors or upload a "
                 "document that matches the identity fields (e.g., name and date of birth) entered."),
    "identity file": (DOCUMENT, "verification_document_failed_test_mode",
                      "A test data helper was supplied to simulate verification failure."),
    "address": (ADDRESS_DOCUMENT, "verification_failed_residential_address",
                "We could not verify that the person resides at the provided address. The address must be a valid "
                "physical address where the individual resides and cannot be a P.O. Box."),
    "address file": (ADDRESS_DOCUMENT, "verification_document_failed_test_mode",
                     "A test data helper was supplied to simulate verification failure."),
}  # fmt: skip


def account(work: Work, account_id: str) -> Document:
    """Raises ApiError; Stripe does not tell an account that is not connected (any more) from none."""
    found = work.store.find(account_id)
    if found is None or found[0]["object"] != "account" or found[0]["_"].get("deauthorized"):
        raise no_access(account_id)
    return found[0]


def no_access(account_id: str) -> ApiError:
    return ApiError(
        403,
        f"The provided key 'sk_test_*****box' does not have access to account '{account_id}' (or that account does not "
        "exist). Application access may have been revoked.",
        code="account_invalid",
    )


# ---------------------------------------------------------------------- what is told, and its checks
def tell(account: Document, individual: dict[str, Any]) -> None:
    """Keeps what is new of a person, and forgets what was found out about the old."""
    hidden = account["_"]
    told: dict[str, Any] = hidden.setdefault("told", {})
    before = (told.get("first_name"), told.get("last_name"), told.get("dob"))
    address_before = told.get("address")
    for name in ("first_name", "last_name", "email", "phone"):
        if name in individual:
            told[name] = individual[name]
    for name in ("dob", "address"):
        if name in individual:
            told[name] = dict(told.get(name) or {}) | individual[name]
    if before != (told.get("first_name"), told.get("last_name"), told.get("dob")):
        hidden["identity"] = "unchecked"
    if address_before != told.get("address"):
        hidden["address"] = "unchecked"
    documents = individual.get("verification") or {}
    for name, check in (("document", "identity"), ("additional_document", "address")):
        file = (documents.get(name) or {}).get("front")
        if file:
            hidden.setdefault("files", {})[check] = file
            hidden[check] = "unchecked"
            answer(account, DOCUMENT if check == "identity" else ADDRESS_DOCUMENT)


def answer(account: Document, name: str) -> None:
    """What was asked for besides is told; an account that was stopped for it waits for the check."""
    hidden = account["_"]
    if name in account["requirements"].get("past_due", ()):
        hidden["verified_once"] = False
    hidden["asked"] = {asked: deadline for asked, deadline in hidden.get("asked", {}).items() if asked != name}


def missing(work: Work, account: Document) -> list[str]:
    """The fields that nobody has filled in, in Stripe's names."""
    hidden, profile = account["_"], account["business_profile"]
    told = hidden.get("told", {})
    names = [] if profile.get("mcc") else ["business_profile.mcc"]
    if not (profile.get("url") or profile.get("product_description")):
        names.append("business_profile.url")
    if account["business_type"] is None:
        names.append("business_type")
    if not work.store.related("bank_account", "account", account["id"]):
        names.append(BANK)
    names += [f"individual.{path}" for path in _TOLD if not _at(told, path)]
    if not hidden.get("terms"):
        names += ["tos_acceptance.date", "tos_acceptance.ip"]
    return names


def _at(told: dict[str, Any], path: str) -> Any:
    value: Any = told
    for part in path.split("."):
        value = (value or {}).get(part)
    return value


def submit(work: Work, account: Document) -> None:
    """All is told: Stripe begins to check it, and finds some of it out at once. The caller refreshes."""
    hidden = account["_"]
    account["details_submitted"] = True
    told, files = hidden["told"], hidden.get("files", {})
    birth = tuple(int(told["dob"][part]) for part in ("year", "month", "day"))
    for check in ("identity", "address"):
        if hidden.get(check, "unchecked") != "unchecked":
            continue
        at_once = check not in files and (birth == _CONFIRMED_AT_ONCE or check == "address")
        hidden[check] = "pending"
        if at_once:
            hidden[check] = _result(account, check)
        else:
            work.schedule("check_account", account["id"], in_seconds=work.option("check_seconds", CHECK_SECONDS))


def _result(account: Document, check: str) -> str:
    """A document has the last word; without one what was keyed in has."""
    hidden = account["_"]
    file = hidden.get("files", {}).get(check)
    if file:
        return "verified" if file == _GOOD_FILE else "failed file"
    told = hidden["told"]
    if check == "address":
        return "failed" if told["address"].get("line1") in _UNCONFIRMED_ADDRESSES else "verified"
    birth = tuple(int(told["dob"][part]) for part in ("year", "month", "day"))
    return "verified" if birth in _CONFIRMED_BIRTH else "failed"


def check(work: Work, account_id: str) -> None:
    """The job behind Stripe's checks."""
    found = work.store.find(account_id)
    if found is None:
        return
    account = found[0]
    for name in ("identity", "address"):
        if account["_"].get(name) == "pending":
            account["_"][name] = _result(account, name)
    refresh(work, account)


def fall_due(work: Work, account_id: str) -> None:
    """The job behind a deadline."""
    found = work.store.find(account_id)
    if found is not None:
        refresh(work, found[0])


# ---------------------------------------------------------------------- what follows
def refresh(work: Work, account: Document) -> None:
    """Works out what is due and what the account may do, stores it, and tells of what has changed."""
    stored = work.store.find(account["id"])
    before = stored[0] if stored is not None else account
    if not account["details_submitted"] and account["controller"]["requirement_collection"] == "application":
        # A platform that asks by itself has told all there is once nothing is missing.
        if not missing(work, account):
            submit(work, account)
    elif account["details_submitted"] and account["controller"]["requirement_collection"] == "application":
        submit(work, account)
    _conclude(work, account)
    work.save(account)
    changed = {
        name: before[name]
        for name in ("capabilities", "charges_enabled", "payouts_enabled", "details_submitted", "requirements")
        if before[name] != account[name]
    }
    if changed:
        work.emit("account.updated", account, before=changed, account=account["id"])
    for name, status in account["capabilities"].items():
        if before["capabilities"].get(name) != status:
            work.emit(
                "capability.updated", _capability(account, name), before={"status": before["capabilities"].get(name)},
                account=account["id"],
            )  # fmt: skip


def _conclude(work: Work, account: Document) -> None:
    hidden, checks = account["_"], ("identity", "address")
    states = {check: hidden.get(check, "unchecked") for check in checks}
    errors = [_ERRORS[check + state.removeprefix("failed")] for check, state in states.items() if "failed" in state]
    pending = [
        name for check, name in zip(checks, (DOCUMENT, ADDRESS_DOCUMENT), strict=True) if states[check] == "pending"
    ]
    due: dict[str, int | None] = dict.fromkeys(missing(work, account))
    due |= dict.fromkeys(requirement for requirement, _, _ in errors)
    if account["details_submitted"] and any(
        bank["status"] == "errored" and bank["default_for_currency"]
        for bank in work.store.related("bank_account", "account", account["id"])
    ):
        due[BANK] = None
    for name, deadline in hidden.get("asked", {}).items():
        due.setdefault(name, deadline)
    past = [name for name, deadline in due.items() if deadline is None or deadline <= work.now]
    deadlines = [deadline for deadline in due.values() if deadline is not None and deadline > work.now]
    if all(state == "verified" for state in states.values()):
        hidden["verified_once"] = True
    # A check of something new does not stop an account that has passed before.
    waits = bool(pending) and not hidden.get("verified_once")
    halt = hidden.get("halt")
    reason = halt or ("requirements.past_due" if past else "requirements.pending_verification" if waits else None)
    # Money can come in as long as only the way to the bank is broken.
    receives = account["details_submitted"] and not halt and not waits and not set(past) - {BANK}
    account["requirements"] = {
        "alternatives": [],
        "current_deadline": min(deadlines, default=None),
        "currently_due": sorted(due),
        "disabled_reason": reason,
        "errors": [
            {"code": code, "reason": sentence, "requirement": requirement} for requirement, code, sentence in errors
        ],
        "eventually_due": sorted(due),
        "past_due": sorted(past),
        "pending_verification": pending,
    }
    status = "active" if receives else "pending" if waits and not halt and not past else "inactive"
    account["capabilities"] = dict.fromkeys(account["capabilities"], status)
    account["charges_enabled"] = receives
    account["payouts_enabled"] = receives and not past


def _capability(account: Document, name: str) -> Document:
    due = account["requirements"]
    return {
        "id": name,
        "object": "capability",
        "account": account["id"],
        "requested": True,
        "requested_at": account["created"],
        "requirements": {
            "alternatives": [],
            "current_deadline": due["current_deadline"],
            "currently_due": due["currently_due"],
            "disabled_reason": due["disabled_reason"] if account["capabilities"][name] != "active" else None,
            "errors": due["errors"],
            "eventually_due": due["eventually_due"],
            "past_due": due["past_due"],
            "pending_verification": due["pending_verification"],
        },
        "status": account["capabilities"][name],
    }
