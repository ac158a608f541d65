"""Why a payout did not reach a bank: what happened, what the artisan does next, and who has to be told.

The processor's reasons for money that came back are `payments.enums.PayoutFailure`; those for which it never left are
here. https://docs.stripe.com/api/payouts/failures and https://docs.stripe.com/error-codes
"""

import enum
from dataclasses import dataclass

from django.db import models

from payments.contracts import AccountFound
from payments.enums import PayoutFailure


class BankRefusal(models.TextChoices):
    """Why the processor did not send it at all, or stopped it; the words are for the artisan."""

    NOT_YET_AVAILABLE = "not_yet_available", "the money is not available in your account at the processor yet"
    PAYOUTS_DISABLED = "payouts_disabled", "the payment processor does not pay out your account at the moment"
    NO_BANK_ACCOUNT = "no_bank_account", "the payment processor has no bank account of yours"
    BANK_UNUSABLE = "bank_unusable", "the payment processor does not send money to this bank account any more"
    ACCOUNT_GONE = "account_gone", "we have no access to your account at the payment processor any more"
    TOO_MANY = "too_many", "there were too many payouts in one day"
    CANCELED = "canceled", "it was called off at the payment processor"
    REFUSED = "refused", "the payment processor refused it"
    SUPERSEDED = "superseded", "an earlier attempt had reached the payment processor after all"


class NextStep(enum.StrEnum):
    """Who does something next."""

    WAIT = "wait"  # nobody: it is asked for again by itself
    DETAILS = "details"  # the artisan: other bank details at the processor; then it is sent again by itself
    ACCOUNT = "account"  # the artisan: whatever else is due at the processor; then it is sent again by itself
    STAFF = "staff"  # staff look at it and send it again


@dataclass(frozen=True, slots=True)
class Reason:
    """`happened` follows "because"; `to_do` is a sentence for the artisan."""

    code: str
    happened: str
    to_do: str
    step: NextStep

    @property
    def is_artisans(self) -> bool:
        """Whether what the artisan does at the processor mends it."""
        return self.step in (NextStep.DETAILS, NextStep.ACCOUNT)


