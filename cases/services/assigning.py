"""Who looks after a case: a person chosen, the least busy of those who are there, or whoever has its product."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import Absence, AssignmentRule, Case, CaseEvent, Message
from cases.models.case import OPEN_STATES
from cases.rules.lifecycle import HANDLE
from cases.services._transition import allow, locked_case, save, tell
from cases.services.being_away import stand_in_for
from products.written_once import WrittenOnce


@transaction.atomic
def assign(case_id: int, *, user: Any | None, note: str = "", actor: Actor, now: datetime) -> Case:
    """Give a case to a person of the desk, or to nobody; `note` is what whoever takes over should know."""
    allow(actor)
    case = locked_case(case_id)
    if case.assignee_id == (user.pk if user else None):
        raise Stale(_("The case is looked after by this person already."), field="user", code="unchanged")
    if user is not None and not (user.is_active and user.has_perm(HANDLE)):
        raise NotPossible(_("%(person)s may not handle cases.") % {"person": user}, field="user", code="may_not_handle")
    return _give(case, user, actor, now, note.strip())


@transaction.atomic
def assign_least_busy(case_id: int, *, note: str = "", actor: Actor, now: datetime) -> Case:
    """Give a case to whoever, of those who are there today, looks after the fewest open cases."""
    allow(actor)
    case = locked_case(case_id)
    return _give_to_one_of(case, handlers().exclude(pk=case.assignee_id), actor, now, note)


@transaction.atomic
def assign_by_product(case_id: int, *, note: str = "", actor: Actor, now: datetime) -> Case:
    """Give a case to whoever looks after its product; of several, to the least busy who is there today."""
    allow(actor)
    case = locked_case(case_id)
    people = _people_of_product(case)
    if not people:
        message = _("Nobody looks after this product. An administrator keeps the rules of who does.")
        raise NotPossible(message, field="user", code="no_rule")
    return _give_to_one_of(case, handlers().filter(pk__in=people), actor, now, note)


def assign_new_by_product(case: Case, now: datetime) -> None:
    """A locked case nobody has yet goes to whoever looks after its product, if anybody who is there does."""
    if case.assignee_id is not None or case.product_id is None:
        return
    people = _people_of_product(case)
    person = least_busy(handlers().filter(pk__in=people), now) if people else None
    if person is not None:
        _give(case, person, Actor.system(), now, "")


def handlers() -> QuerySet[Any]:
    """Everybody who may handle cases."""
    app, codename = HANDLE.split(".")
    held = {"content_type__app_label": app, "codename": codename}
    groups = Q(**{f"groups__permissions__{name}": value for name, value in held.items()})
    own = Q(**{f"user_permissions__{name}": value for name, value in held.items()})
    people = get_user_model()._default_manager.filter(is_active=True, is_staff=True)
    return people.filter(groups | own | Q(is_superuser=True)).distinct()


def away_on(day: Any) -> dict[int, Absence]:
    """Who is away on a day, by their id, each with the absence that ends last."""
    absences = Absence.objects.filter(first_on__lte=day, last_on__gte=day).order_by("last_on")
    return {absence.person_id: absence for absence in absences}


def least_busy(people: QuerySet[Any], now: datetime) -> Any | None:
    """Whoever of them is there today and looks after the fewest open cases; the longest with us first. Where all of
    them are away, whoever of their deputies is there."""
    day = timezone.localdate(now)
    away = away_on(day)
    asked = {person.pk: person for person in people}
    there = {pk: person for pk, person in asked.items() if pk not in away}
    if not there:
        deputies = [stand_in_for(pk, day) for pk in asked]
        there = {deputy.pk: deputy for deputy in deputies if deputy is not None}
    load = Case.objects.filter(state__in=OPEN_STATES, assignee__in=there).order_by()
    busy = dict(load.values_list("assignee").annotate(count=Count("pk")))
    chosen = min(there, key=lambda pk: (busy.get(pk, 0), pk), default=None)
    return None if chosen is None else there[chosen]


def _give_to_one_of(case: Case, people: QuerySet[Any], actor: Actor, now: datetime, note: str) -> Case:
    person = least_busy(people, now)
    if person is None:
        raise NotPossible(_("Nobody else who could take it is there today."), field="user", code="nobody_there")
    if person.pk == case.assignee_id:
        raise Stale(_("The case is looked after by this person already."), field="user", code="unchanged")
    return _give(case, person, actor, now, note.strip())


def _people_of_product(case: Case) -> list[int]:
    return _PEOPLE_OF_PRODUCT.ask(product=case.product_id).fetched() if case.product_id else []


def _people(product: int) -> QuerySet[AssignmentRule, int]:
    rules = AssignmentRule.objects.filter(product=product).order_by()  # the names of products sort nothing here
    return rules.values_list("person_id", flat=True)


_PEOPLE_OF_PRODUCT = WrittenOnce(_people, product=int)


def _give(case: Case, user: Any | None, actor: Actor, now: datetime, note: str) -> Case:
    save(case, now, assignee=user)
    data = {"user": user.pk if user else None, "message": None}
    if note:
        message = Message.objects.create(
            case=case, direction=Message.Direction.NOTE, author=actor.user, text=note, at=now
        )
        data["message"] = message.pk
    tell(case, CaseEvent.Kind.ASSIGNED, "assigned", actor=actor, now=now, data=data)
    return case
