"""The forms about parcels: booking one, what is known of its way, and giving it up. Those about days: pauses.py."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shipments.carriers.registry import offered_carriers, suggest_carrier
from shipments.models import EventKind, RepairShipment
from shipments.numbers import LONGEST_WRITTEN
from warrantydesk.staff.forms.base import VerbForm, words
from warrantydesk.staff.forms.proved import ProvedForm

RECOGNISE = ""
# A correction names the code it takes back: nothing a person would type from a slip of paper.
BY_HAND = tuple(kind for kind in EventKind if kind not in (EventKind.CORRECTION, EventKind.UNKNOWN))


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def time_field(label: Any, **kwargs: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **kwargs)


def instant(on: date, at: time) -> datetime:
    """That day and time on the desk's own clock."""
    return timezone.make_aware(datetime.combine(on, at))


class BookParcelForm(VerbForm):
    direction = forms.ChoiceField(
        label=_("Where to"), choices=RepairShipment.Direction.choices, widget=forms.RadioSelect
    )
    tracking_number = forms.CharField(
        label=_("Tracking number"),
        max_length=LONGEST_WRITTEN,
        help_text=_("Or the link to the carrier's page."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    carrier = forms.ChoiceField(label=_("Carrier"), required=False)
    booked_on = day_field(
        _("Booked on"), help_text=_("Scans from long before this day belong to somebody else's parcel.")
    )
    booked_time = time_field(_("Time"), required=False)
    whole_product = forms.BooleanField(
        label=_("It carries the whole product, not only the claimed parts"), required=False
    )
    also_for = forms.TypedMultipleChoiceField(
        label=_("It also carries what these cases of the same customer claim"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def prepare(self) -> None:
        others = [(case.pk, f"{case.reference} · {case.subject}") for case in self.on_desk.sibling_cases]
        self.fields["also_for"].choices = others  # type: ignore[attr-defined]
        if not others:
            del self.fields["also_for"]
        offered = [(code, carrier.name) for code, carrier in offered_carriers().items()]
        self.fields["carrier"].choices = [(RECOGNISE, _("Recognise it by the number")), *offered]  # type: ignore[attr-defined]
        now = timezone.localtime(self.on_desk.now)
        self.initial.setdefault("booked_on", now.date())
        self.initial.setdefault("booked_time", now.time().replace(second=0, microsecond=0))

    @property
    def chosen_carrier(self) -> str:
        return self.cleaned_data["carrier"] or suggest_carrier(self.cleaned_data["tracking_number"])

    @property
    def booked_at(self) -> datetime:
        # Without a time the day's first minute: a parcel may have been scanned at any hour of it.
        return instant(self.cleaned_data["booked_on"], self.cleaned_data["booked_time"] or time.min)


class CancelParcelForm(VerbForm):
    why = words(_("Why"), rows=2)


class ScanForm(ProvedForm):
    """What the paper or the carrier's page says, typed by a person, who stands for it."""

    occurred_on = day_field(_("Day, there"))
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    field_order = ("kind", "occurred_on", "occurred_time", "place", "proof", "proof_file")

    def prepare(self) -> None:
        self.initial.setdefault("occurred_on", self.on_desk.today)

    @property
    def occurred_at(self) -> datetime | None:
        at = self.cleaned_data.get("occurred_time")
        return instant(self.cleaned_data["occurred_on"], at) if at else None


class EnterScanForm(ScanForm):
    kind = forms.ChoiceField(label=_("What happened"), choices=[(kind.value, kind.label) for kind in BY_HAND])
    occurred_time = time_field(_("Time, if known"), required=False)

    def prepare(self) -> None:
        super().prepare()
        self.initial.setdefault("kind", EventKind.DELIVERED)


class MarkLostForm(ScanForm):
    """The carrier has given it up, or everybody has."""

    def prepare(self) -> None:
        super().prepare()
        self.fields["occurred_on"].label = _("Given up on")


class CloseLostForm(ProvedForm):
    """The day from which the clock of what was lost on its way to us runs again."""

    back_on = day_field(_("Last day it counts as away"))
    reason = words(_("Why this is the day"), rows=2)
    field_order = ("back_on", "reason", "proof", "proof_file")

    def prepare(self) -> None:
        self.initial.setdefault("back_on", self.on_desk.today)


class RepackForm(VerbForm):
    """The claimed parts it carries, or the whole product."""

    whole_product = forms.BooleanField(label=_("The whole product"), required=False)
    parts = forms.TypedMultipleChoiceField(
        label=_("Or these claimed parts"), coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )

    def prepare(self) -> None:
        choices = [(claim.part_id, claim.part.label) for claim in self.on_desk.claims]
        self.fields["parts"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("whole_product", self.about.whole_product)
        self.initial.setdefault("parts", [line.part_id for line in self.about.packed_parts.all()])

    @property
    def part_ids(self) -> list[int] | None:
        return None if self.cleaned_data["whole_product"] else self.cleaned_data["parts"]
