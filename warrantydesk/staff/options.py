"""The options of a select box, drawn in one go: there are countries and products by the hundred."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

SELECTED = SafeString(" selected")


def options(offered: Iterable[tuple[int | str, str | Promise]], chosen: str = "") -> SafeString:
    """`offered` are values and their labels; `chosen` is the value selected, as it stands in an address."""
    lines = ((value, SELECTED if str(value) == chosen else "", label) for value, label in offered)
    return format_html_join("", '<option value="{}"{}>{}</option>', lines)
