"""The forms of the hosted onboarding: which one is next, what they show, and what comes back, read and checked."""

import datetime as dt
import html
from collections.abc import Mapping
from typing import Any

from sandbox.store import Document
from sandbox.stripe import bank_accounts, requirements
from sandbox.stripe.errors import ApiError
from sandbox.stripe.work import Work

HEADINGS = {
    "you": "About you",
    "documents": "A little more information",
    "bank": "Where you are paid",
    "review": "Check and confirm",
}
_FILES = {requirements.DOCUMENT: "document", requirements.ADDRESS_DOCUMENT: "additional_document"}
_FILE_TITLES = {"document": "Identity document", "additional_document": "Document that shows your address"}
_MORE = {"individual.id_number": "Tax or identity number", "individual.nationality": "Nationality"}
_LONGEST = 100
_ADULT_AGE = 18

Values = dict[str, str]
Wrong = dict[str, str]


def steps(account: Document, draft: Mapping[str, Any]) -> list[str]:
    """The forms that this account needs, in order."""
    due = account["requirements"]["currently_due"]
    failed = account["_"].get("identity") == "failed"
    needed = []
    if failed or any(name.startswith(("individual.", "business_")) and not _of_documents(name) for name in due):
        needed.append("you")
    if documents(account) or more(account):
        needed.append("documents")
    if requirements.BANK in due or draft.get("wants_bank"):
        needed.append("bank")
    return [*needed, "review"]


def _of_documents(name: str) -> bool:
    return name in _FILES or name in _MORE or not _of_you(name)


def _of_you(name: str) -> bool:
    told = ("first_name", "last_name", "dob", "address", "email", "phone")
    return name.startswith(("business_", *(f"individual.{part}" for part in told)))


def documents(account: Document) -> list[str]:
    return [_FILES[name] for name in account["requirements"]["currently_due"] if name in _FILES]


def more(account: Document) -> list[str]:
    """What the control API has asked for besides and no other form has a field for."""
    return [name for name in account["_"].get("asked", {}) if name not in _FILES and name != requirements.BANK]


def known(account: Document, draft: Mapping[str, Any]) -> Values:
    """What is filled in already."""
    told = account["_"].get("told", {})
    dob, address = told.get("dob") or {}, told.get("address") or {}
    values = {name: str(told.get(name) or "") for name in ("first_name", "last_name", "phone")}
    values["email"] = str(told.get("email") or account["email"] or "")
    values |= {part: str(dob.get(part) or "") for part in ("day", "month", "year")}
    values |= {part: str(address.get(part) or "") for part in ("line1", "line2", "postal_code", "city")}
    profile = account["business_profile"]
    values["sells"] = str(profile.get("product_description") or profile.get("url") or "")
    return values | {name: value for name, value in draft.items() if isinstance(value, str)}


# ---------------------------------------------------------------------- what comes back
def check(step: str, account: Document, given: Values, *, today: dt.date) -> Wrong:
    """What is wrong, by the name of the field."""
    if step == "you":
        return _check_you(given, today)
    if step == "documents":
        names = [*documents(account), *more(account)]
        return {name: "Choose or fill this in." for name in names if not given.get(name)}
    if step == "bank":
        return _check_bank(account, given)
    if step == "review" and not account["_"].get("terms") and given.get("terms") != "yes":
        return {"terms": "Please accept the terms to go on."}
    return {}


def _check_you(given: Values, today: dt.date) -> Wrong:
    words = {
        "first_name": "Enter your first name.", "last_name": "Enter your last name.", "email": "Enter your e-mail.",
        "phone": "Enter your phone number.", "line1": "Enter your street and number.", "city": "Enter your city.",
        "postal_code": "Enter your postal code.", "sells": "Say in a few words what you sell.",
    }  # fmt: skip
    wrong = {name: text for name, text in words.items() if not given.get(name)}
    wrong |= {name: "This is too long." for name in words if len(given.get(name, "")) > _LONGEST}
    if given.get("email") and "@" not in given["email"]:
        wrong["email"] = "This is not an e-mail address."
    try:
        born = dt.date(int(given.get("year", "")), int(given.get("month", "")), int(given.get("day", "")))
    except ValueError:
        return wrong | {"day": "Enter your date of birth in numbers, as 27 3 1985."}
    if born > dt.date(today.year - _ADULT_AGE, today.month, min(today.day, 28)):
        wrong["day"] = "You must be at least 18 years old."
    return wrong


