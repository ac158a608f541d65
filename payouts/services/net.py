"""Netting: what an artisan owes us is kept from what is due to them, and from what is kept back of their shares."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Max

from common import audit
from common.money import Money
from common.one_by_one import one_by_one
from ledger.contracts import EntryRequest
from payouts.enums import PayableEdge, PayableStatus, ReserveReason
from payouts.models import DebtRecovery, Payable, SellerDebt
from payouts.services import books
from payouts.services.history import take_from_payable
from payouts.services.locking import find_artisans_to_net, lock_open_debts, lock_released_payables
from payouts.services.reserves import free, reserves_of
from payouts.services.reverse import under_way


def net_debts(payables: Sequence[Payable], *, now: dt.datetime, artisan_ids: Iterable[int] = ()) -> list[EntryRequest]:
    """Keeps from released payables, which the caller has locked, what their artisans owe in the same currency.

    Oldest debt and oldest payable first. What these do not cover is taken from the reserves of the same artisans (and
    of `artisan_ids`, who need have no payable), oldest first: a reserve is there for this. What a transfer reversal is
    bringing back at this moment is left alone; it is netted next time if that is refused. Debts of undecided disputes
    are netted too: the money is kept until the dispute is decided, and given back by `credit_parts`. Returns the
    entries for the caller to post together with its own. One statement where nobody owes anything.
    """
    debts = lock_open_debts(artisan_ids={*artisan_ids, *(payable.artisan_id for payable in payables)})
    if not debts:
        return []
    netting = _Netting(debts, now)
    for payable in sorted(payables, key=lambda row: (row.artisan_id, row.pk)):
        netting.use(payable)
    if netting.is_open:
        netting.use_reserves()
    return netting.entries


def recover_debts(*, now: dt.datetime, limit: int = 100) -> int:
    """By the schedule: nets what artisans owe although nothing of theirs is released or paid at this moment.

    Somebody who is paused, paid once a month or not selling any more has released shares or reserves that no run
    comes to; a refused reversal has left a debt open. Artisan by artisan, each in a transaction of its own; one that
    fails keeps none of the others from their turn. Returns for how many something was recovered.
    """
    recovered: list[int] = []

    def recover(artisan_id: int) -> None:
        with transaction.atomic():
            payables = lock_released_payables(artisan_id=artisan_id)
            entries = net_debts(payables, now=now, artisan_ids=[artisan_id])
            books.post(entries)
        recovered.extend([artisan_id] if entries else [])

    one_by_one(find_artisans_to_net(limit=limit), recover)
    return len(recovered)


class _Netting:
    """What is left of some locked debts while payables are kept for them."""

    def __init__(self, debts: Sequence[SellerDebt], now: dt.datetime) -> None:
        coming = under_way(debts)
        self._debts, self._now = debts, now
        self._left_minor = {debt.pk: debt.open_minor - coming.get(debt.pk, 0) for debt in debts}
        self._numbers = dict(
            DebtRecovery.objects.filter(debt__in=debts)
            .values_list("debt_id")
            .annotate(Max("number"))
            .order_by("debt_id")
        )
        self.entries: list[EntryRequest] = []

    @property
    def is_open(self) -> bool:
        return any(self._left_minor.values())

    def use(self, payable: Payable) -> None:
        for debt in self._debts:
            is_theirs = (debt.artisan_id, debt.currency) == (payable.artisan_id, payable.currency)
            if is_theirs and payable.status == PayableStatus.RELEASED and self._left_minor[debt.pk]:
                self._recover(debt, payable, min(self._left_minor[debt.pk], payable.left.amount_minor))

    def use_reserves(self) -> None:
        owing = {debt.artisan_id for debt in self._debts if self._left_minor[debt.pk]}
        reserves = reserves_of(artisan_ids=owing)
        for debt in self._debts:
            for reserve in reserves:
                is_theirs = (debt.artisan_id, debt.currency) == (reserve.artisan_id, reserve.currency)
                amount_minor = min(self._left_minor[debt.pk], reserve.left.amount_minor)
                if is_theirs and amount_minor:
                    [freed] = free(
                        [(reserve, amount_minor)], reason=ReserveReason.DEBT, now=self._now, reference=debt.public_id
                    )
                    self.entries.append(freed.entry)
                    self._recover(debt, freed.payable, amount_minor)

    def _recover(self, debt: SellerDebt, payable: Payable, amount_minor: int) -> None:
        self._left_minor[debt.pk] -= amount_minor
        number = self._numbers[debt.pk] = self._numbers.get(debt.pk, 0) + 1
        self.entries.append(_recover(debt, payable, amount_minor, number, self._now))


def _recover(debt: SellerDebt, payable: Payable, amount_minor: int, number: int, now: dt.datetime) -> EntryRequest:
    take_from_payable(
        payable, amount_minor, part=PayableEdge.RECOVERED, whole=PayableEdge.RECOVERED_WHOLE,
        reference=debt.public_id, now=now,
    )  # fmt: skip
    debt.recovered_minor += amount_minor
    debt.updated_at = now
    debt.save(update_fields=["recovered_minor", "updated_at"])
    recovery = DebtRecovery.objects.create(
        debt=debt, number=number, payable=payable, amount_minor=amount_minor, occurred_at=now
    )
    amount = Money(amount_minor, debt.currency)
    audit.record(
        event_type="debt.netted", outcome="succeeded", subject=debt.public_id, amount=amount,
        artisan=payable.artisan.public_id, command=f"net:{payable.public_id}",
    )  # fmt: skip
    return books.recovery_entry(recovery, payable, amount=amount, now=now)
