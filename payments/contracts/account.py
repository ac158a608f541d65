"""An artisan's account at the processor: what it still needs, its bank, its balance, and the payouts from it."""

import datetime as dt
from dataclasses import dataclass

from common.money import Money
from payments.enums import AccountHalt, PayoutFailure, ProcessorPayoutStatus, Requirement, RequirementProblem


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """Make the account that an artisan is paid to. `reference` is the artisan's public id.

    Without a test identity the artisan is asked for everything on the processor's own pages (`OnboardingLink`).
    `has_test_identity` fills in the processor's published test data, so that a demo artisan can be paid without going
    through onboarding; it is for test mode only.
    """

    reference: str
    display_name: str
    email: str
    country: str
    currency: str
    has_test_identity: bool
    trace_id: str


@dataclass(frozen=True, slots=True)
class RequirementError:
    """Why something that was told has to be told again. `reason` is the processor's sentence for the artisan."""

    requirement: Requirement
    code: RequirementProblem
    reason: str


@dataclass(frozen=True, slots=True)
class AccountRequirements:
    """What the processor wants to know, each thing once and in our words.

    `currently_due` is to be told by `current_deadline`, `past_due` has stopped the account, `pending_verification` is
    being looked at by the processor, `eventually_due` is not wanted yet.
    """

    currently_due: tuple[Requirement, ...] = ()
    past_due: tuple[Requirement, ...] = ()
    pending_verification: tuple[Requirement, ...] = ()
    eventually_due: tuple[Requirement, ...] = ()
    current_deadline: dt.datetime | None = None
    disabled_reason: AccountHalt = AccountHalt.NONE
    errors: tuple[RequirementError, ...] = ()


@dataclass(frozen=True, slots=True)
class BankDetails:
    """Where payouts go. `fingerprint` is the same for the same bank account, and another one for another.

    Not `is_usable`: the last payout to it failed, and the processor sends none until the details have been changed.
    """

    bank_name: str
    last4: str
    country: str
    currency: str
    fingerprint: str = ""
    is_usable: bool = True


@dataclass(frozen=True, slots=True)
class AccountFound:
    """A connected account as the processor tells it. `transfers_enabled`: whether it can be paid to now.

    `payouts_enabled`: whether its balance can be sent on to its bank. Not `is_connected`: its owner has withdrawn our
    access, or it was closed; then nothing else is known of it, and `account_reference` and `country` are empty.
    """

    processor_account_id: str
    account_reference: str
    country: str
    transfers_enabled: bool
    details_submitted: bool
    payouts_enabled: bool
    requirements: AccountRequirements
    bank: BankDetails | None
    is_connected: bool = True


@dataclass(frozen=True, slots=True)
class OnboardingLink:
    """The processor's page on which the artisan tells what is due. Good for one visit until `expires_at`."""

    url: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """A connected account's balance in minor units per currency; `available` can be paid out, and may be negative."""

    available: dict[str, int]
    pending: dict[str, int]


@dataclass(frozen=True, slots=True)
class PayoutRequest:
    """Send money from a connected account's balance to its bank. `reference` is our bank payout's public id.

    `statement` appears on the artisan's bank statement: at most 22 plain characters.
    """

    reference: str
    processor_account_id: str
    amount: Money
    statement: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class PayoutFound:
    """A payout to a bank. `payout_reference` is empty for one that we did not ask for.

    One that is PAID may still come back as FAILED within a few days: `failure_code` and `failure_message` (the
    processor's sentence, for staff) say why. `arrival_date` is the bank's day, an estimate until it is paid.
    """

    processor_payout_id: str
    payout_reference: str
    processor_account_id: str
    amount: Money
    status: ProcessorPayoutStatus
    arrival_date: dt.date | None
    failure_code: PayoutFailure = PayoutFailure.NONE
    failure_message: str = ""
