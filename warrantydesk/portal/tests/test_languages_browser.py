"""Every language on a phone, in one browser: axe finds nothing, and no long word sticks out or breaks the head."""

import pytest
from django.conf import settings

from cases.models import Case
from warrantydesk.portal.tests.test_portal_browser import _let_in, quote_open
from warrantydesk.tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OTHERS = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
OUTSIDE = ("/", "/check/")


def test_every_language_is_accessible_and_fits_a_phone(visitor: Visitor) -> None:
    visitor.resize(390)
    for language in OTHERS:
        for path in OUTSIDE:
            visitor.open(f"{path}?lang={language}")
            looked_over(visitor, f"{path} {language}")
    case = quote_open()
    _let_in(visitor, case)
    for language in OTHERS:
        Case.objects.filter(pk=case.pk).update(language=language)
        visitor.open("/status/")
        looked_over(visitor, f"/status/ {language}")


def looked_over(visitor: Visitor, name: str) -> None:
    visitor.expect_accessible(schemes=("light",))  # colours are the same in every language
    visitor.expect_no_overflow(name, 390)
    rows = visitor.page.evaluate(
        "() => new Set([...document.querySelector('.portal-head').children].map((one) => one.offsetTop >> 5)).size"
    )
    assert rows == 1, f"the head of {name} has {rows} rows"
