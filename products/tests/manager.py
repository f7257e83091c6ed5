"""The colleague who may correct what was sold."""

from typing import Any

from django.contrib.auth.models import Group

from products.tests.factories import StaffFactory


def manager(**fields: Any) -> Any:
    person = StaffFactory(**fields)
    person.groups.add(Group.objects.get(name="manager"))
    return person
