"""Cards past their last month are not offered any more; the owner is told if it was the usual one."""

import datetime as dt

from django.db import transaction
from django.db.models import Q

from common import outbox
from common.one_by_one import one_by_one
from payments.enums import MethodStatus
from payments.models import SavedMethod
from payments.services.saved.keep import is_past
from payments.services.saved.moves import lock_methods_of, move


def expire_methods(*, now: dt.datetime, limit: int = 500) -> int:
    """Ends the cards whose month is over; returns how many. Called by the schedule; two at once are harmless.

    The bank may renew one at any time: then its card updater tells, and it can be used again.
    """
    past = Q(expiry_year__lt=now.year) | Q(expiry_year=now.year, expiry_month__lt=now.month)
    due = SavedMethod.objects.filter(past, status=MethodStatus.ACTIVE).order_by("id").values_list("id", flat=True)
    ended: list[int] = []

    def end(method_id: int) -> None:
        if _expire(method_id, now):
            ended.append(method_id)

    one_by_one(due[:limit], end)
    return len(ended)


def _expire(method_id: int, now: dt.datetime) -> bool:
    with transaction.atomic():
        user_id = SavedMethod.objects.values_list("customer__user_id", flat=True).get(id=method_id)
        lock_methods_of(user_id)
        method = SavedMethod.objects.select_related("customer").get(id=method_id)
        if method.status != MethodStatus.ACTIVE or not is_past(method, now):
            return False
        was_default = method.is_default
        move(method, "expired", source="sweeper", now=now)
        if was_default:
            # Its month is in the key: a card that was renewed and expires again is told again.
            month = f"{method.expiry_year}-{method.expiry_month}"
            outbox.enqueue(
                task="payments.tasks.send_method_expired",
                kwargs={"method_id": method.id},
                key=f"method-expired:{method.public_id}:{month}",
            )
    return True
