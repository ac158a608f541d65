"""The inbox's state graph: every edge is (from, event) -> to, and there are no others."""

from webhooks.enums import EventEdge as E
from webhooks.enums import EventStatus as S

TRANSITIONS: dict[tuple[S, E], S] = {
    (S.RECEIVED, E.CLAIMED): S.PROCESSING,
    (S.PARKED, E.CLAIMED): S.PROCESSING,
    (S.FAILED, E.CLAIMED): S.PROCESSING,
    # Its lease ran out: the worker was killed half-way.
    (S.PROCESSING, E.TAKEN_OVER): S.PROCESSING,
    (S.PROCESSING, E.SETTLED): S.PROCESSED,
    (S.PROCESSING, E.NOT_FOR_US): S.IGNORED,
    (S.PROCESSING, E.OBJECT_UNKNOWN): S.PARKED,
    (S.PROCESSING, E.ATTEMPT_FAILED): S.FAILED,
    (S.PROCESSING, E.GAVE_UP): S.DEAD,
    (S.PARKED, E.OBJECT_APPEARED): S.RECEIVED,
    (S.PROCESSED, E.REPLAYED): S.RECEIVED,
    (S.IGNORED, E.REPLAYED): S.RECEIVED,
    (S.PARKED, E.REPLAYED): S.RECEIVED,
    (S.FAILED, E.REPLAYED): S.RECEIVED,
    (S.DEAD, E.REPLAYED): S.RECEIVED,
    (S.PARKED, E.SET_ASIDE): S.IGNORED,
    (S.FAILED, E.SET_ASIDE): S.IGNORED,
    (S.DEAD, E.SET_ASIDE): S.IGNORED,
}


class TransitionRefused(ValueError):
    """The table has no such edge: a defect of the caller, never a user's mistake."""


def target(current: str, edge: E) -> S:
    """The status that `edge` leads to. Raises TransitionRefused where there is no such edge."""
    try:
        return TRANSITIONS[(S(current), edge)]
    except KeyError:
        raise TransitionRefused(f"no edge {edge.value} from {current}") from None


def sources(edge: E) -> list[S]:
    """The statuses in which `edge` is possible."""
    return [source for source, event in TRANSITIONS if event == edge]
