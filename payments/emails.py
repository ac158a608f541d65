"""E-mails about saved ways to pay."""

from django.conf import settings

from common.letters import send_letter
from payments.enums import MethodStatus
from payments.models import SavedMethod


def send_method_expired(*, method_id: int) -> None:
    """To the owner of the usual card: it has expired, and what to do. Not sent if it was renewed meanwhile."""
    method = SavedMethod.objects.select_related("customer__user").get(id=method_id)
    if method.status != MethodStatus.EXPIRED:
        return
    send_letter(
        "payments/email/method_expired",
        to=method.customer.user.email,
        subject=f"Your {method.label} has expired",
        context={"method": method, "page_url": f"{settings.SITE_URL}/account/payment-methods/"},
    )
