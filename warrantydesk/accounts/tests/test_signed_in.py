"""Who asks is read with what they may in one query; whatever is unusual about a session, Django decides as ever."""

from typing import Any

import pytest
from django.conf import settings as desk
from django.http import HttpResponse
from django.test import Client, RequestFactory

from cases.tests.factories import StaffFactory
from warrantydesk.accounts.models import User
from warrantydesk.accounts.session_store import SessionStore
from warrantydesk.accounts.signed_in import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita() -> User:
    return StaffFactory(role="reviewer")


@pytest.fixture
def key(rita: User) -> str:
    """Of her session."""
    client = Client()
    client.force_login(rita)
    return client.cookies[desk.SESSION_COOKIE_NAME].value


def asking(key: str) -> Any:
    """The account of a request with this session, as far as anybody looked at it."""
    request: Any = RequestFactory().get("/desk/")
    request.session = SessionStore(key)
    SignedIn(lambda _request: HttpResponse()).process_request(request)
    return request.user


def test_account_comes_with_what_it_may_in_one_query(rita: User, key: str, django_assert_num_queries: Any) -> None:
    session = asking(key)
    with django_assert_num_queries(2):  # the session, and the account
        assert session == rita
        assert session.has_perm("cases.decide_case")
        assert not session.has_perm("cases.erase_customer")


def test_session_ends_when_the_password_is_changed(rita: User, key: str) -> None:
    rita.set_password("quite another password")
    rita.save()
    assert not asking(key).is_authenticated
    assert not SessionStore(key).exists(key), "Django flushes what was begun with another password"


def test_session_outlives_a_change_of_the_secret_key(rita: User, key: str, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "x" * 50, [settings.SECRET_KEY]
    assert asking(key) == rita


@pytest.mark.parametrize("change", [{"is_active": False}, None], ids=["switched off", "deleted"])
def test_nobody_asks_with_the_session_of_an_account_that_is_no_more(rita: User, key: str, change: Any) -> None:
    account = User.objects.filter(pk=rita.pk)
    account.update(**change) if change else account.delete()
    assert not asking(key).is_authenticated


def test_session_of_a_customer_is_nobody_of_ours() -> None:
    store = SessionStore()
    store["portal"] = {"case": 1}
    store.create()
    assert not asking(str(store.session_key)).is_authenticated
