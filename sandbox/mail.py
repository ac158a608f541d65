"""The mail sink: takes every mail over SMTP, keeps it, and shows it under /mail/."""

import email.policy
import html
import re
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.store import Store

_LINK = re.compile(r"https?://[^\s<>\"')]+")


class Mail:
    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def protocol(self) -> SMTP:
        return SMTP(self, hostname="sandbox", enable_SMTPUTF8=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        raw = envelope.original_content or b""
        message = _parsed(raw)
        self._store.sql.execute(
            "INSERT INTO mails (received_at, sender, recipients, subject, raw) VALUES (?, ?, ?, ?, ?)",
            (
                self._clock.now(),
                envelope.mail_from or "",
                ", ".join(str(address) for address in envelope.rcpt_tos),
                str(message.get("subject", "")),
                raw,
            ),
        )
        return "250 OK"

    def routes(self) -> list[Route]:
        return [
            Route("/mail/", self.page, methods=["GET"]),
            Route("/mail/messages.json", self.messages, methods=["GET"]),
            Route("/mail/{id:int}/", self.mail_page, methods=["GET"]),
            Route("/mail/{id:int}/html", self.mail_html, methods=["GET"]),
            Route("/mail/{id:int}/raw", self.mail_raw, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        rows = self._store.sql.execute("SELECT * FROM mails ORDER BY id DESC LIMIT 500").fetchall()
        items = "".join(
            f'<li><a href="/mail/{row["id"]}/">{html.escape(row["subject"] or "(no subject)")}</a> '
            f"<small>to {html.escape(row['recipients'])}</small></li>"
            for row in rows
        )
        return HTMLResponse(_page("Mail", f"<ul>{items}</ul>" if items else "<p>No mail yet.</p>"))

    async def messages(self, request: Request) -> Response:
        """All mails, newest first, with their texts and links; `?to=` narrows it down."""
        rows = self._store.sql.execute("SELECT * FROM mails ORDER BY id DESC LIMIT 500").fetchall()
        wanted = request.query_params.get("to", "")
        return JSONResponse({"messages": [_described(row) for row in rows if wanted in row["recipients"]]})

    async def mail_page(self, request: Request) -> Response:
        row = self._row(request)
        if row is None:
            return PlainTextResponse("There is no such mail.", status_code=404)
        described = _described(row)
        links = "".join(
            f'<li><a rel="noopener" href="{html.escape(link)}">{html.escape(link)}</a></li>'
            for link in described["links"]
        )
        frame = f'<iframe src="/mail/{row["id"]}/html" sandbox="allow-popups allow-top-navigation-by-user-activation">'
        return HTMLResponse(
            _page(
                described["subject"],
                f"<p>From {html.escape(described['from'])} to {html.escape(described['to'])}</p>"
                f"{frame + '</iframe>' if described['html'] else ''}"
                f"<h2>As text</h2><pre>{html.escape(described['text'])}</pre>"
                f"<h2>Links</h2><ul>{links}</ul>"
                f'<p><a href="/mail/{row["id"]}/raw">Source</a> · <a href="/mail/">All mail</a></p>',
            )
        )

    async def mail_html(self, request: Request) -> Response:
        row = self._row(request)
        if row is None:
            return PlainTextResponse("There is no such mail.", status_code=404)
        # No scripts and nothing from elsewhere but pictures and styles, as a mail program would show it.
        policy = "default-src 'none'; img-src * data:; style-src 'unsafe-inline'"
        return HTMLResponse(_described(row)["html"], headers={"Content-Security-Policy": policy})

    async def mail_raw(self, request: Request) -> Response:
        row = self._row(request)
        if row is None:
            return PlainTextResponse("There is no such mail.", status_code=404)
        return PlainTextResponse(bytes(row["raw"]))

    def _row(self, request: Request) -> Any:
        return self._store.sql.execute("SELECT * FROM mails WHERE id = ?", (request.path_params["id"],)).fetchone()


def _parsed(raw: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(raw)


def _described(row: Any) -> dict[str, Any]:
    message = _parsed(bytes(row["raw"]))
    text, page = _content(message, "plain"), _content(message, "html")
    found = _LINK.findall(text) + [html.unescape(link) for link in _LINK.findall(page)]
    return {
        "id": row["id"],
        "received_at": row["received_at"],
        "from": row["sender"],
        "to": row["recipients"],
        "subject": row["subject"],
        "text": text,
        "html": page,
        "links": list(dict.fromkeys(link.rstrip(".,;") for link in found)),
    }


def _content(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        "<style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "iframe{width:100%;height:32rem;border:1px solid #ccc}pre{white-space:pre-wrap}</style>"
        f"<h1>{html.escape(title)}</h1>{content}</html>"
    )
