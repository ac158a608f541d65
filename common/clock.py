"""The time, asked for in one place so that edges can pass it in and tests can choose it."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """The current time, aware, in UTC."""
    return timezone.now()
