"""The catalog in the administration."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalog.models import Artisan, Category, PostageChange, Product, StockReservation
from catalog.services.pictures import make_renditions
from catalog.services.shop import postage_of, record_postage_change
from common.admin_display import ModelAdmin, ReadOnlyAdmin, ReadOnlyInline
from common.clock import now


class PostageChangeInline(ReadOnlyInline):
    model = PostageChange
    fields = ("occurred_at", "first_item_was", "first_item", "additional_item_was", "additional_item", "actor")
    readonly_fields = fields


@admin.register(Artisan)
class ArtisanAdmin(ModelAdmin):
    list_display = ("name", "location", "currency", "is_published", "owner")
    list_filter = ("is_published", "currency")
    search_fields = ("name", "location", "owner__email")
    readonly_fields = ("public_id", "created_at")
    raw_id_fields = ("owner",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = (PostageChangeInline,)

    def save_model(self, request: HttpRequest, obj: Artisan, form: Any, change: bool) -> None:
        """In one transaction with the history of postage: the admin opens one for each page that is saved."""
        was = postage_of(Artisan.objects.select_for_update(no_key=True).get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)
        if was is not None:
            record_postage_change(artisan=obj, was=was, now=now())
        if "portrait" in form.changed_data:
            make_renditions(picture=obj.portrait)


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    list_display = ("name", "slug", "position")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Product)
class ProductAdmin(ModelAdmin):
    list_display = (
        "title", "artisan", "price", "stock_on_hand", "stock_reserved", "is_made_to_order", "is_published",
    )  # fmt: skip
    list_filter = ("is_published", "is_made_to_order", "category", "artisan")
    list_select_related = ("artisan",)
    search_fields = ("title", "artisan__name", "public_id")
    readonly_fields = ("public_id", "stock_reserved", "created_at", "updated_at")
    prepopulated_fields = {"slug": ("title",)}

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        """Writes the changed columns only: a sale that runs meanwhile must not lose its reservation."""
        if change:
            changed = [name for name in form.changed_data if name in form.fields]
            pictures = ["image_width", "image_height"] if "image" in changed else []
            obj.save(update_fields=[*changed, *pictures, "updated_at"])
        else:
            super().save_model(request, obj, form, change)
        if "image" in form.changed_data:
            make_renditions(picture=obj.image)


@admin.register(StockReservation)
class StockReservationAdmin(ReadOnlyAdmin):
    """Read-only: reservations move with orders."""

    list_display = ("reference", "product", "quantity", "state", "expires_at", "changed_at")
    list_filter = ("state",)
    list_select_related = ("product",)
    search_fields = ("reference", "product__title")
