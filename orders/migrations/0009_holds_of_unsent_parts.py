"""Shares that were held when a hold was still counted from the sale.

Since payouts/0006 a share is held until its part is sent, whenever that is, and its day is known only then. What was held
before has a day that was counted from the sale: it is taken away where nothing was sent yet. Where the goods are on
their way or have arrived it stays, because it is what the artisan was told; so it does for what is no longer held, and
for sales from before parts could be sent, for which nobody could ever tell a new day.
"""

from django.db import migrations

_UNSENT = """
    UPDATE payouts_payable b SET hold_until = NULL, updated_at = now()
    FROM orders_sellerorder s JOIN orders_fulfilment f ON f.seller_order_id = s.id
    WHERE s.public_id = b.seller_order_reference AND b.origin_reference = ''
      AND b.status = 'held' AND b.hold_until IS NOT NULL AND f.status NOT IN ('shipped', 'delivered')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0008_recalls"),
        ("payouts", "0013_found_after_refusal"),
    ]
    operations = [migrations.RunSQL(_UNSENT, migrations.RunSQL.noop)]
