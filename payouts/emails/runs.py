"""Letters about payouts that could not be made: to the artisan in plain words, to staff with the code."""

from django.conf import settings
from django.urls import reverse

from common.letters import send_letter
from identity.selectors import staff_who_may
from payouts.models import Payout, PayoutRun
from payouts.services.run import MAY_START

# https://docs.stripe.com/error-codes: what a refused transfer means to the artisan, and what they can do.
_ACCOUNT = (
    "The payment processor does not accept money for your account at the moment.",
    "Please open your account page: it says what is needed. We try again by ourselves, after growing pauses.",
)
_WORDS = {
    "account_invalid": _ACCOUNT,
    "insufficient_capabilities_for_transfer": _ACCOUNT,
    "transfers_not_allowed": _ACCOUNT,
}
_ELSE = (
    "The payment processor refused it.",
    "There is nothing to do for you: we look into it, and try again by ourselves.",
)


def send_payout_refused(*, payout_id: int) -> None:
    """To the artisan: why nothing has arrived, that it is still theirs, and what comes next."""
    payout = Payout.objects.select_related("artisan__owner").get(id=payout_id)
    reason, next_step = _WORDS.get(payout.failure_code, _ELSE)
    send_letter(
        "payouts/email/payout_refused",
        to=payout.artisan.owner.email,
        subject=f"A payout of {payout.amount} could not be made",
        context={
            "artisan": payout.artisan,
            "payout": payout,
            "reason": reason,
            "next_step": next_step,
            "page_url": f"{settings.SITE_URL}/selling/",
        },
    )


def send_refused_to_staff(*, payout_id: int, user_id: int) -> None:
    """To one of staff: whose, how much, and the processor's code."""
    payout = Payout.objects.select_related("artisan").get(id=payout_id)
    person = staff_who_may(MAY_START).filter(pk=user_id).first()
    if person is None:
        return
    send_letter(
        "payouts/email/payout_refused_staff",
        to=person.email,
        subject=f"Transfer refused: {payout.amount} for {payout.artisan.name}",
        context={
            "payout": payout,
            "page_url": f"{settings.SITE_URL}{reverse('admin:payouts_payout_change', args=[payout.pk])}",
        },
    )


def send_run_stopped(*, run_id: int, user_id: int) -> None:
    """To one of staff: our balance is too low, what is left, and how it goes on. Not sent once it has gone on."""
    run = PayoutRun.objects.get(id=run_id)
    person = staff_who_may(MAY_START).filter(pk=user_id).first()
    if person is None or not run.stopped_for:
        return
    send_letter(
        "payouts/email/run_stopped",
        to=person.email,
        subject="Payouts have stopped: our balance is too low",
        context={
            "run": run,
            "page_url": f"{settings.SITE_URL}{reverse('admin:payouts_payoutrun_change', args=[run.pk])}",
        },
    )
