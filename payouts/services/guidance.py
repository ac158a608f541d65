"""What the processor's words mean to an artisan: the state in one sentence, and what to do about each thing asked for.

The processor's own codes never reach this far: `payments.processors` has turned them into ours, and a path that it did
not know into `Requirement.OTHER`, which is found on the processor's page in any case.
"""

import datetime as dt
from dataclasses import dataclass

from payments.enums import AccountHalt, Requirement, RequirementProblem
from payouts.enums import AccountState
from payouts.models import ConnectedAccount

HOW = {
    Requirement.NAME: "Write it exactly as it stands on your identity document.",
    Requirement.BIRTH_DATE: "Day, month and year, as on your identity document.",
    Requirement.ADDRESS: "Where you live, not a post box.",
    Requirement.EMAIL: "One that you read: notices about your money go there.",
    Requirement.PHONE: "A mobile phone at hand: a code is sent to it.",
    Requirement.ID_NUMBER: "Your tax office or your passport has it; which one is wanted depends on your country.",
    Requirement.NATIONALITY: "As in your passport.",
    Requirement.IDENTITY_DOCUMENT: "A sharp colour photo of your passport or identity card: both sides, all corners.",
    Requirement.ADDRESS_DOCUMENT: "A bill or bank statement of the last six months with your name and address.",
    Requirement.BANK_ACCOUNT: "Have the IBAN or account number of an account in your own name ready.",
    Requirement.TERMS: "Read the terms on the payment processor's page and agree to them.",
    Requirement.BUSINESS_TYPE: "Most makers work as a person; choose a company only if it is registered as one.",
    Requirement.BUSINESS_PROFILE: "In a sentence or two. The address of your shop here will do as a website.",
    Requirement.COMPANY: "Name, address and number exactly as in the public register.",
    Requirement.COMPANY_DOCUMENT: "An extract of the register or your articles, not older than the page asks for.",
    Requirement.PEOPLE: "Everybody who owns a quarter or more, or manages the company, with name and date of birth.",
    Requirement.OTHER: "The payment processor's page tells you what it is, and why.",
}

MEND = {
    RequirementProblem.MISSING: "It was left out. Please add it.",
    RequirementProblem.INVALID: "What was given can't be right. Please look for a slip of the pen.",
    RequirementProblem.NOT_CONFIRMED: "It could not be confirmed. Please compare it with your papers, or upload one.",
    RequirementProblem.DOCUMENT_UNREADABLE: "The picture was too blurry or dark to be read. Please take a sharp one in "
    "colour, by daylight, without a flash.",
    RequirementProblem.DOCUMENT_EXPIRED: "The document has expired. Please upload one that is valid.",
    RequirementProblem.DOCUMENT_INCOMPLETE: "A part of the document is missing. Please upload all of it, both sides.",
    RequirementProblem.DOCUMENT_MISMATCH: "The document says something else than was filled in. Please correct one or "
    "the other.",
    RequirementProblem.DOCUMENT_REFUSED: "This document was not accepted. Please upload another kind, such as a "
    "passport.",
    RequirementProblem.TOO_YOUNG: "The person is too young to be paid by the payment processor. Please write to us.",
    RequirementProblem.NOT_SUPPORTED: "The payment processor does not serve this business. Please write to us.",
    RequirementProblem.OTHER: "It was not accepted. The payment processor's page tells more.",
}

