"""What crosses the border of `payouts`."""

import datetime as dt
from dataclasses import dataclass

from common.errors import DomainError, ErrorKind
from common.money import Money
from payouts.enums import NotPaid, PayableStatus, PayoutSchedule, TransferStatus


@dataclass(frozen=True, slots=True)
class SellerShare:
    """What one artisan is owed for their part of an order: goods less commission, plus shipping. More than zero."""

    artisan_id: int
    artisan_public_id: str
    seller_order_reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PartAmount:
    """An amount above zero of one artisan's part of an order.

    `at_most` is how much may be taken of the part in all, where that is not the artisan's share as it was sold.
    """

    seller_order_reference: str
    amount: Money
    at_most: Money | None = None


@dataclass(frozen=True, slots=True)
class ArtisanEarning:
    """What one artisan earned with one order, and where that money is now.

    `amount` is the share as it was sold, `taken` what refunds and disputes took of it for good or for now, and `owed`
    what of that the artisan still owes us because it had left before. Status and transfer are those of the payable of
    the sale, not of supplementary ones.
    """

    artisan_public_id: str
    artisan_name: str
    seller_order_reference: str
    payable_reference: str
    amount: Money
    taken: Money
    owed: Money
    status: PayableStatus
    hold_until: dt.datetime | None
    payout_reference: str
    transfer_reference: str
    transfer_status: TransferStatus | None
    processor_transfer_id: str
    failure_code: str

    @property
    def earned(self) -> Money:
        return self.amount - self.taken


@dataclass(frozen=True, slots=True)
class Debt:
    """What an artisan owes us and why. `reference` is the refund or dispute (ref_ or dsp_...).

    `under_reversal` is the part of `open` that is being brought back by a transfer reversal at this moment.
    """

    debt_reference: str
    reference: str
    order_reference: str
    seller_order_reference: str
    amount: Money
    recovered: Money
    forgiven: Money
    under_reversal: Money
    collects: bool
    created_at: dt.datetime

    @property
    def open(self) -> Money:
        return self.amount - self.recovered - self.forgiven


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums in one currency, of an artisan or of an order.

    `held`, `released`, `reserved`, `in_transit` and `transferred` are where money is: what is left of payables and of
    reserves, and transfers less what came back of them. `owed` is what is owed to us, `repaid` what artisans paid to
    our bank account for it, and `written_off` what we do not ask for any more. `earned` is the shares as sold less what
    refunds and disputes took. Of an artisan, `earned` is the five less `owed`, `repaid` and `written_off`; of one order
    not always, as debts are netted across orders.
    """

    held: Money
    released: Money
    reserved: Money
    in_transit: Money
    transferred: Money
    owed: Money
    repaid: Money
    written_off: Money
    earned: Money


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """How an artisan is paid, as staff set it. `minimum` is in the currency of the artisan's shop.

    `weekday` counts from 0, Monday; `month_day` is 1 to 31, the last day of a shorter month.
    """

    hold_days: int
    schedule: PayoutSchedule
    weekday: int
    month_day: int
    minimum: Money
    reserve_bps: int
    reserve_days: int


@dataclass(frozen=True, slots=True)
class PolicySeen:
    """How an artisan is paid, for pages. `paused_reason` is empty while nothing is paused.

    `next_payout_date` is None where payouts are made when they are asked for.
    """

    terms: PolicyTerms
    next_payout_date: dt.date | None
    is_paused: bool
    paused_reason: str


@dataclass(frozen=True, slots=True)
class WhyNotPaid:
    """One reason why an artisan is not paid at this moment, and what is known about it."""

    reason: NotPaid
    # The words of whoever paused, or the code of a refusal.
    note: str = ""
    # What is released, and the least that is paid, where that is the reason.
    released: Money | None = None
    minimum: Money | None = None
    # When the reason is over, as far as it is known.
    until: dt.date | None = None

    @property
    def is_schedule(self) -> bool:
        """It is only not their day: nothing stands in the way of who pays now."""
        return self.reason in (NotPaid.WAITS_FOR_DATE, NotPaid.WAITS_FOR_REQUEST)

    @property
    def stops_everything(self) -> bool:
        """Nothing can be paid whatever is released."""
        return self.reason in (NotPaid.ALL_PAUSED, NotPaid.PAUSED, NotPaid.NO_ACCOUNT, NotPaid.REQUIREMENTS_DUE)


@dataclass(frozen=True, slots=True)
class PaysNow:
    """What a run would pay one artisan at this moment in one currency.

    `due` is released and may be sent, `owed` is kept of it for what the artisan owes us, and `minimum` is the least
    that is paid. `later` is released too, but waits after a refusal.
    """

    due: Money
    owed: Money
    later: Money
    minimum: Money

    @property
    def pays(self) -> Money:
        """Zero where it is less than the smallest payout; that is carried over."""
        left = self.due - self.owed
        return left if left and left >= self.minimum else Money.zero(self.due.currency)


@dataclass(frozen=True, slots=True)
class TransferRun:
    """What one turn at transfers did. `requested`: payouts written down, each with its transfer."""

    requested: int
    succeeded: int
    refused: int
    unresolved: int

    def __add__(self, other: "TransferRun") -> "TransferRun":
        return TransferRun(
            self.requested + other.requested,
            self.succeeded + other.succeeded,
            self.refused + other.refused,
            self.unresolved + other.unresolved,
        )


class UnknownTransfer(DomainError):
    """No transfer of ours has this id or reference (yet)."""

    code = "unknown_transfer"
    kind = ErrorKind.NOT_FOUND
    title = "This transfer is not known"


class NothingToPay(DomainError):
    """Nothing is due now: not released, below the minimum, paused, or the artisan can't receive."""

    code = "nothing_to_pay"
    title = "Nothing can be paid out now"


