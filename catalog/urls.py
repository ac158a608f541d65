"""Paths of the shop's pages."""

from django.urls import path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("shop/<slug:slug>/", views.category, name="category"),
    path("artisans/", views.artisans, name="artisans"),
    path("artisans/<slug:slug>/", views.artisan, name="artisan"),
    path("products/<slug:slug>/", views.product, name="product"),
    path("about/", views.about, name="about"),
    path("shipping-and-returns/", views.shipping_and_returns, name="shipping"),
    path("safe-payments/", views.safe_payments, name="payments"),
]
