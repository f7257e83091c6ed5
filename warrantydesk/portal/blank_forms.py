"""Forms nobody has filled in yet. But for the mark of its copy, the reader's token and the number of the case, an empty
form is the same for every case: it is drawn from its template once in a process and language, and from then on only
those are put into their places.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from warrantydesk.portal.case_of_customer import CaseOfCustomer
from warrantydesk.portal.forms import new_mark

PLACE = "\x1f{}\x1f"  # as nobody writes
_PLACES = re.compile("\x1f(.+?)\x1f")
OF_THE_CASE = ("csrf_token", "reference")  # what their templates read besides the form


def blank(context: Context, name: str, **more: bool) -> SafeString:
    """The empty form of the verb `name` from templates/portal/status/<name>_form.html; `more` are switches of it."""
    given = {one: escape(context.get(one, "")) for one in OF_THE_CASE} | {"once": new_mark()}
    pieces = _drawn(name, get_language(), tuple(more.items()))
    return mark_safe("".join(given[one] if is_place else one for is_place, one in pieces))  # noqa: S308 - ours; escaped


@cache
def _drawn(name: str, _language: str | None, more: tuple[tuple[str, bool], ...]) -> list[tuple[bool, str]]:
    """What stands in the page as it is, and between it what is put there each time."""
    known: Mapping[str, Any] = {one: PLACE.format(one) for one in OF_THE_CASE}
    drawn = render_to_string(f"portal/status/{name}_form.html", {**known, **dict(more), "form": _empty(name)})
    return [(bool(number % 2), piece) for number, piece in enumerate(_PLACES.split(drawn))]


def _empty(name: str) -> Any:
    from warrantydesk.portal.verbs import VERBS

    form = VERBS[name].form_for(_nobody())
    form.initial = {"once": PLACE.format("once")}
    return form


def _nobody() -> CaseOfCustomer:
    """Whose case it is an empty form does not ask."""
    return CaseOfCustomer(None, None)  # type: ignore[arg-type]
