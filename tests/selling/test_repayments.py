"""What an artisan paid to our bank account, on their dashboard: each line once, and what is still owed."""

import pytest

from payouts.services import undo_repayment
from tests.orders.shop import new_artisan
from tests.payouts.fake import FakeTransfers
from tests.payouts.hub import NOW
from tests.payouts.test_repayments import owing, record
from tests.selling.test_api import client_of, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]


def test_repayments_are_listed_latest_first_with_what_is_still_owed(processor: FakeTransfers) -> None:
    artisan = owing(600, 500)
    client = client_of(artisan)
    nothing_yet = read(client, "repayments")
    assert (nothing_yet["repayments"], nothing_yet["owed"]) == ([], [{"currency": "EUR", "amount_minor": 1100}])
    first, second = record(artisan, 450, line="NTRF 1"), record(artisan, 200, line="NTRF 2")
    told = read(client, "repayments")
    assert told == {
        "count": 2, "page": 1, "pages": 1, "owed": [{"currency": "EUR", "amount_minor": 450}],
        "repayments": [
            {
                "id": one.public_id, "currency": "EUR", "amount_minor": minor, "received_on": "2026-11-21",
                "bank_reference": line, "status": "recorded",
            }
            for one, minor, line in ((second, 200, "NTRF 2"), (first, 450, "NTRF 1"))
        ],
    }  # fmt: skip
    record(artisan, 450, line="NTRF 3")
    assert read(client, "repayments")["owed"] == []


def test_one_that_was_recorded_by_mistake_says_so_and_is_owed_again(processor: FakeTransfers) -> None:
    artisan = owing(600)
    mistake = record(artisan, 450)
    undo_repayment(repayment_reference=mistake.public_id, reason="Another sender.", now=NOW)
    told = read(client_of(artisan), "repayments")
    assert [(one["id"], one["status"]) for one in told["repayments"]] == [(mistake.public_id, "undone")]
    assert told["owed"] == [{"currency": "EUR", "amount_minor": 600}]


def test_another_artisan_sees_none_of_it(processor: FakeTransfers) -> None:
    record(owing(600), 450)
    told = read(client_of(new_artisan()), "repayments")
    assert (told["count"], told["repayments"], told["owed"]) == (0, [], [])
