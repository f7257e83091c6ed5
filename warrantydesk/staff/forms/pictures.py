"""What can be said about one file of a case. Its pictures are shown beside these forms (panels/evidence.py)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from warrantydesk.staff.forms.base import VerbForm, words


class FaultForm(VerbForm):
    """One button, which says the other of the two: `shows` is what it makes true."""

    shows = forms.TypedChoiceField(
        choices=[("yes", _("yes")), ("no", _("no"))], coerce=lambda given: given == "yes", widget=forms.HiddenInput
    )

    def prepare(self) -> None:
        self.initial.setdefault("shows", "no" if self.about.shows_fault else "yes")


class TurnForm(VerbForm):
    """One button, a quarter clockwise from where it stands."""

    rotation = forms.IntegerField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        self.initial.setdefault("rotation", (self.about.rotation + 90) % 360)


class PictureNoteForm(VerbForm):
    text = words(_("Note on the picture, staff only"), required=False, rows=2)

    def prepare(self) -> None:
        self.initial.setdefault("text", self.about.note)
