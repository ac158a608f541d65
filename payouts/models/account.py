"""Artisans' accounts at the processor, and the applications that come before them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from catalog.models import CURRENCY_FORMAT, Artisan
from common.append_only import APPEND_ONLY
from common.ids import MAX_LENGTH, new_public_id
from common.money import MAX_AMOUNT_MINOR, Money
from payments.enums import AccountHalt
from payouts.enums import AccountState, ApplicationStatus


def new_application_id() -> str:
    return new_public_id("app")


class SellerApplication(models.Model):
    """Somebody asks to sell here. What they wrote becomes their shop when it is approved."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, default=new_application_id, editable=False)
    user = models.ForeignKey("identity.User", on_delete=models.PROTECT, related_name="seller_applications")
    status = models.CharField(max_length=12, choices=ApplicationStatus.choices, default=ApplicationStatus.WAITING)
    name = models.CharField("name of the shop", max_length=120)
    tagline = models.CharField(max_length=160)
    story = models.TextField(max_length=4000)
    town = models.CharField(max_length=80)
    country = models.CharField(max_length=2, db_comment="ISO 3166-1 alpha-2; where they work and are paid")
    currency = models.CharField(max_length=3, db_comment="ISO 4217; of all their prices and postage")
    shipping_first_item_minor = models.BigIntegerField(db_comment="Postage of the first piece, minor units")
    shipping_additional_item_minor = models.BigIntegerField(db_comment="Postage of each further piece, minor units")
    dispatch_days = models.PositiveSmallIntegerField(db_comment="Working days until goods in stock leave")
    consent_text = models.TextField(db_comment="The words that were agreed to")
    consented_at = models.DateTimeField()
    reason = models.CharField(
        max_length=500, blank=True, default="", db_comment="Why it was not approved; the applicant reads it"
    )
    reviewed_by = models.CharField(max_length=80, blank=True, default="", db_comment="staff:<id>, or system")
    reviewed_at = models.DateTimeField(null=True)
    artisan = models.OneToOneField(Artisan, null=True, on_delete=models.PROTECT, related_name="application")
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Applications to sell in the shop"
        default_permissions = ("view",)
        permissions: ClassVar = [("review_sellerapplication", "Can approve and reject applications to sell")]
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], condition=Q(status="waiting"), name="application_one_waits"),
            models.CheckConstraint(
                condition=Q(status__in=list(ApplicationStatus.values)), name="application_status_is_known"
            ),
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="application_country_is_a_code"),
            models.CheckConstraint(condition=Q(currency__regex=CURRENCY_FORMAT), name="application_currency_is_a_code"),
            models.CheckConstraint(
                condition=Q(
                    shipping_first_item_minor__range=(0, MAX_AMOUNT_MINOR),
                    shipping_additional_item_minor__range=(0, MAX_AMOUNT_MINOR),
                ),
                name="application_shipping_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(status="approved", artisan__isnull=False) | (~Q(status="approved") & Q(artisan=None)),
                name="application_approved_has_a_shop",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "id"], name="application_by_status")]

    def __str__(self) -> str:
        return self.name

    @property
    def shipping_first_item(self) -> Money:
        return Money(self.shipping_first_item_minor, self.currency)

    @property
    def shipping_additional_item(self) -> Money:
        return Money(self.shipping_additional_item_minor, self.currency)


class ConnectedAccount(models.Model):
    """An artisan's own account at the processor, which receives the transfers.

    One that was disconnected stays until the artisan connects another, which takes its place in this row; the history
    names each.
    """

    artisan = models.OneToOneField(Artisan, on_delete=models.PROTECT, related_name="connected_account")
    processor = models.CharField(max_length=12, default="stripe", db_comment="stripe")
    processor_account_id = models.CharField(max_length=255, unique=True, db_comment="acct_...")
    country = models.CharField(max_length=2, db_comment="ISO 3166-1 alpha-2; where the artisan is paid")
    transfers_enabled = models.BooleanField(
        db_comment="Whether we transfer to it: the processor accepts transfers, and pays out what is in it"
    )
    payouts_enabled = models.BooleanField(default=False, db_comment="Whether the processor pays out what is in it")
    details_submitted = models.BooleanField(default=False, db_comment="Whether the artisan went through onboarding")
    state = models.CharField(max_length=24, choices=AccountState.choices, default=AccountState.INCOMPLETE)
    state_since = models.DateTimeField(null=True)
    requirements = models.JSONField(default=dict, db_comment="What the processor asks for, in our words, and errors")
    deadline_at = models.DateTimeField(null=True, db_comment="Until when what is due has to be told")
    reminded_deadline_at = models.DateTimeField(null=True, db_comment="The deadline that was last reminded of")
    reminded_days = models.PositiveSmallIntegerField(
        null=True, db_comment="So many days before it was the last reminder of that deadline"
    )
    halt = models.CharField(
        max_length=24, choices=AccountHalt.choices, blank=True, default="", db_comment="Why it is stopped, if it is"
    )
    bank_name = models.CharField(max_length=120, blank=True, default="")
    bank_last4 = models.CharField(max_length=4, blank=True, default="", db_comment="Last digits, for the artisan")
    bank_currency = models.CharField(max_length=3, blank=True, default="")
    bank_fingerprint = models.CharField(max_length=64, blank=True, default="", db_comment="Another for another account")
    bank_is_usable = models.BooleanField(default=True, db_comment="False: the last payout failed, details are wrong")
    bank_changed_at = models.DateTimeField(null=True, db_comment="When other bank details were seen, not the first")
    next_look_at = models.DateTimeField(null=True, db_comment="When the sweeper asks the processor about it")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_comment="When the processor was last asked about it")

    class Meta:
        db_table_comment = "Artisans' accounts at the processor (Stripe Connect)"
        default_permissions = ("view",)
        permissions: ClassVar = [("ask_connectedaccount", "Can ask the processor about an artisan's account")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(country__regex="^[A-Z]{2}$"), name="connected_account_country_is_a_code"
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(AccountState.values)), name="connected_account_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(transfers_enabled=False) | ~Q(state__in=["rejected", "deauthorized"]),
                name="connected_account_closed_is_not_paid",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_look_at"], name="connected_account_to_look_at"),
            models.Index(
                fields=["deadline_at"], condition=Q(deadline_at__isnull=False), name="connected_account_deadline"
            ),
        ]

    def __str__(self) -> str:
        return self.processor_account_id


class ConnectedAccountEvent(models.Model):
    """A change of an account's state, or another account in its place."""

    account = models.ForeignKey(ConnectedAccount, on_delete=models.PROTECT, related_name="events")
    processor_account_id = models.CharField(max_length=255, db_index=True, db_comment="acct_...: which it was then")
    from_state = models.CharField(max_length=24, choices=AccountState.choices)
    to_state = models.CharField(max_length=24, choices=AccountState.choices)
    source = models.CharField(max_length=12, db_comment="Who asked: webhook, page, sweeper, staff or command")
    note = models.CharField(max_length=300, blank=True, default="", db_comment="What was asked for then, in our words")
    actor = models.CharField(max_length=80, db_comment="stripe, user:<id>, staff:<id>, task:<name> or system")
    trace_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        db_table_comment = "History of artisans' accounts, written with each change of state"
        default_permissions = ("view",)
        triggers: ClassVar = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.from_state} -> {self.to_state}"
