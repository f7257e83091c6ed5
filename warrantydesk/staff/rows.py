"""What a row of the queue shows beside the case itself: one query for all the rows of a page."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, CharField, QuerySet, Value
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django_countries import countries

from cases.models import Case, ClaimedPart
from cases.models.case import due_first
from warrantydesk.faces.formats import age_in_words, moment
from warrantydesk.faces.templatetags.desk import status_badge

SOON = timedelta(hours=4)
COLUMNS = (
    "reference", "state", "subject", "received_at", "changed_at", "due_at", "first_reply_due_at", "waiting_since",
    "assignee__name", "assignee__email", "customer__name", "customer__email", "customer__country", "product__name",
)  # fmt: skip


@dataclass(frozen=True)
class Due:
    """By when somebody has to answer, in words; `tone` is a class of .queue-due. Never about the warranty."""

    words: str
    tone: str
    icon: str
    at: datetime | None


@dataclass
class Row:
    """Everything in words, once: a template that works them out for every row takes most of the page's time."""

    case: Case
    url: str
    title: str
    badge: str
    tick: str
    customer: str
    country: str
    product: str
    person: str
    due: Due | None
    age: str
    received: str
    parts: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    @property
    def more_parts(self) -> int:
        return len(self.parts) - 1


def with_columns(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Only what a row shows, joined; what is due is a column of it, since the place of a page is read from the row."""
    return cases.select_related("customer", "product", "assignee").only(*COLUMNS).annotate(due_key=due_first())


def rows_of(cases: list[Case], now: datetime) -> list[Row]:
    badges = {state: _badge(state) for state in {case.state for case in cases}}
    lands = {code: countries.name(code) for code in {str(case.customer.country) for case in cases} if code}
    tick, no_subject = _("Tick %(reference)s"), _("Warranty request")
    url = reverse("staff:case", args=["-"]).removesuffix("-/")
    rows = {
        case.pk: Row(
            case=case,
            url=f"{url}{case.reference}/",
            title=case.subject or no_subject,
            badge=badges[case.state],
            tick=tick % {"reference": case.reference},
            customer=str(case.customer),
            country=lands.get(str(case.customer.country), ""),
            product=case.product.name if case.product else "",
            person=str(case.assignee) if case.assignee else "",
            due=due_of(case, now),
            age=age_in_words(now - case.received_at),
            received=moment(case.received_at),
        )
        for case in cases
    }
    for kind, case_id, _pk, name, place, product_id in sorted(_beside(list(rows)), key=lambda row: (row[1], row[2])):
        row = rows[case_id]
        if kind == "tag":
            row.tags.append(name)
        elif product_id != row.case.product_id:  # a product sold singly is its own one part
            row.parts.append(f"{place}: {name}" if place else name)
    return list(rows.values())


def _badge(state: str) -> str:
    return render_to_string("components/badge.html", status_badge(state, kind="case"))


def due_of(case: Case, now: datetime) -> Due | None:
    """What the desk owes this customer, and by when; or that they owe us an answer. None where nobody waits."""
    if case.due_at is None:
        if case.waiting_since is None:
            return None
        return Due(_("asked %(age)s ago") % {"age": age_in_words(now - case.waiting_since)}, "", "hourglass", None)
    words = _("reply") if case.due_at == case.first_reply_due_at else _("decision")
    left = case.due_at - now
    given = {"what": words, "time": age_in_words(abs(left))}
    if left < timedelta(0):
        return Due(_("%(what)s %(time)s late") % given, "is-late", "alert", case.due_at)
    return Due(_("%(what)s in %(time)s") % given, "is-soon" if left < SOON else "", "reply", case.due_at)


def _beside(case_ids: list[int]) -> Any:
    """The claimed parts and the tags of these cases: (kind, case, id, name, place, product)."""
    parts: Any = ClaimedPart.objects.filter(case__in=case_ids).order_by()
    tags: Any = Case.tags.through._default_manager.filter(case__in=case_ids).order_by()
    text = {"output_field": CharField()}
    parts = parts.annotate(row_kind=Value("part", **text)).values_list(
        "row_kind", "case_id", "pk", "part__product__name", "part__place", "part__product_id"
    )
    tags = tags.annotate(
        row_kind=Value("tag", **text),
        row_place=Value("", **text),
        row_product=Value(0, output_field=BigIntegerField()),
    ).values_list("row_kind", "case_id", "pk", "tag__name", "row_place", "row_product")
    return parts.union(tags, all=True)
