"""The state graphs of payouts: every edge is (from, event) -> to, and there are no others."""

from payouts.enums import (
    ApplicationEdge,
    BankPayoutEdge,
    PayableEdge,
    PayoutEdge,
    RepaymentEdge,
    ReversalEdge,
    RunEdge,
    TransferEdge,
)
from payouts.enums import ApplicationStatus as A
from payouts.enums import BankPayoutStatus as B
from payouts.enums import PayableStatus as P
from payouts.enums import PayoutStatus as Y
from payouts.enums import RepaymentStatus as Q
from payouts.enums import ReversalStatus as R
from payouts.enums import RunStatus as N
from payouts.enums import TransferStatus as T

PAYABLE_TRANSITIONS: dict[tuple[P, PayableEdge], P] = {
    (P.HELD, PayableEdge.PART_SHIPPED): P.HELD,
    (P.HELD, PayableEdge.PART_DELIVERED): P.HELD,
    (P.HELD, PayableEdge.HOLD_OVER): P.RELEASED,
    (P.HELD, PayableEdge.RELEASED_EARLY): P.RELEASED,
    # Taken from and given back to only while it is here; what has left is owed back instead (SellerDebt).
    (P.HELD, PayableEdge.DEBITED): P.HELD,
    (P.HELD, PayableEdge.DEBITED_WHOLE): P.CANCELED,
    (P.HELD, PayableEdge.CREDITED): P.HELD,
    (P.HELD, PayableEdge.SALE_UNDONE): P.CANCELED,
    (P.RELEASED, PayableEdge.DEBITED): P.RELEASED,
    (P.RELEASED, PayableEdge.DEBITED_WHOLE): P.CANCELED,
    (P.RELEASED, PayableEdge.CREDITED): P.RELEASED,
    (P.RELEASED, PayableEdge.RECOVERED): P.RELEASED,
    (P.RELEASED, PayableEdge.RECOVERED_WHOLE): P.CANCELED,
    (P.RELEASED, PayableEdge.RESERVED): P.RELEASED,
    (P.RELEASED, PayableEdge.TRANSFER_REQUESTED): P.TRANSFERRING,
    (P.TRANSFERRING, PayableEdge.TRANSFER_SUCCEEDED): P.TRANSFERRED,
    # Certainly nothing was moved: it is the artisan's to be sent again.
    (P.TRANSFERRING, PayableEdge.TRANSFER_FAILED): P.RELEASED,
}

TRANSFER_TRANSITIONS: dict[tuple[T, TransferEdge], T] = {
    (T.REQUESTED, TransferEdge.ANSWER_LOST): T.UNKNOWN,
    (T.REQUESTED, TransferEdge.CARRIED_OUT): T.SUCCEEDED,
    (T.REQUESTED, TransferEdge.REFUSED): T.FAILED,
    (T.UNKNOWN, TransferEdge.CARRIED_OUT): T.SUCCEEDED,
    # Sent again under the same key after a look-up had found nothing, and refused.
    (T.UNKNOWN, TransferEdge.REFUSED): T.FAILED,
    # It should never happen; if it does, the books follow the money.
    (T.FAILED, TransferEdge.REQUESTED_AGAIN): T.REQUESTED,
}

REVERSAL_TRANSITIONS: dict[tuple[R, ReversalEdge], R] = {
    (R.REQUESTED, ReversalEdge.ANSWER_LOST): R.UNKNOWN,
    (R.REQUESTED, ReversalEdge.CARRIED_OUT): R.SUCCEEDED,
    (R.REQUESTED, ReversalEdge.REFUSED): R.FAILED,
    (R.UNKNOWN, ReversalEdge.CARRIED_OUT): R.SUCCEEDED,
    (R.UNKNOWN, ReversalEdge.REFUSED): R.FAILED,
    # It should never happen; if it does, the books follow the money.
    (R.FAILED, ReversalEdge.FOUND_AFTER_REFUSAL): R.SUCCEEDED,
}

RUN_TRANSITIONS: dict[tuple[N, RunEdge], N] = {
    (N.RUNNING, RunEdge.FINISHED): N.DONE,
    (N.RUNNING, RunEdge.OUT_OF_FUNDS): N.PARTIAL,
    (N.RUNNING, RunEdge.STOPPED): N.PARTIAL,
    (N.PARTIAL, RunEdge.RESUMED): N.RUNNING,
}

