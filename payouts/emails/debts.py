"""The letter that asks an artisan to settle what they owe us."""

from django.conf import settings

from catalog.models import Artisan
from common.letters import send_letter
from common.money import total
from payouts.selectors import debts_of_artisan


def send_debt_letter(*, artisan_id: int) -> None:
    """To the artisan: what is owed and why, and how it is settled. Not sent if nothing is owed any more."""
    artisan = Artisan.objects.select_related("owner").get(id=artisan_id)
    debts = [debt for debt in debts_of_artisan(artisan_id=artisan_id) if debt.collects]
    currencies = list(dict.fromkeys(debt.open.currency for debt in debts))
    if not currencies:
        return
    sums = [total((debt.open for debt in debts if debt.open.currency == code), code) for code in currencies]
    together = " and ".join(str(amount) for amount in sums)
    send_letter(
        "payouts/email/debt",
        to=artisan.owner.email,
        subject=f"You owe us {together}",
        context={
            "artisan": artisan,
            "debts": debts,
            "together": together,
            "page_url": f"{settings.SITE_URL}/selling/orders/",
        },
    )
