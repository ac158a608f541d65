"""Paths of the cart's API, below /api/v1/."""

from django.urls import path

from orders.api.cart import CartItemsView, CartItemView, CartView

urlpatterns = [
    path("cart", CartView.as_view(), name="cart"),
    path("cart/items", CartItemsView.as_view(), name="cart_items"),
    path("cart/items/<str:product_id>", CartItemView.as_view(), name="cart_item"),
]
