"""Artisans, what they make, and the pieces that are promised to orders which are being paid."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone

from catalog.enums import ReservationState
from common.append_only import APPEND_ONLY
from common.ids import MAX_LENGTH, new_public_id
from common.money import MAX_AMOUNT_MINOR, Money, charge_step_minor

CURRENCY_FORMAT = "^[A-Z]{3}$"
REFERENCE_MAX_LENGTH = 64


def new_artisan_id() -> str:
    return new_public_id("art")


def new_product_id() -> str:
    return new_public_id("prd")


class Artisan(models.Model):
    """A maker with a shop of their own. All goods and the postage of one artisan are in one currency."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, default=new_artisan_id, editable=False)
    owner = models.OneToOneField("identity.User", on_delete=models.PROTECT, related_name="artisan")
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    tagline = models.CharField(max_length=160, db_comment="One line under the name")
    story = models.TextField(help_text="Paragraphs are separated by an empty line.")
    location = models.CharField(max_length=120, db_comment="Town and country, as shown")
    portrait = models.ImageField(
        upload_to="artisans/", blank=True, width_field="portrait_width", height_field="portrait_height"
    )
    portrait_alt = models.CharField(max_length=200, blank=True, default="")
    portrait_width = models.PositiveIntegerField(null=True, editable=False)
    portrait_height = models.PositiveIntegerField(null=True, editable=False)
    currency = models.CharField(max_length=3, default="EUR", db_comment="ISO 4217; of all prices and postage")
    shipping_first_item_minor = models.BigIntegerField(default=0, db_comment="Postage of the first piece, minor units")
    shipping_additional_item_minor = models.BigIntegerField(
        default=0, db_comment="Postage of each further piece in the same order, minor units"
    )
    dispatch_days = models.PositiveSmallIntegerField(default=3, db_comment="Working days until goods in stock leave")
    is_published = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table_comment = "Makers who sell in the shop"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(currency__regex=CURRENCY_FORMAT), name="artisan_currency_is_a_code"),
            models.CheckConstraint(
                condition=Q(shipping_first_item_minor__gte=0, shipping_additional_item_minor__gte=0)
                & Q(shipping_first_item_minor__lte=MAX_AMOUNT_MINOR)
                & Q(shipping_additional_item_minor__lte=MAX_AMOUNT_MINOR),
                name="artisan_shipping_within_bounds",
            ),
            # what the products' two-column foreign key points at
            models.UniqueConstraint(fields=["id", "currency"], name="artisan_with_currency"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:artisan", args=[self.slug])

    def clean(self) -> None:
        step = charge_step_minor(self.currency)
        for name in ("shipping_first_item_minor", "shipping_additional_item_minor"):
            if (getattr(self, name) or 0) % step:
                raise ValidationError({name: f"The last digit of an amount in {self.currency} is 0."})

    @property
    def shipping_first_item(self) -> Money:
        return Money(self.shipping_first_item_minor, self.currency)

    @property
    def shipping_additional_item(self) -> Money:
        return Money(self.shipping_additional_item_minor, self.currency)


class PostageChange(models.Model):
    """An artisan's postage was changed. Orders keep the postage that was quoted; this tells which held when."""

    artisan = models.ForeignKey(Artisan, on_delete=models.PROTECT, related_name="postage_changes")
    currency = models.CharField(max_length=3, db_comment="ISO 4217; of all four amounts")
    first_item_was_minor = models.BigIntegerField(db_comment="Postage of the first piece before, minor units")
    additional_item_was_minor = models.BigIntegerField(db_comment="Of each further piece before, minor units")
    first_item_minor = models.BigIntegerField(db_comment="Postage of the first piece since, minor units")
    additional_item_minor = models.BigIntegerField(db_comment="Of each further piece since, minor units")
    actor = models.CharField(max_length=80, db_comment="user:<id>, staff:<id>, command:<name> or system")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of artisans' postage, written with each change"
        default_permissions = ("view",)
        ordering: ClassVar = ["-id"]
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.first_item}, each further piece {self.additional_item}"

    @property
    def first_item_was(self) -> Money:
        return Money(self.first_item_was_minor, self.currency)

    @property
    def additional_item_was(self) -> Money:
        return Money(self.additional_item_was_minor, self.currency)

    @property
    def first_item(self) -> Money:
        return Money(self.first_item_minor, self.currency)

    @property
    def additional_item(self) -> Money:
        return Money(self.additional_item_minor, self.currency)


