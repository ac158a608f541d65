"""Server-rendered pages of orders: the checkout's frame, the way back from the bank, the order page, the history."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from common.clock import now
from common.errors import DomainError
from common.guests import known_guest_scope
from common.money import total
from identity.enums import country_name
from orders.contracts.order import Buyer, OrderNotFound, PartNotFound
from orders.enums import PLACED, OrderStatus
from orders.models import Order
from orders.selectors.orders import charged_for, current_payment, get_order, history, parts_of
from orders.selectors.recalls import recalls_of
from orders.selectors.refunds import refunds_of
from orders.services import confirm_receipt
from orders.services.settle import settle
from orders.views.wording import state_of
from payments.contracts import ProcessorError
from payments.enums import PaymentChannel, RefundStatus
from payments.models import Payment

# While the answer is on its way the page asks again by itself, also without scripts.
_REFRESH_SECONDS = 3


@require_GET
@never_cache
@ensure_csrf_cookie
def checkout(request: HttpRequest) -> HttpResponse:
    return render(request, "orders/checkout.html")


@require_GET
@never_cache
def checkout_return(request: HttpRequest) -> HttpResponse:
    """Where the bank's page sends the buyer back to: settles, then shows the truth. GET, but safe to repeat."""
    order = _order_or_404(request, request.GET.get("order", ""))
    try:
        order = settle(order=order, source="browser", now=now()).order
    except ProcessorError:
        return redirect("orders:order", public_id=order.public_id)
    if order.status == OrderStatus.AWAITING_PAYMENT:
        return redirect(f"/checkout/?order={order.public_id}")
    return redirect("orders:order", public_id=order.public_id)


@require_GET
@never_cache
def order_page(request: HttpRequest, public_id: str) -> HttpResponse:
    key = request.GET.get("key", "")
    order = _order_or_404(request, public_id, key)
    if order.is_recall:
        # Nothing was bought with it: where the payment stands is told with the request that it answers.
        return redirect("orders:request", public_id=order.cart_reference)
    payment = current_payment(order)
    state = state_of(order, payment)
    charged = charged_for(order)
    refunds = [refund for refund in refunds_of(order) if not refund.is_withdrawn]
    context = {
        "order": order,
        "payment": payment,
        "charged": charged,
        "not_charged": order.total - charged,
        "refunds": refunds,
        "paid_back": total(
            (refund.amount for refund in refunds if refund.status != RefundStatus.FAILED), order.currency
        ),
        "recalls": recalls_of(order),
        "parts": parts_of(order),
        "key": key,
        "attempt": payment.attempts.filter(outcome="succeeded").first() if payment else None,
        "state": state,
        "offers_account": order.buyer_id is None and order.status in PLACED and not request.user.is_authenticated,
        "keeps": _kept(payment),
        "country": country_name(order.shipping_address["country"]),
    }
    response = render(request, "orders/order.html", context)
    if state.is_moving:
        response["Refresh"] = str(_REFRESH_SECONDS)
    return response


@require_POST
def received(request: HttpRequest, public_id: str, part_id: str) -> HttpResponse:
    """The buyer has one artisan's part. A guest's form carries the key of the link it was opened with."""
    key = request.POST.get("key", "")
    try:
        confirm_receipt(order_id=public_id, seller_order_id=part_id, buyer=buyer_of(request), access_key=key, now=now())
    except (OrderNotFound, PartNotFound) as error:
        raise Http404 from error
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, "Thank you for telling us that it has arrived.")
    query = f"?{urlencode({'key': key})}" if key else ""
    return redirect(reverse("orders:order", args=[public_id]) + query)


def _kept(payment: Payment | None) -> str:
    """What a guest has asked to keep, and gets with an account."""
    if payment is None or not payment.saves_method:
        return ""
    return "the PayPal account" if payment.channel == PaymentChannel.PAYPAL else "the card"


@require_GET
@never_cache
def order_history(request: HttpRequest) -> HttpResponse:
    page = Paginator(history(buyer_of(request)), 20).get_page(request.GET.get("page"))
    return render(request, "orders/history.html", {"page": page})


def _order_or_404(request: HttpRequest, public_id: str, key: str = "") -> Order:
    try:
        return get_order(public_id=public_id, buyer=buyer_of(request), access_key=key)
    except OrderNotFound as error:
        raise Http404 from error


def buyer_of(request: HttpRequest) -> Buyer:
    """Who asks; a visitor without a session is nobody."""
    user_id = request.user.pk if request.user.is_authenticated else None
    return Buyer(user_id=user_id, guest_scope=known_guest_scope(request.session))
