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


class _ShopWords:
    """The library's fields in the words of the other forms here: "E-mail" as at the checkout, no capitals inside.

    No placeholders: they only say the label once more, and are gone as soon as something is typed.
    """

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            label = str(field.label).capitalize()
            field.label = "E-mail" if label == "Email" else label


class LoginForm(_ShopWords, allauth_forms.LoginForm):
    """Asks for e-mail and password."""


class AddEmailForm(_ShopWords, allauth_forms.AddEmailForm):
    """Asks for the address that takes the place of the old one."""


class ChangePasswordForm(_ShopWords, allauth_forms.ChangePasswordForm):
    """Asks for the old password and, twice, for the new one."""


class SetPasswordForm(_ShopWords, allauth_forms.SetPasswordForm):
    """Asks for the first password of an account that has none."""


class ResetPasswordForm(_ShopWords, allauth_forms.ResetPasswordForm):
    """Asks where to send the link for a new password."""


class ResetPasswordKeyForm(_ShopWords, allauth_forms.ResetPasswordKeyForm):
    """Asks, behind that link, for the new password."""


class ReauthenticateForm(_ShopWords, allauth_forms.ReauthenticateForm):
    """Asks for the password once more before a change of the log-in."""


class SignupForm(_ShopWords, allauth_forms.SignupForm):
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
    """A postal address, asked for in the words of the checkout, which takes none without a postal code."""

    postal_code = forms.CharField(
        label="Postal code", max_length=16, widget=forms.TextInput(attrs={"autocomplete": "postal-code"})
    )
    country = forms.ChoiceField(
        choices=list(COUNTRIES.items()), widget=forms.Select(attrs={"autocomplete": "country"}), initial="DE"
    )

    class Meta:
        model = Address
        fields = ["name", "line1", "line2", "postal_code", "city", "region", "country", "phone", "is_default"]
        labels = {"name": "Full name", "region": "State or region", "phone": "Telephone"}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "line1": forms.TextInput(attrs={"autocomplete": "address-line1"}),
            "line2": forms.TextInput(attrs={"autocomplete": "address-line2"}),
            "city": forms.TextInput(attrs={"autocomplete": "address-level2"}),
            "region": forms.TextInput(attrs={"autocomplete": "address-level1"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
        }

    def values(self) -> dict[str, Any]:
        """What was entered, for the services; the model instance is not changed by this form."""
        return {field: self.cleaned_data[field] for field in self.Meta.fields}

    def _post_clean(self) -> None:
        """The services write: a form that assigned to the instance would also skip the rule of one usual address."""
