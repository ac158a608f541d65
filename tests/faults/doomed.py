"""Run as a program of its own: settles orders in children that die at a given statement, before or after it.

    python -m tests.faults.doomed

Reads lines `ORDER_ID STATEMENT before|after`, forks a child for each, and answers with its exit status: 137 is that
of a killed process, 0 means that the settlement was over before that statement. Django starts once, for all of them.
"""

import os
import sys
from typing import Any

KILLED = 137


def main() -> int:
    import django

    django.setup()
    from artisans_hub.celery import app
    from orders.services import settle_order
    from payments.processors import processor_named

    # The messages stay in the outbox: nobody sends them here.
    app.send_task = lambda *_, **__: None  # type: ignore[method-assign, assignment]
    # Imported and made once, before the children.
    assert callable(settle_order) and processor_named("stripe").name
    for line in sys.stdin:
        order_id, statement, moment = line.split()
        child = os.fork()
        if child == 0:
            _settle(int(order_id), int(statement), moment)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return 0


def _settle(order_id: int, fatal: int, moment: str) -> None:
    from django.db import connection

    from common.clock import now
    from orders.services import settle_order

    count = 0

    def count_and_die(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        if count == fatal and moment == "before":
            os._exit(KILLED)
        result = execute(sql, params, many, context)
        if count == fatal:
            os._exit(KILLED)
        return result

    status = 1
    try:
        with connection.execute_wrapper(count_and_die):
            settle_order(order_id=order_id, source="browser", now=now())
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
