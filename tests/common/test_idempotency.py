"""Idempotency keys: claimed once, answered once, replayed for ever after, taken over only from the dead."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.cache import SessionStore
from django.db import connection
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from common import idempotency
from common.api import idempotent
from common.clock import now
from common.errors import DomainError
from common.models import IdempotencyKey

KEY = "key-0123456789"
FINGERPRINT = idempotency.request_hash(method="POST", path="/x", body={"a": 1})


def _claim(**changed: str) -> idempotency.Claim:
    return idempotency.claim(**{"scope": "user:1", "key": KEY, "fingerprint": FINGERPRINT, **changed})


def _dies(claimed: idempotency.Claim, *, seconds_ago: int) -> None:
    IdempotencyKey.objects.filter(id=claimed.row_id).update(locked_until=now() - dt.timedelta(seconds=seconds_ago))


@pytest.mark.parametrize("key", [None, ""])
def test_a_missing_key_is_named_as_missing(key: str | None) -> None:
    with pytest.raises(idempotency.IdempotencyKeyMissing):
        idempotency.check_key(key)


@pytest.mark.parametrize(
    "key", ["short", "1234567", "x" * 256, "käy-12345678", "tab\t12345678", "line\n12345678", "nul\x0012345678"]
)
def test_a_key_of_another_form_is_refused(key: str) -> None:
    with pytest.raises(idempotency.IdempotencyKeyInvalid):
        idempotency.check_key(key)


@pytest.mark.parametrize("key", ["12345678", "x" * 255, "0f8fad5b-d9cb-469f-a165-70867728950e"])
def test_keys_of_8_to_255_characters_pass(key: str) -> None:
    assert idempotency.check_key(key) == key


def test_the_fingerprint_does_not_depend_on_the_order_of_fields_but_on_everything_else() -> None:
    def hashed(method: str = "POST", path: str = "/x", body: object = None) -> str:
        return idempotency.request_hash(method=method, path=path, body=body)

    assert hashed(body={"a": 1, "b": [1, 2]}) == hashed(body={"b": [1, 2], "a": 1})
    bodies: list[object] = [{"a": 1}, {"a": 2}, {"a": "1"}, {"a": True}, {"b": 1}, [], None, {"a": [2, 1]}]
    others = [hashed(body=body) for body in bodies]
    others += [hashed(method="PUT", body={"a": 1}), hashed(path="/y", body={"a": 1})]
    assert len(set(others)) == len(others)


@pytest.mark.django_db
def test_the_stored_answer_is_given_again() -> None:
    claimed = _claim()
    assert claimed.status is None
    idempotency.answer(claimed=claimed, status=201, body={"id": "ord_x", "lines": [1, 2]})
    again = _claim()
    assert (again.status, again.body) == (201, {"id": "ord_x", "lines": [1, 2]})
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.django_db
def test_another_body_under_a_used_key_is_a_mismatch_before_and_after_the_answer() -> None:
    claimed = _claim()
    other = idempotency.request_hash(method="POST", path="/x", body={"a": 2})
    with pytest.raises(idempotency.IdempotencyKeyReused):
        _claim(fingerprint=other)
    idempotency.answer(claimed=claimed, status=200, body={})
    with pytest.raises(idempotency.IdempotencyKeyReused):
        _claim(fingerprint=other)
    assert _claim().status == 200


@pytest.mark.django_db
def test_a_second_attempt_waits_while_the_first_is_at_work() -> None:
    _claim()
    with pytest.raises(idempotency.RequestInFlight):
        _claim()


@pytest.mark.django_db
def test_two_clients_may_use_the_same_key() -> None:
    assert _claim(scope="user:1").row_id != _claim(scope="user:2").row_id


@pytest.mark.django_db
def test_the_claim_of_a_dead_process_is_taken_over_and_its_late_answer_is_not_kept() -> None:
    dead = _claim()
    _dies(dead, seconds_ago=1)
    heir = _claim()
    assert heir.row_id == dead.row_id
    with pytest.raises(idempotency.RequestInFlight):
        _claim()
    idempotency.answer(claimed=dead, status=500, body={"from": "dead"})
    idempotency.release(claimed=dead)
    idempotency.answer(claimed=heir, status=200, body={"from": "heir"})
    assert _claim().body == {"from": "heir"}


@pytest.mark.django_db
def test_an_answered_key_is_never_taken_over_however_old_its_lease() -> None:
    claimed = _claim()
    idempotency.answer(claimed=claimed, status=200, body=1)
    _dies(claimed, seconds_ago=5000)
    assert _claim().status == 200


@pytest.mark.django_db
def test_a_mismatch_does_not_prolong_the_lease_of_a_dead_process() -> None:
    _dies(_claim(), seconds_ago=1)
    with pytest.raises(idempotency.IdempotencyKeyReused):
        _claim(fingerprint="0" * 64)
    assert _claim().status is None


@pytest.mark.django_db
def test_a_key_given_back_may_be_used_again_and_an_answered_one_is_not_given_back() -> None:
    claimed = _claim()
    idempotency.release(claimed=claimed)
    assert not IdempotencyKey.objects.exists()
    claimed = _claim()
    idempotency.answer(claimed=claimed, status=200, body=1)
    idempotency.release(claimed=claimed)
    assert _claim().status == 200


@pytest.mark.django_db
def test_keys_are_forgotten_after_a_day_and_not_before() -> None:
    old, young = _claim(key="old-key-1"), _claim(key="young-key")
    IdempotencyKey.objects.filter(id=old.row_id).update(created_at=now() - dt.timedelta(hours=24, seconds=1))
    IdempotencyKey.objects.filter(id=young.row_id).update(created_at=now() - dt.timedelta(hours=23))
    assert idempotency.forget_old(now=now()) == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young-key"]


class _View(APIView):
    """A mutating endpoint as ours are, that does what a test puts into `work`."""

    work: Callable[[], Response]

    @idempotent(atomic=True)
    def post(self, request: Any) -> Response:
        return type(self).work()


def _post(work: Callable[[], Response], *, body: object = None, key: str = KEY, session: Any = None) -> Any:
    request = APIRequestFactory().post("/x", body or {}, format="json", headers={"Idempotency-Key": key})
    request.session = session if session is not None else SessionStore()
    request.user = AnonymousUser()
    view: Any = type("View", (_View,), {"work": staticmethod(work)})
    return view.as_view()(request)


class Refused(DomainError):
    code = "refused_by_test"


def _refuse() -> Response:
    IdempotencyKey.objects.create(
        scope="work", key="of-the-work", request_hash="", holder="0" * 32, locked_until=now(), created_at=now()
    )
    raise Refused("no")


@pytest.mark.django_db
def test_a_refusal_undoes_the_work_and_gives_the_key_back() -> None:
    session = SessionStore()
    refused = _post(_refuse, session=session)
    assert (refused.status_code, refused.data["code"]) == (409, "refused_by_test")
    assert not IdempotencyKey.objects.exists()
    assert _post(lambda: Response({"fine": 1}, status=201), session=session).status_code == 201


@pytest.mark.django_db
def test_a_replay_says_that_it_is_one() -> None:
    session = SessionStore()
    first = _post(lambda: Response({"n": 1}, status=201), session=session)
    second = _post(lambda: Response({"n": 2}, status=201), session=session)
    assert (first.status_code, first.data) == (second.status_code, second.data) == (201, {"n": 1})
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    mismatch = _post(lambda: Response({"n": 3}), session=session, body={"other": 1})
    assert (mismatch.status_code, mismatch.data["code"]) == (422, "idempotency_key_reused")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_under_one_key_do_the_work_once() -> None:
    session = SessionStore()
    session["guest_token"] = "one-and-the-same-guest"
    done: list[int] = []
    start = threading.Barrier(20)

    def work() -> Response:
        done.append(1)
        return Response({"made": len(done)}, status=201)

    def attempt(_: int) -> Any:
        try:
            start.wait(timeout=20)
            return _post(work, session=session)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(attempt, range(20)))
    assert done == [1]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.data["made"] for answer in answers if answer.status_code == 201} == {1}
    assert {answer.data["code"] for answer in answers if answer.status_code == 409} <= {"request_in_flight"}
    assert _post(work, session=session).data == {"made": 1}
