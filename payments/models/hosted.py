"""What the processor's own payment page needs to have been told before."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class ProcessorPrice(models.Model):
    """A price registered at the processor, apart for test and live mode. Never changed: a new amount is a new row."""

    public_id = models.CharField(max_length=32, unique=True, db_comment="prc_...; the reference in processor metadata")
    processor = models.CharField(max_length=12)
    livemode = models.BooleanField(db_comment="Ids of the two modes never mix")
    subject = models.CharField(max_length=64, db_comment="prd_... of the product, or what else is sold")
    name = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    processor_price_id = models.CharField(max_length=255, null=True, db_comment="price_...; NULL until it is known")
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Prices at the processor's hosted page"
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["processor", "livemode", "subject", "name", "amount_minor", "currency"],
                name="processor_price_once",
            ),
            models.UniqueConstraint(
                fields=["processor", "livemode", "processor_price_id"], name="processor_price_id_once"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="processor_price_positive"),
        ]

    def __str__(self) -> str:
        return self.public_id
