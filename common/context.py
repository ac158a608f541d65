"""Who and what stands behind the current work: one trace id from the request through tasks to the processor."""

import contextvars
import uuid
from dataclasses import dataclass
from typing import Any

import structlog

# Of structlog's context variables, which live as long as the process, the one of the trace id; found at first use.
_TRACE_VARIABLE = f"{structlog.contextvars.STRUCTLOG_KEY_PREFIX}trace_id"
_variables: list[contextvars.ContextVar[Any]] = []


@dataclass(frozen=True, slots=True)
class WorkContext:
    """`actor` is "guest", "user:7", "staff:1", "task:<name>", "stripe" or "system"; `ip` is empty outside a request."""

    trace_id: str
    actor: str
    ip: str


def current() -> WorkContext:
    """The context bound by the request middleware, the task that runs, or an empty one."""
    bound = structlog.contextvars.get_contextvars()
    return WorkContext(
        trace_id=str(bound.get("trace_id", "")),
        actor=str(bound.get("actor", "") or (f"task:{bound['task_name']}" if bound.get("task_name") else "system")),
        ip=str(bound.get("ip", "")),
    )


def trace_id() -> str:
    """Of the current work, as `current` tells it, at a fraction of the cost: the ledger asks for each entry."""
    if not _variables:
        for variable in contextvars.copy_context():
            if variable.name == _TRACE_VARIABLE:
                _variables.append(variable)
    value = _variables[0].get("") if _variables else ""
    return "" if value is ... else str(value)  # structlog's mark of what was cleared


def bind(*, trace_id: str | None = None, actor: str | None = None, ip: str | None = None) -> None:
    """Sets what is given for the rest of this request or task."""
    given = {"trace_id": trace_id, "actor": actor, "ip": ip}
    structlog.contextvars.bind_contextvars(**{name: value for name, value in given.items() if value is not None})


def new_trace_id() -> str:
    """32 hexadecimal digits."""
    return uuid.uuid4().hex
