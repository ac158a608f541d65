"""Waiting for a part until it really does its work, not merely until its port is open."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from dev.provision.console import tail
from dev.stack.processes import Identity, PartFailed


def wait_until(
    ready: Callable[[], bool], *, part: str, identity: Identity, log: Path, timeout_seconds: float, pause: float = 0.1
) -> None:
    """Returns when `ready` says so; raises PartFailed with the end of the log when the part ends or takes too long."""
    deadline = time.monotonic() + timeout_seconds
    while not ready():
        if not identity.is_alive():
            raise PartFailed(f"The {part} ended while it was starting. The end of {log}:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise PartFailed(f"The {part} was not ready after {timeout_seconds:.0f} s. The end of {log}:\n{tail(log)}")
        time.sleep(pause)


def http_answers(url: str, *, most: int = 399) -> bool:
    """Whether a GET is answered with a status of at most `most`."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            status: int = response.status
    except urllib.error.HTTPError as error:
        status = error.code
    except OSError:
        return False
    return status <= most


def worker_answers(redis_url: str, node: str) -> bool:
    """Whether the Celery worker of that name answers a ping through the broker: it then takes tasks too."""
    # not the current app: in the tests' process that is the shop's
    app = Celery(broker=redis_url, set_as_current=False)
    app.conf.broker_transport_options = {"socket_connect_timeout": 2, "socket_timeout": 5}
    try:
        return bool(app.control.inspect(destination=[node], timeout=0.4).ping())
    except (OperationalError, RedisError):  # the second from a pooled connection that has died
        return False
    finally:
        app.close()
