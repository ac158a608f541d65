"""External accounts: the banks that connected accounts are paid out to. Test numbers decide how a payout ends.

https://docs.stripe.com/connect/testing#account-numbers and
https://docs.stripe.com/api/external_accounts
"""

import hashlib
from typing import Any

from sandbox.store import Document
from sandbox.stripe import currencies, lists, metadata, requirements, views
from sandbox.stripe.errors import ApiError, missing_object
from sandbox.stripe.ids import new_id
from sandbox.stripe.work import Work

# The part of an IBAN after its check digits: Stripe's numbers work for every country that has IBANs.
_OUTCOME = {
    "370400440532013000": "",
    "370400440532013001": "no_account",
    "370400440532013002": "account_closed",
    "370400440532013003": "insufficient_funds",
    "370400440532013004": "debit_not_authorized",
    "370400440532013005": "invalid_currency",
    # United States, routing number 110000000
    "000123456789": "",
    "000111111116": "no_account",
    "000111111113": "account_closed",
    "000222222227": "insufficient_funds",
    "000333333335": "debit_not_authorized",
    "000444444440": "invalid_currency",
    # United Kingdom, sort code 108800
    "00012345": "",
    "11111116": "no_account",
    "11111113": "account_closed",
    "22222227": "insufficient_funds",
    "33333335": "debit_not_authorized",
    "44444440": "invalid_currency",
}
TEST_IBAN = "DE89370400440532013000"


def outcome_of(number: str) -> str:
    """The failure code of payouts to that account; empty when they arrive."""
    return _OUTCOME.get(number[4:] if number[:2].isalpha() else number, "")


def check_number(number: str, *, country: str, param: str) -> str:
    """The number without spaces. Raises ApiError for one that cannot be: an IBAN has check digits (ISO 7064)."""
    plain = "".join(number.split()).upper()
    if not plain.isalnum() or not plain.isascii() or not 6 <= len(plain) <= 34:
        raise _invalid(number, param)
    if plain[:2].isalpha():
        rearranged = plain[4:] + plain[:4]
        digits = int("".join(str(int(character, 36)) for character in rearranged))
        if plain[:2] != country and country:
            raise ApiError(
                400,
                f"The country of the bank account ({country}) does not match the IBAN's ({plain[:2]}).",
                code="account_number_invalid",
                param=param,
            )
        # Some of the published numbers do not bother with right check digits.
        if digits % 97 != 1 and not outcome_of(plain):
            raise _invalid(number, param)
    return plain


def _invalid(number: str, param: str) -> ApiError:
    return ApiError(
        400,
        f"Invalid account number: {number[-4:].rjust(len(number), '*')}. Check it and try again.",
        code="account_number_invalid",
        param=param,
    )


def of(work: Work, account: Document) -> list[Document]:
    """The account's banks, oldest first."""
    return work.store.related("bank_account", "account", account["id"])


def default(work: Work, account: Document, currency: str) -> Document | None:
    return next((bank for bank in of(work, account) if _is_default(bank, currency)), None)


def _is_default(bank: Document, currency: str) -> bool:
    return bool(bank["default_for_currency"]) and bank["currency"] == currency


def add(work: Work, account: Document, given: dict[str, Any], *, param: str = "external_account") -> Document:
    """Stores a bank account, the default of its currency when it is the first or asked for. Raises ApiError."""
    if given.get("object", "bank_account") != "bank_account":
        raise ApiError(400, "The sandbox does not simulate payouts to debit cards.", param=f"{param}[object]")
    country = given.get("country") or account["country"]
    currency = currencies.check_currency(given.get("currency") or account["default_currency"])
    number = check_number(str(given["account_number"]), country=country, param=f"{param}[account_number]")
    is_default = bool(given.get("default_for_currency")) or default(work, account, currency) is None
    if is_default:
        _demote(work, account, currency)
    bank: Document = {
        "id": new_id("ba"),
        "object": "bank_account",
        "account": account["id"],
        "account_holder_name": given.get("account_holder_name"),
        "account_holder_type": given.get("account_holder_type"),
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": country,
        "currency": currency,
        "default_for_currency": is_default,
        "fingerprint": hashlib.sha256(f"{country}{number}".encode()).hexdigest()[:16],
        "future_requirements": _nothing_due(),
        "last4": number[-4:],
        "metadata": metadata.merged({}, given.get("metadata")),
        "requirements": _nothing_due(),
        "routing_number": given.get("routing_number"),
        "status": "new",
        "_": {"outcome": outcome_of(number)},
    }
    work.insert(bank, account=account["id"])
    work.emit("account.external_account.created", bank, account=account["id"])
    return bank


