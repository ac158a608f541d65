"""/api/v1/ of orders."""

from django.urls import include, path

from orders.api import checkout

urlpatterns = [
    path("", include("orders.api.cart_urls")),
    path("seller/", include("orders.api.seller_urls")),
    path("config", checkout.ConfigView.as_view(), name="api-config"),
    path("checkouts", checkout.StartCheckoutView.as_view(), name="api-checkouts"),
    path("checkouts/<str:public_id>", checkout.CheckoutView.as_view(), name="api-checkout"),
    path("checkouts/<str:public_id>/confirm", checkout.ConfirmCheckoutView.as_view(), name="api-checkout-confirm"),
    path("checkouts/<str:public_id>/settle", checkout.SettleCheckoutView.as_view(), name="api-checkout-settle"),
    path("checkouts/<str:public_id>/cancel", checkout.CancelCheckoutView.as_view(), name="api-checkout-cancel"),
    path("checkout/sessions", checkout.HostedCheckoutView.as_view(), name="api-checkout-sessions"),
    path("orders", checkout.OrdersView.as_view(), name="api-orders"),
    path("orders/<str:public_id>", checkout.OrderView.as_view(), name="api-order"),
]
