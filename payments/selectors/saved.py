"""Reading saved ways to pay. Every query starts from the user."""

from django.db.models import QuerySet

from payments.enums import MethodStatus
from payments.models import SavedMethod


def methods_of(user_id: int) -> QuerySet[SavedMethod]:
    """The usual one first, then the newest; what was removed, or is gone at the processor, is left out."""
    return SavedMethod.objects.filter(
        customer__user_id=user_id, status__in=[MethodStatus.ACTIVE, MethodStatus.EXPIRED]
    ).order_by("-is_default", "status", "-id")
