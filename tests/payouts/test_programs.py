"""Random lives of payables under faults, with an auditor that knows only the rows, the books and the processor."""

import datetime as dt
from collections import defaultdict
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.models import Artisan
from payouts import services
from payouts.models import ConnectedAccount, Payable
from tests.payouts.fake import BUSY, INSUFFICIENT, LOST, FakeTransfers, Killed
from tests.payouts.hub import COMMISSION_MINOR, NOW, books, connected_artisan, sell

ARTISANS = 3
amounts = st.lists(st.integers(1, 99_999), min_size=1, max_size=ARTISANS)
faults = st.lists(
    st.sampled_from(["fine", "lost before", "lost after", "busy", "refused", "killed before", "killed after"]),
    max_size=4,
)
steps = st.one_of(
    st.tuples(st.just("sell"), amounts),
    st.tuples(st.just("pass"), st.sampled_from([1, 7, 30, 300, 7 * 24 * 60])),
    st.tuples(st.just("release"), st.none()),
    st.tuples(st.just("release now"), st.integers(0, 20)),
    st.tuples(st.just("run"), faults),
    st.tuples(st.just("run"), faults),
    st.tuples(st.just("news"), st.integers(0, 20)),
    st.tuples(st.just("close or open an account"), st.integers(0, ARTISANS - 1)),
)


class World:
    """What the program acts on. Its own memory is what was sold; everything else it reads."""

    def __init__(self) -> None:
        self.now = NOW
        self.artisans: list[Artisan] = [connected_artisan() for _ in range(ARTISANS)]
        self.processor = FakeTransfers()
        self.sold: dict[int, int] = defaultdict(int)
        self.sales = 0

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

    def run(self, plan: list[str]) -> None:
        before, after = {"lost": LOST, "killed": Killed(), "busy": BUSY}, {"lost": LOST, "killed": Killed()}
        refusals = ["refused" in word for word in plan]
        self.processor.before = [before.get(word.split()[0]) if "after" not in word else None for word in plan]
        self.processor.after = [after.get(word.split()[0]) if "after" in word else None for word in plan]
        self.processor.refuse = lambda _: INSUFFICIENT if refusals and refusals.pop(0) else None
        try:
            services.transfer_due(now=self.now)
        except Killed:
            pass
        finally:
            self.processor.before, self.processor.after = [], []
            self.processor.refuse = lambda _: None

    def audit(self) -> None:
        """Rows, books and processor agree; nobody gets more than once what is theirs."""
        ledger = books()
        where: dict[str, int] = defaultdict(int)
        owed: dict[int, int] = defaultdict(int)
        for payable in Payable.objects.select_related("artisan"):
            owed[payable.artisan_id] += payable.amount_minor
            where[payable.status] += payable.amount_minor
            where[f"{payable.status}:{payable.artisan.public_id}"] += payable.amount_minor
        assert owed == self.sold
        for artisan in self.artisans:
            assert ledger.get(f"seller_held:{artisan.public_id}", 0) == where[f"held:{artisan.public_id}"]
            assert ledger.get(f"seller_payable:{artisan.public_id}", 0) == where[f"released:{artisan.public_id}"]
        assert ledger.get("transfers_in_transit", 0) == where["transferring"]
        commission = self.sales * COMMISSION_MINOR
        assert ledger.get("stripe_clearing", 0) == sum(self.sold.values()) + commission - where["transferred"]
        made = self.processor.made
        assert len({found.transfer_reference for found in made}) == len(made)
        by_reference = {found.transfer_reference: found for found in made}
        for payable in Payable.objects.filter(transfer__isnull=False).select_related("transfer"):
            found = by_reference.get(payable.transfer.public_id)
            assert found is None or found.amount == payable.amount
            assert (payable.status == "transferred") <= (found is not None)

    def settle_down(self) -> None:
        """Everything works again: sooner or later everybody has what is theirs, and once."""
        ConnectedAccount.objects.update(transfers_enabled=True)
        for _ in range(25):
            self.now += dt.timedelta(days=8)
            services.release_due(now=self.now)
            services.transfer_due(now=self.now)
            if not Payable.objects.exclude(status="transferred").exists():
                break
        self.audit()
        assert not Payable.objects.exclude(status="transferred").exists()
        sent: dict[str, int] = defaultdict(int)
        for found in self.processor.made:
            sent[found.destination_account_id] += found.amount.amount_minor
        for artisan in self.artisans:
            account = ConnectedAccount.objects.get(artisan=artisan)
            assert sent[account.processor_account_id] == self.sold[artisan.pk]


@pytest.mark.django_db
class TestPrograms(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(steps, min_size=4, max_size=25))
    def test_whatever_happens_everybody_gets_theirs_once(self, program: list[tuple[str, Any]]) -> None:
        world = World()
        with pytest.MonkeyPatch.context() as patch:
            for module in ("send", "send_reversals", "settle"):
                target = import_module(f"payouts.services.{module}")
                patch.setattr(target, "processor_named", lambda _: world.processor)
            for name, details in program:
                world.do(name, details)
                world.audit()
            world.settle_down()