PAYOUT_TRANSITIONS: dict[tuple[Y, PayoutEdge], Y] = {
    (Y.REQUESTED, PayoutEdge.TRANSFER_REFUSED): Y.REFUSED,
    (Y.REQUESTED, PayoutEdge.TRANSFER_SUCCEEDED): Y.TRANSFERRED,
    # It should never happen; if it does, the books follow the money.
    (Y.REFUSED, PayoutEdge.FOUND_AFTER_REFUSAL): Y.REQUESTED,
    (Y.TRANSFERRED, PayoutEdge.BANK_REQUESTED): Y.ON_ITS_WAY,
    (Y.TRANSFERRED, PayoutEdge.BROUGHT_BACK): Y.BROUGHT_BACK,
    (Y.ON_ITS_WAY, PayoutEdge.BANK_PAID): Y.PAID,
    (Y.ON_ITS_WAY, PayoutEdge.BANK_REFUSED): Y.BANK_FAILED,
    # Banks send money back for days after it was reported paid.
    (Y.PAID, PayoutEdge.BANK_REFUSED): Y.BANK_FAILED,
    (Y.BANK_FAILED, PayoutEdge.BANK_REQUESTED): Y.ON_ITS_WAY,
    (Y.BANK_FAILED, PayoutEdge.BROUGHT_BACK): Y.BROUGHT_BACK,
    # It should never happen; if it does, nothing is sent a second time.
    (Y.BANK_FAILED, PayoutEdge.FOUND_AFTER_REFUSAL): Y.ON_ITS_WAY,
}

BANK_PAYOUT_TRANSITIONS: dict[tuple[B, BankPayoutEdge], B] = {
    (B.REQUESTED, BankPayoutEdge.ACCEPTED): B.PENDING,
    (B.REQUESTED, BankPayoutEdge.ANSWER_LOST): B.UNKNOWN,
    (B.REQUESTED, BankPayoutEdge.REFUSED): B.FAILED,
    (B.REQUESTED, BankPayoutEdge.PAID): B.PAID,
    (B.REQUESTED, BankPayoutEdge.FAILED): B.FAILED,
    (B.REQUESTED, BankPayoutEdge.CANCELED): B.CANCELED,
    (B.UNKNOWN, BankPayoutEdge.ACCEPTED): B.PENDING,
    (B.UNKNOWN, BankPayoutEdge.REFUSED): B.FAILED,
    (B.UNKNOWN, BankPayoutEdge.PAID): B.PAID,
    (B.UNKNOWN, BankPayoutEdge.FAILED): B.FAILED,
    (B.UNKNOWN, BankPayoutEdge.CANCELED): B.CANCELED,
    (B.PENDING, BankPayoutEdge.PAID): B.PAID,
    (B.PENDING, BankPayoutEdge.FAILED): B.FAILED,
    (B.PENDING, BankPayoutEdge.CANCELED): B.CANCELED,
    # https://docs.stripe.com/payouts: a payout can still fail after it was reported paid.
    (B.PAID, BankPayoutEdge.FAILED): B.FAILED,
    # Recorded as refused, and yet there: only of one that the processor had given no id.
    (B.FAILED, BankPayoutEdge.FOUND_AFTER_REFUSAL): B.PENDING,
}

REPAYMENT_TRANSITIONS: dict[tuple[Q, RepaymentEdge], Q] = {
    (Q.RECORDED, RepaymentEdge.UNDONE): Q.UNDONE,
}

APPLICATION_TRANSITIONS: dict[tuple[A, ApplicationEdge], A] = {
    (A.WAITING, ApplicationEdge.APPROVED): A.APPROVED,
    (A.WAITING, ApplicationEdge.REJECTED): A.REJECTED,
    (A.WAITING, ApplicationEdge.WITHDRAWN): A.WITHDRAWN,
}


class TransitionRefused(ValueError):
    """The table has no such edge: a defect of the caller, never a user's mistake."""


def payable_after(current: str, edge: PayableEdge) -> P:
    """The status that `edge` leads to. Raises TransitionRefused where there is no such edge."""
    try:
        return PAYABLE_TRANSITIONS[(P(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from a payable that is {current}") from None


def transfer_after(current: str, edge: TransferEdge) -> T:
    """As `payable_after`, for transfers."""
    try:
        return TRANSFER_TRANSITIONS[(T(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from a transfer that is {current}") from None


def reversal_after(current: str, edge: ReversalEdge) -> R:
    """As `payable_after`, for transfer reversals."""
    try:
        return REVERSAL_TRANSITIONS[(R(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from a transfer reversal that is {current}") from None


def run_after(current: str, edge: RunEdge) -> N:
    """As `payable_after`, for payout runs."""
    try:
        return RUN_TRANSITIONS[(N(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from a payout run that is {current}") from None


def payout_after(current: str, edge: PayoutEdge) -> Y:
    """As `payable_after`, for payouts."""
    try:
        return PAYOUT_TRANSITIONS[(Y(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from a payout that is {current}") from None


def bank_payout_after(current: str, edge: BankPayoutEdge) -> B:
    """As `payable_after`, for payouts to a bank."""
    try:
        return BANK_PAYOUT_TRANSITIONS[(B(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from a bank payout that is {current}") from None


def repayment_after(current: str, edge: RepaymentEdge) -> Q:
    """As `payable_after`, for what artisans pay back by bank transfer."""
    try:
        return REPAYMENT_TRANSITIONS[(Q(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from a repayment that is {current}") from None


def application_after(current: str, edge: ApplicationEdge) -> A:
    """As `payable_after`, for applications to sell."""
    try:
        return APPLICATION_TRANSITIONS[(A(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from an application that is {current}") from None
