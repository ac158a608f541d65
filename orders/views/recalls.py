"""The buyer's page of a refund that was issued in error: what we ask, agree and pay, or decline."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from common.clock import now
from common.errors import DomainError
from common.guests import guest_scope
from orders.contracts.order import Buyer
from orders.contracts.recall import RecallNotFound
from orders.enums import OrderStatus
from orders.models import Recall
from orders.selectors.orders import current_payment
from orders.selectors.recalls import get_recall, order_of_recall, refund_of, things_of
from orders.services import agree_to_recall, consent_words, decline_recall
from orders.views.orders import buyer_of
from payments.enums import PaymentStatus

_REFRESH_SECONDS = 3
# Nobody who sees one of these is to be told to pay.
_UNDECIDED = frozenset({PaymentStatus.UNKNOWN, PaymentStatus.PROCESSING, PaymentStatus.APPROVED})


class AgreeForm(forms.Form):
    agrees = forms.BooleanField(
        error_messages={"required": "Please tick the box if you agree; nothing is charged else."}
    )


class DeclineForm(forms.Form):
    note = forms.CharField(
        required=False, max_length=300, label="A word on why", help_text="You need not give a reason.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


@never_cache
@require_GET
def request_page(request: HttpRequest, public_id: str) -> HttpResponse:
    return _shown(request, _recall_or_404(request, public_id))


@never_cache
@require_POST
def agree(request: HttpRequest, public_id: str) -> HttpResponse:
    """Records the consent and leads to the payment step; only this makes anything that can be charged."""
    recall = _recall_or_404(request, public_id)
    form = AgreeForm(request.POST)
    if not form.is_valid():
        return _shown(request, recall, agree_form=form, status=400)
    try:
        order = agree_to_recall(
            public_id=recall.public_id,
            buyer=Buyer(user_id=request.user.pk, guest_scope=guest_scope(request.session)),
            access_key=_key(request),
            words=consent_words(recall),
            now=now(),
        )
    except DomainError as refusal:
        messages.error(request, refusal.detail)
        return _back(request, recall)
    return redirect(f"{reverse('orders:checkout')}?{urlencode({'order': order.public_id})}")


@never_cache
@require_POST
def decline(request: HttpRequest, public_id: str) -> HttpResponse:
    recall = _recall_or_404(request, public_id)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _shown(request, recall, decline_form=form, status=400)
    try:
        decline_recall(
            public_id=recall.public_id,
            buyer=buyer_of(request),
            access_key=_key(request),
            note=form.cleaned_data["note"],
            now=now(),
        )
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    return _back(request, recall)


def _shown(
    request: HttpRequest,
    recall: Recall,
    *,
    agree_form: AgreeForm | None = None,
    decline_form: DeclineForm | None = None,
    status: int = 200,
) -> HttpResponse:
    order = order_of_recall(recall)
    payment = current_payment(order) if order is not None else None
    is_moving = recall.is_open and order is not None and (
        order.status == OrderStatus.PROCESSING or (payment is not None and payment.status in _UNDECIDED)
    )  # fmt: skip
    context = {
        "recall": recall,
        "refund": refund_of(recall),
        "things": things_of(recall),
        "sale": recall.sale,
        "order": order,
        "attempt": payment.attempts.filter(outcome="succeeded").first() if payment is not None else None,
        "asks": recall.is_open and not is_moving and recall.expires_at > now(),
        "is_moving": is_moving,
        "words": consent_words(recall),
        "query": f"?{urlencode({'key': _key(request)})}" if _key(request) else "",
        "agree_form": agree_form or AgreeForm(),
        "decline_form": decline_form or DeclineForm(),
    }
    response = render(request, "orders/request.html", context, status=status)
    if is_moving:
        response["Refresh"] = str(_REFRESH_SECONDS)
    return response


def _back(request: HttpRequest, recall: Recall) -> HttpResponse:
    key = _key(request)
    address = reverse("orders:request", kwargs={"public_id": recall.public_id})
    return redirect(f"{address}?{urlencode({'key': key})}" if key else address)


def _recall_or_404(request: HttpRequest, public_id: str) -> Recall:
    try:
        return get_recall(public_id=public_id, buyer=buyer_of(request), access_key=_key(request))
    except RecallNotFound as error:
        raise Http404 from error


def _key(request: HttpRequest) -> str:
    """From the letter's link; the forms hand it on in their address."""
    return request.GET.get("key", "")
