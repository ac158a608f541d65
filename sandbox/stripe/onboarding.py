"""The hosted onboarding under /setup/: the seller tells who it is and where it is paid, in plain HTML forms.

An account link leads here once (`account_links`). What was filled in is kept when the seller goes away in between, and
told to Stripe when it is confirmed at the end; then the seller is sent back to the platform.
https://docs.stripe.com/connect/hosted-onboarding
"""

import datetime as dt
import html
from collections.abc import Callable
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.store import Document, Store
from sandbox.stripe import account_links
from sandbox.stripe import onboarding_forms as forms
from sandbox.stripe.bank_accounts import TEST_IBAN
from sandbox.stripe.gateway import Gateway

_FOLDER = Path(__file__).parent / "js" / "onboarding"
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
_LARGEST_FORM = 20_000
_TEST_VALUES: dict[str, dict[str, str]] = {
    "you": {
        "first_name": "Jenny", "last_name": "Rosen", "day": "1", "month": "1", "year": "1902", "phone": "0000000000",
        "line1": "address_full_match", "postal_code": "10115", "city": "Berlin", "sells": "Handmade goods",
    },
    "documents": {
        "document": "file_identity_document_success", "additional_document": "file_identity_document_success",
    },
    "bank": {"holder": "Jenny Rosen", "iban": TEST_IBAN},
}  # fmt: skip
_NEXT = {"review": "Confirm"}
# https://docs.stripe.com/connect/testing
_TEST_HINTS: dict[str, tuple[tuple[str, str], ...]] = {
    "you": (
        ("Born 1902-01-01", "confirmed at once"),
        ("Born 1901-01-01", "confirmed after some seconds"),
        ("Born on any other day", "not confirmed: an identity document is asked for"),
        ("Street address_full_match, or any", "confirmed"),
        ("Street address_no_match or address_line1_no_match", "not confirmed: a document is asked for"),
    ),
    "documents": (("Either document", "decides after some seconds, whatever was told before"),),
    "bank": (
        (TEST_IBAN, "payouts arrive"),
        ("DE62370400440532013001", "payouts fail: no_account"),
        ("DE89370400440532013002", "payouts fail: account_closed"),
        ("DE89370400440532013003", "payouts fail: insufficient_funds"),
        ("DE89370400440532013004", "payouts fail: debit_not_authorized"),
        ("DE89370400440532013005", "payouts fail: invalid_currency"),
    ),
}


