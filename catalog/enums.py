"""States that the catalog's rows can be in."""

from django.db import models


class ReservationState(models.TextChoices):
    """HELD counts in `stock_reserved`; CONSUMED has left the shelf; RELEASED counts nowhere and may be held again."""

    HELD = "held"
    CONSUMED = "consumed"
    RELEASED = "released"
