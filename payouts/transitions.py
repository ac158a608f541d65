"""The state graphs of payables and transfers: every edge is (from, event) -> to, and there are no others."""

from payouts.enums import PayableEdge, TransferEdge
from payouts.enums import PayableStatus as P
from payouts.enums import TransferStatus as T

PAYABLE_TRANSITIONS: dict[tuple[P, PayableEdge], P] = {
    (P.HELD, PayableEdge.HOLD_OVER): P.RELEASED,
    (P.HELD, PayableEdge.RELEASED_EARLY): P.RELEASED,
    (P.HELD, PayableEdge.SALE_UNDONE): P.CANCELED,
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