class Onboarding:
    def __init__(self, *, store: Store, gateway: Gateway, wake: Callable[[], None]) -> None:
        self._store, self._gateway, self._wake = store, gateway, wake

    def routes(self) -> list[Route]:
        return [
            Route("/setup/e/{account}/{token}", self.follow, methods=["GET"]),
            Route("/setup/s/{visit}/", self.begin, methods=["GET"]),
            Route("/setup/s/{visit}/leave", self.leave, methods=["GET"]),
            Route("/setup/s/{visit}/{step}", self.step, methods=["GET", "POST"]),
        ]

    async def follow(self, request: Request) -> Response:
        if request.method == "HEAD":
            # Somebody looks where the link leads, as mail programs do; that is no visit.
            return Response(headers=_HEADERS)
        with self._store.transaction():
            visit, refresh_url = account_links.follow(self._gateway.work(), request.path_params["token"])
        if visit is not None:
            return _to(f"/setup/s/{visit['id']}/")
        return _to(refresh_url) if refresh_url else _over()

    async def begin(self, request: Request) -> Response:
        """The first form that is not filled in yet."""
        found = account_links.visit(self._gateway.work(), request.path_params["visit"])
        if found is None:
            return _over()
        _, account = found
        return _to(self._first_open(account))

    async def leave(self, request: Request) -> Response:
        """Back to the platform; what was filled in is kept."""
        found = account_links.visit(self._gateway.work(), request.path_params["visit"])
        return _to(found[0]["_"]["return_url"]) if found is not None else _over()

    async def step(self, request: Request) -> Response:
        found, step = (
            account_links.visit(self._gateway.work(), request.path_params["visit"]),
            request.path_params["step"],
        )
        if found is None or step not in forms.HEADINGS:
            return _over()
        visit, account = found
        draft = account["_"].get("draft", {})
        if step == "bank" and "bank" not in forms.steps(account, draft):
            draft["wants_bank"] = True
        if step not in forms.steps(account, draft):
            return _to(self._first_open(account))
        values = forms.known(account, draft)
        if request.method != "POST":
            return self._page(step, account, values, {})
        body = await request.body()
        if len(body) > _LARGEST_FORM:
            return _over()
        given = {name: value.strip() for name, value in parse_qsl(body.decode("utf-8", "replace"))}
        if "fill" in given:
            return self._page(step, account, values | given | _TEST_VALUES.get(step, {}), {})
        wrong = forms.check(step, account, given, today=self._today())
        if wrong:
            return self._page(step, account, values | given, wrong)
        return self._taken(step, visit, account, draft, given)

    def _taken(
        self, step: str, visit: Document, account: Document, draft: dict[str, str], given: dict[str, str]
    ) -> Response:
        """Kept for the end, or (the end) told to Stripe."""
        hidden = account["_"]
        if step != "review":
            hidden["draft"] = draft | {name: value for name, value in given.items() if name != "next"}
            hidden["draft"] |= {f"{step} done": "yes"}
            with self._store.transaction():
                self._store.save(account)
            return _to(self._first_open(account))
        first = self._first_open(account)
        if first != "review":
            return _to(first)
        work = self._gateway.work()
        with self._store.transaction():
            forms.apply(work, account, draft)
        self._wake()
        return _to(visit["_"]["return_url"])

    def _first_open(self, account: Document) -> str:
        draft = account["_"].get("draft", {})
        return next(step for step in forms.steps(account, draft) if step == "review" or not draft.get(f"{step} done"))

    def _today(self) -> dt.date:
        return dt.datetime.fromtimestamp(self._gateway.work().now, tz=dt.UTC).date()

    def _page(self, step: str, account: Document, values: dict[str, str], wrong: dict[str, str]) -> Response:
        draft = account["_"].get("draft", {})
        asked = forms.steps(account, draft | {"wants_bank": draft.get("wants_bank") or step == "bank"})
        number = f"Step {asked.index(step) + 1} of {len(asked)}"
        heading = forms.HEADINGS[step]
        content = (
            f"{_summary(wrong)}<form method='post' novalidate>{forms.shown(step, account, values, wrong)}"
            f"<div class='actions'><button name='next' value='yes'>{_NEXT.get(step, 'Continue')}</button>"
            f"<a href='leave'>Go back, finish later</a></div>{_test_hints(step)}</form>"
        )
        return HTMLResponse(
            Template((_FOLDER / "frame.html").read_text()).substitute(
                title=html.escape(f"{'Error: ' if wrong else ''}{number}, {heading}"),
                business=html.escape(account["business_profile"].get("name") or account["email"] or ""),
                progress=f"<p class='progress'>{number}</p>",
                heading=heading,
                content=content,
            ),
            status_code=422 if wrong else 200,
            headers=_HEADERS,
        )


def _summary(wrong: dict[str, str]) -> str:
    if not wrong:
        return ""
    rows = "".join(f"<li><a href='#{name}'>{html.escape(text)}</a></li>" for name, text in wrong.items())
    heading = "<strong>Please check:</strong>"
    return f"<div class='problems' role='alert' tabindex='-1' autofocus>{heading}<ul>{rows}</ul></div>"


def _test_hints(step: str) -> str:
    if step not in _TEST_HINTS:
        return ""
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in _TEST_HINTS[step])
    return (
        f"<details class='test'><summary>Test mode: what decides the outcome</summary><dl>{rows}</dl></details>"
        "<div class='actions'><button class='plain' name='fill' value='yes'>Use test values</button></div>"
    )


def _to(address: str) -> Response:
    return RedirectResponse(address, status_code=303, headers=_HEADERS)


def _over() -> Response:
    page = Template((_FOLDER / "frame.html").read_text()).substitute(
        title="This page has expired",
        business="",
        progress="",
        heading="This page has expired",
        content="<p>Please go back to the marketplace and start again from there. What you filled in is kept.</p>",
    )
    return HTMLResponse(page, status_code=410, headers=_HEADERS)
