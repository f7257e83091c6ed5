"""The portal in every state and language, on a phone: axe finds nothing, and nothing sticks out."""

import pytest
from django.conf import settings as desk
from playwright.sync_api import Error
from pytest_django import Settings

from warrantydesk.portal.tests.every_page import EveryPage, Page
from warrantydesk.tests.browser import SCHEMES, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROWS_OF_THE_HEAD = (
    "() => new Set([...document.querySelector('.portal-head').children].map((one) => one.offsetTop >> 5)).size"
)


@pytest.mark.timeout(900)  # nearly three hundred pages
def test_pages_in_every_state_and_language_are_accessible_and_fit_a_phone(visitor: Visitor, settings: Settings) -> None:
    """The pages are made once. Colours are the same in every language: they are looked at in one."""
    settings.LIMITS = {"portal_check": (10_000, 3600)}
    visitor.expected += ["404", "422"]
    visitor.resize(390)
    made, found = EveryPage(), []
    for language, _name in desk.LANGUAGES:
        made.speak(language)
        schemes = SCHEMES if language == desk.LANGUAGE_CODE else ("words",)
        for page in made.pages(language):
            try:
                look_at(visitor, page, language, schemes)
            except (AssertionError, Error) as wrong:
                found.append(f"{language}, {page.name}: {wrong}")
    assert not found, "\n\n".join(found)


def look_at(visitor: Visitor, page: Page, language: str, schemes: tuple[str, ...]) -> None:
    browser = visitor.page
    if page.path:
        browser.context.clear_cookies()
        browser.context.add_cookies(EveryPage.cookie(page, visitor.address))
        answer = visitor.open(page.path, until="load")
    if page.sends:
        form = browser.locator(page.sends).first
        for name, text in page.filled.items():
            form.locator(f"[name={name}]").evaluate("(field, text) => { field.value = text; }", text)
        with browser.expect_navigation() as sent:
            form.evaluate("(form) => form.requestSubmit()")
        answer = sent.value
    assert answer.status == page.answers, f"answered {answer.status}"
    assert browser.evaluate("() => document.documentElement.lang") == language
    visitor.expect_accessible(schemes)
    visitor.expect_no_overflow(page.name, 390)
    rows = browser.evaluate(ROWS_OF_THE_HEAD)
    assert rows == 1, f"the head has {rows} rows"
