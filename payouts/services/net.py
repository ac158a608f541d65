"""Netting: what an artisan owes us is kept from what is due to them."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Max

from common import audit
from common.money import Money
from ledger.contracts import EntryRequest
from payouts.enums import PayableEdge, PayableStatus
from payouts.models import DebtRecovery, Payable, SellerDebt
from payouts.services import books
from payouts.services.history import take_from_payable
from payouts.services.locking import lock_open_debts
from payouts.services.reverse import under_way


def net_debts(payables: Sequence[Payable], *, now: dt.datetime) -> list[EntryRequest]:
    """Keeps from released payables, which the caller has locked, what their artisans owe in the same currency.

    Oldest debt and oldest payable first. What a transfer reversal is bringing back at this moment is left alone; it
    is netted next time if that is refused. Debts of undecided disputes are netted too: the money is kept until the
    dispute is decided, and given back by `credit_parts`. Returns the entries for the caller to post together with its
    own. One statement where nobody owes anything.
    """
    debts = lock_open_debts(artisan_ids={payable.artisan_id for payable in payables})
    if not debts:
        return []
    coming = under_way(debts)
    left_minor = {debt.pk: debt.open_minor - coming.get(debt.pk, 0) for debt in debts}
    numbers = dict(
        DebtRecovery.objects.filter(debt__in=debts).values_list("debt_id").annotate(Max("number")).order_by("debt_id")
    )
    entries = []
    for payable in sorted(payables, key=lambda row: (row.artisan_id, row.pk)):
        for debt in debts:
            is_theirs = (debt.artisan_id, debt.currency) == (payable.artisan_id, payable.currency)
            if is_theirs and payable.status == PayableStatus.RELEASED and left_minor[debt.pk]:
                amount_minor = min(left_minor[debt.pk], payable.left.amount_minor)
                left_minor[debt.pk] -= amount_minor
                numbers[debt.pk] = numbers.get(debt.pk, 0) + 1
                entries.append(_recover(debt, payable, amount_minor, numbers[debt.pk], now))
    return entries


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
