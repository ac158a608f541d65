"""The state graphs: every status is reached, every edge writes its history, every missing edge is refused."""

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from orders.enums import FulfilmentStatus, OrderStatus
from orders.transitions import FULFILMENT_TRANSITIONS, ORDER_TRANSITIONS, ImpossibleTransition, next_status
from payments.enums import TERMINAL_PAYMENT_STATUSES, DisputeStatus, PaymentStatus, RefundStatus
from payments.transitions import (
    DISPUTE_TRANSITIONS,
    PAYMENT_TRANSITIONS,
    REFUND_TRANSITIONS,
    dispute_event,
    payment_event,
    refund_event,
)

D, F, P, R, S = DisputeStatus, FulfilmentStatus, PaymentStatus, RefundStatus, OrderStatus


def _reached(table: Mapping[tuple[Any, str], Any], start: Any) -> set[Any]:
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for (source, _), target in table.items():
            if source == here and target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


@pytest.mark.parametrize(
    ("table", "start", "statuses"),
    [
        (PAYMENT_TRANSITIONS, P.CREATED, set(P)),
        (REFUND_TRANSITIONS, R.REQUESTED, set(R)),
        (DISPUTE_TRANSITIONS, D.INQUIRY_NEEDS_RESPONSE, set(D)),
        (ORDER_TRANSITIONS, S.AWAITING_PAYMENT, set(S)),
        (FULFILMENT_TRANSITIONS, F.TO_ACCEPT, set(F)),
    ],
    ids=["payment", "refund", "dispute", "order", "fulfilment"],
)
def test_every_status_is_reached_from_the_first(
    table: Mapping[tuple[Any, str], Any], start: Any, statuses: set[Any]
) -> None:
    assert _reached(table, start) == statuses


def test_what_is_over_stays_over() -> None:
    # Money that was taken, or is being taken or reserved, is all that can still happen; what is paid stays paid.
    late = {edge for edge in PAYMENT_TRANSITIONS if edge[0] in TERMINAL_PAYMENT_STATUSES}
    events = ("captured", "processing_started", "authorized")
    assert late == {(status, event) for status in (P.CANCELED, P.FAILED) for event in events}
    assert {source for source, _ in PAYMENT_TRANSITIONS} == set(P) - {P.SUCCEEDED}
    # An order that is paid ends here until returns are built; one whose money went back is never paid again.
    assert not [event for source, event in ORDER_TRANSITIONS if source in (S.PAID,)]
    assert S.PAID not in _reached(ORDER_TRANSITIONS, S.REFUNDING) | _reached(ORDER_TRANSITIONS, S.CANCELED)


def test_no_edge_leads_back_to_the_beginning_and_none_to_itself() -> None:
    assert P.CREATED not in PAYMENT_TRANSITIONS.values()
    # But for a refund that came back and is sent once more.
    assert [edge for edge, to in REFUND_TRANSITIONS.items() if to == R.REQUESTED] == [(R.FAILED, "resent")]
    assert F.TO_ACCEPT not in FULFILMENT_TRANSITIONS.values()
    for table in (
        PAYMENT_TRANSITIONS, REFUND_TRANSITIONS, DISPUTE_TRANSITIONS, ORDER_TRANSITIONS, FULFILMENT_TRANSITIONS
    ):  # fmt: skip
        assert not [edge for edge, target in table.items() if edge[0] == target]


def test_one_event_leads_to_one_place() -> None:
    """A finding names the status and not the event, so no two events may join the same two statuses."""
    for table in (PAYMENT_TRANSITIONS, REFUND_TRANSITIONS, DISPUTE_TRANSITIONS):
        joined = [(source, target) for (source, _), target in table.items()]
        assert len(joined) == len(set(joined))


ORDER_EVENTS = sorted({event for _, event in ORDER_TRANSITIONS})


