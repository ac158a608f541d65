"""Sales and their books for tests of payouts, without an order around them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

from django.db import connection, transaction

from catalog.models import Artisan
from common.clock import now as clock_now
from common.ids import new_public_id
from common.money import Money
from ledger import journals
from ledger import selectors as ledger
from ledger import services as ledger_services
from ledger.enums import EntryKind
from payments.contracts import TransferRequest
from payments.models import ProcessorRequest
from payouts import services
from payouts.contracts import PartAmount, SellerShare, TransferRun
from payouts.enums import RunKind
from payouts.models import ConnectedAccount, Payable, Payout, Transfer, TransferReversal
from payouts.selectors import policy_seen
from tests.orders.shop import new_artisan

HOLD = dt.timedelta(days=7)
MINUTE = dt.timedelta(minutes=1)
NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
COMMISSION_MINOR = 100


def connected_artisan(*, account_id: str = "", enabled: bool = True, currency: str = "EUR") -> Artisan:
    """An artisan who can be paid."""
    artisan = new_artisan(currency=currency)
    ConnectedAccount.objects.create(
        artisan=artisan,
        processor_account_id=account_id or new_public_id("acct"),
        country="DE",
        transfers_enabled=enabled,
        created_at=clock_now(),
        updated_at=clock_now(),
    )
    return artisan


def keeps_back(artisan: Artisan, *, bps: int = 1000, days: int = 30, now: dt.datetime = NOW) -> Artisan:
    """From now on, so much of the artisan's released shares is kept back as a reserve."""
    terms = replace(policy_seen(artisan=artisan).terms, reserve_bps=bps, reserve_days=days)
    services.change_policy(artisan_id=artisan.pk, terms=terms, now=now)
    return artisan


def shares_of(parts: Sequence[tuple[Artisan, int]]) -> list[SellerShare]:
    return [
        SellerShare(
            artisan_id=artisan.pk,
            artisan_public_id=artisan.public_id,
            seller_order_reference=new_public_id("sel"),
            amount=Money(share_minor, artisan.currency),
        )
        for artisan, share_minor in parts
    ]


def sell(
    parts: Sequence[tuple[Artisan, int]],
    *,
    charge_id: str = "ch_1",
    order: str = "",
    now: dt.datetime | None = None,
    processor: str = "stripe",
    hold: dt.timedelta | None = HOLD,
) -> str:
    """A settled order of these artisans' shares plus a commission of 1.00 each; returns its reference.

    The shares are held for `hold`; None: until their parts are sent.
    """
    now = now or clock_now()
    order = order or new_public_id("ord")
    shares = shares_of(parts)
    currency = parts[0][0].currency
    captured = Money(sum(minor + COMMISSION_MINOR for _, minor in parts), currency)
    with transaction.atomic():
        ledger_services.post_entry(
            kind=EntryKind.SALE,
            source_reference=f"sale:{order}",
            effective_at=now,
            lines=journals.sale(
                captured=captured,
                shares=[
                    journals.SellerShare(share.artisan_public_id, share.amount, Money(COMMISSION_MINOR, currency))
                    for share in shares
                ],
                processor=processor,
            ),
        )
        services.accrue(
            order_reference=order,
            source_charge_id=charge_id,
            processor=processor,
            shares=shares,
            hold_until=None if hold is None else now + hold,
            now=now,
        )
    return order


def released(
    parts: Sequence[tuple[Artisan, int]], *, now: dt.datetime | None = None, charge_id: str = "ch_1"
) -> list[Payable]:
    """As `sell`, with the hold over."""
    now = now or clock_now()
    order = sell(parts, now=now - HOLD, charge_id=charge_id)
    services.release_due(now=now)
    return list(Payable.objects.filter(order_reference=order).order_by("id"))


def debit(
    payable: Payable, amount_minor: int, *, reference: str = "ref_1", collects: bool = True, now: dt.datetime = NOW
) -> journals.SellerPlaces:
    """As a refund does: takes it from the artisan's part and posts the one entry that says from where."""
    amount = Money(amount_minor, payable.currency)
    part = payable.seller_order_reference
    with transaction.atomic():
        [places] = services.debit_parts(
            parts=[PartAmount(part, amount)], reference=reference, collects=collects, now=now
        )
        nothing = Money.zero(amount.currency)
        ledger_services.post_entry(
            kind=EntryKind.REFUND_REQUESTED,
            source_reference=f"refund_requested:{reference}:{part}",
            effective_at=now,
            lines=journals.refund_requested(refunded=amount, sellers=[places], commission=nothing, goodwill=nothing),
        )
    return places


