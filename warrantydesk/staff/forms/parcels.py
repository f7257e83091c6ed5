"""The forms about parcels: booking one, what is known of its way, and giving it up."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from products.models import PauseWindow
from shipments.carriers.registry import offered_carriers, suggest_carrier
from shipments.models import EventKind, RepairShipment
from warrantydesk.faces import formats
from warrantydesk.staff.forms.base import VerbForm, words

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
        label=_("Tracking number"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    carrier = forms.ChoiceField(label=_("Carrier"), required=False)
    booked_on = day_field(
        _("Booked on"), help_text=_("Scans from long before this day belong to somebody else's parcel.")
    )
    booked_time = time_field(_("Time"), required=False)
    whole_product = forms.BooleanField(
        label=_("It carries the whole product, not only the claimed parts"), required=False
    )

    def prepare(self) -> None:
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


class EnterScanForm(VerbForm):
    """What the paper or the carrier's page says, typed by a person, who stands for it."""

    kind = forms.ChoiceField(label=_("What happened"), choices=[(kind.value, kind.label) for kind in BY_HAND])
    occurred_on = day_field(_("Day, there"))
    occurred_time = time_field(_("Time, if known"), required=False)
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    proof = forms.CharField(
        label=_("What proves it"), max_length=500, help_text=_("A receipt, the carrier's page, the customer's mail …")
    )

    def prepare(self) -> None:
        self.initial.setdefault("kind", EventKind.DELIVERED)
        self.initial.setdefault("occurred_on", self.on_desk.today)

    @property
    def occurred_at(self) -> datetime | None:
        at = self.cleaned_data["occurred_time"]
        return instant(self.cleaned_data["occurred_on"], at) if at else None


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


class ConfirmPauseForm(VerbForm):
    """The days a part was really away, where tracking cannot say (policy 2.9)."""

    left_on = day_field(_("Left the customer on"))
    back_on = day_field(_("Back on"), required=False, help_text=_("Empty while it is still away."))
    reason = words(_("Why these are the days"), rows=2)
    proof = forms.CharField(
        label=_("What proves it"), max_length=500, help_text=_("A signed slip, the customer's mail of 3 March …")
    )
    instead_of = forms.MultipleChoiceField(
        label=_("Stands instead of"), widget=forms.CheckboxSelectMultiple, required=False
    )
    whole_product = forms.BooleanField(label=_("For every part of the product"), required=False)

    def prepare(self) -> None:
        tracked = [window for window in self.about.part.pauses.all() if window.source == PauseWindow.Source.TRACKING]
        self.fields["instead_of"].choices = [  # type: ignore[attr-defined]
            (window.left_on.isoformat(), span_in_words(window)) for window in tracked
        ]
        if not tracked:
            del self.fields["instead_of"]
        if len(self.on_desk.unit_parts) < 2:
            del self.fields["whole_product"]

    @property
    def overrules(self) -> list[date]:
        return [date.fromisoformat(day) for day in self.cleaned_data.get("instead_of", [])]

    @property
    def part_ids(self) -> list[int]:
        if self.cleaned_data.get("whole_product"):
            return [part.pk for part in self.on_desk.unit_parts]
        return [self.about.part_id]


class WithdrawPauseForm(VerbForm):
    left_on = forms.TypedChoiceField(label=_("Which days"), coerce=date.fromisoformat)
    reason = words(_("Why they are taken back"), rows=2)

    def prepare(self) -> None:
        self.fields["left_on"].choices = [  # type: ignore[attr-defined]
            (window.left_on.isoformat(), span_in_words(window))
            for window in self.about.part.pauses.all()
            if window.source == PauseWindow.Source.STAFF
        ]

    @property
    def part_ids(self) -> list[int]:
        return [self.about.part_id]


def span_in_words(window: PauseWindow) -> str:
    if window.back_on is None:
        return str(_("since %(day)s") % {"day": formats.day(window.left_on)})
    return formats.span(window.left_on, window.back_on)
