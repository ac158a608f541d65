"""What somebody fills in who would like to sell."""

from typing import Any

from django import forms
from django.conf import settings

from catalog.forms import as_typed, parse_amount
from catalog.services.shop import DISPATCH_DAYS_AT_MOST
from payouts.enums import SELLER_COUNTRIES, payable_currencies
from payouts.models import SellerApplication
from payouts.services.applications import (
    DetailsInvalid,
    ShopDetails,
    check_currency,
    consent_text,
)

_PAID_IN = {"EUR": "euros", "USD": "US dollars", "GBP": "British pounds"}
_POSTAGE = ("shipping_first_item", "shipping_additional_item")


class ApplicationForm(forms.Form):
    """About the shop. `details` is what was filled in, once the form is valid."""

    name = forms.CharField(max_length=120, label="Name of your shop", help_text="As buyers will see it.")
    tagline = forms.CharField(max_length=160, label="In one line", help_text="Such as: Stoneware for every day.")
    story = forms.CharField(
        max_length=4000,
        label="Your story",
        help_text="Who you are, what you make and how. An empty line begins a new paragraph.",
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    town = forms.CharField(
        max_length=80, label="Town or city", widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    country = forms.ChoiceField(
        choices=[("", "Please choose"), *SELLER_COUNTRIES.items()],
        label="Country",
        help_text="Where you work and have your bank account. Not in the list? We can't pay you there yet.",
        widget=forms.Select(attrs={"autocomplete": "country"}),
    )
    currency = forms.ChoiceField(label="You are paid in", help_text="All your prices are in this currency.")
    shipping_first_item = forms.CharField(
        max_length=14, label="Shipping of one piece", widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
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
    consent = forms.BooleanField(error_messages={"required": "Please agree to the terms; without it we can't go on."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        payable = {code for country in SELLER_COUNTRIES for code in payable_currencies(country)}
        choices = [(code, f"{_PAID_IN[code]} ({code})") for code in settings.CURRENCIES if code in payable]
        self.fields["currency"] = forms.ChoiceField(
            choices=choices, label=self.fields["currency"].label, help_text=self.fields["currency"].help_text
        )
        self.fields["consent"].label = consent_text()

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        country, currency = given.get("country"), given.get("currency")
        if country and currency:
            try:
                check_currency(country=country, currency=currency)
            except DetailsInvalid as refusal:
                self.add_error("currency", refusal.detail)
        for name in _POSTAGE if currency else ():
            if name in given:
                try:
                    given[name] = parse_amount(given[name], str(currency), like="an amount like 6.9")
                except forms.ValidationError as refusal:
                    self.add_error(name, refusal)
        return given

    def details(self) -> ShopDetails:
        given = self.cleaned_data
        names = ("name", "tagline", "story", "town", "country", *_POSTAGE, "dispatch_days")
        return ShopDetails(
            **{name: given[name].strip() if isinstance(given[name], str) else given[name] for name in names}
        )


def as_filled_in(application: SellerApplication) -> dict[str, Any]:
    """The form as it was sent, for somebody who applies again."""
    return {
        "name": application.name,
        "tagline": application.tagline,
        "story": application.story,
        "town": application.town,
        "country": application.country,
        "currency": application.currency,
        "shipping_first_item": as_typed(application.shipping_first_item),
        "shipping_additional_item": as_typed(application.shipping_additional_item),
        "dispatch_days": application.dispatch_days,
    }


class CountryForm(forms.Form):
    """For an artisan who has never said where they work."""

    country = forms.ChoiceField(
        choices=[("", "Please choose"), *SELLER_COUNTRIES.items()],
        label="Country",
        help_text="Where you work and have your bank account.",
    )
