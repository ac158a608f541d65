"""Settle a payout to a bank because the processor told of it."""

import datetime as dt

from payments.processors import processor_named
from payouts.models import BankPayout
from payouts.services.bank.record import UnknownBankPayout, record_found


def settle_bank_payout(
    *, processor_payout_id: str, processor_account_id: str, bank_payout_reference: str | None = None, now: dt.datetime
) -> BankPayout:
    """Looks the payout up and records what is found; recording it twice changes nothing. Not in a transaction.

    The news may come before the answer to our own request: then `bank_payout_reference`, which the look-up must
    confirm, leads to it. Raises UnknownBankPayout for payouts that are not ours (somebody made one at the processor, or
    an automatic schedule did), BankPayoutContradiction for what is not as we asked, and the errors of
    `payments.contracts`.
    """
    bank_payout = BankPayout.objects.filter(processor_payout_id=processor_payout_id).first()
    if bank_payout is None and bank_payout_reference:
        bank_payout = BankPayout.objects.filter(public_id=bank_payout_reference).first()
    if bank_payout is None or bank_payout.processor_account_id != processor_account_id:
        raise UnknownBankPayout()
    processor = processor_named(bank_payout.payout.processor)
    found = processor.retrieve_payout(processor_payout_id, processor_account_id=processor_account_id)
    if found.payout_reference != bank_payout.public_id:
        raise UnknownBankPayout()
    return record_found(found=found, now=now)
