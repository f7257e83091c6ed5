"""Writing to the customer, a note among ourselves, and who looks after the case."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import CannedReply, Evidence
from cases.ready_made import offered_replies
from warrantydesk.staff.forms.base import VerbForm, words


class ReplyForm(VerbForm):
    text = words(_("To the customer"), rows=4, error_messages={"required": _("There is nothing to send yet.")})
    enclosed = forms.TypedMultipleChoiceField(label=_("Send along"), coerce=int, required=False)

    def prepare(self) -> None:
        ready = [file for file in self.on_desk.evidence if file.status == Evidence.Status.READY]
        self.fields["enclosed"].choices = [(file.pk, file.name) for file in ready]  # type: ignore[attr-defined]

    @cached_property
    def canned(self) -> list[CannedReply]:
        """Ready-made replies for this customer, to be put behind what is typed."""
        return offered_replies(self.on_desk.case)


class NoteForm(VerbForm):
    text = words(_("Note, staff only"), rows=3, error_messages={"required": _("There is nothing to keep yet.")})


class AssignForm(VerbForm):
    user: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Looked after by"), queryset=None, required=False, empty_label=_("Nobody")
    )

    def prepare(self) -> None:
        self.fields["user"].queryset = self.on_desk.colleagues  # type: ignore[attr-defined]
        self.initial.setdefault("user", self.on_desk.case.assignee_id)
