"""The state graphs of reconciliation: every edge is (from, event) -> to, and there are no others."""

from reconciliation.enums import ExceptionEdge, PayoutEdge, ProposalEdge, RunEdge
from reconciliation.enums import ExceptionStatus as E
from reconciliation.enums import PayoutStatus as P
from reconciliation.enums import ProposalStatus as J
from reconciliation.enums import RunStatus as R

RUN_TRANSITIONS: dict[tuple[R, RunEdge], R] = {
    (R.RUNNING, RunEdge.COMPLETED): R.COMPLETE,
    (R.RUNNING, RunEdge.BROKE_OFF): R.FAILED,
    # Killed, or broken off by a processor that did not answer: the next one goes on where it stopped.
    (R.RUNNING, RunEdge.TAKEN_UP): R.RUNNING,
    (R.FAILED, RunEdge.TAKEN_UP): R.RUNNING,
}

EXCEPTION_TRANSITIONS: dict[tuple[E, ExceptionEdge], E] = {
    (E.OPEN, ExceptionEdge.CHANGED): E.OPEN,
    (E.OPEN, ExceptionEdge.MATCHED): E.EXPLAINED,
    (E.OPEN, ExceptionEdge.SETTLED): E.HEALED,
    (E.OPEN, ExceptionEdge.APPROVED): E.POSTED,
    (E.OPEN, ExceptionEdge.SET_ASIDE): E.DISMISSED,
    # Dismissed was what it was then; other figures are another matter.
    (E.DISMISSED, ExceptionEdge.FOUND_AGAIN): E.OPEN,
}

PROPOSAL_TRANSITIONS: dict[tuple[J, ProposalEdge], J] = {
    (J.WAITING, ProposalEdge.APPROVED): J.APPROVED,
    (J.WAITING, ProposalEdge.REJECTED): J.REJECTED,
    (J.WAITING, ProposalEdge.OUTDATED): J.STALE,
}

PAYOUT_TRANSITIONS: dict[tuple[P, PayoutEdge], P] = {
    (P.SENT, PayoutEdge.PAID): P.PAID,
    (P.SENT, PayoutEdge.ARRIVED): P.ARRIVED,
    (P.SENT, PayoutEdge.CAME_BACK): P.FAILED,
    (P.PAID, PayoutEdge.ARRIVED): P.ARRIVED,
    # Stripe: a bank may send it back up to five business days after it was called paid.
    (P.PAID, PayoutEdge.CAME_BACK): P.FAILED,
}


class TransitionRefused(ValueError):
    """The table has no such edge: a defect of the caller, never a user's mistake."""


def run_after(current: str, edge: RunEdge) -> R:
    """The status that `edge` leads to. Raises TransitionRefused where there is no such edge; so do the others."""
    try:
        return RUN_TRANSITIONS[(R(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from a run that is {current}") from None


def exception_after(current: str, edge: ExceptionEdge) -> E:
    try:
        return EXCEPTION_TRANSITIONS[(E(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from an exception that is {current}") from None


def proposal_after(current: str, edge: ProposalEdge) -> J:
    try:
        return PROPOSAL_TRANSITIONS[(J(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from a proposal that is {current}") from None


def payout_after(current: str, edge: PayoutEdge) -> P:
    try:
        return PAYOUT_TRANSITIONS[(P(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from a payout that is {current}") from None
