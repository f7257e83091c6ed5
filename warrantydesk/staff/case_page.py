"""What the case page shows, put together from one `CaseOnDesk`: panels of plain values for plain templates."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.models import CaseEvent, Quote
from cases.models.case import State
from cases.services.quoting import total_of
from shipments.packing_slip import is_expected as packing_slip_is_expected
from warrantydesk.faces.timeline import Told
from warrantydesk.staff.access import SEE_PARCELS
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.folds import Forms, WholeCase
from warrantydesk.staff.forms.base import VerbForm
from warrantydesk.staff.panels.evidence import EvidencePanel, evidence_panel
from warrantydesk.staff.panels.history import History, history_panel, told_of
from warrantydesk.staff.panels.parcels import ABOUT_PARCELS, ParcelPanel, parcels_panel
from warrantydesk.staff.panels.parts import ABOUT_CLAIMS, PartsPanel, parts_panel
from warrantydesk.staff.panels.purchase import PurchasePanel, purchase_panel
from warrantydesk.staff.panels.steps import StepsPanel, steps_panel
from warrantydesk.staff.panels.talk import Talk, talk_panel
from warrantydesk.staff.presence import note_presence
from warrantydesk.staff.rows import Due, due_of
from warrantydesk.staff.verbs import STEPS

# Their forms live in dialogs and menus: refused, they are shown open at the head of the page.
SHOWN_AT_THE_HEAD = {"assign", *(verb.name for verb in STEPS)}
AT_THE_BENCH = (State.APPROVED, State.IN_REPAIR, State.RETURNED)


class CasePage:
    """The page of one case: each panel is put together when it is asked for, so that a part of the page costs no more
    than that part. `opened` are the names of what is to be shown open; the rest is folded away (staff/folds.py)."""

    def __init__(
        self,
        on_desk: CaseOnDesk,
        refused: VerbForm | None = None,
        news: Sequence[CaseEvent] = (),
        opened: Collection[str] = (),
    ) -> None:
        self.on_desk, self.case, self.refused = on_desk, on_desk.case, refused
        self._news = news
        self._forms = Forms(on_desk, refused, opened)

    @cached_property
    def forms(self) -> WholeCase:
        return self._forms.whole_case()

    @cached_property
    def steps(self) -> StepsPanel:
        return steps_panel(self.on_desk, self.forms)

    @cached_property
    def parts(self) -> PartsPanel:
        return parts_panel(self.on_desk, self._forms, under_review=self.steps.offers("approve", "deny"))

    @cached_property
    def evidence(self) -> EvidencePanel:
        return evidence_panel(self.on_desk, self._forms)

    @cached_property
    def purchase(self) -> PurchasePanel:
        return purchase_panel(self.on_desk)

    @cached_property
    def parcels(self) -> list[ParcelPanel]:
        return parcels_panel(self.on_desk, self._forms)

    @cached_property
    def talk(self) -> Talk:
        return talk_panel(self.on_desk, self._forms)

    @property
    def quote(self) -> Quote | None:
        return self.on_desk.quote

    @property
    def quote_total(self) -> Decimal | None:
        return total_of(self.quote) if self.quote else None

    @property
    def currency(self) -> str:
        return self.on_desk.currency

    @cached_property
    def history(self) -> History:
        return history_panel(self.on_desk, self._forms)

    @property
    def news(self) -> list[Told]:
        return told_of(self.on_desk, self._news) if self._news else []

    @property
    def as_of(self) -> int:
        """The newest row of the timeline: what a form sent from this page was looked at with."""
        return max((event.pk for event in self.on_desk.events), default=0)

    @property
    def refused_in_place(self) -> bool:
        return self.refused is not None and self.refused.verb_name not in SHOWN_AT_THE_HEAD

    @property
    def answer_to_read(self) -> bool:
        return bool(self.case.decided_at or (self.parts.parts and not self.parts.undecided))

    @property
    def to_workshop(self) -> bool:
        return self.case.state in AT_THE_BENCH and self.on_desk.user.has_perm(SEE_PARCELS)

    @property
    def may_claim_more(self) -> bool:
        return self.on_desk.may_claim_more

    @property
    def has_packing_slip(self) -> bool:
        return packing_slip_is_expected(self.case)

    @cached_property
    def others(self) -> list[str]:
        return note_presence(self.case.pk, self.on_desk.user, self.on_desk.now)

    @property
    def tags_on(self) -> dict[int, str]:
        return self.on_desk.beside.tags

    @property
    def tags_off(self) -> list[str]:
        """Those that could still be put on, once somebody wants to."""
        wanted = self.forms["tag"].is_open
        return [name for pk, name in self.on_desk.all_tags.items() if pk not in self.tags_on] if wanted else []

    @property
    def due(self) -> Due | None:
        return due_of(self.case, self.on_desk.now)

    @property
    def there(self) -> str:
        return _time_there(self.on_desk)


@dataclass(frozen=True)
class Panel:
    """A part of the page: its template, what that asks of the page, and the names of what may be opened in it (those
    of verbs and of `More`, each without the key of what it is about)."""

    template: str
    asks: tuple[str, ...]
    opens: tuple[str, ...] = ()


PANELS = (
    Panel("evidence", ("evidence",), ("file", "mark_fault", "note_picture", "turn_picture", "look_again")),
    Panel("complete", ("purchase", "parts")),
    Panel("purchase", ("purchase", "forms", "as_of"), ("set_purchase", "describe")),
    Panel("earlier", ("purchase",)),
    Panel(
        "parts", ("parts", "purchase", "forms", "as_of", "answer_to_read", "to_workshop", "may_claim_more"),
        ("why", "claim_parts", *ABOUT_CLAIMS),
    ),
    Panel("quote", ("quote", "quote_total", "currency", "forms", "as_of"), ("write_quote", "answer_quote")),
    Panel(
        "parcels", ("parcels", "forms", "steps", "has_packing_slip"),
        ("book_parcel", "plan_unrepaired_return", "drop_unrepaired_return", "scans", *ABOUT_PARCELS),
    ),
    Panel("talk", ("talk", "forms", "steps", "evidence", "as_of"), ("talk", "write_to_customer", "add_note")),
    Panel("history", ("history",), ("history",)),
    Panel("assignee", ("forms",), ("assign",)),
    Panel("tags", ("forms", "tags_on", "tags_off"), ("tag", "untag")),
    Panel("step_dialogs", ("steps", "as_of"), tuple(verb.name for verb in STEPS)),
)  # fmt: skip
HEAD = ("refused", "refused_in_place", "news", "others", "due", "there", "as_of", "steps", "forms")
EVERYTHING = tuple(dict.fromkeys([*HEAD, *(name for panel in PANELS for name in panel.asks)]))
_PANEL_OF = {name: panel for panel in PANELS for name in panel.opens}


def panel_with(name: str) -> Panel | None:
    """Where on the page something of this name is opened (`cancel_parcel-12`); None where it is nowhere."""
    return _PANEL_OF.get(name.partition("-")[0])


def context_of(page: CasePage, asked: Sequence[str] = EVERYTHING) -> dict[str, Any]:
    """What the templates read, under the names they read it by."""
    return {"case": page.case, **{name: getattr(page, name) for name in asked}}


def _time_there(on_desk: CaseOnDesk) -> str:
    """What the customer's clock shows now, where their zone is known: whom to call, and whom to let sleep."""
    try:
        there = on_desk.now.astimezone(ZoneInfo(on_desk.case.customer.time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return ""
    return _("%(time)s there") % {"time": date_format(there, "TIME_FORMAT")}
