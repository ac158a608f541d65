"""The buyer's cart: what they want, not what it costs. Prices come from the catalog whenever it is read."""

from django.db import models
from django.db.models import Q

from common.ids import MAX_LENGTH, new_public_id

MAX_QUANTITY = 99
MAX_LINES = 100


def new_cart_id() -> str:
    return new_public_id("crt")


class Cart(models.Model):
    """One cart per user, or per guest, whom the hash of a random token in the session names."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, default=new_cart_id, editable=False)
    user = models.OneToOneField("identity.User", null=True, on_delete=models.CASCADE, related_name="cart")
    guest_scope = models.CharField(
        max_length=64, null=True, unique=True, db_comment="guest:<hash of the token in the session>, NULL for users"
    )
    currency = models.CharField(max_length=3, db_comment="ISO 4217 of all goods in it, set by the first one")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Carts of users and guests"
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, guest_scope__isnull=False)
                | Q(user__isnull=False, guest_scope__isnull=True),
                name="cart_of_a_user_or_a_guest",
            ),
        ]
        indexes = [
            models.Index(fields=["changed_at"], condition=Q(user__isnull=True), name="cart_of_guests_by_age"),
        ]

    def __str__(self) -> str:
        return self.public_id


class CartItem(models.Model):
    """A line of a cart."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    unit_price_seen_minor = models.BigIntegerField(
        db_comment="The price when the buyer last touched the line, to tell them when it changes; never charged"
    )
    added_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Lines of carts"
        ordering = ["added_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "product"], name="cart_item_once_per_product"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY), name="cart_item_quantity_within_bounds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id}"
