"""The reckoning after the rush: is anything lost or doubled, is every queue empty, are the books the processors'."""

import datetime as dt
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import redis
import requests

from common.clock import now as clock_now
from common.models import OutboxMessage
from dev.bench.life_payouts import account_problems
from dev.bench.life_people import Purchase
from orders.models import Order
from payments.enums import CLOSED_DISPUTE_STATUSES, RefundStatus
from payments.models import Capture, Dispute, Payment, Refund
from payouts.enums import TransferStatus
from payouts.models import BankPayout, Transfer
from reconciliation.selectors import local_findings
from reconciliation.services import compare_clearing
from webhooks.enums import UNFINISHED_STATUSES, EventStatus
from webhooks.models import WebhookEvent

_MOST_EVENTS = 1_000_000
# Longer than a message that was just left waits for the sweeper's first look.
_SOON = dt.timedelta(minutes=5)
# kombu's list of tasks, and of those that a worker has taken and not finished
_QUEUE, _TAKEN = "celery", "unacked"


@dataclass(frozen=True)
class Deliveries:
    """What the processors saw of the shop's webhook addresses. Times are in milliseconds."""

    per_second: float
    latencies_ms: tuple[float, ...]
    failures: int

    def percentile(self, share: float) -> float:
        """Of the answers' times; 0 when there were none."""
        ordered = sorted(self.latencies_ms) or [0.0]
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Processors:
    """The sandbox's control API, as far as it tells what happened."""

    def __init__(self, url: str) -> None:
        self.url = url

    def events(self) -> list[dict[str, Any]]:
        """Of both, with their deliveries."""
        found: list[dict[str, Any]] = self._get(f"/webhooks?limit={_MOST_EVENTS}")["events"]
        return found

    def summary(self) -> dict[str, Any]:
        """Every object."""
        return self._get("/summary")

    def is_idle(self) -> bool:
        """Nothing is due or under way."""
        return requests.get(f"{self.url}/_sandbox/idle?timeout=1", timeout=60).ok

    def _get(self, path: str) -> dict[str, Any]:
        answer = requests.get(f"{self.url}/_sandbox{path}", timeout=60)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document


def deliveries(events: Iterable[dict[str, Any]], *, since: float, until: float) -> Deliveries:
    """The attempts that began between two moments (Unix time).

    Measured where processors measure: from before the connection is made to the answer, waiting for a free web process
    included.
    """
    attempts = [
        attempt
        for event in events
        for delivery in event["deliveries"]
        for attempt in delivery["attempts"]
        if since <= attempt["at"] <= until
    ]
    return Deliveries(
        per_second=len(attempts) / (until - since),
        latencies_ms=tuple(attempt["seconds"] * 1000 for attempt in attempts),
        failures=sum(not 200 <= attempt.get("status", 0) < 300 for attempt in attempts),
    )


def what_waits(*, since: dt.datetime | None = None) -> dict[str, int]:
    """Per place, what is still to be done; empty once all is. Of messages those that were left after `since`.

    Some are for another day: whether a bank has sent a payout back is asked days after it arrived.
    """
    soon = clock_now() + _SOON
    messages = OutboxMessage.objects.filter(status=OutboxMessage.Status.WAITING, available_at__lte=soon)
    if since is not None:
        messages = messages.filter(created_at__gte=since)
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as broker:
        counts = {
            "outbox": messages.count(),
            "inbox": WebhookEvent.objects.filter(status__in=UNFINISHED_STATUSES).count(),
            "broker": int(broker.llen(_QUEUE)) + int(broker.hlen(_TAKEN)),
            "refunds": Refund.objects.exclude(status__in=(RefundStatus.SUCCEEDED, RefundStatus.FAILED)).count(),
            "disputes": Dispute.objects.exclude(status__in=CLOSED_DISPUTE_STATUSES).count(),
        }
    return {place: count for place, count in counts.items() if count}


def drain(
    processors: Processors, *, staff_is_done: Any, within_seconds: float, since: dt.datetime | None = None
) -> dict[str, int]:
    """Waits until nothing is to be done anywhere; gives what was left when the time was up. `since`: `what_waits`."""
    deadline = time.monotonic() + within_seconds
    while True:
        left = what_waits(since=since)
        if not left and staff_is_done() and processors.is_idle() and not what_waits(since=since):
            return {}
        if time.monotonic() > deadline:
            return left or {"staff or processors": 1}
        time.sleep(0.2)


def longest_until_paid(bought: Sequence[Purchase], accepted_at: dict[str, Any]) -> float:
    """In seconds, from the last step of the buyer at the processor, or of the artisans, to 'paid' here."""
    paid_at = dict(Order.objects.exclude(paid_at=None).values_list("public_id", "paid_at"))
    return max(
        (
            (paid_at[one.order] - accepted_at.get(one.order, one.done_at)).total_seconds()
            for one in bought
            if one.order in paid_at
        ),
        default=0.0,
    )


