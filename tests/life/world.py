"""A shop with two processors, on which random programs act. It remembers what it did and reads everything else."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import requests
from hypothesis import event

from catalog.models import Product
from common.clock import now as clock_now
from common.errors import DomainError
from common.money import Money
from orders.contracts.refund import AmountOnly, EverythingLeft, PartLeft, RefundWish
from orders.models import Order, SellerOrder
from orders.services import (
    accept_part,
    cancel_checkout,
    decide_overdue,
    decline_part,
    expire_orders,
    request_refund,
    resend_refund,
    resolve_requests,
    settle_dispute,
    settle_open_payments,
    settle_order,
    settle_payment,
    settle_refund,
    withdraw_refund,
)
from payments.contracts import ProcessorError
from payments.enums import PaymentChannel, RefundReason
from payments.models import Capture, Dispute, Payment, Refund
from payouts import services as payouts
from payouts.models import DebtRepayment, Payable, SellerDebt
from payouts.selectors import policy_seen
from reconciliation.selectors import clearing_findings, local_findings
from tests.orders.fixtures import RunOutbox
from tests.orders.shop import check_out, confirm, new_artisan, new_product
from tests.orders.wire import DECLINED, VISA, Wire
from tests.support.parcels import deliver, ship

CHANNELS = {"card": PaymentChannel.ELEMENTS, "paypal": PaymentChannel.PAYPAL}
FAULTS = ("answer_lost", "error_500", "rate_limited_429", "reset")
MINUTE = dt.timedelta(minutes=1)


class World:
    """`orders` are numbered as they were made; a number beyond the last means the last but one, and so on."""

    def __init__(self, wire: Wire, run_outbox: RunOutbox) -> None:
        self._wire, self._run_outbox = wire, run_outbox
        self._later = self._days = dt.timedelta()
        self.artisans = [new_artisan(shipping=(500, 0)), new_artisan(shipping=(0, 0))]
        for artisan in self.artisans:
            payouts.connect_demo_artisan(artisan_id=artisan.pk, country="IE", now=clock_now())
        self.goods: list[Product] = [
            new_product(self.artisans[0], price=3333, stock=40),
            new_product(self.artisans[1], price=1999, stock=40),
            new_product(self.artisans[1], price=7001, stock=0, is_made_to_order=True, lead_time_days=9),
        ]
        self.orders: list[int] = []
        self.did: list[str] = []

    # ---- what buyers do ------------------------------------

    def buy(self, which: tuple[int, ...], quantity: int) -> None:
        order = check_out([(self.goods[number], quantity) for number in sorted(set(which))])
        self.orders.append(order.id)

    def pay(self, number: int, way: str, outcome: str) -> None:
        """Opens the payment and does what the buyer does at the processor; nobody here is told of it."""
        order = self._order(number)
        if order is None:
            return
        found = self._perhaps(lambda: confirm(order, channel=CHANNELS[way]).found)
        if found is None:
            return
        if way == "card":
            self._wire.pay(found.client_secret, card=VISA if outcome == "good" else DECLINED)
            return
        action = "cancel" if outcome == "cancel" else "approve"
        given = {"action": action, "funding": "balance" if outcome == "good" else "declined"}
        requests.post(f"{self._wire.url}/paypal/checkout/{found.processor_payment_id}", json=given, timeout=10)

    def come_back(self, number: int) -> None:
        """The browser's return page."""
        order = self._order(number)
        if order is not None:
            self._perhaps(lambda: settle_order(order_id=order.id, source="browser", now=self.now))

    def leave(self, number: int) -> None:
        order = self._order(number)
        if order is not None:
            self._perhaps(lambda: cancel_checkout(order_id=order.id, now=self.now))

    # ---- what processors tell, once or twice, soon or late, in any order ------------------------------------

    def tell_of_payment(self, number: int) -> None:
        payments = list(Payment.objects.exclude(processor_payment_id=None).order_by("id"))
        if payments:
            payment = payments[number % len(payments)]
            self._perhaps(
                lambda: settle_payment(
                    processor=payment.processor, processor_payment_id=str(payment.processor_payment_id),
                    payment_reference=None, source="webhook", now=self.now,
                )
            )  # fmt: skip

    def tell_of_refund(self, number: int) -> None:
        told = self._refunds_there()
        if told:
            processor, refund_id = told[number % len(told)]
            self._perhaps(
                lambda: settle_refund(
                    processor=processor, processor_refund_id=refund_id, source="webhook", now=self.now
                )
            )

    def tell_of_dispute(self, number: int) -> None:
        told = self._disputes_there()
        if told:
            processor, dispute_id = told[number % len(told)]
            self._perhaps(
                lambda: settle_dispute(
                    processor=processor, processor_dispute_id=dispute_id, source="webhook", now=self.now
                )
            )

    # ---- what artisans and staff do ------------------------------------

    def answer(self, number: int, accepts: bool) -> None:
        parts = list(SellerOrder.objects.filter(fulfilment__status="to_accept").order_by("id"))
        if not parts:
            return
        part = parts[number % len(parts)]
        if accepts:
            self._perhaps(lambda: accept_part(seller_order_id=part.public_id, artisan_id=part.artisan_id, now=self.now))
        else:
            self._perhaps(
                lambda: decline_part(
                    seller_order_id=part.public_id, artisan_id=part.artisan_id, reason="No clay.", now=self.now
                )
            )

    def refund(self, number: int, how: str, hundredths: int) -> None:
        captures = list(Capture.objects.select_related("payment").order_by("id"))
        if not captures:
            return
        capture = captures[number % len(captures)]
        order = Order.objects.get(public_id=capture.payment.order_reference)
        amount = Money(max(1, capture.amount_minor * hundredths // 100), capture.currency)
        part = order.seller_orders.order_by("id").first()
        wishes: dict[str, RefundWish] = {
            "all": EverythingLeft(),
            "amount": AmountOnly(amount),
            "part": PartLeft(part.public_id if part is not None else ""),
        }
        wish = wishes[how]
        self._perhaps(
            lambda: request_refund(
                order_id=order.id, wish=wish, reason=RefundReason.RETURNED, note="", initiator="staff:1", now=self.now
            )
        )

    def after_a_bounce(self, number: int, resends: bool) -> None:
        failed = list(Refund.objects.filter(status="failed", withdrawn_at__isnull=True).order_by("id"))
        if failed:
            refund = failed[number % len(failed)]
            if resends:
                self._perhaps(lambda: resend_refund(refund_id=refund.id, source="staff", now=self.now))
            else:
                self._perhaps(lambda: withdraw_refund(refund_id=refund.id, now=self.now))

    def pay_artisans(self) -> None:
        held = list(Payable.objects.filter(status="held").values_list("id", flat=True))
        payouts.release_now(payable_ids=held, now=self.now)
        payouts.run_payouts(now=self.now)

    def ship(self, number: int) -> None:
        order = self._order(number)
        if order is not None:
            ship(order, now=self.now)

    def receive(self, number: int) -> None:
        order = self._order(number)
        if order is not None:
            deliver(order, now=self.now)

    def keep_back(self, number: int, bps: int) -> None:
        """From now on, so much of an artisan's released shares is a reserve for a month."""
        artisan = self.artisans[number]
        terms = replace(policy_seen(artisan=artisan).terms, reserve_bps=bps, reserve_days=30 if bps else 0)
        payouts.change_policy(artisan_id=artisan.pk, terms=terms, now=self.now)

    def pause(self, number: int) -> None:
        """Payouts to an artisan are paused, or go on."""
        artisan_id = self.artisans[number].pk
        if not payouts.pause_artisan(artisan_id=artisan_id, reason="Asked for", now=self.now):
            payouts.resume_artisan(artisan_id=artisan_id, reason="Answered", now=self.now)

    def write_off(self, number: int) -> None:
        debts = list(SellerDebt.objects.order_by("id"))
        if debts:
            reference = debts[number % len(debts)].public_id
            self._perhaps(lambda: payouts.write_off_debt(debt_reference=reference, reason="Closed", now=self.now))

    def pay_back(self, number: int, hundredths: int) -> None:
        """The artisan of a debt pays some of what they owe to our bank account."""
        debts = list(SellerDebt.objects.order_by("id"))
        if debts:
            debt = debts[number % len(debts)]
            for amount in payouts.repayable_of(artisan_id=debt.artisan_id).values():
                part = Money(max(1, amount.amount_minor * hundredths // 100), amount.currency)
                line = f"B-{DebtRepayment.objects.count()}"
                self._perhaps(
                    partial(
                        payouts.record_repayment, artisan_id=debt.artisan_id, amount=part, bank_reference=line,
                        received_on=self.now.date(), now=self.now,
                    )
                )  # fmt: skip

    def was_no_payment(self, number: int) -> None:
        """What was recorded as paid back was somebody else's."""
        recorded = list(DebtRepayment.objects.filter(status="recorded").order_by("id"))
        if recorded:
            reference = recorded[number % len(recorded)].public_id
            payouts.undo_repayment(repayment_reference=reference, reason="Mistake", now=self.now)

    def days(self, days: int) -> None:
        """Days pass for the artisans' money alone: nothing that waits for buyers or processors grows old."""
        self._days += dt.timedelta(days=days)
        at = self.now + self._days
        payouts.release_due(now=at)
        payouts.release_reserves(now=at)
        payouts.recover_debts(now=at)
        self._perhaps(lambda: payouts.run_payouts(now=at))
        self._perhaps(lambda: payouts.resolve_reversals(now=at))

    # ---- what happens at the processors without us ------------------------------------

    def dashboard_refund(self, number: int, hundredths: int) -> None:
        charges = [charge for charge in self._summary()["charges"] if charge["captured"]]
        if charges:
            charge = charges[number % len(charges)]
            amount = max(1, charge["amount_captured"] * hundredths // 100)
            self._control("/refunds", {"charge": charge["id"], "amount": amount})

    def bounce(self, number: int) -> None:
        refunds = self._summary()["refunds"]
        if refunds:
            self._control(f"/refunds/{refunds[number % len(refunds)]['id']}/fail", {})

    def dispute(self, number: int) -> None:
        captures = list(Capture.objects.select_related("payment").order_by("id"))
        if not captures:
            return
        capture = captures[number % len(captures)]
        if capture.payment.processor == "stripe":
            self._control(f"/charges/{capture.processor_charge_id}/dispute", {"reason": "product_not_received"})
        else:
            self._control("/paypal/disputes", {"capture_id": capture.processor_charge_id})

    def decide(self, number: int, won: bool) -> None:
        told = self._disputes_there()
        if told:
            processor, dispute_id = told[number % len(told)]
            if processor == "stripe":
                self._control(f"/disputes/{dispute_id}/decide", {"won": won})
            else:
                outcome = "RESOLVED_SELLER_FAVOUR" if won else "RESOLVED_BUYER_FAVOUR"
                self._control(f"/paypal/disputes/{dispute_id}/settle", {"outcome": outcome})

    def fault(self, kind: str) -> None:
        self._wire.fault(kind, "^/v[123]/", method="")

    # ---- time ------------------------------------

    @property
    def now(self) -> dt.datetime:
        return clock_now() + self._later

    def sweep(self, minutes: int) -> None:
        """Time passes here, and the schedules run."""
        self._later += minutes * MINUTE
        for run in (settle_open_payments, expire_orders, decide_overdue, resolve_requests):
            self._perhaps(partial(run, now=self.now))
        payouts.run_payouts(now=self.now)
        payouts.resolve_reversals(now=self.now)

    def work(self) -> None:
        """The worker takes what waits."""
        for _ in range(3):
            if self._perhaps(lambda: self._run_outbox() or True):
                return

    # ---- proof ------------------------------------

    def audit(self) -> None:
        """After every step: nothing that our own books say contradicts anything else."""
        found = [str(finding) for finding in local_findings()]
        assert found == [], f"{found} after {self.did}"

    def come_to_rest(self) -> None:
        """Everything answers again, everybody has told everything, and the schedules have run often enough."""
        self._wire.clear_faults()
        self._wire.idle()
        for _ in range(8):
            self.sweep(12 * 60 + 1)
            self.work()
            for number in range(Payment.objects.count()):
                self.tell_of_payment(number)
            for number in range(len(self._refunds_there())):
                self.tell_of_refund(number)
            for number in range(len(self._disputes_there())):
                self.tell_of_dispute(number)
            self.work()
        self.audit()
        summary = self._summary()
        stripe = self._wire.platform_balance()
        paypal = {currency: totals["total"] for currency, totals in summary["paypal"]["balances"].items()}
        for processor, theirs in (("stripe", stripe), ("paypal", paypal)):
            found = [str(one) for one in clearing_findings(processor=processor, their_balances=theirs)]
            assert found == [], f"{found} after {self.did}"

    def notice(self) -> None:
        """What this life was about, for `--hypothesis-show-statistics`."""
        for model, name in ((Order, "order"), (Payment, "payment"), (Refund, "refund"), (Dispute, "dispute")):
            for status in model.objects.values_list("status", flat=True).distinct():
                event(f"{name} {status}")
        if SellerDebt.objects.exists():
            event("an artisan owed something")

    # ---- help ------------------------------------

    def _order(self, number: int) -> Order | None:
        return Order.objects.get(id=self.orders[number % len(self.orders)]) if self.orders else None

    def _perhaps(self, act: Callable[[], Any]) -> Any:
        """What a person or a worker would be told; they come again."""
        try:
            return act()
        except (DomainError, ProcessorError):
            return None

    def _summary(self) -> dict[str, Any]:
        return self._wire.summary()

    def _refunds_there(self) -> list[tuple[str, str]]:
        summary = self._summary()
        return [("stripe", one["id"]) for one in summary["refunds"]] + [
            ("paypal", one["id"]) for one in summary["paypal"]["refunds"]
        ]

    def _disputes_there(self) -> list[tuple[str, str]]:
        summary = self._summary()
        return [("stripe", one["id"]) for one in summary["disputes"]] + [
            ("paypal", one["dispute_id"]) for one in summary["paypal"]["disputes"]
        ]

    def _control(self, path: str, body: dict[str, Any]) -> None:
        """The processor may refuse it (refunded already, decided already): then nothing has happened."""
        requests.post(f"{self._wire.url}/_sandbox{path}", json=body, timeout=15)
