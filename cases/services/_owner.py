"""Whom the customer's answer goes to: whoever looks after the case, or everybody while that person is away."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.models import Absence, Case, CaseEvent
from cases.services._transition import record, save
from cases.services.being_away import stand_in_for


def open_while_away(case: Case, now: datetime) -> None:
    """Give a case nobody is there for to the deputy who is, or back to nobody. One query where somebody has it."""
    if case.assignee_id is None:
        return
    day = timezone.localdate(now)
    away = Absence.objects.filter(person=case.assignee_id, first_on__lte=day, last_on__gte=day).order_by("last_on")
    absence = away.select_related("person").last()
    if absence is None:
        return
    back = {"person": absence.person, "day": date_format(absence.last_on, "DATE_FORMAT")}
    deputy = stand_in_for(absence.person_id, day)
    save(case, now, assignee=deputy)
    why = _("The customer wrote, and %(person)s is away through %(day)s.") % back
    data = {"user": deputy.pk if deputy else None, "message": None}
    record(case, CaseEvent.Kind.ASSIGNED, "assigned", actor=Actor.system(), now=now, why=why, data=data)
