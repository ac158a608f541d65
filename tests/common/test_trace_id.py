"""The trace id of the current work, asked for alone, is the one that the whole context has."""

import structlog

from common import context


def test_the_trace_id_alone_is_that_of_the_context() -> None:
    before = dict(structlog.contextvars.get_contextvars())
    try:
        structlog.contextvars.clear_contextvars()
        assert context.trace_id() == context.current().trace_id == ""
        context.bind(trace_id="a1", actor="guest")
        assert context.trace_id() == context.current().trace_id == "a1"
        context.bind(trace_id="b2")
        assert context.trace_id() == context.current().trace_id == "b2"
        structlog.contextvars.clear_contextvars()
        assert context.trace_id() == context.current().trace_id == ""
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(**before)
