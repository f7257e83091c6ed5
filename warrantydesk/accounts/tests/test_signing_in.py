"""Second factors, lock-out, and how long and where one stays signed in."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.urls import reverse

from cases.tests.factories import StaffFactory
from warrantydesk.accounts.models import DeskSession, User
from warrantydesk.faces.limits import limits

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
LOGIN = "/desk/login/"
FACTOR = reverse("mfa_authenticate")


@pytest.fixture
def rita() -> User:
    return StaffFactory(role="reviewer", email="rita@positron.example", password=PASSWORD)


@pytest.fixture(autouse=True)
def known_password(request: pytest.FixtureRequest) -> None:
    if "rita" in request.fixturenames:
        person = request.getfixturevalue("rita")
        person.set_password(PASSWORD)
        person.save()


def sign_in(client: Client, **given: Any) -> Any:
    return client.post(LOGIN, {"username": "rita@positron.example", "password": PASSWORD, **given})


def is_in(client: Client) -> bool:
    return client.get("/desk/account/").status_code == 200


def confirm(client: Client) -> None:
    """Before a second factor is touched, the password is asked for once more."""
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


# ── The second factor ────────────────────────────────────────────────────────────────────────────────────────────────


def test_password_alone_is_not_enough_when_there_is_a_second_factor(rita: User):
    secret, client = generate_totp_secret(), Client()
    TOTP.activate(rita, secret)
    answer = sign_in(client, next="/desk/parcels/")
    assert (answer.status_code, answer["Location"]) == (302, FACTOR)
    assert not is_in(client)
    assert client.post(FACTOR, {"code": "000000"}).status_code == 200
    assert not is_in(client)
    answer = client.post(FACTOR, {"code": code_now(secret)})
    assert (answer.status_code, answer["Location"]) == (302, "/desk/parcels/")
    assert is_in(client)


def test_recovery_code_opens_once(rita: User):
    TOTP.activate(rita, generate_totp_secret())
    code = RecoveryCodes.activate(rita).get_unused_codes()[0]
    first, second = Client(), Client()
    sign_in(first)
    assert first.post(FACTOR, {"code": code}).status_code == 302
    sign_in(second)
    assert second.post(FACTOR, {"code": code}).status_code == 200
    assert (is_in(first), is_in(second)) == (True, False)


def test_codes_cannot_be_tried_without_end(rita: User):
    secret, client = generate_totp_secret(), Client()
    TOTP.activate(rita, secret)
    sign_in(client)
    for _number in range(limits()["login_code"].most):
        client.post(FACTOR, {"code": "000000"})
    assert client.post(FACTOR, {"code": code_now(secret)}).status_code == 200
    assert not is_in(client)


def test_secret_of_the_app_is_kept_encrypted(rita: User):
    secret = generate_totp_secret()
    TOTP.activate(rita, secret)
    assert secret not in str(Authenticator.objects.values().get())


def test_secret_is_still_read_when_the_key_is_being_changed(rita: User, settings):
    secret, client = generate_totp_secret(), Client()
    TOTP.activate(rita, secret)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key altogether"
    sign_in(client)
    assert client.post(FACTOR, {"code": code_now(secret)}).status_code == 302


@pytest.mark.parametrize(
    ("role", "bound"), [("viewer", False), ("support", False), ("reviewer", True), ("manager", True)]
)
def test_role_that_needs_a_second_factor_gets_no_further_without(settings, role: str, bound: bool):
    settings.MFA_ROLES = ["reviewer", "manager", "administrator"]
    person, client = StaffFactory(role=role), Client()
    client.force_login(person)
    for page in ("/desk/", "/admin/"):
        answer = client.get(page)
        assert (answer.headers.get("Location") == reverse("mfa_index")) is bound, page
    assert client.get("/desk/account/").status_code == 200
    TOTP.activate(person, generate_totp_secret())
    assert client.get("/desk/").status_code == 200


def test_second_factor_is_asked_for_at_once_when_the_role_changes(settings):
    from django.contrib.auth.models import Group

    settings.MFA_ROLES = ["manager"]
    person, client = StaffFactory(role="support"), Client()
    client.force_login(person)
    assert client.get("/desk/").status_code == 200
    person.groups.set([Group.objects.get(name="manager")])
    assert client.get("/desk/").headers["Location"] == reverse("mfa_index")


def test_app_is_set_up_on_our_own_pages(rita: User):
    client = Client()
    sign_in(client)
    assert client.get(reverse("mfa_activate_totp")).headers["Location"].startswith(reverse("account_reauthenticate"))
    confirm(client)
    page = client.get(reverse("mfa_activate_totp"))
    text = page.content.decode()
    assert "<svg" in text
    assert "data:image" not in text
    secret = page.context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    assert answer.status_code == 302
    assert Authenticator.objects.filter(user=rita, type="totp").exists()
    assert client.get(answer["Location"]).status_code == 200  # the recovery codes
    assert "A second factor protects this account" in client.get("/desk/account/").content.decode()


@pytest.mark.parametrize(
    "name", ["mfa_index", "mfa_add_webauthn", "mfa_list_webauthn", "mfa_activate_totp", "account_reauthenticate"]
)
def test_pages_of_the_second_factor_ask_nobody_else_for_anything(rita: User, name: str):
    client = Client()
    sign_in(client)
    confirm(client)
    text = client.get(reverse(name)).content.decode()
    assert "<main" in text
    assert not [line for line in text.splitlines() if 'src="http' in line or 'href="http' in line or "style=" in line]


# ── Lock-out ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ["rita@positron.example", "nobody@positron.example"])
def test_door_is_shut_after_many_tries_whether_there_is_an_account_or_not(rita: User, address: str):
    client = Client()
    for _number in range(limits()["login_here"].most):
        text = sign_in(client, username=address, password="wrong").content.decode()
        assert "do not open the desk" in text
    text = sign_in(client, username=address).content.decode()
    assert "Too many tries did not succeed" in text
    assert not is_in(client)


def test_colleague_elsewhere_still_gets_in_while_somebody_tries_their_address(rita: User):
    for _number in range(limits()["login_here"].most + 1):
        sign_in(Client(), password="wrong")
    client = Client(REMOTE_ADDR="203.0.113.9")
    assert sign_in(client).status_code == 302


def test_door_opens_again_when_the_time_is_over(rita: User):
    for _number in range(limits()["login_here"].most + 1):
        sign_in(Client(), password="wrong")
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=16), tick=False):
        assert sign_in(Client()).status_code == 302


def test_log_ins_that_work_are_not_counted(rita: User, settings):
    settings.LIMITS = {"login_network": (2, 3600), "login_account": (2, 3600), "login_here": (2, 900)}
    for _number in range(4):
        assert sign_in(Client()).status_code == 302


def test_forged_proxy_header_is_no_way_round(rita: User):
    for number in range(limits()["login_here"].most):
        client = Client(headers={"x-forwarded-for": f"198.51.100.{number}"})
        sign_in(client, password="wrong")
    assert "Too many tries" in sign_in(Client()).content.decode()


def test_account_switched_off_reads_like_a_wrong_password(rita: User):
    User.objects.filter(pk=rita.pk).update(is_active=False)
    off, wrong = sign_in(Client()), sign_in(Client(), password="wrong")
    assert off.context["form"].non_field_errors() == wrong.context["form"].non_field_errors()


# ── Sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("steps", "stays"),
    [([119], True), ([121], False), ([100] * 8, True), ([100] * 9, False)],
    ids=["within the idle time", "idle too long", "busy within the hours", "busy beyond the hours"],
)
def test_session_ends_by_itself(rita: User, steps: list[int], stays: bool):
    client, at = Client(), dt.datetime.now(dt.UTC)
    sign_in(client)
    for minutes in steps:
        at += dt.timedelta(minutes=minutes)
        with time_machine.travel(at, tick=False):
            here = is_in(client)
    assert here is stays


def test_session_is_listed_and_ended_from_another_browser(rita: User):
    office, phone = Client(headers={"user-agent": "Office"}), Client(headers={"user-agent": "Phone"})
    sign_in(office)
    sign_in(phone)
    assert "Phone" in office.get("/desk/account/").content.decode()
    lost = DeskSession.objects.get(browser="Phone")
    assert office.post(reverse("end_session", args=[lost.pk])).status_code == 303
    assert (is_in(office), is_in(phone)) == (True, False)


def test_every_other_session_is_ended_at_once(rita: User):
    clients = [Client() for _number in range(3)]
    for client in clients:
        sign_in(client)
    clients[0].post(reverse("end_other_sessions"))
    assert [is_in(client) for client in clients] == [True, False, False]


def test_session_of_somebody_else_cannot_be_ended(rita: User):
    sign_in(Client())
    other = Client()
    other.force_login(StaffFactory(role="administrator"))
    theirs = DeskSession.objects.get(user=rita)
    assert other.post(reverse("end_session", args=[theirs.pk])).status_code == 404
    assert DeskSession.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("change", ["switched off", "password", "role"])
def test_change_of_an_account_acts_on_the_next_request(rita: User, change: str):
    client = Client()
    sign_in(client)
    assert client.get(reverse("staff:replay")).status_code == 200
    if change == "switched off":
        User.objects.filter(pk=rita.pk).update(is_active=False)
    elif change == "password":
        rita.set_password("quite another password")
        rita.save()
    else:
        rita.groups.clear()
    assert client.get(reverse("staff:replay")).status_code == (403 if change == "role" else 302)


def test_list_of_sessions_forgets_those_long_over(rita: User):
    from warrantydesk.accounts.sessions import old_sessions

    sign_in(Client())
    now = dt.datetime.now(dt.UTC)
    assert old_sessions(now).count() == 0
    assert old_sessions(now + dt.timedelta(hours=15)).count() == 1
