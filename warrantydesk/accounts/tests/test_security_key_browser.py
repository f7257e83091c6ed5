"""A security key, made up by the browser: set up on one's own account, and asked for at the next log-in."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from cases.tests.factories import StaffFactory
from warrantydesk.audit.models import AuditEntry
from warrantydesk.tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "a-long-enough-passphrase"


@pytest.fixture
def key(visitor: Visitor) -> Any:
    """A security key plugged into the visitor's machine, touched whenever it blinks."""
    devtools = visitor.page.context.new_cdp_session(visitor.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return lambda: devtools.send("WebAuthn.getCredentials", made)["credentials"]


def sign_in(visitor: Visitor, email: str) -> None:
    visitor.open("/desk/login/")
    visitor.page.get_by_label("E-mail address").fill(email)
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign in").click()


def test_security_key_is_set_up_and_asked_for_at_the_next_log_in(visitor: Visitor, key: Any) -> None:
    person = StaffFactory(role="reviewer", email="mateo@desk.example")
    person.set_password(PASSWORD)
    person.save()
    sign_in(visitor, person.email)
    visitor.page.wait_for_url("**/desk/")

    visitor.open("/desk/account/second-factor/webauthn/add/")
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.keyboard.press("Enter")  # before a second factor is touched, the password is asked for once more
    visitor.page.get_by_label("Name").fill("Blue key")
    visitor.page.wait_for_load_state()  # the field is there before the script that asks the key
    visitor.page.get_by_role("button", name="Add").click()
    visitor.page.wait_for_url(lambda address: not address.endswith("/add/"))
    assert Authenticator.objects.filter(user=person, type="webauthn").count() == len(key()) == 1

    visitor.page.context.clear_cookies()
    sign_in(visitor, person.email)
    visitor.page.get_by_role("button", name="Use a security key").wait_for()
    assert visitor.open("/desk/").url.partition("?")[0].endswith("/desk/login/"), "the password alone opens nothing"

    sign_in(visitor, person.email)
    button = visitor.page.get_by_role("button", name="Use a security key")
    button.wait_for()
    visitor.page.wait_for_load_state()
    button.click()
    visitor.page.wait_for_url("**/desk/")
    assert key()[0]["signCount"] > 1
    assert AuditEntry.objects.filter(verb__startswith="account.", person=person.pk).exists()
