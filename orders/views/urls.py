"""Pages of orders."""

from django.urls import include, path

from orders.views import orders, recalls, selling, selling_money

app_name = "orders"
urlpatterns = [
    path("", include("orders.views.cart_urls")),
    path("checkout/", orders.checkout, name="checkout"),
    path("checkout/return/", orders.checkout_return, name="checkout-return"),
    path("orders/", orders.order_history, name="history"),
    path("orders/<str:public_id>/", orders.order_page, name="order"),
    path("orders/<str:public_id>/parts/<str:part_id>/received/", orders.received, name="received-part"),
    path("requests/<str:public_id>/", recalls.request_page, name="request"),
    path("requests/<str:public_id>/agree/", recalls.agree, name="agree-request"),
    path("requests/<str:public_id>/decline/", recalls.decline, name="decline-request"),
    path("selling/money/", selling_money.money, name="money"),
    path("selling/money/payouts/<str:public_id>/", selling_money.money, name="why-payout"),
    path("selling/orders/", selling.sold, name="sold"),
    path("selling/orders/<str:public_id>/", selling.part_page, name="sold-part"),
    path("selling/orders/<str:public_id>/accept/", selling.accept, name="accept-part"),
    path("selling/orders/<str:public_id>/decline/", selling.decline, name="decline-part"),
    path("selling/orders/<str:public_id>/ship/", selling.ship, name="ship-part"),
    path("selling/orders/<str:public_id>/delivered/", selling.delivered, name="delivered-part"),
    path("selling/orders/<str:public_id>/evidence/", selling.evidence, name="evidence-part"),
    path("selling/orders/<str:public_id>/pay-back/", selling.pay_back, name="pay-back-part"),
]