def replace(work: Work, account: Document, given: dict[str, Any]) -> Document:
    """The new bank account takes the place of those in its currency."""
    bank = add(work, account, given | {"default_for_currency": True})
    for other in of(work, account):
        if other["id"] != bank["id"] and other["currency"] == bank["currency"]:
            _remove(work, other)
    return bank


def break_(work: Work, bank_id: str) -> None:
    """Money came back from it: Stripe sends none there until the details are changed."""
    found = work.store.find(bank_id)
    if found is None or found[0]["object"] != "bank_account" or found[0]["status"] == "errored":
        return
    bank = found[0]
    before = bank["status"]
    bank["status"] = "errored"
    work.save(bank)
    work.emit("account.external_account.updated", bank, before={"status": before}, account=bank["account"])


def _demote(work: Work, account: Document, currency: str) -> None:
    for other in of(work, account):
        if _is_default(other, currency):
            other["default_for_currency"] = False
            work.save(other)
            work.emit(
                "account.external_account.updated", other, before={"default_for_currency": True}, account=account["id"]
            )


def _remove(work: Work, bank: Document) -> None:
    work.store.sql.execute("DELETE FROM objects WHERE id = ?", (bank["id"],))
    work.emit("account.external_account.deleted", bank, account=bank["account"])


def _nothing_due() -> dict[str, Any]:
    return {"currently_due": [], "errors": [], "past_due": [], "pending_verification": []}


# ---------------------------------------------------------------------- the API
def create(work: Work, account_id: str) -> Document:
    account, params = requirements.account(work, account_id), work.params
    given = params["external_account"]
    if not isinstance(given, dict):
        raise ApiError(400, "The sandbox takes bank accounts, not tokens.", param="external_account")
    more = {name: params[name] for name in ("default_for_currency", "metadata") if name in params}
    bank = add(work, account, given | more)
    requirements.refresh(work, account)
    return views.public(work, bank)


def list_(work: Work, account_id: str) -> Document:
    requirements.account(work, account_id)
    work.account = account_id
    where = [] if work.params.get("object", "bank_account") == "bank_account" else [("object = ?", "card")]
    work.params.pop("object", None)
    return lists.page(work, "bank_account", url=f"/v1/accounts/{account_id}/external_accounts", where=where)


def _get(work: Work, account_id: str, bank_id: str) -> Document:
    requirements.account(work, account_id)
    found = work.store.find(bank_id)
    if found is None or found[0].get("account") != account_id:
        raise missing_object("external account", bank_id, param="id")
    return found[0]


def retrieve(work: Work, account_id: str, bank_id: str) -> Document:
    return views.public(work, _get(work, account_id, bank_id))


def update(work: Work, account_id: str, bank_id: str) -> Document:
    bank, params = _get(work, account_id, bank_id), work.params
    account, before = requirements.account(work, account_id), {}
    if params.get("default_for_currency") and not bank["default_for_currency"]:
        _demote(work, account, bank["currency"])
        before["default_for_currency"], bank["default_for_currency"] = False, True
    for name in ("account_holder_name", "account_holder_type"):
        if name in params and bank[name] != params[name]:
            before[name], bank[name] = bank[name], params[name]
    bank["metadata"] = metadata.merged(bank["metadata"], params.get("metadata"))
    work.save(bank)
    work.emit("account.external_account.updated", bank, before=before, account=account_id)
    requirements.refresh(work, account)
    return views.public(work, bank)


def delete(work: Work, account_id: str, bank_id: str) -> Document:
    bank, account = _get(work, account_id, bank_id), requirements.account(work, account_id)
    if _is_default(bank, account["default_currency"]):
        raise ApiError(
            400,
            "You cannot delete the default external account for your default currency. Please make another external "
            "account the default using the `default_for_currency` param, and then delete this one.",
            stored=True,
        )
    _remove(work, bank)
    requirements.refresh(work, account)
    return {"id": bank_id, "object": "bank_account", "deleted": True}
