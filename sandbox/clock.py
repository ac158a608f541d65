"""The sandbox's time: real time plus an offset that tests move and that is part of the stored state."""

import datetime as dt
import time
from typing import Protocol


class Settings(Protocol):
    def setting(self, name: str, default: float) -> float: ...

    def set_setting(self, name: str, value: float) -> None: ...


class Clock:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._offset = settings.setting("clock_offset_seconds", 0.0)

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        self._set(self._offset + seconds)

    def set(self, moment: dt.datetime) -> None:
        """`moment` needs a time zone."""
        self._set(moment.timestamp() - time.time())

    def return_to_real_time(self) -> None:
        self._set(0.0)

    def _set(self, offset: float) -> None:
        self._offset = offset
        self._settings.set_setting("clock_offset_seconds", offset)
