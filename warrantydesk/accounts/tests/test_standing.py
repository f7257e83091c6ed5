"""What an account may: one query answers whatever a page asks, and as Django itself would."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission

from cases.tests.factories import StaffFactory
from warrantydesk.accounts.models import User
from warrantydesk.accounts.second_factor import lacks_second_factor

pytestmark = pytest.mark.django_db


def fresh(user: Any) -> Any:
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("role", ["viewer", "support", "reviewer", "manager", "administrator", ""])
def test_account_may_what_django_says_it_may(role: str) -> None:
    user = StaffFactory(role=role)
    user.user_permissions.add(Permission.objects.get(codename="see_reports"))
    own, django = fresh(user), ModelBackend().get_all_permissions(fresh(user))
    assert own.get_all_permissions() == django
    assert {name for name in django if own.has_perm(name)} == django
    assert not own.has_perm("cases.no_such_thing")
    assert own.has_module_perms("cases")
    assert not own.has_module_perms("case")


@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_superuser": True}])
def test_account_switched_off_may_nothing_and_a_superuser_everything(changes: dict[str, bool]) -> None:
    user = StaffFactory(role="manager", **changes)
    assert fresh(user).has_perm("cases.no_such_thing") is user.is_superuser
    assert bool(fresh(user).get_all_permissions()) is user.is_active


def test_one_query_answers_for_permissions_and_second_factor(settings: Any, django_assert_num_queries: Any) -> None:
    settings.MFA_ROLES = ["manager"]
    user = fresh(StaffFactory(role="manager"))
    with django_assert_num_queries(1):
        assert lacks_second_factor(user)
        assert user.has_perm("cases.view_case")
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert lacks_second_factor(fresh(user))
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    assert not lacks_second_factor(fresh(user))
