"""What a row of the queue shows, drawn once in one pass: a template takes twice the time of everything else.

The words of a page are looked up once, not for each row. Whatever somebody wrote is escaped as it is put in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries

from cases.models import Case
from products.models import Customer
from products.written_once import WrittenOnce
from warrantydesk.faces.badges import status_badge
from warrantydesk.faces.formats import age_in_words, moment
from warrantydesk.faces.icons import icon
from warrantydesk.staff.choices import CASE_IDS, Beside, at_once

SOON = timedelta(hours=4)
# The braces of the labels are filled once for a page, those of a case (doubled) for each row.
PAGE = (
    '<tr data-row="{{reference}}">{{tick}}'
    '<th scope="row"><a class="queue-title" href="{{url}}" data-row-link>{{title}}</a>'
    ' <span class="mono dim">{{reference}}</span>{{tags}}</th>'
    '<td data-label="{state_label}">{{badge}}</td>'
    '<td data-label="{customer_label}"><span class="cell-main">{{customer}}</span>{{country}}</td>'
    '<td data-label="{product_label}">{{product}}{{parts}}</td>'
    '<td class="cell-due" data-label="{due_label}">{{due}}</td>'
    '<td class="cell-num in-second" data-label="{age_label}">'
    '<time datetime="{{received_at}}" title="{{received}}">{{age}}</time></td>'
    '<td class="in-second" data-label="{person_label}">{{person}}</td></tr>'
)
TICK = (
    '<td class="cell-tight queue-tick">'
    '<input type="checkbox" name="case" value="%(reference)s" aria-label="{tick}"></td>'
)
TAG = ' <span class="tag">{}</span>'
DUE = '<span class="queue-due {tone}"{title}>{icon}{words}</span>'
MAIN, SUB = '<span class="cell-main">{}</span>', '<span class="cell-sub">{}</span>'


class CaseRow(NamedTuple):
    """What is read of a case for its row, in the order of COLUMNS."""

    pk: int
    reference: str
    state: str
    subject: str
    received_at: datetime
    changed_at: datetime
    due_at: datetime | None
    first_reply_due_at: datetime | None
    waiting_since: datetime | None
    assignee_name: str | None
    assignee_email: str | None
    customer_id: int
    customer_name: str
    customer_email: str
    country: str
    product_id: int | None
    product_name: str | None


COLUMNS = (
    "pk", "reference", "state", "subject", "received_at", "changed_at", "due_at", "first_reply_due_at", "waiting_since",
    "assignee__name", "assignee__email", "customer_id", "customer__name", "customer__email", "customer__country",
    "product_id", "product__name",
)  # fmt: skip


@dataclass(frozen=True)
class Due:
    """By when somebody has to answer, in words; `tone` is a class of .queue-due. Never about the warranty."""

    words: str
    tone: str
    icon: str
    at: datetime | None


class Row(NamedTuple):
    reference: str
    html: SafeString


def rows_by_id(ids: Sequence[int]) -> list[CaseRow]:
    """The cases of these ids that are there, in their order."""
    found = {row[0]: CaseRow(*row) for some in at_once(ids) for row in _ROWS.ask(**some).rows()}
    return [found[pk] for pk in ids if pk in found]


def _named(**ids: int) -> QuerySet[Case, Any]:
    """A country is read as its code: the object a model makes of it costs a page."""
    return Case.objects.filter(pk__in=list(ids.values())).order_by().values_list(*COLUMNS)


_ROWS = WrittenOnce(_named, keep_plan=True, **CASE_IDS)


def rows_of(cases: list[CaseRow], beside: Beside, now: datetime, *, can_handle: bool) -> list[Row]:
    """`beside` is what was read along with them."""
    badges = {state: status_badge(state, kind="case") for state in {case.state for case in cases}}
    lands = {
        code: SUB.format(escape(countries.name(code))) if code else "" for code in {case.country for case in cases}
    }
    tick = TICK.replace("{tick}", escape(_("Tick %(reference)s"))) if can_handle else ""
    nobody, unmatched = SUB.format(escape(_("Nobody"))), SUB.format(escape(_("Not matched yet")))
    no_subject, row = _("Warranty request"), PAGE.format(**_labels())
    url = reverse("staff:case", args=["-"]).removesuffix("-/")
    return [
        _row(
            case.reference,
            row.format(
                reference=escape(case.reference),
                tick=tick % {"reference": escape(case.reference)},
                url=f"{url}{case.reference}/",
                title=escape(case.subject or no_subject),
                tags="".join(TAG.format(escape(name)) for name in beside.tags.get(case.pk, ())),
                badge=badges[case.state],
                customer=escape(_name_of(case)),
                country=lands[case.country],
                product=MAIN.format(escape(case.product_name)) if case.product_name else unmatched,
                parts=_parts(case, beside.parts.get(case.pk, ())),
                due=_due(due_of(case, now)),
                received_at=case.received_at.isoformat(),
                received=escape(moment(case.received_at)),
                age=escape(age_in_words(now - case.received_at)),
                person=MAIN.format(escape(case.assignee_name or case.assignee_email))
                if case.assignee_email
                else nobody,
            ),
        )
        for case in cases
    ]


def due_of(case: Case | CaseRow, now: datetime) -> Due | None:
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


def _labels() -> dict[str, str]:
    """The names of the columns, for the cells that stand below each other on a phone."""
    labels = {
        "state_label": _("State"),
        "customer_label": _("Customer"),
        "product_label": _("Product"),
        "due_label": _("Our answer"),
        "age_label": _("Age"),
        "person_label": _("Looked after by"),
    }
    return {name: escape(words).replace("{", "{{").replace("}", "}}") for name, words in labels.items()}


def _row(reference: str, html: str) -> Row:
    # Every piece was escaped above, or is of this file, of a template, or of the icons.
    return Row(reference, mark_safe(html))  # noqa: S308


def _name_of(case: CaseRow) -> str:
    return case.customer_name or case.customer_email or str(Customer(pk=case.customer_id))


def _due(due: Due | None) -> str:
    if due is None:
        return ""
    title = f' title="{escape(moment(due.at))}"' if due.at else ""
    return DUE.format(tone=due.tone, title=title, icon=icon(due.icon), words=escape(due.words))


def _parts(case: CaseRow, claimed: Iterable[tuple[int, str]]) -> str:
    """Those that are not the product itself: what is sold singly is its own one part."""
    names = [label for product_id, label in claimed if product_id != case.product_id]
    if not names:
        return ""
    more = len(names) - 1
    and_more = ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more} if more else ""
    return SUB.format(escape(f"{names[0]} {and_more}".rstrip()))