class Category(models.Model):
    """A shelf of the shop."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=240, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0, db_comment="Order in menus, smallest first")

    class Meta:
        db_table_comment = "Shelves of the shop"
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:category", args=[self.slug])


class Product(models.Model):
    """One kind of piece. `stock_on_hand` lies on the shelf; `stock_reserved` of it is promised to open payments."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, default=new_product_id, editable=False)
    artisan = models.ForeignKey(Artisan, on_delete=models.PROTECT, related_name="products")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    slug = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=140)
    summary = models.CharField(max_length=200, blank=True, default="", db_comment="One sentence for lists")
    description = models.TextField(help_text="Paragraphs are separated by an empty line.")
    materials = models.CharField(max_length=200, blank=True, default="")
    dimensions = models.CharField(max_length=200, blank=True, default="")
    care = models.CharField(max_length=240, blank=True, default="")
    price_minor = models.BigIntegerField(db_comment="Minor units of currency, taxes included")
    currency = models.CharField(max_length=3, default="EUR", db_comment="ISO 4217, the same as the artisan's")
    stock_on_hand = models.IntegerField(default=0, validators=[MinValueValidator(0)], db_comment="Pieces on the shelf")
    stock_reserved = models.IntegerField(
        default=0, editable=False, db_comment="Of these, promised to payments that are under way"
    )
    is_made_to_order = models.BooleanField(
        default=False, help_text="Made after it was bought; stock does not limit it."
    )
    lead_time_days = models.PositiveSmallIntegerField(default=0, db_comment="Days of making, for made-to-order goods")
    is_published = models.BooleanField(default=True)
    image = models.ImageField(upload_to="products/", blank=True, width_field="image_width", height_field="image_height")
    image_alt = models.CharField(max_length=200, blank=True, default="", help_text="What a person sees in the picture.")
    image_width = models.PositiveIntegerField(null=True, editable=False)
    image_height = models.PositiveIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table_comment = "Goods, with price and stock"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(price_minor__gt=0, price_minor__lte=MAX_AMOUNT_MINOR), name="product_price_within_bounds"
            ),
            models.CheckConstraint(condition=Q(currency__regex=CURRENCY_FORMAT), name="product_currency_is_a_code"),
            models.CheckConstraint(
                condition=Q(stock_reserved__gte=0) & Q(stock_on_hand__gte=F("stock_reserved")),
                name="product_never_oversold",
            ),
            models.CheckConstraint(
                condition=Q(is_made_to_order=False) | Q(lead_time_days__gt=0), name="product_made_to_order_takes_time"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], condition=Q(is_published=True), name="product_newest"),
            models.Index(fields=["category", "-created_at"], condition=Q(is_published=True), name="product_on_shelf"),
            models.Index(fields=["artisan", "-created_at"], condition=Q(is_published=True), name="product_of_artisan"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="product_title_trigrams"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("catalog:product", args=[self.slug])

    def clean(self) -> None:
        if self.artisan_id and self.currency != self.artisan.currency:
            raise ValidationError({"currency": f"{self.artisan} sells in {self.artisan.currency}."})
        if self.price_minor and self.price_minor % charge_step_minor(self.currency):
            raise ValidationError({"price_minor": f"The last digit of a price in {self.currency} is 0."})

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def available(self) -> int | None:
        """Free pieces; None where stock does not limit."""
        return None if self.is_made_to_order else max(0, self.stock_on_hand - self.stock_reserved)

    @property
    def is_sold_out(self) -> bool:
        return self.available == 0


class StockReservation(models.Model):
    """Pieces of one product promised to one reference (an order, as far as the catalog need not know)."""

    State: ClassVar[type[ReservationState]] = ReservationState

    reference = models.CharField(max_length=REFERENCE_MAX_LENGTH, db_comment="Opaque: whose promise this is")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="reservations")
    quantity = models.PositiveIntegerField()
    takes_stock = models.BooleanField(db_comment="False for goods that were made to order when they were reserved")
    state = models.CharField(max_length=10, choices=ReservationState.choices)
    expires_at = models.DateTimeField(db_comment="After this the owner of the reference should release it")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Pieces promised to orders under payment; held rows sum to product.stock_reserved"
        constraints = [
            models.UniqueConstraint(fields=["reference", "product"], name="reservation_once_per_product"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_of_something"),
            models.CheckConstraint(
                condition=Q(state__in=list(ReservationState.values)), name="reservation_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(state="held"), name="reservation_expiring")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id} for {self.reference} ({self.state})"
