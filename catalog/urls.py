"""Paths of the shop's pages."""

from django.urls import path

from catalog.views import goods, own_shop, shop

app_name = "catalog"
urlpatterns = [
    path("", shop.home, name="home"),
    path("search/", shop.search, name="search"),
    path("shop/<slug:slug>/", shop.category, name="category"),
    path("artisans/", shop.artisans, name="artisans"),
    path("artisans/<slug:slug>/", shop.artisan, name="artisan"),
    path("products/<slug:slug>/", shop.product, name="product"),
    path("selling/goods/", goods.goods, name="goods"),
    path("selling/goods/add/", goods.add, name="goods-add"),
    path("selling/goods/<str:public_id>/", goods.edit, name="goods-edit"),
    path("selling/goods/<str:public_id>/publish/", goods.publish, name="goods-publish"),
    path("selling/goods/<str:public_id>/unpublish/", goods.unpublish, name="goods-unpublish"),
    path("selling/shop/", own_shop.edit, name="own-shop"),
    path("selling/shop/preview/", own_shop.preview, name="own-shop-preview"),
    path("about/", shop.about, name="about"),
    path("shipping-and-returns/", shop.shipping_and_returns, name="shipping"),
    path("safe-payments/", shop.safe_payments, name="payments"),
]
