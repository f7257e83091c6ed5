"""Walking the admin as somebody: who comes to the desk, and where the pages are."""

from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from products.tests.factories import StaffFactory


def as_role(role: str) -> Client:
    """A colleague with this role, logged in."""
    person = StaffFactory()
    person.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(person)
    return client


def page(model: type[Model], view: str, *arguments: object, **query: str) -> str:
    return reverse(f"admin:products_{model._meta.model_name}_{view}", args=arguments, query=query or None)
