"""How much of a payout goes to the bank: what was transferred, less what came back since."""

from django.db.models import F, Q, Sum

from payouts.enums import BankPayoutStatus, PayoutStatus, ReversalStatus
from payouts.models import BankPayout, Payout, Transfer, TransferReversal

# Money that is at the bank or may be on its way there.
GONE = (BankPayoutStatus.REQUESTED, BankPayoutStatus.UNKNOWN, BankPayoutStatus.PENDING, BankPayoutStatus.PAID)
_SETTLED = (PayoutStatus.ON_ITS_WAY, PayoutStatus.PAID, PayoutStatus.BROUGHT_BACK)
_UNDER_WAY = (ReversalStatus.REQUESTED, ReversalStatus.UNKNOWN)


def minor_for_bank(payout: Payout, transfer: Transfer) -> int:
    """Minor units to be sent, zero if nothing is left. The artisan's account and the transfer are locked.

    What came back of an earlier payout after that had reached the bank was taken from the money of this one, for all of
    it lies in one balance: then this one is so much smaller, or the processor would refuse it for ever. The other way
    round, what an earlier one left there goes with this one.
    """
    left_minor = transfer.amount_minor - transfer.reversed_minor
    return max(left_minor + _left_by_others(payout), 0)


def has_reversals_under_way(transfer: Transfer) -> bool:
    """Whether some of it is being brought back at this moment. The transfer is locked, so none is asked for now."""
    return TransferReversal.objects.filter(transfer=transfer, status__in=_UNDER_WAY).exists()


def minor_left(payout: Payout) -> int:
    """As `minor_for_bank`, from what is read without locks: to ask whether so much is there at all."""
    return minor_for_bank(payout, Transfer.objects.get(payout=payout))


def _left_by_others(payout: Payout) -> int:
    """What the others that are over left in the same balance; below zero where more left it than was theirs."""
    others = Payout.objects.filter(
        artisan_id=payout.artisan_id,
        currency=payout.currency,
        destination_account_id=payout.destination_account_id,
        status__in=_SETTLED,
    ).exclude(id=payout.pk)
    came = Transfer.objects.filter(payout__in=others).aggregate(
        minor=Sum(F("amount_minor") - F("reversed_minor"), default=0)
    )
    went = BankPayout.objects.filter(Q(payout__in=others), status__in=GONE).aggregate(
        minor=Sum("amount_minor", default=0)
    )
    return int(came["minor"]) - int(went["minor"])
