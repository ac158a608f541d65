"""What a processor's own account statement says: one movement of the money that it holds for us."""

import datetime as dt
import enum
from dataclasses import dataclass

from common.money import Money


class MovementKind(enum.StrEnum):
    """What moved, in our words. Every word of a processor is mapped; what is none of these is OTHER, and told as such.

    HOLD is money that stays on the balance and can't be used: it moves nothing.
    """

    CHARGE = "charge"
    REFUND = "refund"
    REFUND_FAILURE = "refund_failure"
    TRANSFER = "transfer"
    TRANSFER_REVERSAL = "transfer_reversal"
    DISPUTE = "dispute"
    DISPUTE_REVERSAL = "dispute_reversal"
    FEE = "fee"
    ADJUSTMENT = "adjustment"
    PAYOUT = "payout"
    PAYOUT_REVERSAL = "payout_reversal"
    TOP_UP = "top_up"
    TOP_UP_REVERSAL = "top_up_reversal"
    CONVERSION = "conversion"
    HOLD = "hold"
    OTHER = "other"


class MovementUnreadable(ValueError):
    """A line of a statement that is not in the form that the processor has published."""


@dataclass(frozen=True, slots=True)
class MovementFound:
    """One line of a processor's statement.

    `gross` is signed, what came in is positive; `fee` is what was taken off it and positive, so that the balance
    changed by `net`. A movement that is nothing but a fee has a gross of zero. `subject_id` names what it is about at
    the processor (charge, refund, payout ...); of a movement that names nothing it is its own id. `related_id` is a
    second object where the processor names one (PayPal: the payment that a reversal is of).
    """

    external_id: str
    kind: MovementKind
    gross: Money
    fee: Money
    occurred_at: dt.datetime
    available_on: dt.datetime | None
    subject_id: str
    related_id: str = ""
    payout_id: str = ""
    raw_type: str = ""
    description: str = ""

    @property
    def net(self) -> Money:
        return self.gross - self.fee


class PlatformPayoutState(enum.StrEnum):
    """What a processor says of a payout to our own bank account."""

    ON_ITS_WAY = "on_its_way"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PlatformPayoutFound:
    """`arrival_date` is when the processor expects it at the bank; None where it does not say."""

    processor_payout_id: str
    amount: Money
    state: PlatformPayoutState
    arrival_date: dt.date | None
    failure_code: str = ""
