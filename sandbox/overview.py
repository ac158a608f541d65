"""The page at /_sandbox/: what a person wants to see of the processor's side, without any tool."""

import datetime as dt
import html
import json
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.paypal import balance as paypal_balance
from sandbox.paypal.currencies import written
from sandbox.paypal.gateway import Gateway as PayPalGateway
from sandbox.store import Document, Store
from sandbox.stripe import balance, currencies
from sandbox.stripe.gateway import Gateway

_SHOWN = 25
_STYLE = (
    "body{font:15px/1.5 system-ui;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}"
    "th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ddd;vertical-align:top}"
    "td.figure{text-align:right;font-variant-numeric:tabular-nums}code{font-size:.9em}main{overflow-x:auto}"
)


class Overview:
    def __init__(self, *, store: Store, clock: Clock, gateway: Gateway, paypal: PayPalGateway) -> None:
        self._store, self._clock, self._gateway, self._paypal = store, clock, gateway, paypal

    def routes(self) -> list[Route]:
        return [Route("/_sandbox/", self.page, methods=["GET"])]

    async def page(self, request: Request) -> Response:
        """Figures and the newest objects of each kind."""
        content = (
            self._balances()
            + self._payments()
            + self._movements("Refunds", "refund", "payment_intent")
            + self._movements("Transfers", "transfer", "destination")
            + self._movements("Disputes", "dispute", "status")
            + self._accounts()
            + self._payouts()
            + self._movements("Top-ups", "topup", "status")
            + self._events()
            + self._paypal_balances()
            + self._paypal_objects("PayPal orders", "paypal_order")
            + self._paypal_objects("PayPal captures", "paypal_capture")
            + self._paypal_objects("PayPal refunds", "paypal_refund")
            + self._paypal_objects("PayPal disputes", "paypal_dispute")
            + self._paypal_events()
        )
        intro = (
            f"<p>Stands in for Stripe, API version {self._gateway.api_version}, and PayPal. Its clock says "
            f'{_time(self._clock.now())}. <a href="/mail/">Mail that was sent</a></p>'
        )
        return HTMLResponse(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Processor sandbox</title>'
            f"<style>{_STYLE}</style><main><h1>Processor sandbox</h1>{intro}{content}</main></html>"
        )

    def _balances(self) -> str:
        work = self._gateway.work()
        rows = [
            (
                account or "the platform",
                _figure(parts["available"], currency),
                _figure(parts["pending"], currency),
            )
            for account in [row[0] for row in self._store.sql.execute("SELECT DISTINCT account FROM money ORDER BY 1")]
            for currency, parts in balance.totals(work, account).items()
        ]
        return _table("Balances", ("account", "available", "pending"), rows)

    def _payments(self) -> str:
        rows = []
        for intent in self._store.select("payment_intent", limit=_SHOWN):
            error = intent["last_payment_error"] or {}
            rows.append(
                (
                    _time(intent["created"]),
                    _code(intent["id"]),
                    _figure(intent["amount"], intent["currency"]),
                    intent["status"] + (f" ({error.get('code')})" if error else ""),
                    ", ".join(f"{key} {value}" for key, value in intent["metadata"].items()),
                )
            )
        return _table("Payments", ("time", "PaymentIntent", "amount", "status", "metadata"), rows)

    def _movements(self, title: str, kind: str, about: str) -> str:
        rows = [
            (
                _time(item["created"]),
                _code(item["id"]),
                _figure(item["amount"], item["currency"]),
                _code(str(item[about] or "")),
                ", ".join(f"{key} {value}" for key, value in item["metadata"].items()),
            )
            for item in self._store.select(kind, limit=_SHOWN)
        ]
        return _table(title, ("time", kind, "amount", about.replace("_", " "), "metadata"), rows)

    def _accounts(self) -> str:
        rows = []
        for account in self._store.select("account", account=None, limit=_SHOWN):
            due = account["requirements"]
            rows.append(
                (
                    _time(account["created"]),
                    _code(account["id"]),
                    account["business_profile"].get("name") or account["email"] or "",
                    "not connected any more"
                    if account["_"].get("deauthorized")
                    else ", ".join(f"{name} {status}" for name, status in account["capabilities"].items()),
                    "yes" if account["payouts_enabled"] else due.get("disabled_reason") or "no",
                    ", ".join(due.get("currently_due", [])),
                )
            )
        return _table(
            "Connected accounts", ("time", "account", "name", "capabilities", "payouts enabled", "currently due"), rows
        )

    def _payouts(self) -> str:
        rows = []
        for row in self._store.sql.execute(
            "SELECT document, account FROM objects WHERE object = 'payout' ORDER BY seq DESC LIMIT ?", (_SHOWN,)
        ):
            payout = json.loads(row["document"])
            rows.append(
                (
                    _time(payout["created"]),
                    _code(payout["id"]),
                    _figure(payout["amount"], payout["currency"]),
                    row["account"] or "the platform",
                    payout["status"] + (f" ({payout['failure_code']})" if payout["failure_code"] else ""),
                    _time(payout["arrival_date"]),
                )
            )
        return _table("Payouts", ("time", "payout", "amount", "account", "status", "arrives"), rows)

    def _events(self) -> str:
        rows = []
        for event in self._store.select("event", account=None, limit=_SHOWN):
            deliveries = self._store.sql.execute(
                "SELECT state FROM deliveries WHERE event = ?", (event["id"],)
            ).fetchall()
            rows.append(
                (
                    _time(event["created"]),
                    _code(event["id"]),
                    event["type"],
                    _code(_subject(event)),
                    ", ".join(row["state"] for row in deliveries) or "nobody listens",
                )
            )
        return _table("Events", ("time", "event", "type", "about", "deliveries"), rows)

    # ------------------------------------------------------------------ PayPal
    def _paypal_balances(self) -> str:
        rows = [
            (
                currency,
                *(_Figure(f"{written(amount, currency)} {currency}") for amount in (sums.available, sums.withheld)),
            )
            for currency, sums in paypal_balance.totals(self._paypal.work()).items()
        ]
        return _table("PayPal balances", ("currency", "available", "withheld"), rows)

    def _paypal_objects(self, title: str, kind: str) -> str:
        rows = []
        for item in self._store.select(kind, account=None, limit=_SHOWN):
            money = item.get("amount") or item.get("dispute_amount") or item["purchase_units"][0]["amount"]
            named = [str(item[name]) for name in ("custom_id", "invoice_id", "reason") if name in item]
            rows.append(
                (
                    _time(item["created"]),
                    _code(item["id"]),
                    _Figure(html.escape(f"{money['value']} {money['currency_code']}")),
                    item["status"],
                    ", ".join(named),
                )
            )
        return _table(title, ("time", "id", "amount", "status", "named"), rows)

    def _paypal_events(self) -> str:
        rows = []
        for event in self._store.select("paypal_event", account=None, limit=_SHOWN):
            states = self._store.sql.execute("SELECT state FROM deliveries WHERE event = ?", (event["id"],)).fetchall()
            rows.append(
                (
                    _time(event["created"]),
                    _code(event["id"]),
                    event["event_type"],
                    _code(str(event["resource"].get("id") or event["resource"].get("dispute_id"))),
                    ", ".join(row["state"] for row in states) or "nobody listens",
                )
            )
        return _table("PayPal events", ("time", "event", "type", "about", "deliveries"), rows)


class _Markup(str):
    """Text that is HTML already."""


class _Figure(_Markup):
    """An amount, set flush right."""


def _code(text: str) -> _Markup:
    return _Markup(f"<code>{html.escape(text)}</code>")


def _figure(amount_minor: int, currency: str) -> _Figure:
    return _Figure(html.escape(currencies.shown(amount_minor, currency)))


def _subject(event: Document) -> str:
    return str(event["data"]["object"].get("id", event["data"]["object"]["object"]))


def _time(unix: float) -> str:
    return f"{dt.datetime.fromtimestamp(unix, tz=dt.UTC):%Y-%m-%d %H:%M:%S}"


def _cell(value: Any) -> str:
    if isinstance(value, _Figure):
        return f'<td class="figure">{value}</td>'
    return f"<td>{value if isinstance(value, _Markup) else html.escape(str(value))}</td>"


def _table(title: str, names: Iterable[str], rows: list[tuple[Any, ...]]) -> str:
    if not rows:
        return f"<h2>{title}</h2><p>None yet.</p>"
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
