"""One parcel that carries the parts of several cases of the same customer.

Each case has the parcel as its own, under the same number: what the carrier says reaches every one of them, and each
moves on by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.models import Case
from cases.services._transition import locked_case
from products.errors import Refused
from shipments.models import RepairShipment
from shipments.services.booking import book


def book_together(
    case_id: int, *, also_for: Sequence[int], actor: Actor, now: datetime, **booking: Any
) -> list[RepairShipment]:
    """`book` for this case and for others of its customer, the named case's parcel first: all of them, or none.

    Refused for a case of somebody else, and, as `book` refuses, for any one of them.
    """
    others = sorted(set(also_for) - {case_id})
    with transaction.atomic():
        # Every case before any part, in one order: two people who book the same two cases wait, and never for ever.
        cases = {pk: locked_case(pk) for pk in sorted({case_id, *others}) if Case.objects.filter(pk=pk).exists()}
        if any(pk not in cases or cases[pk].customer_id != cases[case_id].customer_id for pk in others):
            raise Refused(
                _("One of these cases is not of the same customer."), field="also_for", code="case_of_another"
            )
        return [book(pk, actor=actor, now=now, **booking) for pk in (case_id, *others)]