def _check_bank(account: Document, given: Values) -> Wrong:
    wrong = {} if given.get("holder") else {"holder": "Enter the name of the account holder."}
    try:
        bank_accounts.check_number(given.get("iban", ""), country=given.get("iban", "")[:2].upper(), param="iban")
    except ApiError:
        wrong["iban"] = "This is not a valid IBAN. Check it and try again."
    if not given.get("iban", "")[:2].isalpha():
        wrong["iban"] = "Enter the IBAN, which starts with two letters."
    return wrong


def apply(work: Work, account: Document, draft: Mapping[str, Any]) -> None:
    """Everything was confirmed: what was filled in is told, and Stripe begins to check it. Raises ApiError."""
    hidden, profile = account["_"], account["business_profile"]
    if draft.get("first_name"):
        requirements.tell(account, _individual(account, draft))
        account["business_type"] = account["business_type"] or "individual"
        profile["mcc"] = profile["mcc"] or "5970"
        if not (profile["product_description"] or profile["url"]):
            profile["product_description"] = draft["sells"]
    files = {name: {"front": draft[name]} for name in ("document", "additional_document") if draft.get(name)}
    if files:
        requirements.tell(account, {"verification": files})
    for name in more(account):
        if draft.get(name):
            requirements.answer(account, name)
    if draft.get("iban"):
        iban = "".join(draft["iban"].split()).upper()
        bank = {"account_number": iban, "country": iban[:2], "account_holder_name": draft.get("holder")}
        bank_accounts.replace(work, account, bank)
        requirements.answer(account, requirements.BANK)
    if not hidden.get("terms"):
        hidden["terms"] = True
        account["tos_acceptance"] |= {"date": work.now, "ip": "192.0.2.1"}
    hidden["draft"] = {}
    requirements.submit(work, account)
    requirements.refresh(work, account)


def _individual(account: Document, draft: Mapping[str, Any]) -> dict[str, Any]:
    address = {part: draft[part] for part in ("line1", "line2", "postal_code", "city") if draft.get(part)}
    return {
        **{name: draft[name] for name in ("first_name", "last_name", "email", "phone")},
        "dob": {part: int(draft[part]) for part in ("day", "month", "year")},
        "address": address | {"country": account["country"]},
    }


# ---------------------------------------------------------------------- what is shown
def shown(step: str, account: Document, values: Values, wrong: Wrong) -> str:
    match step:
        case "you":
            return _you(account, values, wrong)
        case "documents":
            return _documents(account, values, wrong)
        case "bank":
            return _bank(values, wrong)
    return _review(account, values, wrong)


def _you(account: Document, values: Values, wrong: Wrong) -> str:
    def text(name: str, label: str, **more: str) -> str:
        return field(name, label, values, wrong, **more)

    parts = "".join(
        text(part, part.capitalize(), inputmode="numeric", autocomplete=f"bday-{part}", described="day-wrong",
             size="4" if part == "year" else "2")
        for part in ("day", "month", "year")
    )  # fmt: skip
    return (
        _identity_problem(account)
        + text("first_name", "First name", autocomplete="given-name")
        + text("last_name", "Last name", autocomplete="family-name")
        + f"<fieldset><legend>Date of birth</legend>{_complaint('day', wrong)}"
        + f"<div class='three'>{parts}</div></fieldset>"
        + text("email", "E-mail", type="email", autocomplete="email")
        + text("phone", "Phone", type="tel", autocomplete="tel")
        + text("line1", "Street and number", autocomplete="address-line1")
        + f"<div class='two'>{text('postal_code', 'Postal code', autocomplete='postal-code')}"
        + f"{text('city', 'City', autocomplete='address-level2')}</div>"
        + f"<p class='hint'>Country: {html.escape(account['country'])}</p>"
        + text("sells", "What do you sell?", hint="In a few words, as “stoneware bowls and cups”.")
    )


