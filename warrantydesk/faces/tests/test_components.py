"""The shared templates: what they write is linked, escaped, and free of anything the CSP forbids."""

import re
from datetime import date
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.template import Context, Template, TemplateDoesNotExist
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from products.coverage import clock
from products.timeline import Marks, draw, draw_all
from warrantydesk.faces.clock_words import clock_words
from warrantydesk.faces.icons import icon
from warrantydesk.faces.styleguide import sample_context

TEMPLATES = Path(settings.BASE_DIR) / "templates"
ICONS = sorted(path.stem for path in (TEMPLATES / "icons").glob("*.svg"))


def written(source: str, request: HttpRequest | None = None, **context: object) -> str:
    return Template("{% load desk clock %}" + source).render(Context({"request": request, **context}))


def get(query: str = "") -> HttpRequest:
    return RequestFactory().get(f"/{query}")


class ClaimForm(forms.Form):
    serial = forms.CharField(label="Serial number", help_text="On the silver plate.")
    verdict = forms.ChoiceField(choices=[("covered", "Covered"), ("denied", "Not covered")], widget=forms.RadioSelect)
    note = forms.CharField(required=False)
    photo = forms.FileField(required=False)
    copy = forms.BooleanField(required=False)


@pytest.mark.parametrize("name", ICONS)
def test_icon_is_silent_beside_a_word(name):
    drawn = icon(name)
    assert drawn.startswith('<svg class="icon" aria-hidden="true"')
    assert "style=" not in drawn
    assert 'viewBox="0 0 16 16"' in drawn


def test_icon_is_named_and_escaped_when_it_stands_alone():
    assert 'role="img" aria-label="&lt;b&gt;"' in icon("cross", "<b>")


def test_icon_is_refused_when_nobody_drew_it():
    with pytest.raises(TemplateDoesNotExist, match="unicorn"):
        icon("unicorn")


def test_status_badge_says_the_customers_words_when_asked_for_them():
    assert "Evidence review" in written('{% status_badge "evidence_review" %}')
    assert "Being looked at" in written('{% status_badge "evidence_review" audience="customer" %}')
    assert "Proposed: wear" in written('{% status_badge "denied" kind="verdict" text="Proposed: wear" %}')


def test_field_links_hint_and_error_to_its_input_when_it_is_wrong():
    form = ClaimForm({})
    html = render_to_string("components/field.html", {"field": form["serial"]})
    assert 'aria-describedby="id_serial_helptext id_serial_error"' in html
    assert 'id="id_serial_helptext"' in html
    assert 'id="id_serial_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<label class="field-label" for="id_serial">' in html


def test_field_is_a_fieldset_with_legend_when_it_is_a_choice():
    html = render_to_string("components/field.html", {"field": ClaimForm({})["verdict"], "style": "segmented"})
    assert html.count('<label class="segment">') == 2
    assert "<legend" in html
    assert re.search(r'<fieldset[^>]*aria-describedby="id_verdict_error"', html)
    assert 'id="id_verdict_error"' in html


@pytest.mark.parametrize(
    ("name", "expected"),
    [("note", "optional"), ("photo", "data-upload"), ("copy", 'class="choice"'), ("serial", 'type="text"')],
)
def test_field_fits_its_widget(name, expected):
    assert expected in render_to_string("components/field.html", {"field": ClaimForm()[name]})


def test_field_error_escapes_what_was_typed():
    form = ClaimForm({"serial": "x", "verdict": "<script>"})
    html = render_to_string("components/field.html", {"field": form["verdict"]})
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_form_errors_keep_a_way_to_each_field():
    html = render_to_string("components/form_errors.html", {"form": ClaimForm({})})
    assert '<a href="#id_serial">' in html
    assert '<a href="#id_verdict">' in html
    assert render_to_string("components/form_errors.html", {"form": ClaimForm()}).strip() == ""


def test_query_with_keeps_the_rest_of_the_address():
    request = get("?view=mine&page=3&q=x%26y")
    assert written("{% query_with page=2 %}", request) == "?view=mine&amp;q=x%26y&amp;page=2"
    assert written("{% query_with page=None %}", request) == "?view=mine&amp;q=x%26y"


def test_clock_numbers_use_a_point_when_the_language_uses_a_comma():
    with translation.override("de"):
        drawn = draw(clock(date(2025, 3, 3), 12, [(date(2025, 6, 11), date(2025, 6, 29))], date(2025, 9, 1)))
        html = written("{% clock_drawing drawing %}", get(), drawing=drawn)
    assert not re.search(r' (?:x|y|x1|x2|width|height|viewBox)="[^"]*,', html)


def test_clock_patterns_have_their_own_ids_when_a_page_holds_several():
    drawn = draw_all(clock(date(2025, 3, 3), 12, [(date(2025, 6, 11), date(2025, 6, 29))], date(2025, 9, 1)))
    html = written(
        "{% clock_drawing drawn %}{% clock_drawing drawn %}{% clock_drawing drawn key=7 %}", get(), drawn=drawn
    )
    ids = re.findall(r'<pattern id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 9
    assert set(re.findall(r"url\(#([^)]+)\)", html)) == set(ids)


def test_clock_escapes_what_came_from_outside():
    marks = Marks(about='<img src=x>"', proofs={date(2025, 6, 11): "<script>"})
    drawn = draw(clock(date(2025, 3, 3), 12, [(date(2025, 6, 11), date(2025, 6, 29))], date(2025, 9, 1)), marks=marks)
    html = written("{% clock_drawing drawn %}", get(), drawn=drawn)
    assert "<script>" not in html
    assert "<img" not in html


@pytest.mark.parametrize(("language", "expected"), [("en", "paused 19 days"), ("de", "2025")])
def test_clock_words_fill_every_gap_in_each_language(language, expected):
    with translation.override(language):
        marks = Marks(
            received_on=date(2026, 3, 2), replacements=[(date(2025, 7, 1), "MX-1")], voided_on=date(2026, 1, 1)
        )
        windows = [(date(2025, 6, 11), date(2025, 6, 29))]
        drawn = draw(clock(date(2025, 3, 3), 12, windows, date(2026, 3, 3)), marks=marks, words=clock_words())
    said = drawn.aria_label + "".join(label.text for label in drawn.labels)
    assert expected in said
    assert "{" not in said
    assert "%" not in said


PAGES = [
    "400.html",
    "403.html",
    "404.html",
    "500.html",
    "styleguide.html",
    "styleguide/case_page.html",
    "styleguide/portal_page.html",
]


@pytest.mark.parametrize("name", PAGES)
def test_page_obeys_the_policy_when_written(name):
    html = render_to_string(name, sample_context(), request=get())
    assert not re.search(r"<[^>]+\sstyle=", html)
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"<[^>]+\son\w+=", html)
    assert "data:" not in html
    assert '<html lang="en"' in html
    assert 'class="skip" href="#main"' in html
    assert 'id="main"' in html


@pytest.mark.parametrize("name", PAGES)
def test_page_uses_each_id_once(name):
    html = render_to_string(name, sample_context(), request=get())
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("name", ["400.html", "403.html", "404.html", "500.html"])
def test_error_page_is_written_without_any_context(name):
    assert "<h1>" in render_to_string(name)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_uses_icons_that_are_drawn(path):
    assert set(re.findall(r'\{% icon "([\w-]+)"', path.read_text())) <= set(ICONS)
