"""A payout that did not reach the bank is sent again, as a new attempt; never one that may be on its way."""

import datetime as dt

from django.db import transaction

from common import audit, outbox
from common.errors import DomainError, ErrorKind
from payouts.enums import BankPayoutStatus, PayoutStatus
from payouts.models import Payout, Transfer
from payouts.services.bank.later import ask_again_later
from payouts.services.bank.locking import lock_payout
from payouts.services.bank.reasons import NextStep, codes_of
from payouts.services.bank.request import MustWait, request_bank_payout

_CERTAINLY_NOT_SENT = (BankPayoutStatus.FAILED, BankPayoutStatus.CANCELED)


class RetryRefused(DomainError):
    """It may be on its way to the bank, or has arrived, or has to wait; `detail` says which."""

    code = "bank_retry_refused"
    kind = ErrorKind.CONFLICT
    title = "This payout is not sent to the bank again"


def retry_payout(*, payout_id: int, reason: str, now: dt.datetime) -> Payout:
    """Staff have a failed payout sent to the bank again; it leaves right after commit. Of two at once, one does it.

    `reason` is theirs and stays in the payout's history. Raises RetryRefused unless the last attempt certainly failed.
    """
    payout = Payout.objects.select_related("artisan").get(id=payout_id)
    with audit.refusals(
        event_type="bank_payout.retry_refused", subject=payout.public_id, artisan=payout.artisan.public_id,
        command="retry_payout",
    ):  # fmt: skip
        if not reason.strip():
            raise RetryRefused("a reason is needed")
        with transaction.atomic():
            payout, transfer = lock_payout(payout_id)
            _check(payout)
            audit.record(
                event_type="bank_payout.retried", outcome="requested", subject=payout.public_id, amount=payout.amount,
                artisan=payout.artisan.public_id, command="retry_payout",
            )  # fmt: skip
            try:
                _ask(payout, transfer, now=now, why=reason.strip())
            except MustWait as wait:
                raise RetryRefused(wait.detail) from wait
    return payout


def retry_failed_payouts(*, artisan_id: int, now: dt.datetime) -> int:
    """Sends an artisan's failed payouts again, because the artisan has changed what stood in their way.

    To be called once for each change of the bank details at the processor, and when payouts are enabled again; not in
    a transaction. Those that failed for another reason stay as they are. Returns how many were asked for.
    """
    failed = Payout.objects.filter(
        artisan_id=artisan_id,
        status=PayoutStatus.BANK_FAILED,
        failure_code__in=codes_of(NextStep.DETAILS, NextStep.ACCOUNT),
    )
    ids = list(failed.order_by("id").values_list("id", flat=True))
    return sum(_again(payout_id, after_attempt=None, now=now) for payout_id in ids)


def ask_bank_again(*, payout_id: int, after_attempt: int, now: dt.datetime) -> bool:
    """Asks again for what was not available, if attempt `after_attempt` is still the last. Not in a transaction."""
    return _again(payout_id, after_attempt=after_attempt, now=now)


def _again(payout_id: int, *, after_attempt: int | None, now: dt.datetime) -> bool:
    with transaction.atomic():
        payout, transfer = lock_payout(payout_id)
        last = payout.bank_payouts.order_by("-attempt").first()
        if last is None or after_attempt not in (None, last.attempt):
            return False
        try:
            _check(payout)
            return _ask(payout, transfer, now=now, why=f"after {payout.failure_code}")
        except RetryRefused:
            # Somebody else was faster.
            return False
        except MustWait:
            ask_again_later(last, payout, now)
            return False


def _check(payout: Payout) -> None:
    last = payout.bank_payouts.order_by("-attempt").first()
    if payout.status != PayoutStatus.BANK_FAILED or last is None or last.status not in _CERTAINLY_NOT_SENT:
        raise RetryRefused(f"it is {payout.get_status_display()}")


def _ask(payout: Payout, transfer: Transfer, *, now: dt.datetime, why: str) -> bool:
    """False where nothing is left of it, so that it is over."""
    request = request_bank_payout(payout, transfer, now=now, why=why)
    if request is None:
        return False
    outbox.enqueue(
        task="payouts.tasks.send_bank_payout",
        kwargs={"bank_payout": request.subject},
        key=f"send_bank_payout:{request.subject}",
    )
    return True