_SENTENCES = {
    AccountState.NOT_STARTED: "You have not yet told our payment processor Stripe where to send your money.",
    AccountState.INCOMPLETE: "You have begun to set up your payouts, but not finished yet.",
    AccountState.PENDING_VERIFICATION: "Stripe is checking what you told it. There is nothing you have to do now.",
    AccountState.REQUIREMENTS_DUE: "Stripe needs something more from you.",
    AccountState.PAST_DUE: "Stripe can't pay you now, because something it has to know is missing.",
    AccountState.RESTRICTED: "Stripe is holding your payouts.",
    AccountState.ENABLED: "All set: you are paid to your bank account.",
    AccountState.REJECTED: "Stripe has closed your account with it, so we can't pay you there.",
    AccountState.DEAUTHORIZED: "Your Stripe account is no longer connected to our shop, so we can't pay you.",
}
_HALTS = {
    AccountHalt.UNDER_REVIEW: "It is being reviewed, which can take some days; you hear from us when it is over.",
    AccountHalt.PAUSED: "We have asked for that. Please write to us.",
    AccountHalt.ACTION_REQUIRED: "Something has to be done there first: the button below leads you to it.",
}
# Where the artisan has something to do at the processor; the button is there for these.
CAN_CONTINUE = frozenset({
    AccountState.NOT_STARTED, AccountState.INCOMPLETE, AccountState.REQUIREMENTS_DUE, AccountState.PAST_DUE,
    AccountState.RESTRICTED, AccountState.DEAUTHORIZED, AccountState.ENABLED, AccountState.PENDING_VERIFICATION,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that the artisan has to tell the processor. `mend`: what was wrong with it, if it was told before."""

    what: str
    how: str
    mend: str
    is_overdue: bool


def state_of_artisan(account: ConnectedAccount | None) -> AccountState:
    return AccountState.NOT_STARTED if account is None else AccountState(account.state)


def sentence(account: ConnectedAccount | None) -> str:
    """Where the artisan stands, in one or two sentences."""
    state = state_of_artisan(account)
    more = _HALTS.get(AccountHalt(account.halt), "") if account is not None else ""
    return f"{_SENTENCES[state]} {more}".strip() if state is AccountState.RESTRICTED else _SENTENCES[state]


def asked_of(account: ConnectedAccount | None) -> list[Asked]:
    """What is overdue first, then what is due; each thing once, with the errors of what was told before."""
    if account is None:
        return []
    overdue = account.requirements.get("past_due", [])
    due = [one for one in account.requirements.get("currently_due", []) if one not in overdue]
    # Of an account that was made just now Stripe says that everything is past due; the artisan has missed nothing.
    is_late = account.details_submitted
    problems = {error["requirement"]: error["problem"] for error in account.requirements.get("errors", [])}
    return [
        Asked(
            what=Requirement(name).label,
            how=HOW[Requirement(name)],
            mend=MEND[RequirementProblem(problems[name])] if name in problems else "",
            is_overdue=is_late and name in overdue,
        )
        for name in [*overdue, *due]
    ]


@dataclass(frozen=True, slots=True)
class DeadlineNotice:
    """What is asked for, by when, and what happens otherwise: the same words in the letter and on the dashboard."""

    title: str
    asked: list[Asked]
    otherwise: str


def deadline_notice(account: ConnectedAccount | None, *, now: dt.datetime) -> DeadlineNotice | None:
    """None where nothing is asked for, or nothing with a deadline that is still ahead."""
    asked = asked_of(account)
    if account is None or account.deadline_at is None or account.deadline_at <= now or not asked:
        return None
    if account.state in (AccountState.REJECTED, AccountState.DEAUTHORIZED):
        return None
    deadline = account.deadline_at
    days = (deadline.date() - now.date()).days
    left = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
    stops = (
        "Otherwise Stripe stops paying you then."
        if account.transfers_enabled
        else "Until it is there, Stripe can't pay you."
    )
    return DeadlineNotice(
        title=f"Stripe needs something from you by {deadline:%-d %B %Y}, {left}",
        asked=asked,
        otherwise=f"{stops} You can go on selling: what you earn waits for you, and is paid once this is settled.",
    )


def being_checked(account: ConnectedAccount | None) -> list[str]:
    """What the processor is looking at, for the artisan to know that it has arrived."""
    names = account.requirements.get("pending_verification", []) if account is not None else []
    return [Requirement(name).label for name in names]
