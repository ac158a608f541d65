"""The form in which staff say what is paid back; it knows words and digits, the allocator knows the money."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from common.ids import is_public_id, new_public_id
from common.money import Money, exponent
from orders.contracts.refund import (
    EverythingLeft,
    GoodwillWish,
    Items,
    LineWish,
    Refundable,
    RefundableLine,
    RefundablePart,
    RefundWish,
    ShippingWish,
)
from orders.enums import Bearer
from payments.enums import LATE_PAYMENT_REASONS, RefundReason

_REASONS = [reason for reason in RefundReason if reason not in {*LATE_PAYMENT_REASONS, RefundReason.PROCESSOR}]


class RefundForm(forms.Form):
    """Fields for each line and part of one order. Amounts are in major units, with the currency's digits."""

    everything = forms.BooleanField(required=False, label="All that is left of the order")
    restocks = forms.BooleanField(required=False, label="Put all its pieces back on the shelf")
    goodwill = forms.DecimalField(required=False, label="Goodwill from us", min_value=Decimal(0))
    bearer = forms.ChoiceField(
        choices=[
            (Bearer.ARTISAN, "the artisan their share, and we our commission"),
            (Bearer.PLATFORM, "we alone"),
        ],
        label="Who bears goods and shipping",
    )
    reason = forms.ChoiceField(choices=[(reason.value, reason.label) for reason in _REASONS])
    note = forms.CharField(
        required=False, max_length=300, label="Words for the buyer", widget=forms.Textarea(attrs={"rows": 2})
    )
    reference = forms.CharField(widget=forms.HiddenInput)
    expected_minor = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, figures: Refundable, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"reference": new_public_id("ref")})
        super().__init__(*args, **kwargs)
        self._figures = figures
        self.fields["goodwill"] = self._amount("Goodwill from us")
        for part in figures.parts:
            self.fields[f"shipping_{part.reference}"] = self._amount(f"Shipping by {part.artisan_name}")
            self.fields[f"goodwill_{part.reference}"] = self._amount(f"Goodwill from {part.artisan_name}")
            for line in part.lines:
                self.fields[f"quantity_{line.line_id}"] = _pieces(f"Pieces of {line.title}", line.quantity_left)
                self.fields[f"amount_{line.line_id}"] = self._amount(f"Amount of {line.title}")
                self.fields[f"restocks_{line.line_id}"] = _pieces(
                    f"Pieces of {line.title} back on the shelf", line.quantity_left
                )

    def parts(self) -> Iterator[tuple[RefundablePart, Money, BoundField, BoundField, list[dict[str, Any]]]]:
        """For the page: each part, its shipping left, its two fields, and its lines with theirs."""
        for part in self._figures.parts:
            yield (
                part,
                Money(part.shipping_left_minor, self._figures.currency),
                self[f"shipping_{part.reference}"],
                self[f"goodwill_{part.reference}"],
                [self._row(line) for line in part.lines],
            )

    def clean_reference(self) -> str:
        reference = str(self.cleaned_data["reference"])
        if not is_public_id(reference, "ref"):
            raise forms.ValidationError("Please open this page again.")
        return reference

    def wish(self) -> RefundWish:
        """What was filled in; the form is valid."""
        bearer = Bearer(self.cleaned_data["bearer"])
        if self.cleaned_data["everything"]:
            return EverythingLeft(bearer, restocks=self.cleaned_data["restocks"])
        lines, shipping, goodwill = [], [], []
        ours = self._money("goodwill")
        if ours is not None:
            goodwill.append(GoodwillWish(ours))
        for part in self._figures.parts:
            amount = self._money(f"shipping_{part.reference}")
            if amount is not None:
                shipping.append(ShippingWish(part.reference, amount))
            amount = self._money(f"goodwill_{part.reference}")
            if amount is not None:
                goodwill.append(GoodwillWish(amount, part.reference))
            lines += [wish for line in part.lines if (wish := self._line(line)) is not None]
        return Items(lines=lines, shipping=shipping, goodwill=goodwill, bearer=bearer)

    @property
    def expected(self) -> Money | None:
        """What the preview came to."""
        minor = self.cleaned_data["expected_minor"]
        return None if minor is None else Money(minor, self._figures.currency)

    def _line(self, line: RefundableLine) -> LineWish | None:
        quantity = self.cleaned_data[f"quantity_{line.line_id}"] or None
        amount = self._money(f"amount_{line.line_id}")
        restocks = self.cleaned_data[f"restocks_{line.line_id}"] or 0
        if quantity is None and amount is None and not restocks:
            return None
        return LineWish(line.line_id, quantity=quantity, amount=amount, restocks=restocks)

    def _money(self, name: str) -> Money | None:
        value: Decimal | None = self.cleaned_data[name]
        if not value:
            return None
        # The field has refused further digits, so nothing is cut off.
        return Money(int(value.scaleb(exponent(self._figures.currency))), self._figures.currency)

    def _amount(self, label: str) -> forms.DecimalField:
        return forms.DecimalField(
            required=False, label=label, min_value=Decimal(0), max_digits=12,
            decimal_places=exponent(self._figures.currency),
        )  # fmt: skip

    def _row(self, line: RefundableLine) -> dict[str, Any]:
        return {
            "line": line,
            "left": Money(line.left_minor, self._figures.currency),
            "sold": Money(line.sold_minor, self._figures.currency),
            "quantity": self[f"quantity_{line.line_id}"],
            "amount": self[f"amount_{line.line_id}"],
            "restocks": self[f"restocks_{line.line_id}"],
        }


def _pieces(label: str, most: int) -> forms.IntegerField:
    return forms.IntegerField(required=False, label=label, min_value=0, max_value=max(most, 0))
