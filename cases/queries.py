"""Which cases a person may see."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from cases.models import Case
from cases.reference import parse_reference


def cases_visible_to(user: Any) -> QuerySet[Case]:
    """Every case for whoever may see cases, none for anybody else (also not for an account that was closed).

    Fetching is the permission check (law 6).
    """
    if not (user.is_authenticated and user.is_active and user.has_perm("cases.view_case")):
        return Case.objects.none()
    return Case.objects.all()


def get_case_for_staff(user: Any, reference: str) -> Case:
    """The case of that reference, however a person writes it. Case.DoesNotExist where there is none they may see."""
    return cases_visible_to(user).get(reference=parse_reference(reference) or reference)
