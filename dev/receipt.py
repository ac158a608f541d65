"""What the demo prints about its purchase: the receipt, who earned what, the books, where to look on."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from dev.books import AccountBalance
from dev.purchase import BUYER_EMAIL, Purchase

WIDTH = 78
EXPONENTS = {"JPY": 0, "KWD": 3}


def money(amount_minor: int, currency: str) -> str:
    """An amount for people, with the currency's own number of decimals."""
    exponent = EXPONENTS.get(currency, 2)
    return f"{Decimal(amount_minor).scaleb(-exponent):,.{exponent}f} {currency}"


def line(left: str, right: str = "", *, indent: int = 2) -> str:
    """Text on the left, a figure on the right edge."""
    room = WIDTH - indent - len(right) - 1
    return f"{' ' * indent}{left[:room]:<{room}} {right}".rstrip()


def heading(title: str) -> str:
    """A ruled heading."""
    return f"\n{title}\n{'-' * WIDTH}"


def receipt(purchase: Purchase) -> str:
    """The order as the buyer sees it."""
    quote, currency = purchase.quote, purchase.quote["currency"]
    rows = [heading(f"RECEIPT   order {purchase.id}"), line(f"for {BUYER_EMAIL}, paid by card 4242 4242 4242 4242"), ""]
    for group in quote["groups"]:
        rows.append(line(group["artisan"]["name"]))
        rows += [
            line(f"{item['quantity']} x {item['title']}", money(item["line_total_minor"], currency), indent=4)
            for item in group["lines"]
        ]
        rows.append(line("shipping", money(group["shipping_minor"], currency), indent=4))
    rows += [
        "",
        line("Goods", money(quote["goods_minor"], currency)),
        line("Shipping", money(quote["shipping_minor"], currency)),
        line("PAID", money(quote["total_minor"], currency)),
    ]
    return "\n".join(rows)


class Shares:
    """Who got what of one purchase: how far each account moved between two trial balances."""

    def __init__(self, purchase: Purchase, before: Iterable[AccountBalance], after: Iterable[AccountBalance]) -> None:
        self.purchase = purchase
        self.currency: str = purchase.quote["currency"]
        old = {(account.code, account.currency): account.balance_minor for account in before}
        self.moved = {
            account.code.removesuffix(f":{self.currency}"): account.balance_minor
            - old.get((account.code, account.currency), 0)
            for account in after
            if account.currency == self.currency
        }

    def credited(self, code: str) -> int:
        """What that account received: credit is negative in the books, so the sign is turned."""
        return -self.moved.get(code, 0)

    @property
    def earned(self) -> list[tuple[str, int]]:
        """Each artisan of the order with what is held for them."""
        artisans = [group["artisan"] for group in self.purchase.quote["groups"]]
        return [(artisan["name"], self._held_for(artisan["id"])) for artisan in artisans]

    def _held_for(self, artisan_id: str) -> int:
        return sum(self.credited(f"{name}:{artisan_id}") for name in ("seller_held", "seller_payable"))

    @property
    def commission(self) -> int:
        """The platform's part."""
        return self.credited("commission")

    @property
    def processor_fee(self) -> int:
        """What the processor kept; paid by the platform out of its commission."""
        return self.moved.get("processor_fees", 0)

    @property
    def problems(self) -> Sequence[str]:
        """Empty when every cent of the payment is accounted for."""
        total = self.purchase.quote["total_minor"]
        given = sum(amount for _, amount in self.earned) + self.commission
        found = []
        if given != total:
            found.append(f"The shares add up to {money(given, self.currency)}, not to {money(total, self.currency)}.")
        if any(amount <= 0 for _, amount in self.earned):
            found.append("An artisan of the order got nothing.")
        if self.processor_fee <= 0:
            found.append("The processor's fee has not been booked.")
        return found

    def text(self) -> str:
        """The division of the payment, and what is left for the platform."""
        rows = [heading("WHO GETS WHAT")]
        rows += [line(f"{name} (held, then transferred)", money(amount, self.currency)) for name, amount in self.earned]
        rows.append(line("Commission of the platform", money(self.commission, self.currency)))
        rows.append(line("Together", money(sum(a for _, a in self.earned) + self.commission, self.currency)))
        rows.append("")
        rows.append(line("Processor's fee, borne by the platform", money(self.processor_fee, self.currency)))
        rows.append(line("Left of the commission", money(self.commission - self.processor_fee, self.currency)))
        return "\n".join(rows)


def trial_balance(accounts: Sequence[AccountBalance], names: Mapping[str, str]) -> str:
    """Every account that holds something, by currency; artisans by name where `names` knows them."""
    rows = []
    for currency in dict.fromkeys(account.currency for account in accounts):
        rows.append(f"  {'Trial balance ' + currency:<44}{'debit':>16}{'credit':>16}")
        debits = credits = 0
        for account in accounts:
            if account.currency != currency or not account.balance_minor:
                continue
            debit, credit = max(account.balance_minor, 0), max(-account.balance_minor, 0)
            debits, credits = debits + debit, credits + credit
            rows.append(_columns(_account_name(account, names), debit, credit, currency))
        rows.append(f"  {'Total ' + currency:<44}{_figure(debits, currency):>16}{_figure(credits, currency):>16}")
    return "\n".join(rows)


def _columns(name: str, debit: int, credit: int, currency: str) -> str:
    left, right = (_figure(amount, currency) if amount else "" for amount in (debit, credit))
    return f"  {name[:43]:<44}{left:>16}{right:>16}".rstrip()


def _account_name(account: AccountBalance, names: Mapping[str, str]) -> str:
    name = account.code.removesuffix(f":{account.currency}")
    owner = account.owner_reference
    return f"{name.removesuffix(':' + owner)} of {names.get(owner, owner)}" if owner else name


def _figure(amount_minor: int, currency: str) -> str:
    return money(amount_minor, currency).removesuffix(f" {currency}")


def books(balance: str, check: str) -> str:
    """The trial balance and the verdict of ledger_check."""
    return "\n".join([heading("THE BOOKS"), balance, "", "  " + check])


def where_to_look(addresses: Sequence[tuple[str, str]], log_ins: str) -> str:
    """Addresses to open and who to be."""
    rows = [heading("OPEN")]
    rows += [f"  {name:<16}{address}" for name, address in addresses]
    rows += ["", *("  " + row for row in log_ins.splitlines())]
    return "\n".join(rows)


def cards() -> str:
    """Test cards to try in the browser."""
    table: list[tuple[str, Any]] = [
        ("4242 4242 4242 4242", "pays"),
        ("4000 0000 0000 0002", "is declined"),
        ("4000 0025 0000 3155", "asks for 3D Secure"),
    ]
    rows = ["", "  Test cards (any future date, any CVC):"]
    return "\n".join([*rows, *(f"    {number}   {what}" for number, what in table)])
