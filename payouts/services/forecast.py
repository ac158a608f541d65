"""How much must be topped up at Stripe, per currency, and by when.

What artisans are owed is paid from our available balance at Stripe, whoever took the buyer's money: shares of sales
that were paid at PayPal are paid from it too, while their money lies at PayPal until it is withdrawn. So the balance
can run short, and money takes days to get there. The forecast plays the scheduled runs of the next days with what is
released, what will be, and what becomes available. While payouts are paused, nothing goes out: what waits for the end
of a pause is told apart, and of a pause of everybody also what is missing once they go on.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings

from common.money import Money
from payments import services as payments
from payments.contracts import BalanceFound, ProcessorError
from payouts.models import PayoutPolicy
from payouts.selectors import all_paused
from payouts.selectors.forecast import Coming, Due, amounts_due, coming_in, policies_by_artisan, waiting_without_date
from payouts.services.schedule import next_payout_date

DAYS = 14
MOST_DAYS = 60
_DAY = dt.timedelta(days=1)
_BPS = 10_000


@dataclass(frozen=True, slots=True)
class DayAhead:
    """One day in one currency. `left` is what is available at Stripe after that day's run; below zero it is short."""

    date: dt.date
    goes_out: Money
    comes_in: Money
    left: Money


@dataclass(frozen=True, slots=True)
class CurrencyAhead:
    """One currency. `missing` is what the worst day lacks: topped up by `short_from`, no day is short.

    `next_run` is the first day on which anything goes out, and `next_missing` what that day lacks. `undated` is owed
    without a day: not sent yet, paid when somebody asks, or to artisans who cannot receive yet. `paused` is what would
    go out on these days but for a pause, of its artisan or of everybody. `at_paypal` is None where PayPal did not tell.
    `once_resumed` is the same currency if payouts to everybody went on today; None while they are not paused.
    """

    currency: str
    available: Money
    days: tuple[DayAhead, ...]
    missing: Money
    short_from: dt.date | None
    next_run: dt.date | None
    next_missing: Money
    paid_at_paypal: Money
    undated: Money
    paused: Money
    at_paypal: Money | None
    once_resumed: "CurrencyAhead | None" = None

    @property
    def to_cover(self) -> "CurrencyAhead":
        """What has to be covered: as it stands, or as it will be once payouts to everybody go on."""
        return self.once_resumed or self


@dataclass(frozen=True, slots=True)
class Forecast:
    """`is_known` is False where Stripe did not tell its balance: then the days say what goes out, and nothing else.

    `paused_at` and `paused_reason` are of the pause of everybody; None and empty where there is none.
    """

    made_at: dt.datetime
    currencies: tuple[CurrencyAhead, ...]
    is_known: bool
    paused_at: dt.datetime | None = None
    paused_reason: str = ""


def forecast(*, now: dt.datetime, days: int = DAYS) -> Forecast:
    """Asks Stripe and PayPal for their balances, then plays the next `days` days. Not in a transaction."""
    stripe, paypal = _balance("stripe"), _balance("paypal")
    return play(now=now, days=days, stripe=stripe, paypal=paypal)


def play(*, now: dt.datetime, days: int, stripe: BalanceFound | None, paypal: BalanceFound | None) -> Forecast:
    """The forecast for given balances: our own rows and arithmetic, no calls. Five statements."""
    today = now.date()
    last = today + min(max(days, 1), MOST_DAYS) * _DAY
    due, undated = amounts_due(today=today, last=last), waiting_without_date(last=last)
    switch, terms = all_paused(), policies_by_artisan()
    arriving = _arrivals(coming_in(now=now, after=settings.STRIPE_AVAILABLE_AFTER), stripe, today, last)

    def played(*, everybody_is_paused: bool) -> list[CurrencyAhead]:
        plan = _Plan(today, last, terms, everybody_is_paused)
        plan.run(due)
        known = {*plan.goes_out, *undated, *plan.undated, *plan.paused, *(stripe.available if stripe else {})}
        return [_ahead(currency, plan, undated, arriving, stripe, paypal) for currency in sorted(known)]

    currencies = played(everybody_is_paused=switch is not None)
    if switch is not None:
        resumed = {one.currency: one for one in played(everybody_is_paused=False)}
        currencies = [replace(one, once_resumed=resumed[one.currency]) for one in currencies]
    return Forecast(
        made_at=now,
        currencies=tuple(currencies),
        is_known=stripe is not None,
        paused_at=switch.paused_at if switch is not None else None,
        paused_reason=switch.paused_reason if switch is not None else "",
    )


def sentence(ahead: CurrencyAhead) -> str:
    """What to do, in a sentence; of a pause of everybody, what it will be once they go on."""
    if ahead.once_resumed is not None:
        return f"All payouts are paused, so nothing new goes out. Once they go on: {sentence(ahead.once_resumed)}"
    if ahead.short_from is None:
        return "Nothing has to be topped up."
    day = f"{ahead.short_from.day} {ahead.short_from:%B %Y}"
    worst = f"Top up {ahead.missing} at Stripe so that it is available on {day}."
    if ahead.next_missing and ahead.next_missing != ahead.missing:
        return f"{worst} {ahead.next_missing} of it are missing for the next payouts already."
    return worst


