"""A processor without lists (PayPal): a request whose answer was lost is found by sending it again under its key."""

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.db import transaction

from common.clock import now as clock_now
from payments.contracts import OutcomeUnknown
from payments.enums import RequestKind, RequestState
from payments.models import ProcessorRequest
from payments.processors import replay_of
from payments.services import outgoing

pytestmark = pytest.mark.django_db(transaction=True)
LATER = outgoing.LEASE + dt.timedelta(seconds=1)


@dataclass
class Paypal:
    """Answers a repeated key with what the first one made; its report knows only what is old."""

    made: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    report: str | None = None
    loses_answers: int = 0

    def send(self, key: str) -> str:
        self.calls.append(f"send {key}")
        order = self.made.setdefault(key, f"ORDER{len(self.made) + 1}")
        if self.loses_answers:
            self.loses_answers -= 1
            raise OutcomeUnknown()
        return order

    def find(self) -> str | None:
        self.calls.append("find")
        return self.report


def _prepared(at: dt.datetime, kind: RequestKind = RequestKind.CREATE_PAYMENT) -> ProcessorRequest:
    with transaction.atomic():
        return outgoing.prepare(kind=kind, processor="paypal", subject="pay_1", body={"a": 1}, now=at)


def _perform(paypal: Paypal, request: ProcessorRequest, at: dt.datetime) -> str:
    request.refresh_from_db()
    return outgoing.perform(request, send=paypal.send, find=paypal.find, now=at)


@pytest.mark.parametrize("kind", [RequestKind.CREATE_PAYMENT, RequestKind.REFUND, RequestKind.RENEW_AUTHORIZATION])
def test_a_lost_answer_is_found_by_the_same_request_and_makes_nothing_new(kind: RequestKind) -> None:
    at, paypal = clock_now(), Paypal(loses_answers=1)
    request = _prepared(at, kind)
    with pytest.raises(OutcomeUnknown):
        _perform(paypal, request, at)
    assert _perform(paypal, request, at + LATER) == "ORDER1"
    key = request.idempotency_key
    assert paypal.calls == [f"send {key}", f"send {key}"]
    assert paypal.made == {key: "ORDER1"}


def test_a_buyer_who_waits_gets_it_at_once() -> None:
    at, paypal = clock_now(), Paypal(loses_answers=1)
    request = _prepared(at)
    with pytest.raises(OutcomeUnknown):
        _perform(paypal, request, at)
    assert outgoing.look_again(request, send=paypal.send, find=paypal.find, now=at) == "ORDER1"
    assert len(paypal.made) == 1


def test_failures_are_not_kept_under_the_key_so_the_same_one_goes_on() -> None:
    at, paypal = clock_now(), Paypal(loses_answers=9)
    request = _prepared(at)
    for minute in range(9):
        with pytest.raises(OutcomeUnknown):
            _perform(paypal, request, at + minute * dt.timedelta(minutes=2))
        request.refresh_from_db()
        outgoing.finish_unknown(request, error_code="lost", now=at)
        request.refresh_from_db()
        assert outgoing.resume(request, find=paypal.find, now=at + dt.timedelta(minutes=20)) == request
    assert "find" not in paypal.calls
    assert len(paypal.made) == 1


def test_after_the_key_is_forgotten_it_is_never_sent_again_under_it() -> None:
    at, paypal = clock_now(), Paypal(loses_answers=1)
    request = _prepared(at)
    with pytest.raises(OutcomeUnknown):
        _perform(paypal, request, at)
    request.refresh_from_db()
    outgoing.finish_unknown(request, error_code="lost", now=at)
    late = at + replay_of("paypal", RequestKind.CREATE_PAYMENT).window + dt.timedelta(seconds=1)
    with pytest.raises(OutcomeUnknown):
        _perform(paypal, request, late)
    assert paypal.calls[1:] == ["find"]
    paypal.report = "ORDER1"
    assert _perform(paypal, request, late) == "ORDER1"


def test_a_new_attempt_is_made_only_when_the_report_is_certain_that_there_is_none() -> None:
    at, paypal = clock_now(), Paypal()
    request = _prepared(at)
    outgoing.finish_unknown(request, error_code="lost", now=at)
    request.refresh_from_db()
    late = at + dt.timedelta(hours=8)
    again = outgoing.resume(request, find=paypal.find, now=late)
    assert paypal.calls == ["find"]
    assert (again.attempt, again.idempotency_key) == (2, "create_payment:pay_1:2")
    request.refresh_from_db()
    assert request.state == RequestState.FAILED


def test_keys_are_used_for_half_as_long_as_paypal_keeps_them() -> None:
    hours = {kind: replay_of("paypal", kind).window.total_seconds() / 3600 for kind in RequestKind}
    assert hours[RequestKind.CREATE_PAYMENT] <= 6 / 2
    assert hours[RequestKind.CREATE_SETUP] <= 3 / 2
    assert hours[RequestKind.REFUND] <= 45 * 24 / 2
    assert all(value <= 3 for kind, value in hours.items() if kind not in (
        RequestKind.REFUND, RequestKind.RENEW_AUTHORIZATION,
    ))  # fmt: skip
    assert replay_of("stripe", RequestKind.CREATE_PAYMENT).is_look_up is False
