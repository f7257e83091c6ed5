"""A colleague with a role."""

from typing import Any

from django.contrib.auth.models import Group

from products.tests.factories import StaffFactory


def colleague(role: str) -> Any:
    person = StaffFactory()
    person.groups.add(Group.objects.get(name=role))
    return person
