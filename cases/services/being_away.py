"""Who is away, and who stands in: said by the person themselves, on the desk. Administrators keep anybody's.

No case changes by it: what is given away by rule, and what customers answer, asks who is there on its day.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible
from cases.models import Absence
from cases.rules.lifecycle import HANDLE


@transaction.atomic
def say_away(
    *, first_on: date, last_on: date, deputy: Any | None = None, note: str = "", actor: Actor, now: datetime
) -> Absence:
    """Note days on which the actor is away. Refused where they are over, or some of them are noted already."""
    actor.require(HANDLE)
    person: Any = actor.user
    if last_on < first_on:
        raise NotPossible(_("The last day comes before the first."), field="last_on", code="order")
    if last_on < timezone.localdate(now):
        raise NotPossible(_("These days are over."), field="last_on", code="over")
    if deputy is not None and (deputy.pk == person.pk or not (deputy.is_active and deputy.has_perm(HANDLE))):
        raise NotPossible(_("Choose a colleague who handles cases."), field="deputy", code="may_not_handle")
    # One's own row is the lock: said twice at once, the second sees what the first has noted.
    get_user_model().objects.select_for_update().get(pk=person.pk)
    if Absence.objects.filter(person=person, first_on__lte=last_on, last_on__gte=first_on).exists():
        raise NotPossible(_("Some of these days are noted already."), field="first_on", code="overlap")
    note = " ".join(note.split())[:120]
    return Absence.objects.create(person=person, first_on=first_on, last_on=last_on, deputy=deputy, note=note)


def take_back(absence_id: int, *, actor: Actor) -> None:
    """Take back days one had noted for oneself. Absence.DoesNotExist for others', and for what is gone."""
    actor.require(HANDLE)
    Absence.objects.get(pk=absence_id, person=actor.user).delete()


def stand_in_for(person_id: int, day: date) -> Any | None:
    """Whoever is there in the place of somebody who is away on a day; None where nobody is named, or they are away."""
    away = Absence.objects.filter(first_on__lte=day, last_on__gte=day)
    absence = away.filter(person=person_id).select_related("deputy").order_by("last_on").last()
    deputy = absence.deputy if absence else None
    if deputy is None or not (deputy.is_active and deputy.has_perm(HANDLE)):
        return None
    return None if away.filter(person=deputy).exists() else deputy