def _identity_problem(account: Document) -> str:
    return "".join(f"<p class='note'>{html.escape(error['reason'])}</p>" for error in account["requirements"]["errors"])


def _documents(account: Document, values: Values, wrong: Wrong) -> str:
    def choice(name: str) -> str:
        options = "".join(
            f"<label class='choice'><input type='radio' name='{name}' value='{token}' "
            f"{'checked' if values.get(name) == token else ''}><span>{text}</span></label>"
            for token, text in (
                ("file_identity_document_success", "A test document that is confirmed"),
                ("file_identity_document_failure", "A test document that is refused"),
            )
        )
        title = _FILE_TITLES[name]
        return f"<fieldset id='{name}'><legend>{title}</legend>{_complaint(name, wrong)}{options}</fieldset>"

    asked = "".join(field(name, _MORE.get(name, name), values, wrong) for name in more(account))
    return _identity_problem(account) + "".join(choice(name) for name in documents(account)) + asked


def _bank(values: Values, wrong: Wrong) -> str:
    return (
        "<p>Payouts arrive on this bank account.</p>"
        + field("holder", "Account holder", values, wrong, autocomplete="name")
        + field("iban", "IBAN", values, wrong, hint="It starts with two letters for the country.", autocomplete="off")
    )


def _review(account: Document, values: Values, wrong: Wrong) -> str:
    def row(term: str, said: str, step: str = "") -> str:
        change = f" <a href='{step}'>Change<span class='unseen'> {term}</span></a>" if step else ""
        return f"<div><dt>{term}</dt><dd>{html.escape(said)}{change}</dd></div>"

    asks = steps(account, values)
    birth = "-".join(values.get(part, "").zfill(2) for part in ("year", "month", "day"))
    rows = row("Name", f"{values['first_name']} {values['last_name']}", "you" if "you" in asks else "")
    rows += row("Date of birth", birth) + row("E-mail and phone", f"{values['email']}, {values['phone']}")
    address = ", ".join(
        filter(None, [values["line1"], f"{values['postal_code']} {values['city']}", account["country"]])
    )
    rows += row("Address", address)
    if "documents" in asks:
        rows += row("More information", "given", "documents")
    iban = values.get("iban", "").replace(" ", "")
    rows += row("Bank account", f"ending in {iban[-4:]}" if iban else "as given before", "bank")
    return f"<dl class='sum'>{rows}</dl>{'' if account['_'].get('terms') else _terms(wrong)}"


def _terms(wrong: Wrong) -> str:
    return (
        f"{_complaint('terms', wrong)}<label class='choice'>"
        f"<input type='checkbox' id='terms' name='terms' value='yes'{_invalid('terms', wrong)}>"
        "<span>I accept the payment processor's terms, and what I have told is true.</span></label>"
    )


def field(
    name: str, label: str, values: Values, wrong: Wrong, *, hint: str = "", described: str = "", **more: str
) -> str:
    attributes = "".join(f" {key}='{html.escape(value)}'" for key, value in more.items())
    hinted = f"<p class='hint' id='{name}-hint'>{html.escape(hint)}</p>" if hint else ""
    complaint = "" if described else _complaint(name, wrong)
    told_wrong = (described or f"{name}-wrong") if (described or name).removesuffix("-wrong") in wrong else ""
    by = " ".join(filter(None, [told_wrong, f"{name}-hint" if hint else ""]))
    described_by = f" aria-describedby='{by}'" if by else ""
    return (
        f"<div class='field'><label for='{name}'>{html.escape(label)}</label>{hinted}{complaint}"
        f"<input id='{name}' name='{name}' value='{html.escape(values.get(name, ''))}'{described_by}"
        f"{_invalid('day' if described else name, wrong)}{attributes}></div>"
    )


def _complaint(name: str, wrong: Wrong) -> str:
    return f"<p class='wrong' id='{name}-wrong'>{html.escape(wrong.get(name, ''))}</p>" if name in wrong else ""


def _invalid(name: str, wrong: Wrong) -> str:
    return " aria-invalid='true'" if name in wrong else ""
