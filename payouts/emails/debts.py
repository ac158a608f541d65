"""Letters about what artisans owe us: please settle it; we have received it; we had recorded that by mistake."""

from django.conf import settings

from catalog.models import Artisan
from common.letters import send_letter
from common.money import total
from payouts.enums import RepaymentStatus
from payouts.models import DebtRepayment
from payouts.selectors import debts_of_artisan, totals_of_artisan


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


def send_repayment_letter(*, repayment_id: int) -> None:
    """To the artisan: their bank transfer arrived, or what was recorded of it was a mistake; what is owed now."""
    repayment = DebtRepayment.objects.select_related("artisan__owner").get(id=repayment_id)
    is_undone = repayment.status == RepaymentStatus.UNDONE
    owed = totals_of_artisan(artisan_id=repayment.artisan_id)[repayment.currency].owed
    send_letter(
        "payouts/email/repayment",
        to=repayment.artisan.owner.email,
        subject=f"{repayment.amount} were recorded by mistake" if is_undone else f"We have received {repayment.amount}",
        context={
            "artisan": repayment.artisan,
            "repayment": repayment,
            "is_undone": is_undone,
            "owed": owed if owed else None,
            "page_url": f"{settings.SITE_URL}/selling/money/",
        },
    )