@pytest.mark.parametrize(
    ("status", "event"),
    [edge for edge in itertools.product(S, ORDER_EVENTS) if edge not in ORDER_TRANSITIONS],
)
def test_an_edge_that_is_not_in_the_table_is_refused(status: OrderStatus, event: str) -> None:
    with pytest.raises(ImpossibleTransition):
        next_status(status, event)


# What may be done with money, told again here by hand: a table and its test must not come from one pen.
OPEN = {
    P.CREATED, P.UNKNOWN, P.REQUIRES_PAYMENT_METHOD, P.REQUIRES_ACTION, P.PROCESSING, P.APPROVED, P.AUTHORIZED,
}  # fmt: skip


@pytest.mark.parametrize("current", list(P))
def test_a_capture_is_taken_from_every_status_but_once(current: PaymentStatus) -> None:
    assert payment_event(current, P.SUCCEEDED) == (None if current == P.SUCCEEDED else "captured")


@pytest.mark.parametrize("current", list(P))
def test_an_open_payment_can_be_voided_from_wherever_it_stands(current: PaymentStatus) -> None:
    assert payment_event(current, P.CANCELED) == ("voided" if current in OPEN else None)


def test_a_dispute_is_decided_once_and_may_turn() -> None:
    assert dispute_event(D.WON, D.WON) is None
    assert (dispute_event(D.WON, D.LOST), dispute_event(D.LOST, D.WON)) == ("lost", "won")
    assert dispute_event(D.INQUIRY_CLOSED, D.NEEDS_RESPONSE) is None
    assert dispute_event(D.LOST, D.UNDER_REVIEW) is None, "older news change nothing"


def test_what_the_buyer_s_bank_does_is_followed() -> None:
    waiting, asked, running = P.REQUIRES_PAYMENT_METHOD, P.REQUIRES_ACTION, P.PROCESSING
    assert {(a, b): payment_event(a, b) for a in (waiting, asked, running) for b in (waiting, asked, running)} == {
        (waiting, waiting): None, (waiting, asked): "authentication_required", (waiting, running): "processing_started",
        (asked, waiting): "declined", (asked, asked): None, (asked, running): "processing_started",
        (running, waiting): "declined", (running, asked): "authentication_required", (running, running): None,
    }  # fmt: skip


@pytest.mark.parametrize(("current", "found"), list(itertools.product(P, P)))
def test_a_finding_takes_its_edge_or_none(current: PaymentStatus, found: PaymentStatus) -> None:
    event = payment_event(current, found)
    if event is None:
        ways = [e for (source, e), to in PAYMENT_TRANSITIONS.items() if (source, to) == (current, found)]
        assert set(ways) <= {"refused", "answer_lost"}
    else:
        assert PAYMENT_TRANSITIONS[current, event] == found


@pytest.mark.parametrize("current", sorted(TERMINAL_PAYMENT_STATUSES))
@pytest.mark.parametrize("found", sorted(set(P) - {P.SUCCEEDED, P.PROCESSING, P.AUTHORIZED}))
def test_older_news_change_nothing_that_is_over(current: PaymentStatus, found: PaymentStatus) -> None:
    assert payment_event(current, found) is None


@pytest.mark.parametrize(("current", "found"), list(itertools.product(R, R)))
def test_a_finding_about_a_refund_takes_its_edge_or_none(current: RefundStatus, found: RefundStatus) -> None:
    expected = {
        (R.REQUESTED, R.PENDING): "accepted",
        (R.REQUESTED, R.SUCCEEDED): "paid_back",
        (R.REQUESTED, R.FAILED): "refused",
        (R.UNKNOWN, R.PENDING): "accepted",
        (R.UNKNOWN, R.SUCCEEDED): "paid_back",
        (R.UNKNOWN, R.FAILED): "refused",
        (R.PENDING, R.SUCCEEDED): "paid_back",
        (R.PENDING, R.FAILED): "bounced",
        (R.SUCCEEDED, R.FAILED): "bounced",
    }
    assert refund_event(current, found) == expected.get((current, found))
