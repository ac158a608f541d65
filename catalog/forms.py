"""What an artisan fills in about their goods."""

from typing import Any

from django import forms

from catalog.models import Artisan, Category, Product
from catalog.services.goods import GoodsDetails
from common.ids import is_public_id, new_public_id
from common.money import InvalidMoney, Money, exponent, parse_major

_TEXTS = ("title", "summary", "description", "materials", "dimensions", "care", "image_alt")


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
        try:
            return parse_major(self.cleaned_data["price"], self._artisan.currency)
        except InvalidMoney:
            digits = exponent(self._artisan.currency)
            example = "24" if digits == 0 else f"24.{'5'.ljust(digits, '0')}"
            raise forms.ValidationError(f"Please give a price like {example}.") from None

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
        "price": f"{product.price.major:.{exponent(product.currency)}f}",
        "is_made_to_order": product.is_made_to_order,
        "lead_time_days": product.lead_time_days or None,
        "stock": product.stock_on_hand,
        "stock_seen": product.stock_on_hand,
        "reference": product.public_id,
    }
