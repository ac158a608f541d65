"""The comment of a column. Django would set the column's type again, too, which the trigger on it does not allow."""

from django.db import migrations, models

_COMMENT = "COMMENT ON COLUMN webhooks_webhookevent.source IS '{}'"


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0002_payload_retention"),
    ]

    operations = [
        migrations.RunSQL(
            _COMMENT.format("Processor: stripe or paypal"),
            _COMMENT.format("Processor: stripe"),
            state_operations=[
                migrations.AlterField(
                    model_name="webhookevent",
                    name="source",
                    field=models.CharField(db_comment="Processor: stripe or paypal", max_length=12),
                ),
            ],
        ),
    ]
