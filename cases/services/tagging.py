"""The words the desk sorts its cases by."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import Case, CaseEvent, Tag
from cases.services._transition import allow, locked_case, tell


@transaction.atomic
def tag_case(case_id: int, *, name: str, actor: Actor, now: datetime) -> Tag:
    """Put a tag on a case, made where it is new; its name is the same in any capitals."""
    allow(actor)
    case, tag = locked_case(case_id), _tag_named(name)
    if case.tags.filter(pk=tag.pk).exists():
        raise Stale(_("The case carries this tag already."), field="name", code="unchanged")
    case.tags.add(tag)
    tell(case, CaseEvent.Kind.DETAILS, "tagged", actor=actor, now=now, data={"tag": tag.pk})
    return tag


@transaction.atomic
def untag_case(case_id: int, *, tag_id: int, actor: Actor, now: datetime) -> Case:
    """Take a tag off a case."""
    allow(actor)
    case = locked_case(case_id)
    if not case.tags.filter(pk=tag_id).exists():
        raise Stale(_("The case does not carry this tag any more."), field="tag", code="unchanged")
    case.tags.remove(tag_id)
    tell(case, CaseEvent.Kind.DETAILS, "untagged", actor=actor, now=now, data={"tag": tag_id})
    return case


def _tag_named(written: str) -> Tag:
    name = " ".join("".join(char for char in written if char.isprintable()).split())
    if not name or len(name) > 40:
        raise NotPossible(_("A tag has between 1 and 40 characters."), field="name", code="name")
    found = Tag.objects.filter(name__iexact=name).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Tag.objects.create(name=name)
    except IntegrityError:  # somebody made it at this very moment
        return Tag.objects.get(name__iexact=name)
