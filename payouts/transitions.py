"""The state graphs of payables, transfers and reversals: every edge is (from, event) -> to, and there are no others."""

from payouts.enums import PayableEdge, ReversalEdge, TransferEdge
from payouts.enums import PayableStatus as P
from payouts.enums import ReversalStatus as R
from payouts.enums import TransferStatus as T

PAYABLE_TRANSITIONS: dict[tuple[P, PayableEdge], P] = {
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
