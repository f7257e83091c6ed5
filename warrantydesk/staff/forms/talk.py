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
    how = forms.ChoiceField(
        label=_("Or"),
        choices=[
            ("", _("The person above")),
            ("least-busy", _("The least busy")),
            ("by-product", _("Whoever has the product")),
        ],
        required=False,
    )
    note = words(_("Hand-over note, staff only"), required=False, rows=2)

    def prepare(self) -> None:
        self.fields["user"].queryset = self.on_desk.colleagues  # type: ignore[attr-defined]
        self.initial.setdefault("user", self.on_desk.case.assignee_id)

    @property
    def people(self) -> list[dict[str, Any]]:
        """The colleagues, each with the last day they are away, where they are."""
        current = self.on_desk.case.assignee_id
        return [{"person": person, "is_current": person.pk == current} for person in self.on_desk.colleagues]


class TagForm(VerbForm):
    name = forms.CharField(label=_("Tag"), max_length=40)


class UntagForm(VerbForm):
    tag = forms.IntegerField(label=_("Tag"), min_value=1, max_value=2**63 - 1)
