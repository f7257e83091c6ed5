"""What the pages write by hand says what Django's own templates and functions say."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import formats, translation

from products.localised import number
from warrantydesk.reports.asked import EVERY_FILTER
from warrantydesk.reports.forms import AskedForm
from warrantydesk.reports.page_parts import filters_of

TODAY = dt.date(2026, 3, 31)
VALUES = [0, 7, 999, 1000, 1234567, -1234.5, 0.05, 0.25, 12.345, 999.999, Decimal("1234.50"), 10**15]


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("places", [0, 1, 2])
def test_numbers_are_written_as_django_writes_them(language: str, places: int):
    with translation.override(language):
        for value in VALUES:
            told = formats.number_format(round(value, places), decimal_pos=places, use_l10n=True, force_grouping=True)
            assert number(value, places) == told


def plainly(text: str) -> str:
    """Without what a browser does not see: space between tags, and the order of attributes."""
    text = re.sub(r">\s+<", "><", re.sub(r"\s+", " ", text)).strip()
    return re.sub(r"<[^>]+>", lambda tag: " ".join(sorted(re.findall(r'[^\s<>"]+(?:="[^"]*")?', tag[0]))), text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["", "from=2026-01-05&to=2026-02-01&country=NO", "from=2026-02-30&part=nothing&batch=<b>"]
)
def test_filters_are_drawn_as_the_component_draws_fields(query: str):
    form = AskedForm(QueryDict(query), TODAY, EVERY_FILTER)
    asked = {"class": "field-narrow", "optional": False}
    fields = "".join(render_to_string("components/field.html", {"field": field, **asked}) for field in form)
    assert plainly(filters_of(form)) == plainly(fields)
    assert ("field-error" in fields) == ("nothing" in query)
    assert "<b>" not in fields
