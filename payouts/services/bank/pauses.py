"""How long is waited before the next look at something that takes its time."""

import datetime as dt

SHORTEST, LONGEST = dt.timedelta(minutes=5), dt.timedelta(hours=6)
# A transfer is available at once: what waits longer than this to be sent on needs somebody who looks.
LONG_WAIT = dt.timedelta(days=3)
# How long a bank may take after the day that the processor had named.
LATE_AFTER = dt.timedelta(days=3)
# What the processor refused and nobody sends again: an answer can be wrong, and the news of what it was about lost.
LOOK_FOR_REFUSED_EVERY, LOOK_FOR_REFUSED_FOR = dt.timedelta(days=1), dt.timedelta(days=30)
# Banks send back what was reported paid within five business days: https://docs.stripe.com/payouts
MAY_COME_BACK_FOR = dt.timedelta(days=8)
# A processor that does not answer is left alone for the rest of a turn.
LOST_ANSWERS_PER_TURN = 3


def pause_of(*, waited: dt.timedelta) -> dt.timedelta:
    """As long as it has taken so far, so that each pause is twice the one before."""
    return min(max(waited, SHORTEST), LONGEST)
