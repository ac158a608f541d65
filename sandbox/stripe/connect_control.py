"""The control API for connected accounts: what Stripe, banks and sellers do without the platform."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control import Endpoint, Refused, json_of, spoken
from sandbox.store import Document, Store
from sandbox.stripe import accounts, bank_accounts, payouts, requirements, topups, views
from sandbox.stripe.errors import ApiError
from sandbox.stripe.gateway import Gateway
from sandbox.stripe.ids import new_account_id
from sandbox.stripe.work import Work

_HALTS = (
    "action_required.requested_capabilities", "listed", "other", "platform_paused", "rejected.fraud",
    "rejected.incomplete_verification", "rejected.listed", "rejected.other", "rejected.terms_of_service",
    "under_review",
)  # fmt: skip


class ConnectControl:
    def __init__(self, *, store: Store, gateway: Gateway, wake: Callable[[], None]) -> None:
        self._store, self._gateway, self._wake = store, gateway, wake

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/accounts", self.list_accounts),
            ("POST", "/accounts", self.add_account),
            ("POST", "/accounts/{id}/onboarding", self.onboard),
            ("POST", "/accounts/{id}/require", self.require),
            ("POST", "/accounts/{id}/verify", self.verify),
            ("POST", "/accounts/{id}/disable", self.disable),
            ("POST", "/accounts/{id}/enable", self.enable),
            ("POST", "/accounts/{id}/bank", self.change_bank),
            ("POST", "/accounts/{id}/deauthorize", self.deauthorize),
            ("GET", "/payouts", self.list_payouts),
            ("POST", "/payouts/{id}/send", self.send),
            ("POST", "/payouts/{id}/pay", self.pay),
            ("POST", "/payouts/{id}/fail", self.fail),
            ("POST", "/payouts/{id}/delay", self.delay),
            ("POST", "/topups", self.top_up),
        ]
        return [
            Route(f"/_sandbox{path}", spoken(endpoint), methods=[method], name=f"{method} {path}")
            for method, path, endpoint in table
        ]

    # ------------------------------------------------------------------ accounts
    async def list_accounts(self, request: Request) -> Response:
        """All of them, those too that are not connected any more."""
        work = self._gateway.work()
        found = self._store.select("account", account=None)
        listed = [views.public(work, one) | {"connected": not one["_"].get("deauthorized")} for one in found]
        return JSONResponse({"accounts": listed})

    async def add_account(self, request: Request) -> Response:
        """A connected account that can receive transfers at once. With `id` given, the same call makes it only once."""
        given = await json_of(request)
        account_id = str(given.get("id") or new_account_id())
        if not account_id.startswith("acct_"):
            raise Refused("id must start with acct_")
        work = self._gateway.work()
        found = self._store.find(account_id)
        if found is None:
            with self._store.transaction():
                account = accounts.new_account(work, account_id=account_id, country=str(given.get("country", "IE")))
                account |= {"email": given.get("email"), "type": "express", "capabilities": {"transfers": "inactive"}}
                account["business_profile"]["name"] = given.get("name")
                account["metadata"] = {str(key): str(value) for key, value in given.get("metadata", {}).items()}
                work.insert(account)
                accounts.complete_onboarding(work, account)
        return self._done(views.public(work, accounts.get(work, account_id)), status=200 if found else 201)

    async def onboard(self, request: Request) -> Response:
        """The seller has told everything, and it is confirmed."""
        return self._changed(request, accounts.complete_onboarding)

    async def require(self, request: Request) -> Response:
        """{"requirements": [...], "in_seconds"?}: Stripe wants to know more until then; without a time: past due."""
        given = await json_of(request)
        names, in_seconds = given.get("requirements", [requirements.DOCUMENT]), given.get("in_seconds")
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise Refused("requirements must be a list of Stripe's names, as individual.verification.document.")
        if in_seconds is not None and (type(in_seconds) is not int or in_seconds <= 0):
            raise Refused("in_seconds must be a whole number above zero, or left out for past due.")

        def ask(work: Work, account: Document) -> None:
            deadline = work.now + in_seconds if in_seconds is not None else None
            account["_"]["asked"] = account["_"].get("asked", {}) | dict.fromkeys(names, deadline)
            if in_seconds is not None:
                work.schedule("requirements_due", account["id"], in_seconds=in_seconds)
            requirements.refresh(work, account)

        return self._changed(request, ask)

    async def verify(self, request: Request) -> Response:
        """{"succeeded"?: false}: what became of the checks; confirmed, nothing is asked for besides either."""
        succeeded = (await json_of(request)).get("succeeded", True)
        if not isinstance(succeeded, bool):
            raise Refused("succeeded must be true or false.")

        def decide(work: Work, account: Document) -> None:
            hidden = account["_"]
            if not account["details_submitted"]:
                raise ApiError(400, "The account has not told its details yet: complete its onboarding first.")
            hidden["identity"] = "verified" if succeeded else "failed"
            if succeeded:
                hidden |= {"address": "verified", "asked": {}, "halt": None}
            requirements.refresh(work, account)

        return self._changed(request, decide)

    async def disable(self, request: Request) -> Response:
        """{"reason"?}: Stripe stops the account."""
        reason = (await json_of(request)).get("reason", "under_review")
        if reason not in _HALTS:
            raise Refused(f"reason must be one of {', '.join(_HALTS)}.")

        def stop(work: Work, account: Document) -> None:
            account["_"]["halt"] = reason
            requirements.refresh(work, account)

        return self._changed(request, stop)

    async def enable(self, request: Request) -> Response:
        """Stripe lets the account go on."""

        def go_on(work: Work, account: Document) -> None:
            account["_"]["halt"] = None
            requirements.refresh(work, account)

        return self._changed(request, go_on)

    async def change_bank(self, request: Request) -> Response:
        """{"account_number", "country"?, "currency"?}: the seller gives another bank account in Stripe's dashboard."""
        given = await json_of(request)
        number = given.get("account_number", bank_accounts.TEST_IBAN)
        if not isinstance(number, str):
            raise Refused("account_number must be text.")
        iban = {"country": number[:2]} if number[:2].isalpha() else {}

        def change(work: Work, account: Document) -> None:
            wish: dict[str, Any] = {name: given[name] for name in ("country", "currency") if name in given}
            bank_accounts.replace(work, account, {"account_number": number, **iban, **wish})
            requirements.refresh(work, account)

        return self._changed(request, change)

    async def deauthorize(self, request: Request) -> Response:
        """The seller withdraws the platform's access."""
        work = self._gateway.work()
        with self._store.transaction():
            account = accounts.get(work, request.path_params["id"])
            accounts.deauthorize(work, account)
        return self._done({"id": account["id"], "connected": False})

    def _changed(self, request: Request, change: Callable[[Work, Document], None]) -> Response:
        work = self._gateway.work()
        with self._store.transaction():
            account = accounts.get(work, request.path_params["id"])
            change(work, account)
        return self._done(views.public(work, account))

    # ------------------------------------------------------------------ payouts and top-ups
    async def list_payouts(self, request: Request) -> Response:
        """Of every account, each with whose it is."""
        rows = self._store.sql.execute("SELECT id, account FROM objects WHERE object = 'payout' ORDER BY seq DESC")
        work = self._gateway.work()
        listed = [views.public(work, work.referred(row["id"])) | {"account": row["account"]} for row in rows.fetchall()]
        return JSONResponse({"payouts": listed})

    async def send(self, request: Request) -> Response:
        """Handed to the bank now."""
        return self._moved_on(request, payouts.send)

    async def pay(self, request: Request) -> Response:
        """Arrived now, whatever the number of the bank account says."""
        return self._moved_on(request, payouts.pay)

    async def fail(self, request: Request) -> Response:
        """{"failure_code"?}: the bank sends it back, even after it was paid."""
        code = (await json_of(request)).get("failure_code", "could_not_process")
        if code not in payouts.MESSAGES:
            raise Refused(f"failure_code must be one of {', '.join(payouts.MESSAGES)}.")
        return self._moved_on(request, lambda work, payout_id: payouts.fail(work, payout_id, code=code))

    async def delay(self, request: Request) -> Response:
        """{"seconds"}: it arrives that much later."""
        seconds = (await json_of(request)).get("seconds")
        if type(seconds) is not int or seconds <= 0:
            raise Refused("seconds must be a whole number above zero.")
        return self._moved_on(request, lambda work, payout_id: payouts.put_off(work, payout_id, seconds=seconds))

    def _moved_on(self, request: Request, move: Callable[[Work, str], None]) -> Response:
        payout_id = request.path_params["id"]
        found = self._store.find(payout_id)
        work = self._gateway.work(account=found[1] if found is not None else "")
        with self._store.transaction():
            move(work, payout_id)
        return self._done(payouts.retrieve(work, payout_id))

    async def top_up(self, request: Request) -> Response:
        """{"amount", "currency"?}: money is on the platform's balance, available at once."""
        given = await json_of(request)
        if type(given.get("amount")) is not int:
            raise Refused("amount must be a number of minor units.")
        work = self._gateway.work(
            params={"amount": given["amount"], "currency": str(given.get("currency", "eur")).lower(),
                    "description": "Top-up by the control API"}
        )  # fmt: skip
        with self._store.transaction():
            topup = topups.begin(work)
            topups.arrive(work, topup["id"])
        return self._done(topups.retrieve(work, topup["id"]), status=201)

    def _done(self, document: dict[str, Any], *, status: int = 200) -> Response:
        self._wake()
        return JSONResponse(document, status_code=status)
