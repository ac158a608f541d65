"""The accounts that receive the transfers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from catalog.models import Artisan


class ConnectedAccount(models.Model):
    """An artisan's own account at the processor, which receives the transfers."""

    artisan = models.OneToOneField(Artisan, on_delete=models.PROTECT, related_name="connected_account")
    processor = models.CharField(max_length=12, default="stripe", db_comment="stripe")
    processor_account_id = models.CharField(max_length=255, unique=True, db_comment="acct_...")
    country = models.CharField(max_length=2, db_comment="ISO 3166-1 alpha-2; where the artisan is paid")
    transfers_enabled = models.BooleanField(db_comment="Whether the processor accepts transfers to it")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_comment="When the processor was last asked about it")

    class Meta:
        db_table_comment = "Artisans' accounts at the processor (Stripe Connect)"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="connected_account_country_is_a_code")
        ]

    def __str__(self) -> str:
        return self.processor_account_id
