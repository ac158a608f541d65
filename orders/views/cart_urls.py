"""Paths of the cart's pages."""

from django.urls import path

from orders.views import cart

urlpatterns = [
    path("cart/", cart.cart_page, name="cart"),
    path("cart/add/", cart.add, name="cart_add"),
    path("cart/set/", cart.set_line, name="cart_set"),
]
