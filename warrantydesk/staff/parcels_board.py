"""The board of parcels: what travels, what has gone silent, and what a person has to look at."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shipments.models import RepairShipment
from shipments.queries import parcels_needing_review, parcels_on_the_road, silent_parcels

BOARDS: dict[str, Promise] = {
    "travelling": _("Parcels on the road"),
    "silent": _("Silent parcels"),
    "review": _("Needs review"),
}


def parcels_on(board: str, now: datetime) -> QuerySet[RepairShipment]:
    """The parcels of one of BOARDS, the longest without news first."""
    return {
        "travelling": parcels_on_the_road,
        "silent": lambda: silent_parcels(now),
        "review": parcels_needing_review,
    }[board]()
