"""Empty forms that are drawn once: what they say, and what is another on every page."""

import re

import pytest
from django.template import Context
from django.template.loader import render_to_string
from django.utils import translation

from cases.tests.factories import CaseFactory
from warrantydesk.portal.blank_forms import blank
from warrantydesk.portal.case_of_customer import CaseOfCustomer
from warrantydesk.portal.tests.door import let_in
from warrantydesk.portal.verbs import VERBS

ONCE = re.compile(r'name="once" value="([^"]+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("name", ["message", "withdraw"])
def test_blank_form_is_what_its_template_makes_of_an_empty_one(name: str, language: str) -> None:
    page = CaseOfCustomer(None, None)  # type: ignore[arg-type]  # an empty form asks for neither
    known = {"csrf_token": "token<>", "reference": 'WD-"7'}
    with translation.override(language):
        drawn = blank(Context(known), name, primary=True)
        form = VERBS[name].form_for(page)
        if mark := ONCE.search(drawn):
            form.initial = {"once": mark[1]}
        assert drawn == render_to_string(f"portal/status/{name}_form.html", {**known, "form": form, "primary": True})


@pytest.mark.django_db
def test_every_page_has_a_token_and_a_mark_of_its_own() -> None:
    browser = let_in(CaseFactory())
    browser.handler.enforce_csrf_checks = True
    pages = [browser.get("/status/").content.decode() for _time in range(2)]
    assert len({mark for page in pages for mark in ONCE.findall(page)}) == sum(len(ONCE.findall(one)) for one in pages)
    for page in pages:
        (token,) = set(TOKEN.findall(page))
        assert browser.post("/status/message/", {"csrfmiddlewaretoken": token, "text": "Hello"}).status_code == 302
