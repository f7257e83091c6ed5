"""Template tags every face uses: status_badge, badge, icon, timeline, said, clock_steps, stepper, facts, query_with;
filters day, span, moment, time_of_day, money.

{% badge "ok" "check" word %} · {% timeline events %} · {% said message %} · {% status_badge case.state %}
{% status_badge code audience="customer" %} · {% status_badge verdict kind="verdict" %}
{% icon "truck" %} · {% icon "cross" label=_("Close") %} · {{ part.covered_through|day }} · {{ amount|money:currency }}
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.template.base import Parser, Token
from django.utils.safestring import SafeString

from warrantydesk.faces import administration, badges, formats, icons
from warrantydesk.faces.clock_steps import clock_steps
from warrantydesk.faces.conversation import said
from warrantydesk.faces.counting import count_in_words
from warrantydesk.faces.drawn import facts, stepper
from warrantydesk.faces.fixed import FixedNode
from warrantydesk.faces.side import Group, here_of, side_of
from warrantydesk.faces.statuses import Status, status_of
from warrantydesk.faces.timeline import timeline_of

register = template.Library()


register.simple_tag(badges.status_badge)
register.simple_tag(badges.badge)
register.simple_tag(timeline_of, name="timeline")
register.simple_tag(said)
register.simple_tag(clock_steps)
register.simple_tag(stepper)
register.simple_tag(facts)


@register.simple_tag
def status(code: str, kind: str | None = None) -> Status:
    """The row of the table itself: {% status code as s %}{{ s.customer }}."""
    return status_of(code, kind)


@register.simple_tag
def status_word(code: str, audience: str = "staff", kind: str | None = None) -> str:
    """The word alone, for sentences, titles and mails."""
    return str(status_of(code, kind).word(audience))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One of templates/icons/*.svg, inline."""
    return icons.icon(name, label)


@register.tag
def fixed(parser: Parser, _token: Token) -> FixedNode:
    """{% fixed %}…{% endfixed %}: what is the same on every page is rendered once in a process and language."""
    nodes = parser.parse(("endfixed",))
    parser.delete_first_token()
    return FixedNode(nodes)


@register.simple_tag
def side(nav: list[Group]) -> SafeString:
    """The groups of the desk's side."""
    return side_of(nav)


@register.simple_tag
def admin_side(app_list: list[dict[str, Any]], path: str) -> SafeString:
    """The apps and models in the side of the administration; `path` tells which is the one shown."""
    return administration.side_of(app_list, path)


@register.simple_tag
def here(nav: list[Group]) -> SafeString:
    """The page shown and its count, for the head of a narrow window."""
    return here_of(nav)


@register.filter
def day(value: date | None) -> str:
    """3 Mar 2026."""
    return formats.day(value)


@register.filter
def span(first: date, last: date) -> str:
    """{{ left_on|span:back_on }}: 11–29 Jun 2025."""
    return formats.span(first, last)


@register.filter
def moment(value: datetime | None) -> str:
    """3 Mar 2026, 14:05."""
    return formats.moment(value)


@register.filter
def time_of_day(value: datetime | None) -> str:
    """14:05."""
    return formats.time_of_day(value)


@register.filter
def bounded(value: int) -> str:
    """{{ item.count|bounded }}: 42, or 99+ where nobody counted on."""
    return count_in_words(value)


@register.filter
def money(amount: Decimal | str | int | None, currency: str) -> str:
    """{{ amount|money:currency }}: €45.00."""
    return formats.money(amount, currency)


@register.filter
def looks_like(field: BoundField) -> str:
    """What field.html draws for a bound field: "choices", "checkbox", "file" or "plain"."""
    return {
        "radioselect": "choices",
        "checkboxselectmultiple": "choices",
        "checkbox": "checkbox",
        "file": "file",
        "clearablefile": "file",
    }.get(field.widget_type, "file" if field.field.widget.needs_multipart_form else "plain")


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: object) -> str:
    """The page's own query string with some values changed (None drops one): <a href="{% query_with page=2 %}">."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is None:
        return "?" + "&".join(f"{key}={value}" for key, value in changes.items() if value is not None)
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None:
            query[key] = str(value)
    return f"?{query.urlencode()}"
