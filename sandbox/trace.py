"""The trace: one JSON line per exchange, so that a run can be held against the processors' contracts afterwards.

Servers' exchanges (secret key) go to the given file. Browsers' (publishable key) go to a second one beside it,
`NAME.browser.jsonl`: their parameters (client secret, card figures) and their reduced answers are Stripe.js's own
affair, which the published server contract does not describe. Card figures are masked there.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

_HEADERS = {
    "idempotency-key": "Idempotency-Key",
    "stripe-version": "Stripe-Version",
    "stripe-account": "Stripe-Account",
    "paypal-request-id": "PayPal-Request-Id",
    "prefer": "Prefer",
}
# `card[number]=...` and `payment_method_data[card][number]=...`, with the brackets as such or percent-encoded
_CARD_FIGURES = re.compile(
    r"(card(?:\[|\]\[|%5B|%5D%5B)(?:number|cvc|exp_month|exp_year)(?:\]|%5D)=)[^&]*", re.IGNORECASE
)


class Trace:
    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None
        self._files: dict[Path, IO[bytes]] = {}

    def write(
        self,
        *,
        vendor: str = "stripe",
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: str,
        status: int,
        answer: Any,
        fault: str | None,
        browser: bool,
    ) -> None:
        if self._path is None:
            return
        row: dict[str, Any] = {
            "vendor": vendor,
            "method": method,
            "path": path,
            "query": query,
            "headers": {written: headers[name] for name, written in _HEADERS.items() if name in headers},
            "request_body": _CARD_FIGURES.sub(r"\1***", body) if browser else body,
            "status": status,
            "response": answer,
        }
        if fault:
            row["fault"] = fault
        target = self._path.with_name(f"{self._path.stem}.browser.jsonl") if browser else self._path
        file = self._files.get(target)
        if file is None:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = self._files[target] = target.open("ab", buffering=0)
        # one write for a whole row: several sandboxes may append to the same file, and rows must not mix
        file.write((json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n").encode())

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()
