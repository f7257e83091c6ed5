"""The forms about the days a part was away: stating them where tracking cannot, and taking them back (policy 2.9)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from products.models import CoveredPart, PauseWindow
from warrantydesk.faces import formats
from warrantydesk.staff.forms.base import VerbForm, words
from warrantydesk.staff.forms.parcels import day_field
from warrantydesk.staff.forms.proved import ProvedForm


class PauseForm(VerbForm):
    """About one part, or about every part of the product it came with."""

    def prepare(self) -> None:
        if len(self.on_desk.unit_parts) < 2:
            del self.fields["whole_product"]

    @property
    def part_ids(self) -> list[int]:
        if self.cleaned_data.get("whole_product"):
            return [part.pk for part in self.on_desk.unit_parts]
        return [self.about.part_id]


class ConfirmPauseForm(PauseForm, ProvedForm):
    """The days a part was really away, where tracking cannot say."""

    left_on = day_field(_("Left the customer on"))
    back_on = day_field(_("Back on"), required=False, help_text=_("Empty while it is still away."))
    reason = words(_("Why these are the days"), rows=2)
    proof = forms.CharField(
        label=_("What proves it"),
        max_length=500,
        required=False,
        help_text=_("A signed slip, the customer's mail of 3 March …"),
    )
    instead_of = forms.MultipleChoiceField(
        label=_("Stands instead of"), widget=forms.CheckboxSelectMultiple, required=False
    )
    whole_product = forms.BooleanField(label=_("For every part of the product"), required=False)
    known_as: ClassVar[Mapping[str, str]] = {"overrules": "instead_of"}

    def prepare(self) -> None:
        super().prepare()
        tracked = dict(tracked_days(self.about.part))
        self.fields["instead_of"].choices = list(tracked.items())  # type: ignore[attr-defined]
        if not tracked:
            del self.fields["instead_of"]

    @property
    def overrules(self) -> list[date]:
        return [date.fromisoformat(day) for day in self.cleaned_data.get("instead_of", [])]

    @contextmanager
    def proved(self) -> Iterator[dict[str, Any]]:
        """What proves the days, as the service takes it: in words, or the paper itself."""
        said = {"words": self.cleaned_data["proof"]} if self.cleaned_data["proof"] else {}
        with self.kept() as kept:
            yield {"proof": said | (kept.data if kept else {}), "proof_file": kept.key if kept else ""}


class WithdrawPauseForm(PauseForm):
    left_on = forms.TypedChoiceField(label=_("Which days"), coerce=date.fromisoformat)
    reason = words(_("Why they are taken back"), rows=2)
    whole_product = forms.BooleanField(label=_("For every part of the product"), required=False)

    def prepare(self) -> None:
        super().prepare()
        self.fields["left_on"].choices = [  # type: ignore[attr-defined]
            (window.left_on.isoformat(), days_in_words(window.left_on, window.back_on))
            for window in self.about.part.pauses.all()
            if window.source == PauseWindow.Source.STAFF
        ]


def tracked_days(part: CoveredPart) -> Iterator[tuple[str, str]]:
    """The days tracking has for a part: those that count, and those staff have overruled, which may be meant again."""
    for window in part.pauses.all():
        for known in window.proof.get("overruled", ()):
            back_on = date.fromisoformat(known["back_on"]) if known["back_on"] else None
            days = days_in_words(date.fromisoformat(known["left_on"]), back_on)
            yield known["left_on"], str(_("%(days)s, as it does already") % {"days": days})
    for window in part.pauses.all():
        if window.source == PauseWindow.Source.TRACKING:
            yield window.left_on.isoformat(), days_in_words(window.left_on, window.back_on)


def days_in_words(left_on: date, back_on: date | None) -> str:
    if back_on is None:
        return str(_("since %(day)s") % {"day": formats.day(left_on)})
    return formats.span(left_on, back_on)
