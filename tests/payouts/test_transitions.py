"""The state graphs: every status is reached, every edge that is missing is refused, ends are ends."""

import itertools

import pytest

from payouts.enums import PayableEdge, PayableStatus, ReversalEdge, ReversalStatus, TransferEdge, TransferStatus
from payouts.transitions import (
    PAYABLE_TRANSITIONS,
    REVERSAL_TRANSITIONS,
    TRANSFER_TRANSITIONS,
    TransitionRefused,
    payable_after,
    reversal_after,
    transfer_after,
)


def test_every_status_of_a_payable_is_reached_from_held() -> None:
    assert _reached(PayableStatus.HELD, PAYABLE_TRANSITIONS) == set(PayableStatus)


def test_every_status_of_a_transfer_is_reached_from_requested() -> None:
    assert _reached(TransferStatus.REQUESTED, TRANSFER_TRANSITIONS) == set(TransferStatus)


def test_every_status_of_a_reversal_is_reached_from_requested() -> None:
    assert _reached(ReversalStatus.REQUESTED, REVERSAL_TRANSITIONS) == set(ReversalStatus)


def test_every_edge_is_used() -> None:
    assert {edge for _, edge in PAYABLE_TRANSITIONS} == set(PayableEdge)
    assert {edge for _, edge in TRANSFER_TRANSITIONS} == set(TransferEdge)
    assert {edge for _, edge in REVERSAL_TRANSITIONS} == set(ReversalEdge)


def test_what_was_sent_or_canceled_stays_so() -> None:
    ends = {PayableStatus.TRANSFERRED, PayableStatus.CANCELED}
    assert not [source for source, _ in PAYABLE_TRANSITIONS if source in ends]
    assert not [source for source, _ in TRANSFER_TRANSITIONS if source == TransferStatus.SUCCEEDED]
    assert not [source for source, _ in REVERSAL_TRANSITIONS if source == ReversalStatus.SUCCEEDED]


def test_what_is_left_of_a_payable_changes_only_while_it_is_here() -> None:
    changes = {
        PayableEdge.DEBITED, PayableEdge.DEBITED_WHOLE, PayableEdge.CREDITED, PayableEdge.RECOVERED,
        PayableEdge.RECOVERED_WHOLE, PayableEdge.SALE_UNDONE,
    }  # fmt: skip
    here = {PayableStatus.HELD, PayableStatus.RELEASED}
    assert {source for source, edge in PAYABLE_TRANSITIONS if edge in changes} == here


@pytest.mark.parametrize(("source", "edge"), list(itertools.product(PayableStatus, PayableEdge)))
def test_edges_of_payables(source: PayableStatus, edge: PayableEdge) -> None:
    target = PAYABLE_TRANSITIONS.get((source, edge))
    if target is None:
        with pytest.raises(TransitionRefused):
            payable_after(source, edge)
    else:
        assert payable_after(source, edge) == target


@pytest.mark.parametrize(("source", "edge"), list(itertools.product(TransferStatus, TransferEdge)))
def test_edges_of_transfers(source: TransferStatus, edge: TransferEdge) -> None:
    target = TRANSFER_TRANSITIONS.get((source, edge))
    if target is None:
        with pytest.raises(TransitionRefused):
            transfer_after(source, edge)
    else:
        assert transfer_after(source, edge) == target


@pytest.mark.parametrize(("source", "edge"), list(itertools.product(ReversalStatus, ReversalEdge)))
def test_edges_of_reversals(source: ReversalStatus, edge: ReversalEdge) -> None:
    target = REVERSAL_TRANSITIONS.get((source, edge))
    if target is None:
        with pytest.raises(TransitionRefused):
            reversal_after(source, edge)
    else:
        assert reversal_after(source, edge) == target


def _reached(start: str, table: dict) -> set:  # type: ignore[type-arg]
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for (source, _), target in table.items():
            if source == here and target not in found:
                found.add(target)
                waiting.append(target)
    return found
