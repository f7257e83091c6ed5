"""Who sees which cases: fetching is the permission check (law 6)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from cases.actors import Actor
from cases.models import Case
from cases.queries import cases_visible_to, get_case_for_staff
from cases.tests.factories import CaseFactory, staff

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["viewer", "support", "reviewer", "manager", "administrator"])
def test_every_role_sees_every_case(role: str) -> None:
    case = CaseFactory()
    assert list(cases_visible_to(staff(role).user)) == [case]


def test_outsider_and_stranger_see_none(outsider: Actor) -> None:
    case = CaseFactory()
    for user in (outsider.user, AnonymousUser(), staff("manager", is_active=False).user):
        assert list(cases_visible_to(user)) == []
        with pytest.raises(Case.DoesNotExist):
            get_case_for_staff(user, case.reference)


def test_get_case_for_staff_reads_a_reference_as_people_write_it(colleague: Actor) -> None:
    case = CaseFactory()
    assert get_case_for_staff(colleague.user, case.reference.lower().replace("-", " ")) == case
    with pytest.raises(Case.DoesNotExist):
        get_case_for_staff(colleague.user, "WD-NONE-2")
