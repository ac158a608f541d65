"""How a request whose answer was lost is found again."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Replay:
    """What sending a request again under its key does at a processor.

    `window`: as long, from its making, the same key can't become a second request; half of the time for which the
    processor keeps keys. `is_look_up`: the processor answers with what the first one made and has no list that would
    tell, so within the window a replay takes the place of the look-up.
    """

    window: dt.timedelta
    is_look_up: bool
