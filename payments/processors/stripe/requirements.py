"""What Stripe still wants to know about a connected account, in our words.

Stripe names a requirement by the path of a field, whose first part may be a person's id. The paths are not a closed
list, so one that no row here knows is OTHER: the artisan finds it on Stripe's own page in any case, and whether an
account can be paid is told by Stripe apart from it. The codes of errors and of stopped accounts are closed lists; a
test holds them against the installed SDK's types.
https://docs.stripe.com/connect/handling-api-verification
"""

from collections.abc import Iterable
from typing import TypeVar

import stripe
import structlog

from payments.contracts import AccountRequirements, RequirementError
from payments.enums import AccountHalt, Requirement, RequirementProblem
from payments.processors.stripe import mapping

log = structlog.get_logger(__name__)

Ours = TypeVar("Ours")

# By the first words of the path, once `individual`, `company` or a person is off it; the longest that fits wins.
_OF_A_PERSON = {
    "first_name": Requirement.NAME,
    "last_name": Requirement.NAME,
    "full_name_aliases": Requirement.NAME,
    "maiden_name": Requirement.NAME,
    "dob": Requirement.BIRTH_DATE,
    "address": Requirement.ADDRESS,
    "registered_address": Requirement.ADDRESS,
    "email": Requirement.EMAIL,
    "phone": Requirement.PHONE,
    "id_number": Requirement.ID_NUMBER,
    "ssn_last_4": Requirement.ID_NUMBER,
    "nationality": Requirement.NATIONALITY,
    "political_exposure": Requirement.OTHER,
    "relationship": Requirement.PEOPLE,
    "verification.document": Requirement.IDENTITY_DOCUMENT,
    "verification.additional_document": Requirement.ADDRESS_DOCUMENT,
    "documents": Requirement.IDENTITY_DOCUMENT,
}
_OF_THE_ACCOUNT = {
    "external_account": Requirement.BANK_ACCOUNT,
    "tos_acceptance": Requirement.TERMS,
    "business_type": Requirement.BUSINESS_TYPE,
    "business_profile": Requirement.BUSINESS_PROFILE,
    "company.verification": Requirement.COMPANY_DOCUMENT,
    "company": Requirement.COMPANY,
    "documents": Requirement.COMPANY_DOCUMENT,
    "bank_account_ownership_verification": Requirement.BANK_ACCOUNT,
    "owners": Requirement.PEOPLE,
    "directors": Requirement.PEOPLE,
    "executives": Requirement.PEOPLE,
    "representative": Requirement.PEOPLE,
    "settings": Requirement.BUSINESS_PROFILE,
}
# A person is named by an id, or by the part that is played.
_PERSONS = ("individual", "person_", "representative", "owners", "directors", "executives")

