"""The functions that post and the check of what is inserted; 0004 has them, anew for databases that got them here."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_posting")]
    operations = []
