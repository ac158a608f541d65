"""The locks of payouts to banks, in their one order: the artisan's account, the payout, its transfer, the attempt."""

from django.db.models import Max

from payments.enums import RequestKind
from payments.models import ProcessorRequest
from payouts.enums import BankPayoutStatus
from payouts.models import BankPayout, ConnectedAccount, Payout, Transfer

OPEN = (BankPayoutStatus.REQUESTED, BankPayoutStatus.UNKNOWN, BankPayoutStatus.PENDING)


def lock_payout(payout_id: int) -> tuple[Payout, Transfer]:
    """The payout with its artisan and its transfer. All payouts of one account are asked for one after the other."""
    known = Payout.objects.only("artisan_id").get(id=payout_id)
    list(ConnectedAccount.objects.select_for_update().filter(artisan_id=known.artisan_id).values_list("id"))
    payout = Payout.objects.select_for_update(of=("self",)).select_related("artisan").get(id=payout_id)
    transfer = Transfer.objects.select_for_update(of=("self",)).get(payout_id=payout_id)
    return payout, transfer


def lock_bank_payout(reference: str) -> BankPayout | None:
    """The attempt, with its payout and the payout's artisan, both rows locked."""
    known = BankPayout.objects.filter(public_id=reference).only("payout_id").first()
    if known is None:
        return None
    payout = Payout.objects.select_for_update(of=("self",)).select_related("artisan").get(id=known.payout_id)
    bank_payout = BankPayout.objects.select_for_update().get(id=known.pk)
    bank_payout.payout = payout
    return bank_payout


def lock_open_request(bank_payout: BankPayout) -> ProcessorRequest | None:
    """Its request that has no outcome yet; at most one has none."""
    return (
        ProcessorRequest.objects.select_for_update()
        .filter(kind=RequestKind.CREATE_PAYOUT, subject=bank_payout.public_id, finished_at__isnull=True)
        .first()
    )


def next_attempt(payout: Payout) -> int:
    """The payout is locked."""
    return (payout.bank_payouts.aggregate(last=Max("attempt"))["last"] or 0) + 1