DISABLED_REASON = {
    "action_required.requested_capabilities": AccountHalt.ACTION_REQUIRED,
    "listed": AccountHalt.UNDER_REVIEW,
    "other": AccountHalt.OTHER,
    "platform_paused": AccountHalt.PAUSED,
    "rejected.fraud": AccountHalt.REJECTED,
    "rejected.incomplete_verification": AccountHalt.REJECTED,
    "rejected.listed": AccountHalt.REJECTED,
    "rejected.other": AccountHalt.REJECTED,
    "rejected.platform_fraud": AccountHalt.REJECTED,
    "rejected.platform_other": AccountHalt.REJECTED,
    "rejected.platform_terms_of_service": AccountHalt.REJECTED,
    "rejected.terms_of_service": AccountHalt.REJECTED,
    "requirements.past_due": AccountHalt.PAST_DUE,
    "requirements.pending_verification": AccountHalt.PENDING_VERIFICATION,
    "under_review": AccountHalt.UNDER_REVIEW,
}
# By the first words of the code; the longest that fits wins.
PROBLEM = {
    "external_request": RequirementProblem.OTHER,
    "information_missing": RequirementProblem.MISSING,
    "invalid_": RequirementProblem.INVALID,
    "invalid_dob_age_under_": RequirementProblem.TOO_YOUNG,
    "unsupported_business_type": RequirementProblem.NOT_SUPPORTED,
    "verification_supportability": RequirementProblem.NOT_SUPPORTED,
    "verification_directors_mismatch": RequirementProblem.DOCUMENT_MISMATCH,
    "verification_extraneous_directors": RequirementProblem.NOT_CONFIRMED,
    "verification_failed_": RequirementProblem.NOT_CONFIRMED,
    "verification_legal_entity_structure_mismatch": RequirementProblem.NOT_CONFIRMED,
    "verification_missing_": RequirementProblem.MISSING,
    "verification_rejected_ownership_exemption_reason": RequirementProblem.NOT_CONFIRMED,
    "verification_requires_additional_": RequirementProblem.MISSING,
    "verification_document_address_mismatch": RequirementProblem.DOCUMENT_MISMATCH,
    "verification_document_address_missing": RequirementProblem.DOCUMENT_INCOMPLETE,
    "verification_document_corrupt": RequirementProblem.DOCUMENT_UNREADABLE,
    "verification_document_country_not_supported": RequirementProblem.DOCUMENT_REFUSED,
    "verification_document_directors_mismatch": RequirementProblem.DOCUMENT_MISMATCH,
    "verification_document_dob_mismatch": RequirementProblem.DOCUMENT_MISMATCH,
    "verification_document_duplicate_type": RequirementProblem.DOCUMENT_REFUSED,
    "verification_document_expired": RequirementProblem.DOCUMENT_EXPIRED,
    "verification_document_failed_": RequirementProblem.DOCUMENT_REFUSED,
    "verification_document_failed_greyscale": RequirementProblem.DOCUMENT_UNREADABLE,
    "verification_document_fraudulent": RequirementProblem.DOCUMENT_REFUSED,
    "verification_document_id_number_mismatch": RequirementProblem.DOCUMENT_MISMATCH,
    "verification_document_id_number_missing": RequirementProblem.DOCUMENT_INCOMPLETE,
    "verification_document_incomplete": RequirementProblem.DOCUMENT_INCOMPLETE,
    "verification_document_invalid": RequirementProblem.DOCUMENT_REFUSED,
    "verification_document_issue_or_expiry_date_missing": RequirementProblem.DOCUMENT_INCOMPLETE,
    "verification_document_manipulated": RequirementProblem.DOCUMENT_REFUSED,
    "verification_document_missing_": RequirementProblem.DOCUMENT_INCOMPLETE,
    "verification_document_name_mismatch": RequirementProblem.DOCUMENT_MISMATCH,
    "verification_document_name_missing": RequirementProblem.DOCUMENT_INCOMPLETE,
    "verification_document_nationality_mismatch": RequirementProblem.DOCUMENT_MISMATCH,
    "verification_document_not_readable": RequirementProblem.DOCUMENT_UNREADABLE,
    "verification_document_not_signed": RequirementProblem.DOCUMENT_INCOMPLETE,
    "verification_document_not_uploaded": RequirementProblem.MISSING,
    "verification_document_photo_mismatch": RequirementProblem.DOCUMENT_MISMATCH,
    "verification_document_too_large": RequirementProblem.DOCUMENT_REFUSED,
    "verification_document_type_not_supported": RequirementProblem.DOCUMENT_REFUSED,
}


def requirements_found(requirements: "stripe.Account.Requirements | None") -> AccountRequirements:
    if requirements is None:
        return AccountRequirements()
    deadline = requirements.current_deadline
    return AccountRequirements(
        currently_due=_named(requirements.currently_due),
        past_due=_named(requirements.past_due),
        pending_verification=_named(requirements.pending_verification),
        eventually_due=_named(requirements.eventually_due),
        current_deadline=mapping.moment(deadline) if deadline else None,
        disabled_reason=_halt(requirements.disabled_reason),
        errors=tuple(
            RequirementError(requirement=requirement_of(error.requirement), code=_problem(error.code),
                             reason=error.reason or "")
            for error in requirements.errors or ()
        ),
    )  # fmt: skip


def requirement_of(path: str) -> Requirement:
    """https://docs.stripe.com/connect/required-verification-information names the paths."""
    first, _, rest = path.partition(".")
    person = rest if first.startswith(_PERSONS) else ""
    found = _longest(_OF_A_PERSON, person) if person else None
    return found or _longest(_OF_THE_ACCOUNT, path) or Requirement.OTHER


def _named(paths: list[str] | None) -> tuple[Requirement, ...]:
    """Each once, in Stripe's order: three paths are one date of birth."""
    return tuple(dict.fromkeys(requirement_of(path) for path in paths or ()))


def _halt(reason: str | None) -> AccountHalt:
    if not reason:
        return AccountHalt.NONE
    if reason not in DISABLED_REASON:
        log.error("stripe_value_unmapped", what="disabled reason", value=reason)
    return DISABLED_REASON.get(reason, AccountHalt.OTHER)


def _problem(code: str) -> RequirementProblem:
    found = _longest(PROBLEM, code)
    if found is None:
        log.error("stripe_value_unmapped", what="requirement error", value=code)
    return found or RequirementProblem.OTHER


def _longest(table: dict[str, Ours], text: str) -> Ours | None:
    fitting: Iterable[str] = (start for start in table if text.startswith(start))
    longest = max(fitting, key=len, default=None)
    return table[longest] if longest is not None else None
