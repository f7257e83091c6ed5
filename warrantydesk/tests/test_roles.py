import pytest
from django.contrib.auth.models import Group

from warrantydesk.accounts.models import User
from warrantydesk.accounts.roles import ROLES, install_roles

pytestmark = pytest.mark.django_db


def _permissions(role: str) -> set[str]:
    permissions = Group.objects.get(name=role).permissions.select_related("content_type")
    return {f"{p.content_type.app_label}.{p.codename}" for p in permissions}


@pytest.mark.parametrize("role", ROLES)
def test_role_has_exactly_the_permissions_of_the_table(role):
    assert _permissions(role) == set(ROLES[role])


@pytest.mark.parametrize(("lower", "higher"), [("viewer", "support"), ("support", "reviewer"), ("reviewer", "manager")])
def test_role_may_do_all_that_the_one_below_may(lower, higher):
    assert _permissions(lower) < _permissions(higher)


def test_administrator_stands_beside_and_decides_nothing():
    assert not _permissions("administrator") & {
        "cases.handle_case",
        "cases.decide_case",
        "cases.grant_goodwill",
        "cases.see_reports",
    }


def test_install_roles_takes_back_what_was_added_by_hand():
    viewer = Group.objects.get(name="viewer")
    viewer.permissions.add(Group.objects.get(name="manager").permissions.get(codename="erase_customer"))
    install_roles()
    assert _permissions("viewer") == set(ROLES["viewer"])


def test_account_is_found_by_address_in_any_case():
    user = User.objects.create_user("Mateo@Desk.Example", "correct horse battery", name="Mateo")
    assert User.objects.get_by_natural_key(" mateo@desk.EXAMPLE ") == user
    assert user.check_password("correct horse battery")


def test_account_needs_an_address():
    with pytest.raises(ValueError, match="email"):
        User.objects.create_user("")