def credit(
    payable: Payable, amount_minor: int, *, reference: str = "ref_1", by: str = "", now: dt.datetime = NOW
) -> journals.SellerPlaces:
    """As a refund that is not made after all."""
    amount = Money(amount_minor, payable.currency)
    part = payable.seller_order_reference
    with transaction.atomic():
        [places] = services.credit_parts(
            parts=[PartAmount(part, amount)], reference=reference, now=now, credit_reference=by
        )
        nothing = Money.zero(amount.currency)
        ledger_services.post_entry(
            kind=EntryKind.REFUND_WITHDRAWN,
            source_reference=f"refund_withdrawn:{by or reference}:{part}",
            effective_at=now,
            lines=journals.refund_withdrawn(refunded=amount, sellers=[places], commission=nothing, goodwill=nothing),
        )
    return places


def minor(places: journals.SellerPlaces) -> tuple[int, int, int]:
    """Held, payable, receivable; of a part that has no reserve."""
    assert not places.reserved
    return places.held.amount_minor, places.payable.amount_minor, places.receivable.amount_minor


def reversals() -> list[TransferReversal]:
    return list(TransferReversal.objects.select_related("debt", "transfer").order_by("id"))


def send_reversals(now: dt.datetime = NOW) -> list[str]:
    """As the outbox does right after commit, for each that was asked for and not sent; what became of each."""
    waiting = [reversal.public_id for reversal in reversals() if reversal.status == "requested"]
    return [services.send_reversal(reversal_reference=reference, now=now).value for reference in waiting]


def books(currency: str = "EUR") -> dict[str, int]:
    """Every account that is not at zero, by its code without the currency, on its usual side."""
    trial = ledger.trial_balance(currency)
    assert trial.is_balanced
    return {
        account.code.removesuffix(f":{currency}"): account.normal_balance.amount_minor
        for account in trial.accounts
        if account.balance
    }


def audited(subject: str) -> list[tuple[str, str]]:
    """Event type and outcome of each audit row about a subject."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_type, outcome FROM common_auditrecord WHERE subject = %s ORDER BY id", [subject])
        return list(cursor.fetchall())


def run(now: dt.datetime = NOW) -> TransferRun:
    return services.run_payouts(now=now)


def compose(now: dt.datetime = NOW) -> list[ProcessorRequest]:
    """Writes down what is due in a run on demand, and sends nothing; the requests of it."""
    runs, composing = import_module("payouts.services.run"), import_module("payouts.services.compose")
    run = runs.start_run(kind=RunKind.ON_DEMAND, artisan_id=None, now=now)
    while run is not None and not composing.compose_chunk(run_id=run.pk, now=now).is_last:
        pass
    payouts = Payout.objects.filter(run=run).values("transfer__public_id")
    return list(ProcessorRequest.objects.filter(subject__in=payouts).order_by("id"))


def send(now: dt.datetime = NOW) -> TransferRun:
    """What was written down and never sent, as workers do."""
    return services.look_after_runs(now=now)


def the_transfer() -> Transfer:
    """The newest one."""
    return Transfer.objects.select_related("payout__artisan").latest("id")


def transfer_of(payable: Payable) -> Transfer:
    """The one of the payout that the payable was in last."""
    return Transfer.objects.filter(payout__items__payable=payable).latest("id")


def asked(request: ProcessorRequest) -> TransferRequest:
    """As the processor got it, rebuilt from what was stored."""
    return import_module("payouts.services.send")._as_asked(request)  # type: ignore[no-any-return]


def states() -> tuple[str, str, str]:
    """Of the one payable, its newest transfer, and the newest request."""
    transfer = the_transfer()
    request = ProcessorRequest.objects.filter(kind="transfer").latest("id")
    return Payable.objects.get(payout_items__payout=transfer.payout).status, transfer.status, request.state
