"""The customer's side in a real browser: from the button to the page on a phone, and how every page looks."""

import pytest

from cases.models import Case
from warrantydesk.portal.tests import states
from warrantydesk.portal.tests.door import picture, send_mails, token_of
from warrantydesk.tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _let_in(visitor: Visitor, case: Case) -> None:
    send_mails(case)
    visitor.open(f"/status/{token_of(case)}/")
    visitor.page.get_by_role("button", name="Open my request").click()
    visitor.page.wait_for_url("**/status/")


@pytest.mark.parametrize(
    "made",
    [
        states.incomplete, states.asked, states.looking, states.quote_open, states.parcel_to_us, states.partly_denied,
        states.denied, states.returned, states.withdrawn,
    ],
)  # fmt: skip
def test_status_page_looks_right(visitor, made):
    """What axe says of them all, and of the plain pages below, stands in test_languages_browser."""
    case = made()
    visitor.resize(390)
    _let_in(visitor, case)
    visitor.photograph(f"portal-{made.__name__}")


@pytest.mark.parametrize(
    ("path", "name"), [("/", "home"), ("/status/" + "x" * 32 + "/", "open"), ("/link/sent/", "link-asked")]
)
def test_plain_page_looks_right(visitor, path, name):
    visitor.open(path)
    visitor.photograph(f"portal-{name}")
    assert visitor.page.context.cookies() == []


def test_closed_door_looks_right(visitor):
    visitor.expected.append("404")
    visitor.open("/status/" + "x" * 32 + "/")
    visitor.page.get_by_role("button", name="Open my request").click()
    visitor.page.get_by_role("heading", name="This link does not open anything any more").wait_for()
    visitor.photograph("portal-closed")
    assert visitor.page.context.cookies() == []


def test_customer_walks_through_on_a_phone(visitor, tmp_path):
    case = states.incomplete()
    visitor.resize(390)
    _let_in(visitor, case)
    page = visitor.page
    # Two things are missing, and each is done where it is asked for.
    page.get_by_role("button", name="It is this part").click()
    page.get_by_text("Thank you, we know the part now.").wait_for()
    page.get_by_label("What happens?").fill("The X motor gets hot and stops.")
    page.get_by_role("button", name="Send the description").click()
    page.get_by_role("heading", name="We are looking at your request").wait_for()
    # An empty message is asked for again, and the focus is where the words about it are.
    visitor.expected.append("422")
    page.get_by_role("button", name="Send the message").click()
    page.get_by_text("Please write something, or choose a photo.").first.wait_for()
    page.get_by_label("Your message").fill("It is louder now.")
    file = tmp_path / "IMG_9.jpg"
    file.write_bytes(picture(number=9).read())
    page.get_by_label("Photos, a video or a PDF").set_input_files(str(file))
    page.get_by_role("button", name="Send the message").click()
    page.get_by_text("Your message is with us.").wait_for()
    page.get_by_text("It is louder now.").wait_for()
    visitor.expect_no_overflow("after the message", 390)
    page.get_by_role("button", name="Log off").click()
    page.get_by_text("You are logged off.").wait_for()
    visitor.expected.append("404")
    visitor.open("/status/")
    page.get_by_role("heading", name="This link does not open anything any more").wait_for()


def test_page_works_without_scripts(chromium, live_server):
    case = states.quote_open()
    send_mails(case)
    context = chromium.new_context(viewport={"width": 390, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/status/{token_of(case)}/")
    page.get_by_role("button", name="Open my request").click()
    page.get_by_role("button", name="Accept €63.50").click()
    page.get_by_text("You accepted the costs, and we go on.").wait_for()
    assert case.quotes.get().answer == "accepted"
    context.close()


def test_error_page_keeps_its_form_in_view(visitor):
    case = states.approved()
    visitor.resize(390)
    _let_in(visitor, case)
    page = visitor.page
    page.get_by_text("I sent a parcel: here is its tracking number").click()
    page.get_by_label("Tracking number").fill("nonsense")
    visitor.expected.append("422")
    with page.expect_navigation():
        page.get_by_role("button", name="Send the number").click()
    assert page.get_by_label("Tracking number").input_value() == "nonsense"
    visitor.photograph("portal-refused")
    visitor.resize(390)
    visitor.expect_accessible()
