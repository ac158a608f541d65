"""The state graph: every edge that is drawn, and none beside."""

import itertools

import pytest

from webhooks.enums import UNFINISHED_STATUSES, EventEdge, EventStatus
from webhooks.transitions import TRANSITIONS, TransitionRefused, sources, target


def test_every_missing_edge_is_refused() -> None:
    for status, edge in itertools.product(EventStatus, EventEdge):
        if (status, edge) in TRANSITIONS:
            assert target(status, edge) == TRANSITIONS[status, edge]
        else:
            with pytest.raises(TransitionRefused):
                target(status, edge)


def test_every_status_is_reached_and_every_edge_is_used() -> None:
    reached, frontier = {EventStatus.RECEIVED}, [EventStatus.RECEIVED]
    while frontier:
        here = frontier.pop()
        for (source, _), there in TRANSITIONS.items():
            if source == here and there not in reached:
                reached.add(there)
                frontier.append(there)
    assert reached == set(EventStatus)
    assert {edge for _, edge in TRANSITIONS} == set(EventEdge)


def test_work_can_only_end_what_work_began() -> None:
    for edge in (EventEdge.SETTLED, EventEdge.NOT_FOR_US, EventEdge.OBJECT_UNKNOWN, EventEdge.ATTEMPT_FAILED):
        assert sources(edge) == [EventStatus.PROCESSING]
    assert EventStatus.PROCESSING not in sources(EventEdge.REPLAYED), "never under a worker's hands"
    finished = set(EventStatus) - UNFINISHED_STATUSES
    assert all(edge in (EventEdge.REPLAYED, EventEdge.SET_ASIDE) for source, edge in TRANSITIONS if source in finished)
