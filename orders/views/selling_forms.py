"""What artisans fill in about their part of an order."""

from typing import Any

from django import forms

from common.ids import is_public_id, new_public_id
from common.money import Money
from orders.contracts.refund import Items, LineWish, RefundablePart, RefundWish, ShippingWish
from payments.enums import RefundReason

_REASONS = (
    RefundReason.OUT_OF_STOCK,
    RefundReason.RETURNED,
    RefundReason.NOT_RECEIVED,
    RefundReason.NOT_AS_DESCRIBED,
    RefundReason.CHANGED_MIND,
    RefundReason.GOODWILL,
)


class DeclineForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        label="Why can you not take this order?",
        help_text="The buyer reads this.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ShipForm(forms.Form):
    carrier = forms.CharField(max_length=60, required=False, label="Carrier", help_text="Such as An Post or DHL.")
    tracking_number = forms.CharField(max_length=80, required=False, label="Tracking number")


class EvidenceForm(forms.Form):
    dispute = forms.CharField(max_length=32, widget=forms.HiddenInput)
    file = forms.FileField(
        label="Proof of delivery",
        help_text="A PDF, PNG or JPEG of at most 4.5 MB, such as a signed receipt.",
        allow_empty_file=False,
    )


class PayBackForm(forms.Form):
    """Pieces of each line of one part, and its shipping."""

    shipping = forms.BooleanField(required=False)
    restocks = forms.BooleanField(
        required=False, label="The goods are with me", help_text="Puts what is paid back for sale again."
    )
    reason = forms.ChoiceField(choices=[(reason.value, reason.label) for reason in _REASONS], label="Why")
    note = forms.CharField(
        required=False,
        max_length=300,
        label="A word to the buyer",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reference = forms.CharField(widget=forms.HiddenInput)
    expected_minor = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, part: RefundablePart, currency: str, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"reference": new_public_id("ref")})
        super().__init__(*args, **kwargs)
        self._part, self._currency = part, currency
        left = Money(part.shipping_left_minor, currency)
        self.fields["shipping"].label = f"Shipping, {left}"
        for line in part.lines:
            self.fields[f"pieces_{line.line_id}"] = forms.IntegerField(
                required=False,
                min_value=0,
                max_value=max(line.quantity_left, 0),
                label=f"{line.title}, {Money(line.unit_price_minor, currency)} each",
                help_text=f"{line.quantity_left} of {line.quantity} can be paid back.",
            )

    def lines(self) -> list[forms.BoundField]:
        return [self[f"pieces_{line.line_id}"] for line in self._part.lines if line.quantity_left > 0]

    @property
    def has_shipping(self) -> bool:
        return self._part.shipping_left_minor > 0

    def clean_reference(self) -> str:
        reference = str(self.cleaned_data["reference"])
        if not is_public_id(reference, "ref"):
            raise forms.ValidationError("Please open this page again.")
        return reference

    def wish(self) -> RefundWish:
        """What was filled in; the form is valid. The allocator says what it comes to."""
        restocks = self.cleaned_data["restocks"]
        lines = [
            LineWish(line.line_id, quantity=pieces, restocks=pieces if restocks else 0)
            for line in self._part.lines
            if (pieces := self.cleaned_data[f"pieces_{line.line_id}"])
        ]
        shipping = [ShippingWish(self._part.reference)] if self.cleaned_data["shipping"] and self.has_shipping else []
        return Items(lines=lines, shipping=shipping)

    @property
    def expected(self) -> Money | None:
        """What the artisan was shown."""
        minor = self.cleaned_data["expected_minor"]
        return None if minor is None else Money(minor, self._currency)
