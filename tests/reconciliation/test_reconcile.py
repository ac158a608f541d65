"""The books against the processors' own statements: what agrees is silent, what differs is named."""

import pytest

from reconciliation.models import StatementLine
from tests.orders.wire import Wire
from tests.reconciliation.shop import healthy, late, sale
from tests.reconciliation.statements import command, found, ran

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def test_books_in_order_agree_with_every_movement(stripe: Wire) -> None:
    sale(stripe)
    status, told, errors = command()
    assert (status, errors) == (0, "")
    assert "everything is explained" in told
    assert found() == []


def test_a_shop_in_which_everything_was_booked_has_nothing_unexplained(stripe: Wire) -> None:
    healthy(stripe)
    run = ran()
    assert [one for one in found() if one[2] == "open"] == []
    assert run.matched > 10
