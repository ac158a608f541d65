"""What a run is short of, by currency."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payouts", "0010_deadline_reminders")]

    operations = [
        migrations.AddField(
            model_name="payoutrun",
            name="short_of",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=3),
                db_comment="Currencies of which our balance was too low: none of them is sent before it is resumed",
                db_default=[],
                default=list,
                size=None,
            ),
        ),
    ]
