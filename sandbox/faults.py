"""Faults on request: the next requests that fit a rule go wrong in a given way.

kinds: `answer_lost` - carried out and committed, then the connection is closed without an answer;
       `reset` - the connection is reset before anything is carried out;
       `error_500` - answered with 500; as at Stripe the answer is stored under the idempotency key unless `stored` is
                     false; with `carried_out` the request has had its effect all the same;
       `rate_limited_429` - refused with 429 before anything is carried out;
       `slow` - carried out and committed at once, answered after `seconds`.
"""

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.store import Store

KINDS = ("answer_lost", "error_500", "rate_limited_429", "reset", "slow")


class FaultInvalid(ValueError):
    """The control API was given a rule that makes no sense."""


@dataclass
class Fault:
    kind: str
    path: str  # regular expression, searched in the path
    method: str = ""  # empty: any
    times: int = 1
    after: int = 0  # so many fitting requests pass unharmed first
    seconds: float = 1.0
    stored: bool = True
    carried_out: bool = False
    id: int = 0
    hits: int = 0

    def fits(self, method: str, path: str) -> bool:
        return (not self.method or self.method.upper() == method) and re.search(self.path, path) is not None


class Faults:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._rules = self._stored()

    def _stored(self) -> list[Fault]:
        rows = self._store.sql.execute("SELECT id, document FROM faults ORDER BY id")
        return [Fault(**json.loads(row["document"]) | {"id": row["id"]}) for row in rows]

    def add(self, document: dict[str, Any]) -> Fault:
        """Raises FaultInvalid."""
        try:
            fault = Fault(**document)
            re.compile(fault.path)
        except (TypeError, re.error) as error:
            raise FaultInvalid(str(error)) from error
        if fault.kind not in KINDS or fault.times < 1 or fault.after < 0 or fault.seconds < 0:
            raise FaultInvalid(
                f"kind must be one of {', '.join(KINDS)}; times at least 1; after and seconds not negative"
            )
        cursor = self._store.sql.execute("INSERT INTO faults (document) VALUES (?)", (json.dumps(asdict(fault)),))
        fault.id = int(cursor.lastrowid or 0)
        self._rules.append(fault)
        return fault

    def all(self) -> list[dict[str, Any]]:
        """The rules that are not used up."""
        return [asdict(rule) for rule in self._rules]

    def clear(self) -> None:
        self._store.sql.execute("DELETE FROM faults")
        self._rules = []

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, counted."""
        for rule in self._rules:
            if not rule.fits(method, path):
                continue
            if rule.after > 0:
                rule.after -= 1
                self._save(rule)
                continue
            rule.times -= 1
            rule.hits += 1
            if rule.times == 0:
                self._rules.remove(rule)
                self._store.sql.execute("DELETE FROM faults WHERE id = ?", (rule.id,))
            else:
                self._save(rule)
            return rule
        return None

    def _save(self, rule: Fault) -> None:
        self._store.sql.execute("UPDATE faults SET document = ? WHERE id = ?", (json.dumps(asdict(rule)), rule.id))