@dataclass
class _Plan:
    """What goes out on which day, artisan by artisan as their policies say, and what a pause keeps from it."""

    today: dt.date
    last: dt.date
    terms: Mapping[int, PayoutPolicy]
    everybody_is_paused: bool
    goes_out: dict[str, dict[dt.date, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    undated: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paused: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paid_at_paypal: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def run(self, due: Sequence[Due]) -> None:
        of_artisan: dict[tuple[int, str], list[Due]] = defaultdict(list)
        for amount in due:
            if not amount.is_under_way:
                of_artisan[amount.artisan_id, amount.currency].append(amount)
            elif amount.waits_for_pause and self._is_paused(amount.artisan_id):
                self.paused[amount.currency] += amount.minor
            else:
                self.goes_out[amount.currency][self.today] += amount.minor
        for (artisan_id, currency), amounts in of_artisan.items():
            self._pay(artisan_id, currency, sorted(amounts, key=lambda amount: amount.on))

    def _is_paused(self, artisan_id: int) -> bool:
        policy = self.terms.get(artisan_id)
        return self.everybody_is_paused or (policy is not None and policy.paused_at is not None)

    def _pay(self, artisan_id: int, currency: str, amounts: list[Due]) -> None:
        """Plays the artisan's runs: each takes what has become due by then, if that is enough."""
        policy = self.terms.get(artisan_id)
        incoming = _with_reserves(amounts, policy, self.last)
        if policy is not None and policy.next_payout_date is None:
            self.undated[currency] += sum(incoming.values())
            return
        if self._is_paused(artisan_id):
            self.paused[currency] += sum(incoming.values())
            return
        self.paid_at_paypal[currency] += sum(amount.minor for amount in amounts if amount.is_paid_at_paypal)
        on: dt.date | None = self.today if policy is None else max(policy.next_payout_date or self.today, self.today)
        owed = sum(amount.owed_minor for amount in amounts[:1])
        carried = -owed
        while on is not None and on <= self.last:
            carried += sum(incoming.pop(day) for day in list(incoming) if day <= on)
            if carried > 0 and carried >= (policy.minimum_minor if policy is not None else 0):
                self.goes_out[currency][on] += carried
                carried = 0
            on = on + _DAY if policy is None else next_payout_date(policy, on)


def _with_reserves(amounts: Sequence[Due], policy: PayoutPolicy | None, last: dt.date) -> dict[dt.date, int]:
    """Minor units by the day on which they are released, less the reserve, which comes back when its time is over."""
    released: dict[dt.date, int] = defaultdict(int)
    for amount in amounts:
        kept = amount.minor * policy.reserve_bps // _BPS if policy is not None and amount.is_held else 0
        released[amount.on] += amount.minor - kept
        if kept and policy is not None and amount.on + policy.reserve_days * _DAY <= last:
            released[amount.on + policy.reserve_days * _DAY] += kept
    return released


def _arrivals(
    captures: Sequence[Coming], stripe: BalanceFound | None, today: dt.date, last: dt.date
) -> dict[str, dict[dt.date, int]]:
    """When what is pending at Stripe becomes available: as our captures of the last days say, and never more of it.

    What is pending and not of these captures is expected on the last of their days.
    """
    arriving: dict[str, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for currency, pending in (stripe.pending if stripe else {}).items():
        left = max(pending, 0)
        for capture in captures:
            if capture.currency == currency and left:
                day = max(capture.on, today)
                taken = min(left, max(capture.minor, 0))
                arriving[currency][day] += taken
                left -= taken
        arriving[currency][today + settings.STRIPE_AVAILABLE_AFTER] += left
    return arriving


def _ahead(
    currency: str,
    plan: _Plan,
    undated: Mapping[str, int],
    arriving: Mapping[str, Mapping[dt.date, int]],
    stripe: BalanceFound | None,
    paypal: BalanceFound | None,
) -> CurrencyAhead:
    available = stripe.available.get(currency, 0) if stripe else 0
    left, rows = available, []
    for offset in range((plan.last - plan.today).days + 1):
        day = plan.today + offset * _DAY
        goes_out, comes_in = plan.goes_out[currency][day], arriving.get(currency, {}).get(day, 0)
        left += comes_in - goes_out
        rows.append(DayAhead(day, Money(goes_out, currency), Money(comes_in, currency), Money(left, currency)))
    is_known = stripe is not None
    short = [row for row in rows if row.left.amount_minor < 0 and is_known]
    next_run = next((row for row in rows if row.goes_out), None)
    next_left = next_run.left.amount_minor if next_run is not None and is_known else 0
    return CurrencyAhead(
        currency=currency,
        available=Money(available, currency),
        days=tuple(rows),
        missing=Money(max((-row.left.amount_minor for row in short), default=0), currency),
        short_from=short[0].date if short else None,
        next_run=next_run.date if next_run is not None else None,
        next_missing=Money(max(-next_left, 0), currency),
        paid_at_paypal=Money(plan.paid_at_paypal.get(currency, 0), currency),
        undated=Money(undated.get(currency, 0) + plan.undated.get(currency, 0), currency),
        paused=Money(plan.paused.get(currency, 0), currency),
        at_paypal=Money(paypal.available.get(currency, 0), currency) if paypal is not None else None,
    )


def _balance(processor: str) -> BalanceFound | None:
    """None where the processor does not tell at the moment, or is not used."""
    try:
        return payments.processor_balance(processor=processor)
    except ProcessorError:
        return None
