"""Letters to artisans whose payouts staff have paused, or let go on."""

from django.conf import settings

from common.letters import send_letter
from payouts.enums import PolicyEventKind
from payouts.models import PolicyEvent


def send_pause_letter(*, policy_event_id: int) -> None:
    """To the artisan: that their payouts are paused and why, or that they go on."""
    event = PolicyEvent.objects.select_related("artisan__owner").get(id=policy_event_id)
    if event.artisan is None:
        return
    is_paused = event.event == PolicyEventKind.PAUSED
    send_letter(
        "payouts/email/paused" if is_paused else "payouts/email/resumed",
        to=event.artisan.owner.email,
        subject="Payouts to you are paused" if is_paused else "Payouts to you go on",
        context={"event": event, "artisan": event.artisan, "page_url": f"{settings.SITE_URL}/selling/orders/"},
    )
