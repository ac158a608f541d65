"""Reviewing a large order in Django admin: look at it, let it go on, or call it off without a charge."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from common.clock import now
from common.errors import DomainError
from orders.models import Order
from orders.services import review_order

_WORDS = {
    "approve": "Approved. It is charged as soon as its artisans have accepted.",
    "reject": "Called off. The buyer is not charged and gets an e-mail.",
}


@require_POST
def review(request: HttpRequest, object_id: int) -> HttpResponse:
    """The decision of who has the permission `orders.review_order`; twice is refused."""
    if not request.user.has_perm("orders.review_order"):
        raise PermissionDenied
    decision = next((word for word in _WORDS if word in request.POST), "")
    if not decision or not Order.objects.filter(id=object_id).exists():
        raise Http404
    try:
        review_order(order_id=object_id, approves=decision == "approve", now=now())
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _WORDS[decision])
    return HttpResponseRedirect(reverse("admin:orders_order_change", args=[object_id]))
