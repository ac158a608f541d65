"""Forms of the account pages."""

from typing import TYPE_CHECKING, Any, cast

from allauth.account import forms as allauth_forms
from django import forms
from django.http import HttpRequest

from identity.enums import COUNTRIES
from identity.models import Address, User

if TYPE_CHECKING:
    _ProfileForm = forms.ModelForm[User]
    _AddressForm = forms.ModelForm[Address]
else:
    _ProfileForm = _AddressForm = forms.ModelForm


class SignupForm(allauth_forms.SignupForm):
    """Sign-up asks for a name too: what an artisan calls the buyer by."""

    full_name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ["full_name", "email", "password1"]

    def save(self, request: HttpRequest) -> User:
        """Called for new addresses only: for one that has an account, allauth sends that account a message instead."""
        user = cast("User", super().save(request))
        user.full_name = self.cleaned_data["full_name"].strip()
        user.save(update_fields=["full_name"])
        return user


class ProfileForm(_ProfileForm):
    """What a person may change about themselves on one page."""

    class Meta:
        model = User
        fields = ["full_name"]
        widgets = {"full_name": forms.TextInput(attrs={"autocomplete": "name"})}


class AddressForm(_AddressForm):
    """A postal address."""

    country = forms.ChoiceField(
        choices=list(COUNTRIES.items()), widget=forms.Select(attrs={"autocomplete": "country"}), initial="DE"
    )

    class Meta:
        model = Address
        fields = ["name", "line1", "line2", "postal_code", "city", "region", "country", "phone", "is_default"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "line1": forms.TextInput(attrs={"autocomplete": "address-line1"}),
            "line2": forms.TextInput(attrs={"autocomplete": "address-line2"}),
            "postal_code": forms.TextInput(attrs={"autocomplete": "postal-code"}),
            "city": forms.TextInput(attrs={"autocomplete": "address-level2"}),
            "region": forms.TextInput(attrs={"autocomplete": "address-level1"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
        }

    def values(self) -> dict[str, Any]:
        """What was entered, for the services; the model instance is not changed by this form."""
        return {field: self.cleaned_data[field] for field in self.Meta.fields}

    def _post_clean(self) -> None:
        """The services write: a form that assigned to the instance would also skip the rule of one usual address."""
