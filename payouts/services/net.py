"""Netting: what an artisan owes us is kept from what is due to them, and from what is kept back of their shares."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from common import audit
from common.money import Money
from common.one_by_one import by_sets
from ledger.contracts import EntryRequest
from payouts.enums import PayableEdge, PayableStatus, ReserveReason
from payouts.models import DebtRecovery, Payable, Reserve, SellerDebt
from payouts.services import books
from payouts.services.history import take_from_payables
from payouts.services.locking import find_artisans_to_net, lock_open_debts, lock_released_payables
from payouts.services.reserves import free, reserves_of
from payouts.services.reverse import under_way
from payouts.services.turns import in_turns


@dataclass(frozen=True, slots=True)
class Netted:
    """The entries, which the caller posts together with its own, and the artisans of whom something was recovered."""

    entries: list[EntryRequest]
    artisan_ids: frozenset[int] = frozenset()


def net_debts(payables: Sequence[Payable], *, now: dt.datetime, artisan_ids: Iterable[int] = ()) -> Netted:
    """Keeps from released payables, which the caller has locked, what their artisans owe in the same currency.

    Oldest debt and oldest payable first. What these do not cover is taken from the reserves of the same artisans (and
    of `artisan_ids`, who need have no payable), oldest first: a reserve is there for this. What a transfer reversal is
    bringing back at this moment is left alone; it is netted next time if that is refused. Debts of undecided disputes
    are netted too: the money is kept until the dispute is decided, and given back by `credit_parts`. One statement
    where nobody owes anything.
    """
    debts = lock_open_debts(artisan_ids={*artisan_ids, *(payable.artisan_id for payable in payables)})
    if not debts:
        return Netted([])
    netting = _Netting(debts, now)
    netting.use(sorted(payables, key=lambda row: (row.artisan_id, row.pk)))
    if netting.is_open:
        netting.use_reserves()
    netting.write()
    return Netted(netting.entries, frozenset(debt.artisan_id for debt, _, _ in netting.recovered))


def recover_debts(*, now: dt.datetime, limit: int = 100) -> int:
    """By the schedule: nets what artisans owe although nothing of theirs is released or paid at this moment.

    Somebody who is paused, paid once a month or not selling any more has released shares or reserves that no run
    comes to; a refused reversal has left a debt open. By sets of `limit` artisans, each in a transaction of its own;
    one that fails keeps none of the others from their turn. Returns for how many something was recovered.
    """

    def step() -> int:
        recovered: set[int] = set()

        def recover(artisan_ids: Sequence[int]) -> None:
            with transaction.atomic():
                payables = lock_released_payables(artisan_ids=artisan_ids)
                netted = net_debts(payables, now=now, artisan_ids=artisan_ids)
                books.post(netted.entries)
            recovered.update(netted.artisan_ids)

        by_sets(find_artisans_to_net(limit=limit), recover)
        return len(recovered)

    return in_turns(step, chunk=limit)


class _Netting:
    """What is left of some locked debts while payables are kept for them; written at the end, by sets of rows."""

    def __init__(self, debts: Sequence[SellerDebt], now: dt.datetime) -> None:
        coming = under_way(debts)
        self._now = now
        self._left_minor = {debt.pk: debt.open_minor - coming.get(debt.pk, 0) for debt in debts}
        self._debts: dict[tuple[int, str], list[SellerDebt]] = defaultdict(list)
        for debt in debts:
            self._debts[debt.artisan_id, debt.currency].append(debt)
        self._numbers = dict(
            DebtRecovery.objects.filter(debt__in=debts)
            .values_list("debt_id")
            .annotate(Max("number"))
            .order_by("debt_id")
        )
        self.recovered: list[tuple[SellerDebt, Payable, int]] = []
        self.entries: list[EntryRequest] = []

    @property
    def is_open(self) -> bool:
        return any(self._left_minor.values())

    def use(self, payables: Iterable[Payable]) -> None:
        for payable in payables:
            here_minor = payable.left.amount_minor if payable.status == PayableStatus.RELEASED else 0
            for debt in self._debts[payable.artisan_id, payable.currency]:
                amount_minor = min(self._left_minor[debt.pk], here_minor)
                if amount_minor:
                    here_minor -= amount_minor
                    self._left_minor[debt.pk] -= amount_minor
                    self.recovered.append((debt, payable, amount_minor))

    def use_reserves(self) -> None:
        owing = {debt.artisan_id for debts in self._debts.values() for debt in debts if self._left_minor[debt.pk]}
        wanted: list[tuple[SellerDebt, Reserve, int]] = []
        for reserve in reserves_of(artisan_ids=owing):
            here_minor = reserve.left.amount_minor
            for debt in self._debts[reserve.artisan_id, reserve.currency]:
                amount_minor = min(self._left_minor[debt.pk], here_minor)
                if amount_minor:
                    here_minor -= amount_minor
                    self._left_minor[debt.pk] -= amount_minor
                    wanted.append((debt, reserve, amount_minor))
        if not wanted:
            return
        freed = free(
            [(reserve, amount_minor) for _, reserve, amount_minor in wanted], reason=ReserveReason.DEBT,
            now=self._now, references=[debt.public_id for debt, _, _ in wanted],
        )  # fmt: skip
        for (debt, _, amount_minor), one in zip(wanted, freed, strict=True):
            self.entries.append(one.entry)
            self.recovered.append((debt, one.payable, amount_minor))

    def write(self) -> None:
        """Payables, debts, recoveries and the audit trail: a statement or two for each, however many they are."""
        if not self.recovered:
            return
        take_from_payables(
            [(payable, amount_minor, debt.public_id) for debt, payable, amount_minor in self.recovered],
            part=PayableEdge.RECOVERED, whole=PayableEdge.RECOVERED_WHOLE, now=self._now,
        )  # fmt: skip
        recoveries = [self._recovery(*one) for one in self.recovered]
        SellerDebt.objects.bulk_update(
            list(dict.fromkeys(debt for debt, _, _ in self.recovered)), ["recovered_minor", "updated_at"]
        )
        DebtRecovery.objects.bulk_create(recoveries)
        audit.record_all(
            [
                audit.entry(
                    event_type="debt.netted", outcome="succeeded", subject=debt.public_id,
                    amount=Money(amount_minor, debt.currency), artisan=payable.artisan.public_id,
                    command=f"net:{payable.public_id}",
                )
                for debt, payable, amount_minor in self.recovered
            ]
        )  # fmt: skip
        self.entries += [
            books.recovery_entry(recovery, payable, amount=Money(amount_minor, debt.currency), now=self._now)
            for recovery, (debt, payable, amount_minor) in zip(recoveries, self.recovered, strict=True)
        ]

    def _recovery(self, debt: SellerDebt, payable: Payable, amount_minor: int) -> DebtRecovery:
        number = self._numbers[debt.pk] = self._numbers.get(debt.pk, 0) + 1
        debt.recovered_minor += amount_minor
        debt.updated_at = self._now
        return DebtRecovery(debt=debt, number=number, payable=payable, amount_minor=amount_minor, occurred_at=self._now)
