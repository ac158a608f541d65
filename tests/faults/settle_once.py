"""Run as a program of its own: settles one order and dies at the n-th statement (0: lives), before or after it.

    python -m tests.faults.settle_once ORDER_ID STATEMENT before|after

Exit status 137 is the death of a killed process; 0 means that the settlement was over before the n-th statement.
"""

import os
import sys
from typing import Any

KILLED = 137


def main() -> int:
    import django

    django.setup()
    from django.db import connection

    from artisans_hub.celery import app
    from common.clock import now
    from orders.services import settle_order

    # The messages stay in the outbox: nobody sends them here.
    app.send_task = lambda *_, **__: None
    order_id, fatal, moment = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
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

    with connection.execute_wrapper(count_and_die):
        settle_order(order_id=order_id, source="browser", now=now())
    return 0


if __name__ == "__main__":
    sys.exit(main())
