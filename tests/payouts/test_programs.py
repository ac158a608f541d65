"""Random lives of payables under faults, with an auditor that knows only the rows, the books and the processor."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.models import Artisan
from common.money import Money
from payments.contracts import ProcessorError
from payouts import services
from payouts.contracts import ShareExceeded
from payouts.models import ConnectedAccount, DebtRepayment, Payable, SellerDebt, Transfer, TransferReversal
from payouts.selectors import totals_of_artisan
from tests.payouts.fake import BUSY, INSUFFICIENT, LOST, FakeTransfers, Killed
from tests.payouts.hub import COMMISSION_MINOR, NOW, books, connected_artisan, credit, debit, sell

ARTISANS = 3
amounts = st.lists(st.integers(1, 99_999), min_size=1, max_size=ARTISANS)
faults = st.lists(
    st.sampled_from(["fine", "lost before", "lost after", "busy", "refused", "killed before", "killed after"]),
    max_size=4,
)
# Which part, how much of it in hundredths, and whether it is collected.
debits = st.tuples(st.integers(0, 20), st.integers(1, 100), st.booleans())
steps = st.one_of(
    st.tuples(st.just("sell"), amounts),
    st.tuples(st.just("pass"), st.sampled_from([1, 7, 30, 300, 7 * 24 * 60])),
    st.tuples(st.just("release"), st.none()),
    st.tuples(st.just("release now"), st.integers(0, 20)),
    st.tuples(st.just("run"), faults),
    st.tuples(st.just("run"), faults),
    st.tuples(st.just("news"), st.integers(0, 20)),
    st.tuples(st.just("close or open an account"), st.integers(0, ARTISANS - 1)),
    st.tuples(st.just("debit"), debits),
    st.tuples(st.just("debit"), debits),
    st.tuples(st.just("credit"), st.tuples(st.integers(0, 20), st.integers(1, 100))),
    st.tuples(st.just("lose a dispute"), st.integers(0, 20)),
    st.tuples(st.just("reverse"), faults),
    st.tuples(st.just("pay back"), st.tuples(st.integers(0, ARTISANS - 1), st.integers(1, 100))),
    st.tuples(st.just("was no payment"), st.integers(0, 5)),
    st.tuples(st.just("reverse by hand"), st.tuples(st.integers(0, 20), st.integers(1, 100))),
)
_SOLD: list[tuple[str, Any]] = [("sell", [1500, 333, 9999]), ("sell", [700, 1])]
_DUE: list[tuple[str, Any]] = [*_SOLD, ("pass", 7 * 24 * 60), ("release", None)]
openings = st.sampled_from(
    [_SOLD, _DUE, [*_DUE, ("run", [])], [*_DUE, ("run", ["lost after"]), ("sell", [50, 60, 70])]]
)


@dataclass
class Taken:
    payable: Payable
    amount_minor: int
    collects: bool
    was_given_back: bool = False


class World:
    """What the program acts on. Its own memory is what was sold and taken; everything else it reads."""

    def __init__(self) -> None:
        self.now = NOW
        self.artisans: list[Artisan] = [connected_artisan() for _ in range(ARTISANS)]
        self.processor = FakeTransfers()
        self.sold: dict[int, int] = defaultdict(int)
        self.sales = 0
        # Reference -> artisan, part, what was taken and not given back, and whether that was given back once.
        self.taken: dict[str, Taken] = {}
        # Line of our bank's statement -> what was recorded for it.
        self.paid_back: dict[str, DebtRepayment] = {}
        self.bank_lines = 0

    def do(self, name: str, given: Any) -> None:
        match name:
            case "sell":
                parts = list(zip(self.artisans, given, strict=False))
                sell(parts, now=self.now)
                self.sales += len(parts)
                for artisan, amount_minor in parts:
                    self.sold[artisan.pk] += amount_minor
            case "pass":
                self.now += dt.timedelta(minutes=given)
            case "release":
                services.release_due(now=self.now)
            case "release now":
                chosen = list(Payable.objects.order_by("id").values_list("id", flat=True))[given : given + 2]
                services.release_now(payable_ids=chosen, now=self.now)
            case "run":
                self.run(given)
            case "news":
                for made in self.processor.made[given : given + 1]:
                    services.settle_transfer(
                        processor_transfer_id=made.processor_transfer_id,
                        transfer_reference=made.transfer_reference,
                        now=self.now,
                    )
            case "close or open an account":
                account = ConnectedAccount.objects.get(artisan=self.artisans[given])
                account.transfers_enabled = not account.transfers_enabled
                account.save()
            case "debit":
                self.debit(*given)
            case "credit":
                self.credit(*given)
            case "lose a dispute":
                for reference in list(self.taken)[given : given + 1]:
                    with transaction.atomic():
                        services.collect_debt(reference=reference, now=self.now)
            case "reverse":
                self.reverse(given)
            case "reverse by hand":
                self.reverse_by_hand(*given)
            case "pay back":
                self.pay_back(*given)
            case "was no payment":
                for reference, repayment in list(self.paid_back.items())[given : given + 1]:
                    del self.paid_back[reference]
                    services.undo_repayment(repayment_reference=repayment.public_id, reason="Mistake", now=self.now)

    def debit(self, number: int, hundredths: int, collects: bool) -> None:
        for payable in Payable.objects.filter(origin_reference="").order_by("id")[number : number + 1]:
            amount_minor = max(payable.amount_minor * hundredths // 100, 1)
            reference = f"ref_{len(self.taken)}"
            gone_minor = sum(one.amount_minor for one in self.taken.values() if one.payable == payable)
            try:
                debit(payable, amount_minor, reference=reference, collects=collects, now=self.now)
            except ShareExceeded:
                assert gone_minor + amount_minor > payable.amount_minor
                continue
            assert gone_minor + amount_minor <= payable.amount_minor
            self.taken[reference] = Taken(payable, amount_minor, collects)

    def credit(self, number: int, hundredths: int) -> None:
        for reference, taken in list(self.taken.items())[number : number + 1]:
            if not taken.was_given_back:
                amount_minor = max(taken.amount_minor * hundredths // 100, 1)
                for _ in range(2):
                    credit(taken.payable, amount_minor, reference=reference, now=self.now)
                taken.amount_minor -= amount_minor
                taken.was_given_back = True

    def reverse(self, plan: list[str]) -> None:
        """The outbox sends what was asked for just now, the sweeper looks after the rest."""
        with self.faults(plan):
            for reversal in TransferReversal.objects.filter(status="requested").order_by("id"):
                services.send_reversal(reversal_reference=reversal.public_id, now=self.now)
            services.resolve_reversals(now=self.now)

    def reverse_by_hand(self, number: int, hundredths: int) -> None:
        for made in self.processor.made[number : number + 1]:
            amount_minor = self.processor._left_of(made.processor_transfer_id) * hundredths // 100
            if amount_minor:
                self.processor.reverse_by_hand(made.processor_transfer_id, Money(amount_minor, "EUR"))

    def pay_back(self, number: int, hundredths: int) -> None:
        artisan = self.artisans[number]
        for amount in services.repayable_of(artisan_id=artisan.pk).values():
            self.bank_lines += 1
            reference, part = f"B-{self.bank_lines}", Money(max(amount.amount_minor * hundredths // 100, 1), "EUR")
            for _ in range(2):
                self.paid_back[reference] = services.record_repayment(
                    artisan_id=artisan.pk, amount=part, bank_reference=reference, received_on=self.now.date(),
                    now=self.now,
                )  # fmt: skip

    def repaid_by(self, artisan: Artisan) -> int:
        return sum(one.amount_minor for one in self.paid_back.values() if one.artisan_id == artisan.pk)

    def run(self, plan: list[str]) -> None:
        with self.faults(plan):
            services.run_payouts(now=self.now)

    @contextmanager
    def faults(self, plan: list[str]) -> Iterator[None]:
        before, after = {"lost": LOST, "killed": Killed(), "busy": BUSY}, {"lost": LOST, "killed": Killed()}
        refusals = ["refused" in word for word in plan]
        early = [before.get(word.split()[0]) if "after" not in word else None for word in plan]
        late = [after.get(word.split()[0]) if "after" in word else None for word in plan]
        processor = self.processor
        processor.before, processor.reversal_before = list(early), list(early)
        processor.after, processor.reversal_after = list(late), list(late)

        def refuse(_: object) -> ProcessorError | None:
            return INSUFFICIENT if refusals and refusals.pop(0) else None

        processor.refuse = processor.refuse_reversal = refuse
        try:
            yield
        except Killed:
            pass
        finally:
            processor.before, processor.after, processor.reversal_before, processor.reversal_after = [], [], [], []
            refusals.clear()

    def audit(self) -> None:
        """Rows, books and processor agree; nobody gets more than once what is theirs."""
        ledger = books()
        where: dict[str, int] = defaultdict(int)
        sold: dict[int, int] = defaultdict(int)
        for payable in Payable.objects.select_related("artisan"):
            left_minor = payable.amount_minor - payable.debited_minor
            assert sum(event.amount_minor for event in payable.events.all()) == -payable.debited_minor
            assert (payable.status == "canceled") == (left_minor == 0)
            sold[payable.artisan_id] += payable.amount_minor if not payable.origin_reference else 0
            where[payable.status] += left_minor
            where[f"{payable.status}:{payable.artisan.public_id}"] += left_minor
        assert sold == self.sold
        owed: dict[str, int] = defaultdict(int)
        for debt in SellerDebt.objects.select_related("artisan"):
            got_minor = sum(recovery.amount_minor for recovery in debt.recoveries.all())
            assert debt.recovered_minor == got_minor
            owed[debt.artisan.public_id] += debt.amount_minor - got_minor - debt.forgiven_minor
        for artisan in self.artisans:
            seller = artisan.public_id
            assert ledger.get(f"seller_held:{seller}", 0) == where[f"held:{seller}"]
            assert ledger.get(f"seller_payable:{seller}", 0) == where[f"released:{seller}"]
            assert ledger.get(f"seller_receivable:{seller}", 0) == owed[seller]
            self.audit_totals(artisan, where, owed[seller])
        assert ledger.get("transfers_in_transit", 0) == where["transferring"]
        assert ledger.get("refunds_in_transit", 0) == sum(taken.amount_minor for taken in self.taken.values())
        assert ledger.get("bank", 0) == sum(one.amount_minor for one in self.paid_back.values())
        back_minor = self.audit_transfers()
        commission = self.sales * COMMISSION_MINOR
        there = sum(self.sold.values()) + commission - where["transferred"] + back_minor
        assert ledger.get("stripe_clearing", 0) == there

    def audit_totals(self, artisan: Artisan, where: dict[str, int], owed_minor: int) -> None:
        """What the pages say is the rows' sum, and what an artisan earned is what was sold less what was taken."""
        taken = sum(one.amount_minor for one in self.taken.values() if one.payable.artisan_id == artisan.pk)
        if not self.sold.get(artisan.pk):
            return
        totals = totals_of_artisan(artisan_id=artisan.pk)["EUR"]
        assert totals.earned.amount_minor == self.sold[artisan.pk] - taken
        assert totals.owed.amount_minor == owed_minor
        assert totals.held.amount_minor == where[f"held:{artisan.public_id}"]
        assert totals.repaid.amount_minor == self.repaid_by(artisan)
        here = totals.held + totals.released + totals.in_transit + totals.transferred
        assert totals.earned == here - totals.owed - totals.repaid

    def audit_transfers(self) -> int:
        """Each transfer was made once and as it was asked for; returns what came back and is booked, minor units."""
        made, came_back = self.processor.made, self.processor.came_back
        assert len({found.transfer_reference for found in made}) == len(made)
        by_reference = {found.transfer_reference: found for found in made}
        for transfer in Transfer.objects.select_related("payout"):
            found = by_reference.get(transfer.public_id)
            assert found is None or found.amount.amount_minor == transfer.amount_minor
            assert (transfer.status == "succeeded") <= (found is not None)
            assert (transfer.status == "failed") == (transfer.payout.status == "refused")
            items = list(transfer.payout.items.select_related("payable"))
            assert transfer.amount_minor == sum(item.amount_minor for item in items)
            assert transfer.reversed_minor == sum(item.brought_back_minor for item in items)
            if transfer.status == "succeeded":
                assert [item.amount_minor for item in items] == [
                    item.payable.amount_minor - item.payable.debited_minor for item in items
                ]
                assert {item.payable.status for item in items} == {"transferred"}
        ours = [found.reversal_reference for found in came_back if found.reversal_reference]
        assert len(set(ours)) == len(ours)
        done = {
            reversal.processor_reversal_id: reversal.amount_minor
            for reversal in TransferReversal.objects.filter(status="succeeded")
        }
        theirs = {found.processor_reversal_id: found.amount.amount_minor for found in came_back}
        assert done.items() <= theirs.items()
        assert sum(done.values()) == sum(transfer.reversed_minor for transfer in Transfer.objects.all())
        return sum(done.values())

    def settle_down(self) -> None:
        """Everything works again: sooner or later everybody has what is theirs, and once."""
        ConnectedAccount.objects.update(transfers_enabled=True)
        for _ in range(40):
            self.now += dt.timedelta(days=8)
            services.release_due(now=self.now)
            services.run_payouts(now=self.now)
            services.resolve_reversals(now=self.now)
            for made in self.processor.made:
                services.settle_transfer(
                    processor_transfer_id=made.processor_transfer_id,
                    transfer_reference=made.transfer_reference,
                    now=self.now,
                )
            if self.is_at_rest():
                break
        self.audit()
        assert self.is_at_rest()
        has: dict[str, int] = defaultdict(int)
        for found in self.processor.made:
            has[found.destination_account_id] += self.processor._left_of(found.processor_transfer_id)
        for artisan in self.artisans:
            account = ConnectedAccount.objects.get(artisan=artisan)
            taken = sum(one.amount_minor for one in self.taken.values() if one.payable.artisan_id == artisan.pk)
            still_owed = books().get(f"seller_receivable:{artisan.public_id}", 0)
            theirs = self.sold.get(artisan.pk, 0) - taken + still_owed + self.repaid_by(artisan)
            assert has[account.processor_account_id] == theirs

    def is_at_rest(self) -> bool:
        waiting = Payable.objects.exclude(status__in=["transferred", "canceled"]).exists()
        return not waiting and not TransferReversal.objects.filter(status__in=["requested", "unknown"]).exists()


@pytest.mark.django_db
class TestPrograms(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(openings, st.lists(steps, min_size=4, max_size=25))
    def test_whatever_happens_everybody_gets_theirs_once(
        self, opening: list[tuple[str, Any]], program: list[tuple[str, Any]]
    ) -> None:
        world = World()
        with pytest.MonkeyPatch.context() as patch:
            for module in ("send", "send_reversals", "settle"):
                target = import_module(f"payouts.services.{module}")
                patch.setattr(target, "processor_named", lambda _: world.processor)
            # A program that begins with nothing to work on would mostly do nothing.
            for name, details in [*opening, *program]:
                world.do(name, details)
                world.audit()
            world.settle_down()
