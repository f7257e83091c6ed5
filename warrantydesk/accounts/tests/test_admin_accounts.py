"""Accounts are kept by administrators, who raise neither themselves nor a superuser; roles come from the code."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.tests.factories import StaffFactory
from warrantydesk.accounts.models import User
from warrantydesk.accounts.roles import ROLES

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-way-to-tipperary"
ADD = reverse("admin:accounts_user_add")
LIST = reverse("admin:accounts_user_changelist")


def page(person: User) -> str:
    return reverse("admin:accounts_user_change", args=[person.pk])


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def keeper() -> User:
    """Keeps the accounts: an administrator, no superuser."""
    return StaffFactory(role="administrator")


@pytest.fixture
def root() -> User:
    return StaffFactory(role="", is_superuser=True)


def typed(person: User, **changes: Any) -> dict[str, Any]:
    """What the browser sends for an account as it stands, but for these changes; None leaves a field out."""
    groups = [group.pk for group in person.groups.all()]
    form = {"email": person.email, "name": person.name, "is_active": "on", "is_staff": "on", "groups": groups}
    return {key: value for key, value in {**form, **changes}.items() if value is not None}


def role(name: str) -> int:
    return Group.objects.get(name=name).pk


def test_administrator_adds_an_account_that_can_log_in(keeper: User):
    form = {"email": " New@Desk.Example ", "name": "New", "is_staff": "on", "groups": [role("support")]}
    answer = client_of(keeper).post(ADD, {**form, "password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 302
    person = User.objects.get(email="new@desk.example")
    assert [group.name for group in person.groups.all()] == ["support"]
    assert person.has_perm("cases.handle_case")
    assert Client().login(username="NEW@desk.example", password=PASSWORD)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", "TAKEN@desk.example"),
        ("name", ""),
        ("password2", "another"),
        ("password1", "short"),
    ],
)
def test_account_is_not_added_when_a_field_is_wrong(keeper: User, field: str, value: str):
    StaffFactory(email="taken@desk.example")
    form = {"email": "new@desk.example", "name": "New", "password1": PASSWORD, "password2": PASSWORD, field: value}
    answer = client_of(keeper).post(ADD, form)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert not User.objects.filter(email="new@desk.example").exists()


@pytest.mark.parametrize("name", ROLES)
def test_administrator_gives_a_role_to_somebody_else(keeper: User, name: str):
    person = StaffFactory(role="")
    assert client_of(keeper).post(page(person), typed(person, groups=[role(name)])).status_code == 302
    assert [group.name for group in person.groups.all()] == [name]


def test_administrator_gives_themselves_no_role(keeper: User):
    form = typed(keeper, groups=[role("manager"), role("administrator")], name="Renamed")
    assert client_of(keeper).post(page(keeper), form).status_code == 302
    keeper.refresh_from_db()
    assert keeper.name == "Renamed"
    assert [group.name for group in keeper.groups.all()] == ["administrator"]


def test_administrator_does_not_lock_themselves_out(keeper: User):
    client_of(keeper).post(page(keeper), typed(keeper, is_active=None, is_staff=None))
    keeper.refresh_from_db()
    assert (keeper.is_active, keeper.is_staff) == (True, True)


def test_administrator_makes_nobody_a_superuser_and_grants_no_single_permission(keeper: User):
    person = StaffFactory(role="")
    erase = Permission.objects.get(codename="erase_customer").pk
    for account in (person, keeper):
        client_of(keeper).post(page(account), typed(account, is_superuser="on", user_permissions=[erase]))
        account.refresh_from_db()
        assert not account.is_superuser
        assert not account.user_permissions.exists()
    form = {"email": "x@desk.example", "name": "X", "password1": PASSWORD, "password2": PASSWORD, "is_superuser": "on"}
    client_of(keeper).post(ADD, form)
    assert not User.objects.get(email="x@desk.example").is_superuser


def test_superuser_makes_another(root: User):
    person = StaffFactory(role="")
    assert client_of(root).post(page(person), typed(person, is_superuser="on")).status_code == 302
    person.refresh_from_db()
    assert person.is_superuser


def test_administrator_touches_no_superuser(keeper: User, root: User):
    client, password = client_of(keeper), reverse("admin:auth_user_password_change", args=[root.pk])
    assert client.post(page(root), typed(root, name="Taken over")).status_code == 403
    assert client.get(password).status_code == 403
    assert client.post(password, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 403
    root.refresh_from_db()
    assert root.name != "Taken over"
    assert not root.check_password(PASSWORD)


def test_administrator_sets_a_new_password(keeper: User):
    person = StaffFactory(role="support")
    address = reverse("admin:auth_user_password_change", args=[person.pk])
    answer = client_of(keeper).post(address, {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"})
    assert answer.status_code == 302
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_account_that_is_switched_off_is_out_at_once(keeper: User):
    person = StaffFactory(role="support")
    client = client_of(person)
    assert client.get(reverse("admin:index")).status_code == 200
    client_of(keeper).post(page(person), typed(person, is_active=None))
    assert client.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("name", ["keeper", "root"])
def test_account_is_never_deleted(request: pytest.FixtureRequest, name: str):
    client, person = client_of(request.getfixturevalue(name)), StaffFactory(role="")
    address = reverse("admin:accounts_user_delete", args=[person.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [person.pk], "post": "yes"})
    assert User.objects.filter(pk=person.pk).exists()


@pytest.mark.parametrize("name", ["viewer", "support", "reviewer", "manager"])
def test_accounts_are_not_for_this_role(name: str):
    person = StaffFactory(role=name)
    client = client_of(person)
    assert [client.get(address).status_code for address in (LIST, ADD, page(person))] == [403, 403, 403]


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("address", [LIST, reverse("admin:auth_group_changelist")])
def test_list_asks_as_many_queries_for_twenty_accounts_as_for_one(root: User, keeper: User, address: str):
    client = client_of(root)
    queries_of(client, address)
    few = queries_of(client, address)
    for _number in range(20):
        StaffFactory(role="support")
    assert queries_of(client, address) == few


# ── roles ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ROLES)
def test_role_shows_what_it_may_and_cannot_be_changed_by_anybody(root: User, name: str):
    group = Group.objects.get(name=name)
    client, address = client_of(root), reverse("admin:auth_group_change", args=[group.pk])
    assert "Can view case" in client.get(address).content.decode()
    before = set(group.permissions.values_list("pk", flat=True))
    assert client.post(address, {"name": "king", "permissions": []}).status_code == 403
    assert client.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:auth_group_add")).status_code == 403
    assert set(Group.objects.get(name=name).permissions.values_list("pk", flat=True)) == before