_OTHER_ACCOUNT = (
    "Please enter another bank account at the payment processor. We send the money again as soon as you have."
)
_CORRECT = "Please correct your bank details at the payment processor. We send the money again as soon as you have."
_ASK_BANK = (
    "Please ask your bank what is wrong, or enter another bank account at the payment processor. We send the money"
    " again as soon as you have."
)
_WE_LOOK = "You need not do anything: we are looking into it and send the money again."
_TO_DO: dict[str, tuple[str, NextStep]] = {
    PayoutFailure.ACCOUNT_CLOSED: (_OTHER_ACCOUNT, NextStep.DETAILS),
    PayoutFailure.ACCOUNT_FROZEN: (_ASK_BANK, NextStep.DETAILS),
    PayoutFailure.ACCOUNT_RESTRICTED: (_ASK_BANK, NextStep.DETAILS),
    PayoutFailure.ACCOUNT_NOT_FOUND: (_CORRECT, NextStep.DETAILS),
    PayoutFailure.OWNER_CHANGED: (_OTHER_ACCOUNT, NextStep.DETAILS),
    PayoutFailure.NUMBER_INVALID: (_CORRECT, NextStep.DETAILS),
    PayoutFailure.HOLDER_NAME_WRONG: (_CORRECT, NextStep.DETAILS),
    PayoutFailure.HOLDER_ADDRESS_WRONG: (_CORRECT, NextStep.DETAILS),
    PayoutFailure.HOLDER_TAX_ID_WRONG: (_CORRECT, NextStep.DETAILS),
    PayoutFailure.DEBIT_REFUSED: (_ASK_BANK, NextStep.DETAILS),
    PayoutFailure.DECLINED: (_ASK_BANK, NextStep.DETAILS),
    PayoutFailure.CURRENCY_REFUSED: (
        "Please enter a bank account that takes this currency at the payment processor. We send the money again as soon"
        " as you have.",
        NextStep.DETAILS,
    ),
    PayoutFailure.CARD_UNSUPPORTED: (_OTHER_ACCOUNT, NextStep.DETAILS),
    PayoutFailure.NOT_PROCESSED: (_WE_LOOK, NextStep.STAFF),
    PayoutFailure.INSUFFICIENT_FUNDS: (_WE_LOOK, NextStep.STAFF),
    PayoutFailure.OTHER: (_WE_LOOK, NextStep.STAFF),
    BankRefusal.NOT_YET_AVAILABLE: ("You need not do anything: we send it as soon as it is.", NextStep.WAIT),
    BankRefusal.PAYOUTS_DISABLED: (
        "Please look at what the payment processor still needs from you. We send the money as soon as that is done.",
        NextStep.ACCOUNT,
    ),
    BankRefusal.NO_BANK_ACCOUNT: (
        "Please enter your bank account at the payment processor. We send the money as soon as you have.",
        NextStep.DETAILS,
    ),
    BankRefusal.BANK_UNUSABLE: (_OTHER_ACCOUNT, NextStep.DETAILS),
    BankRefusal.ACCOUNT_GONE: (
        "Please connect your account at the payment processor with us again, or write to us.",
        NextStep.ACCOUNT,
    ),
    BankRefusal.TOO_MANY: ("You need not do anything: we send it again later.", NextStep.WAIT),
    BankRefusal.CANCELED: (_WE_LOOK, NextStep.STAFF),
    BankRefusal.REFUSED: (_WE_LOOK, NextStep.STAFF),
    BankRefusal.SUPERSEDED: ("You need not do anything: the earlier one is on its way.", NextStep.WAIT),
}
_WORDS = {choice.value: str(choice.label) for choice in (*PayoutFailure, *BankRefusal)}
# The processor's codes of a request that it refused.
_REFUSALS = {
    "balance_insufficient": BankRefusal.NOT_YET_AVAILABLE,
    "payouts_not_allowed": BankRefusal.PAYOUTS_DISABLED,
    "payouts_limit_exceeded": BankRefusal.TOO_MANY,
    "bank_account_restricted": BankRefusal.BANK_UNUSABLE,
    "bank_account_unusable": BankRefusal.BANK_UNUSABLE,
    "bank_account_declined": BankRefusal.BANK_UNUSABLE,
    "account_closed": BankRefusal.BANK_UNUSABLE,
    "no_account": BankRefusal.NO_BANK_ACCOUNT,
    "account_invalid": BankRefusal.ACCOUNT_GONE,
}


def reason_of(code: str) -> Reason:
    """In plain words; a code that is not in the table is for staff."""
    to_do, step = _TO_DO.get(code, _TO_DO[BankRefusal.REFUSED])
    return Reason(code, _WORDS.get(code, _WORDS[BankRefusal.REFUSED]), to_do, step)


def codes_of(*steps: NextStep) -> list[str]:
    """The failure codes after which these are next."""
    return [str(code) for code, (_, step) in _TO_DO.items() if step in steps]


def refusal_of(processor_code: str) -> BankRefusal:
    """Our word for the code with which the processor refused a request."""
    return _REFUSALS.get(processor_code, BankRefusal.REFUSED)


def refusal_seen_in(account: AccountFound) -> BankRefusal:
    """What stands in the way of a payout, seen in the account itself, where the refusal had no telling code."""
    if not account.is_connected:
        return BankRefusal.ACCOUNT_GONE
    if account.bank is None:
        return BankRefusal.NO_BANK_ACCOUNT
    if not account.bank.is_usable:
        return BankRefusal.BANK_UNUSABLE
    return BankRefusal.REFUSED if account.payouts_enabled else BankRefusal.PAYOUTS_DISABLED
