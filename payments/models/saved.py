"""Ways to pay that a user keeps, and who the user is at the processor."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.append_only import APPEND_ONLY
from payments.enums import MethodKind, MethodStatus, SetupStatus

_BRANDS = {"amex": "American Express", "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay"}


class ProcessorCustomer(models.Model):
    """A user's customer object at a processor."""

    public_id = models.CharField(max_length=32, unique=True, db_comment="cus_...; the reference in processor metadata")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    processor = models.CharField(max_length=12)
    processor_customer_id = models.CharField(
        max_length=255, null=True, unique=True, db_comment="cus_... of the processor; NULL until it has answered"
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Users as customers of a processor; guests have none"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "processor"], name="processor_customer_once_per_user")
        ]

    def __str__(self) -> str:
        return self.public_id


class SavedMethod(models.Model):
    """A way to pay that a user agreed to keep. What it is lies with the processor; here is how the user knows it."""

    public_id = models.CharField(max_length=32, unique=True, db_comment="pmt_...")
    customer = models.ForeignKey(ProcessorCustomer, on_delete=models.PROTECT, related_name="methods")
    processor = models.CharField(max_length=12)
    processor_method_id = models.CharField(max_length=255, unique=True, db_comment="pm_... or a PayPal payment token")
    kind = models.CharField(max_length=10, choices=MethodKind.choices)
    status = models.CharField(max_length=10, choices=MethodStatus.choices, default=MethodStatus.ACTIVE)
    brand = models.CharField(max_length=20, blank=True, default="")
    last4 = models.CharField(max_length=4, blank=True, default="", db_comment="Never more of the number")
    expiry_month = models.PositiveSmallIntegerField(null=True)
    expiry_year = models.PositiveSmallIntegerField(null=True)
    payer_email = models.EmailField(blank=True, default="", db_comment="Of a PayPal account")
    is_default = models.BooleanField(default=False)
    consented_at = models.DateTimeField(db_comment="When its owner agreed that it is kept")
    consent_text = models.CharField(max_length=300, db_comment="The words that were agreed to")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Ways to pay that users keep, without card numbers"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_default=True),
                name="saved_method_one_default_per_customer",
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(status="active"), name="saved_method_default_can_be_used"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def label(self) -> str:
        """What its owner knows it by."""
        if self.kind == MethodKind.PAYPAL:
            return f"PayPal account {self.shown_email}".strip()
        brand = _BRANDS.get(self.brand) or self.brand.title() or "Card"
        return f"{brand} ending in {self.last4}"

    @property
    def shown_email(self) -> str:
        """Enough of a PayPal account's address for its owner to recognise it; a page may be seen by others."""
        local, at, domain = self.payer_email.rpartition("@")
        if not at:
            return ""
        return f"{local[:1]}***{local[-1:] if len(local) > 2 else ''}@{domain}"


class SavedMethodEvent(models.Model):
    """What happened to a saved way to pay: kept, made default, updated by the bank, removed."""

    method = models.ForeignKey(SavedMethod, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=40)
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    source = models.CharField(max_length=20)
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of saved ways to pay"
        triggers: ClassVar = APPEND_ONLY


class Setup(models.Model):
    """An attempt to keep a way to pay without paying."""

    public_id = models.CharField(max_length=32, unique=True, db_comment="set_...; the reference in processor metadata")
    customer = models.ForeignKey(ProcessorCustomer, on_delete=models.PROTECT, related_name="setups")
    kind = models.CharField(max_length=10, choices=MethodKind.choices)
    processor_setup_id = models.CharField(max_length=255, null=True, unique=True, db_comment="seti_... or setup token")
    status = models.CharField(max_length=20, choices=SetupStatus.choices, default=SetupStatus.REQUIRES_METHOD)
    consent_text = models.CharField(max_length=300)
    next_look_up_at = models.DateTimeField(null=True, db_comment="When a sweeper asks after it; NULL when it is over")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Attempts to keep a way to pay"
        default_permissions = ("view",)
        indexes: ClassVar = [
            models.Index(fields=["next_look_up_at"], name="setup_due", condition=Q(next_look_up_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.public_id
