"""Who may ask a carrier just now: few places a carrier, each held by one process and lost when not renewed.

This keeps what a carrier puts up with (calls at once, calls a second) the same for any number of workers, on every
database, and keeps a carrier that answers slowly from holding up more than one of them.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from shipments.models import CarrierTurn

# Longer than any batch may take: a dead process blocks its place no longer.
LASTS = min(timedelta(minutes=4), timedelta(seconds=settings.CLAIM_SECONDS))


def take_turn(carrier: str, *, places: int, holder: str, now: datetime) -> bool:
    """A place of this carrier for `holder`, kept or new; False where all are taken by others."""
    own = CarrierTurn.objects.filter(carrier=carrier, holder=holder, held_until__gt=now)
    if own.update(held_until=now + LASTS):
        return True
    for place in range(places):
        row, _is_new = CarrierTurn.objects.get_or_create(carrier=carrier, place=place)
        free = Q(held_until__isnull=True) | Q(held_until__lte=now)
        # Compare and swap: of two who see the place free, one gets it.
        if CarrierTurn.objects.filter(free, pk=row.pk).update(holder=holder, held_until=now + LASTS):
            return True
    return False


def leave_turns(holder: str) -> None:
    """Give back every place of `holder`."""
    CarrierTurn.objects.filter(holder=holder).update(holder="", held_until=None)


def leave_turn(carrier: str, holder: str) -> None:
    """Give back the places of `holder` at this carrier."""
    CarrierTurn.objects.filter(carrier=carrier, holder=holder).update(holder="", held_until=None)