class PayoutNotPossible(DomainError):
    """Something stands between the artisan and a payout, or who asks is paid by a schedule."""

    code = "payout_not_possible"
    title = "This can't be paid out at this moment"


class UnknownRun(DomainError):
    """There is no such payout run."""

    code = "unknown_payout_run"
    kind = ErrorKind.NOT_FOUND
    title = "This payout run is not known"


class UnknownPayable(DomainError):
    """No such payable, or none for this part of an order."""

    code = "unknown_payable"
    kind = ErrorKind.NOT_FOUND
    title = "This payable is not known"


class UnknownDebit(DomainError):
    """Nothing was taken from this part of an order under this reference."""

    code = "unknown_debit"
    kind = ErrorKind.NOT_FOUND
    title = "Nothing was taken under this reference"


class ShareExceeded(DomainError):
    """More would be taken from an artisan's part than their share of it, or given back than was taken."""

    code = "share_exceeded"
    title = "This is more than the artisan's share"


class ReferenceTaken(DomainError):
    """The same reference was used before with another amount."""

    code = "reference_taken"
    title = "This reference stands for another amount"


class TransferContradiction(DomainError):
    """The processor holds something under our reference that is not what we asked for. A person has to look."""

    code = "transfer_contradiction"
    kind = ErrorKind.MISMATCH
    title = "The processor's transfer is not the one we asked for"


class PayableInTheWay(DomainError):
    """The payable's status does not allow what was asked."""

    code = "payable_state"
    title = "The payable's status does not allow this"


class TermsRefused(DomainError):
    """A value of a payout policy is out of its bounds, or does not fit the others. `detail` says which."""

    code = "payout_terms_refused"
    kind = ErrorKind.INVALID
    title = "Payouts can't be made by these terms"


class UnknownDebt(DomainError):
    """There is no such debt."""

    code = "unknown_debt"
    kind = ErrorKind.NOT_FOUND
    title = "This debt is not known"


class NothingToWriteOff(DomainError):
    """Nothing of the debt is open, or a transfer reversal is bringing it back at this moment."""

    code = "nothing_to_write_off"
    title = "Nothing of this debt is open, but what is on its way back"


class UnknownRepayment(DomainError):
    """There is no such repayment."""

    code = "unknown_repayment"
    kind = ErrorKind.NOT_FOUND
    title = "This repayment is not known"


class RepaymentRefused(DomainError):
    """Figures of a bank transfer that can't be. `detail` says which."""

    code = "repayment_refused"
    kind = ErrorKind.INVALID
    title = "This can't be recorded"


class NothingToRepay(DomainError):
    """The artisan owes nothing in this currency, but what transfer reversals are bringing back at this moment."""

    code = "nothing_to_repay"
    title = "Nothing is owed in this currency, but what is on its way back"


class RepaymentTooLarge(DomainError):
    """More arrived than the artisan owes. `detail` says how much that is."""

    code = "repayment_too_large"
    title = "This is more than the artisan owes"


class ReasonMissing(DomainError):
    """What staff do about an artisan's money has a reason in words: who is paused reads it."""

    code = "reason_missing"
    kind = ErrorKind.INVALID
    title = "Please give a reason of at most 300 characters"


class UnknownArtisan(DomainError):
    """There is no such artisan."""

    code = "unknown_artisan"
    kind = ErrorKind.NOT_FOUND
    title = "This artisan is not known"


class ConnectionRefused(DomainError):
    """Demo accounts are made outside production only."""

    code = "demo_accounts_refused"
    kind = ErrorKind.FORBIDDEN
    title = "Demo accounts are not made in production"
