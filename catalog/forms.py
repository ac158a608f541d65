"""What an artisan fills in about their goods, and about their shop."""

from typing import Any

from django import forms

from catalog.models import Artisan, Category, Product
from catalog.services.goods import GoodsDetails
from catalog.services.shop import DISPATCH_DAYS_AT_MOST, ShopPage
from common.ids import is_public_id, new_public_id
from common.money import InvalidMoney, Money, exponent, parse_major

_TEXTS = ("title", "summary", "description", "materials", "dimensions", "care", "image_alt")
_SHOP_TEXTS = ("tagline", "story", "location", "portrait_alt")


class GoodsForm(forms.Form):
    """One kind of piece. `details` and the rest are what was filled in, once the form is valid."""

    title = forms.CharField(max_length=140, label="What is it?", help_text="Such as: Tall jug, speckled.")
    category = forms.ModelChoiceField(Category.objects.none(), label="Kind of goods", empty_label="Please choose")
    price = forms.CharField(max_length=14, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    is_made_to_order = forms.BooleanField(required=False, label="I make it after it was ordered")
    stock = forms.IntegerField(
        min_value=0,
        max_value=100_000,
        label="Pieces you have",
        help_text="Does not count for what is made to order.",
    )
    lead_time_days = forms.IntegerField(
        required=False, min_value=0, max_value=365, label="Days of making", help_text="For what is made to order."
    )
    summary = forms.CharField(max_length=200, required=False, label="In one sentence", help_text="Shown in lists.")
    description = forms.CharField(
        max_length=8000, label="Tell about it", widget=forms.Textarea(attrs={"rows": 6}),
        help_text="An empty line begins a new paragraph.",
    )  # fmt: skip
    materials = forms.CharField(max_length=200, required=False, label="Made of")
    dimensions = forms.CharField(max_length=200, required=False, label="Size")
    care = forms.CharField(max_length=240, required=False, label="How to care for it")
    picture = forms.FileField(
        required=False,
        label="Picture",
        help_text="A JPEG, PNG or WebP of at most 5 MB, at least 400 pixels on each side.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    image_alt = forms.CharField(
        max_length=200, required=False, label="What is to be seen in it?", help_text="For people who can't see it."
    )
    reference = forms.CharField(widget=forms.HiddenInput)
    stock_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, artisan: Artisan, *args: Any, product: Product | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _initial(product))
        super().__init__(*args, **kwargs)
        self._artisan = artisan
        self.fields["category"] = forms.ModelChoiceField(
            Category.objects.all(), label="Kind of goods", empty_label="Please choose"
        )
        self.fields["price"].label = f"Price in {artisan.currency}"
        self.fields["price"].help_text = "Taxes included, without shipping."

    def clean_reference(self) -> str:
        reference = str(self.cleaned_data["reference"])
        if not is_public_id(reference, "prd"):
            raise forms.ValidationError("Please open this page again.")
        return reference

    def clean_price(self) -> Money:
        return parse_amount(self.cleaned_data["price"], self._artisan.currency, like="a price like 24.5")

    def details(self) -> GoodsDetails:
        given = self.cleaned_data
        return GoodsDetails(
            category_id=given["category"].pk,
            price=given["price"],
            is_made_to_order=given["is_made_to_order"],
            lead_time_days=given["lead_time_days"] or 0,
            **{name: given[name].strip() for name in _TEXTS},
        )


def _initial(product: Product | None) -> dict[str, Any]:
    if product is None:
        return {"reference": new_public_id("prd"), "stock": 1, "stock_seen": 0}
    return {
        **{name: getattr(product, name) for name in _TEXTS},
        "category": product.category_id,
        "price": as_typed(product.price),
        "is_made_to_order": product.is_made_to_order,
        "lead_time_days": product.lead_time_days or None,
        "stock": product.stock_on_hand,
        "stock_seen": product.stock_on_hand,
        "reference": product.public_id,
    }


class ShopForm(forms.Form):
    """The artisan's page in the shop. `page` is what was filled in, once the form is valid.

    `kept` is the ticket of a picture that was brought with mistakes elsewhere (`catalog.services.kept_pictures`).
    """

    tagline = forms.CharField(max_length=160, label="In one line", help_text="Such as: Stoneware for every day.")
    story = forms.CharField(
        max_length=4000,
        label="Your story",
        help_text="Who you are, what you make and how. An empty line begins a new paragraph.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    location = forms.CharField(
        max_length=120, label="Where you work and send from", help_text="Town and country, such as: Porto, Portugal."
    )
    picture = forms.FileField(
        required=False,
        label="Picture of you or your workshop",
        help_text="A JPEG, PNG or WebP of at most 5 MB, at least 400 pixels on each side.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    portrait_alt = forms.CharField(
        max_length=200, required=False, label="What is to be seen in it?", help_text="For people who can't see it."
    )
    shipping_first_item = forms.CharField(max_length=14, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    shipping_additional_item = forms.CharField(
        max_length=14,
        label="Each further piece",
        help_text="In the same parcel. 0 if it travels free.",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    dispatch_days = forms.IntegerField(
        min_value=1,
        max_value=DISPATCH_DAYS_AT_MOST,
        label="Leaves you within (working days)",
        help_text="For pieces that are in stock.",
    )
    kept = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, artisan: Artisan, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _initial_shop(artisan))
        super().__init__(*args, **kwargs)
        self._artisan = artisan
        self.fields["shipping_first_item"].label = f"Postage of one piece, in {artisan.currency}"

    def clean_shipping_first_item(self) -> Money:
        return parse_amount(self.cleaned_data["shipping_first_item"], self._artisan.currency, like="an amount like 6.9")

    def clean_shipping_additional_item(self) -> Money:
        typed = self.cleaned_data["shipping_additional_item"]
        return parse_amount(typed, self._artisan.currency, like="an amount like 1.5")

    def page(self) -> ShopPage:
        names = (*_SHOP_TEXTS, "shipping_first_item", "shipping_additional_item", "dispatch_days")
        return ShopPage(**{name: self.cleaned_data[name] for name in names})


def _initial_shop(artisan: Artisan) -> dict[str, Any]:
    return {
        **{name: getattr(artisan, name) for name in _SHOP_TEXTS},
        "shipping_first_item": as_typed(artisan.shipping_first_item),
        "shipping_additional_item": as_typed(artisan.shipping_additional_item),
        "dispatch_days": artisan.dispatch_days,
    }


def parse_amount(text: str, currency: str, *, like: str) -> Money:
    """What was typed. `like` ends with an example of one decimal, which is written as the currency's amounts are."""
    try:
        return parse_major(text, currency)
    except InvalidMoney:
        whole, _, fraction = like.rpartition(".")
        digits = exponent(currency)
        example = f"{whole}.{fraction.ljust(digits, '0')}" if digits else whole
        raise forms.ValidationError(f"Please give {example}.") from None


def as_typed(amount: Money) -> str:
    """As somebody would type it into such a field."""
    return f"{amount.major:.{exponent(amount.currency)}f}"
