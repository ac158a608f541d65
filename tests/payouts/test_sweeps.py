"""Sweeps over many rows take as many statements for two hundred as for ten, and none forgets a row."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payouts import services
from payouts.models import Payable, Reserve, SellerDebt
from tests.payouts.fake import FakeTransfers
from tests.payouts.hub import HOLD, MINUTE, NOW, connected_artisan, debit, keeps_back, released, run, sell

pytestmark = pytest.mark.django_db
FEW, MANY = 10, 200
MONTH = 30 * 24 * 60 * MINUTE


def statements(work: Callable[[], int]) -> tuple[int, int]:
    """How many statements it took, and what it says that it did."""
    with CaptureQueriesContext(connection) as queries:
        done = work()
    return len(queries), done


def held(count: int) -> None:
    artisan = connected_artisan()
    sell([(artisan, 1000)] * count, now=NOW)


def reserved(count: int) -> None:
    artisan = keeps_back(connected_artisan())
    released([(artisan, 1000)] * count, now=NOW)


def owing(count: int) -> None:
    """So many shares were paid and are owed back, and as many others are released and reserved by then."""
    artisan = keeps_back(connected_artisan())
    gone = released([(artisan, 1000)] * count, now=NOW)
    run()
    released([(artisan, 500)] * count, now=NOW)
    for number, payable in enumerate(gone):
        debit(payable, 1000, reference=f"ref_{number}", collects=False)
    assert SellerDebt.objects.filter(artisan=artisan).count() == count


def test_releasing_takes_no_more_statements_for_many(processor: FakeTransfers) -> None:
    taken = []
    for count in (FEW, MANY):
        held(count)
        taken.append(statements(lambda: services.release_due(now=NOW + HOLD, limit=MANY + 1)))
    assert [done for _, done in taken] == [FEW, MANY]
    assert taken[0][0] == taken[1][0]
    assert not Payable.objects.filter(status="held").exists()


def test_ending_reserves_takes_no_more_statements_for_many(processor: FakeTransfers) -> None:
    taken = []
    for count in (FEW, MANY):
        reserved(count)
        taken.append(statements(lambda: services.release_reserves(now=NOW + MONTH, limit=MANY + 1)))
    assert [done for _, done in taken] == [FEW, MANY]
    assert taken[0][0] == taken[1][0]
    assert not Reserve.objects.filter(status="held").exists()


def test_netting_debts_takes_no_more_statements_for_many(processor: FakeTransfers) -> None:
    taken = []
    for count in (FEW, MANY):
        owing(count)
        taken.append(statements(lambda: services.recover_debts(now=NOW)))
    assert [done for _, done in taken] == [1, 1]
    assert taken[0][0] == taken[1][0]
    left = sum(debt.open_minor for debt in SellerDebt.objects.all())
    # Of each 10.00 a tenth was reserved, of each 5.00 too: the reserves of the paid part went first.
    assert left == (FEW + MANY) * (1000 - 100 - 500)


def artisans_owing(count: int) -> None:
    """So many artisans owe 3.00 each and have a released share of 5.00."""
    selling = [connected_artisan() for _ in range(count)]
    gone = released([(artisan, 1000) for artisan in selling], now=NOW)
    run()
    released([(artisan, 500) for artisan in selling], now=NOW)
    for payable in gone:
        debit(payable, 300, reference=f"ref_{payable.pk}", collects=False)


def test_netting_the_debts_of_many_artisans_takes_no_more_statements(processor: FakeTransfers) -> None:
    taken = []
    for count in (FEW, MANY):
        artisans_owing(count)
        taken.append(statements(lambda: services.recover_debts(now=NOW, limit=MANY + 1)))
    assert [done for _, done in taken] == [FEW, MANY]
    assert taken[0][0] == taken[1][0]
    assert Counter(SellerDebt.objects.values_list("recovered_minor", flat=True)) == {300: FEW + MANY}
    assert services.recover_debts(now=NOW) == 0