def problems(bought: Sequence[Purchase], events: Sequence[dict[str, Any]], processors: Processors) -> list[str]:
    """Everything that was lost or doubled, and every finding of the books, in words."""
    summary = processors.summary()
    return [
        *_events(events),
        *_orders(bought),
        *_same("Stripe charge", _captures("stripe"), _stripe(summary, "charges")),
        *_same("PayPal capture", _captures("paypal"), [one["id"] for one in summary["paypal"]["captures"]]),
        *_same("Stripe refund", _refunds("stripe"), _stripe(summary, "refunds")),
        *_same("PayPal refund", _refunds("paypal"), _asked_for(summary["paypal"]["refunds"])),
        *_same("Stripe dispute", _disputes("stripe"), [one["id"] for one in summary["disputes"]]),
        *_same("PayPal dispute", _disputes("paypal"), [one["dispute_id"] for one in summary["paypal"]["disputes"]]),
        *(str(finding) for finding in local_findings()),
        *(
            str(finding)
            for processor in ("stripe", "paypal")
            for check in [compare_clearing(processor=processor)]
            for finding in (*check.findings, *check.notices)
        ),
    ]


def payout_problems(processors: Processors) -> list[str]:
    """The same of what artisans were paid, in a shop in which nobody else pays any."""
    summary = processors.summary()
    return [
        *_same("Stripe transfer", _transfers(), [one["id"] for one in summary["transfers"]]),
        *_same("payout to a bank", _bank_payouts(), [one["id"] for one in summary["payouts"]]),
        *account_problems(summary),
    ]


def _events(events: Sequence[dict[str, Any]]) -> list[str]:
    """Each event of the processors is in the inbox, and was worked off there."""
    stored = dict(WebhookEvent.objects.values_list("external_id", "status"))
    told = {event["id"] for event in events}
    found = [f"event {event_id} was lost" for event_id in sorted(told - set(stored))]
    found += [
        f"a delivery of {event['id']} is {delivery['state']}"
        for event in events
        for delivery in event["deliveries"]
        if delivery["state"] != "delivered"
    ]
    found += [f"event {event_id} comes from nowhere" for event_id in sorted(set(stored) - told)]
    done = (EventStatus.PROCESSED, EventStatus.IGNORED)
    return found + [f"event {event_id} is {status}" for event_id, status in stored.items() if status not in done]


def _orders(bought: Sequence[Purchase]) -> list[str]:
    """Each is paid, by one capture of its total, and nothing else was sold."""
    statuses = dict(Order.objects.values_list("public_id", "status"))
    found = [f"order {one.order} ({one.way}) is {statuses.get(one.order)}" for one in bought]
    found = [text for text in found if not text.endswith(" is paid")]
    captures: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for reference, amount in Capture.objects.values_list("payment__order_reference", "amount_minor"):
        captures[reference] += 1
        totals[reference] += amount
    for reference, total in Order.objects.filter(status="paid").values_list("public_id", "total_minor"):
        if captures[reference] != 1 or totals[reference] != total:
            found.append(f"order {reference} of {total} has {captures[reference]} captures of {totals[reference]}")
    payments = Counter(Payment.objects.values_list("order_reference", flat=True))
    twice = [reference for reference, count in payments.items() if count > 1]
    return found + [f"order {reference} has more than one payment" for reference in sorted(twice)]


def _stripe(summary: dict[str, Any], kind: str) -> list[str]:
    return [one["id"] for one in summary[kind] if one["status"] == "succeeded"]


def _asked_for(refunds: Sequence[dict[str, Any]]) -> list[str]:
    """Ours carry our reference. What PayPal takes back after a lost dispute it lists as a refund too, without one."""
    return [one["id"] for one in refunds if one.get("custom_id")]


def _captures(processor: str) -> list[str]:
    return list(Capture.objects.filter(payment__processor=processor).values_list("processor_charge_id", flat=True))


def _refunds(processor: str) -> list[str]:
    found = Refund.objects.filter(capture__payment__processor=processor, status=RefundStatus.SUCCEEDED)
    return [str(refund_id) for refund_id in found.values_list("processor_refund_id", flat=True)]


def _transfers() -> list[str]:
    found = Transfer.objects.filter(status=TransferStatus.SUCCEEDED)
    return [str(transfer_id) for transfer_id in found.values_list("processor_transfer_id", flat=True)]


def _bank_payouts() -> list[str]:
    found = BankPayout.objects.exclude(processor_payout_id=None)
    return [str(payout_id) for payout_id in found.values_list("processor_payout_id", flat=True)]


def _disputes(processor: str) -> list[str]:
    return list(Dispute.objects.filter(processor=processor).values_list("processor_dispute_id", flat=True))


def _same(what: str, ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Each of theirs is here once, and none of ours is made up."""
    here, there = Counter(ours), Counter(theirs)
    different = [one for one in sorted({*here, *there}) if here[one] != there[one]]
    return [f"{what} {one}: {here[one]} here, {there[one]} there" for one in different]
