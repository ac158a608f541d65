"""Pages of orders."""

from django.urls import include, path

from orders.views import orders

app_name = "orders"
urlpatterns = [
    path("", include("orders.views.cart_urls")),
    path("checkout/", orders.checkout, name="checkout"),
    path("checkout/return/", orders.checkout_return, name="checkout-return"),
    path("orders/", orders.order_history, name="history"),
    path("orders/<str:public_id>/", orders.order_page, name="order"),
]
