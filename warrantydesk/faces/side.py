"""What stands in the side of every desk page, and how it is drawn: a template would take twice the time of a list."""

from collections.abc import Callable
from typing import Any, NotRequired, TypedDict

from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from products.written_once import Asked
from warrantydesk.faces.counting import count_in_words
from warrantydesk.faces.icons import icon


class Item(TypedDict):
    """A link of the side. `count` is None where nothing is counted, and rows where they are still to be counted (or
    the query for the first of them, written beforehand).

    `late` are those of them that must not wait any longer, and `alarm` says so, given how many.
    """

    label: str
    url: str
    count: int | QuerySet[Any] | Asked | None
    current: bool
    late: NotRequired[QuerySet[Any] | Asked]
    alarm: NotRequired[str | Callable[[int], str]]


class Group(TypedDict):
    """Links under one title; the groups of several faces with the same title become one."""

    title: str
    items: list[Item]


CURRENT = SafeString(' aria-current="page"')
ALARM = '<span class="count is-late" title="{alarm}">{icon}{count}<span class="visually-hidden">, {alarm}</span></span>'


def side_of(nav: list[Group]) -> SafeString:
    """The groups as lists of links, each with its title where it has one."""
    return format_html_join("\n", '<div class="side-group">{}<ul class="side-items">{}</ul></div>', map(_group, nav))


def here_of(nav: list[Group]) -> SafeString:
    """The link of the page shown, as words with its count."""
    current = (item for group in nav for item in group["items"] if item["current"])
    return format_html_join(
        "", '<span class="end dim small">{}{}</span>', ((one["label"], _short(one)) for one in current)
    )


def _group(group: Group) -> tuple[SafeString | str, SafeString]:
    title = format_html("<h2>{}</h2>", group["title"]) if group["title"] else ""
    return title, format_html_join("\n", '<li><a href="{}"{}>{}{}</a></li>', map(_link, group["items"]))


def _link(item: Item) -> tuple[str, SafeString | str, str, SafeString | str]:
    return item["url"], CURRENT if item["current"] else "", item["label"], _count(item)


def _count(item: Item) -> SafeString | str:
    """Whoever hears a page hears why a count is red, too."""
    alarm, count = item.get("alarm"), item["count"]
    if not alarm or not isinstance(count, int):
        return format_html('<span class="count">{}</span>', count_in_words(count)) if isinstance(count, int) else ""
    return format_html(ALARM, alarm=alarm, icon=icon("alert"), count=count_in_words(count))


def _short(item: Item) -> SafeString | str:
    count = item["count"]
    return format_html(' <span class="count">{}</span>', count_in_words(count)) if isinstance(count, int) else ""
