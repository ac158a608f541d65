"""E-mails about saved ways to pay."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from payments.enums import MethodStatus
from payments.models import SavedMethod


def send_method_expired(*, method_id: int) -> None:
    """To the owner of the usual card: it has expired, and what to do. Not sent if it was renewed meanwhile."""
    method = SavedMethod.objects.select_related("customer__user").get(id=method_id)
    if method.status != MethodStatus.EXPIRED:
        return
    subject = f"Your {method.label} has expired"
    context = {
        "method": method,
        "subject": subject,
        "page_url": f"{settings.SITE_URL}/account/payment-methods/",
    }
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string("payments/email/method_expired.txt", context),
        to=[method.customer.user.email],
    )
    message.attach_alternative(render_to_string("payments/email/method_expired.html", context), "text/html")
    message.send()
