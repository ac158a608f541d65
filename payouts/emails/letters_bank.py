"""Letters about payouts on their way to artisans' banks: sent and when it arrives, or not taken and what to do."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from common import outbox
from common.letters import send_letter
from common.money import Money
from identity.models import User
from identity.selectors import staff_who_may
from payouts.models import BankPayout, Payout
from payouts.services.bank import NextStep, reason_of

_SHOWN_SALES = 10
_MAY_RETRY = "payouts.retry_payout"


def send_bank_paid(*, bank_payout_id: int) -> None:
    """To the artisan: how much went to the bank, when it arrives, and what it contains."""
    bank_payout = _bank_payout(bank_payout_id)
    send_letter(
        "payouts/email/bank_paid",
        to=bank_payout.payout.artisan.owner.email,
        subject=f"{bank_payout.amount} on the way to your bank{_arriving(bank_payout.arrival_date)}",
        context=_context(bank_payout),
    )


def announce_bank_failure(*, bank_payout_id: int) -> None:
    """One message for each letter: to the artisan, and to each of staff who may send it again."""
    bank_payout = _bank_payout(bank_payout_id)
    with transaction.atomic():
        outbox.enqueue(
            task="payouts.tasks.send_bank_failure",
            kwargs={"bank_payout_id": bank_payout_id},
            key=f"bank-failure-artisan:{bank_payout.public_id}",
        )
        _to_staff("payouts.tasks.send_bank_failure_to_staff", bank_payout, "bank-failure")


def send_bank_failure(*, bank_payout_id: int) -> None:
    """To the artisan: that it did not arrive, why, where the money is, and what to do."""
    bank_payout = _bank_payout(bank_payout_id)
    send_letter(
        "payouts/email/bank_failure",
        to=bank_payout.payout.artisan.owner.email,
        subject=f"Your payout of {bank_payout.amount} did not reach your bank",
        context={**_context(bank_payout), "setup_url": f"{settings.SITE_URL}/selling/getting-paid/"},
    )


def send_bank_failure_to_staff(*, bank_payout_id: int, user_id: int) -> None:
    """To one of staff: which payout failed, why, and whether they have to do something."""
    bank_payout = _bank_payout(bank_payout_id)
    send_letter(
        "payouts/email/bank_failure_staff",
        to=User.objects.get(id=user_id).email,
        subject=f"Payout {bank_payout.payout.public_id} of {bank_payout.amount} did not reach the bank",
        context=_context(bank_payout),
    )


def announce_long_wait(*, payout_id: int) -> None:
    """One message for each of staff: money that was transferred long ago is still not sent to the bank."""
    payout = Payout.objects.get(id=payout_id)
    with transaction.atomic():
        for person in staff_who_may(_MAY_RETRY):
            outbox.enqueue(
                task="payouts.tasks.send_long_wait",
                kwargs={"payout_id": payout_id, "user_id": person.pk},
                key=f"bank-waits:{payout.public_id}:{person.pk}",
            )


def send_long_wait(*, payout_id: int, user_id: int) -> None:
    """To one of staff."""
    payout = Payout.objects.select_related("artisan").get(id=payout_id)
    send_letter(
        "payouts/email/bank_waits",
        to=User.objects.get(id=user_id).email,
        subject=f"Payout {payout.public_id} of {payout.amount} still waits to be sent to the bank",
        context={"payout": payout, "artisan": payout.artisan, "admin_url": _admin_url(payout)},
    )


def announce_late_bank_payout(*, bank_payout_id: int) -> None:
    """One message for each of staff: it should have arrived days ago."""
    with transaction.atomic():
        _to_staff("payouts.tasks.send_late_bank_payout", _bank_payout(bank_payout_id), "bank-late")


def send_late_bank_payout(*, bank_payout_id: int, user_id: int) -> None:
    """To one of staff."""
    bank_payout = _bank_payout(bank_payout_id)
    send_letter(
        "payouts/email/bank_late",
        to=User.objects.get(id=user_id).email,
        subject=f"Payout {bank_payout.payout.public_id} of {bank_payout.amount} is late",
        context=_context(bank_payout),
    )


def announce_bank_find(*, bank_payout_id: int, is_twice: bool) -> None:
    """One message for each of staff: a payout that was recorded as refused is at the processor after all."""
    bank_payout = _bank_payout(bank_payout_id)
    with transaction.atomic():
        for person in staff_who_may(_MAY_RETRY):
            outbox.enqueue(
                task="payouts.tasks.send_bank_find",
                kwargs={"bank_payout_id": bank_payout_id, "user_id": person.pk, "is_twice": is_twice},
                key=f"bank-find:{bank_payout.public_id}:{is_twice}:{person.pk}",
            )


def send_bank_find(*, bank_payout_id: int, user_id: int, is_twice: bool) -> None:
    """To one of staff: what was found, and whether they have to do something about it."""
    bank_payout = _bank_payout(bank_payout_id)
    others = bank_payout.payout.bank_payouts.exclude(id=bank_payout.pk).filter(processor_payout_id__isnull=False)
    payout = bank_payout.payout
    send_letter(
        "payouts/email/bank_find",
        to=User.objects.get(id=user_id).email,
        subject=f"Payout {payout.public_id} of {bank_payout.amount} "
        + ("may have been sent to the bank twice" if is_twice else "was found at the processor after all"),
        context={**_context(bank_payout), "is_twice": is_twice, "others": others.order_by("attempt")},
    )


def _to_staff(task: str, bank_payout: BankPayout, key: str) -> None:
    for person in staff_who_may(_MAY_RETRY):
        outbox.enqueue(
            task=task,
            kwargs={"bank_payout_id": bank_payout.pk, "user_id": person.pk},
            key=f"{key}:{bank_payout.public_id}:{person.pk}",
        )


def _bank_payout(bank_payout_id: int) -> BankPayout:
    return BankPayout.objects.select_related("payout__artisan__owner").get(id=bank_payout_id)


def _context(bank_payout: BankPayout) -> dict[str, Any]:
    payout = bank_payout.payout
    items = payout.items.select_related("payable").order_by("id")
    reason = reason_of(bank_payout.failure_code)
    return {
        "bank_payout": bank_payout,
        "payout": payout,
        "artisan": payout.artisan,
        "items": [
            {"order": item.payable.order_reference, "amount": Money(item.amount_minor, payout.currency)}
            for item in items[:_SHOWN_SALES]
        ],
        "more_items": max(items.count() - _SHOWN_SALES, 0),
        "taken": payout.amount - bank_payout.amount if bank_payout.amount_minor < payout.amount_minor else None,
        "reason": reason,
        "artisan_acts": reason.is_artisans,
        "staff_act": reason.step == NextStep.STAFF,
        "page_url": f"{settings.SITE_URL}/selling/money/payouts/{payout.public_id}/",
        "admin_url": _admin_url(payout),
    }


def _admin_url(payout: Payout) -> str:
    return settings.SITE_URL + reverse("admin:payouts_payout_change", args=[payout.pk])


def _arriving(day: dt.date | None) -> str:
    return f", arriving on {day.day} {day:%B %Y}" if day is not None else ""
