"""The forms of the transitions: each asks for what its rule says a person has to supply (cases/rules/lifecycle.py)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cases.asked_for import MATERIAL_WORDS, WITHDRAWAL_WORDS
from cases.reference import parse_reference
from cases.services.repairing import Proof
from warrantydesk.staff.forms.base import NothingToAsk, VerbForm, words


class ReasonForm(VerbForm):
    why = words(_("Why"), help_text=_("Kept in the history of the case. The customer does not read it."))


class TellForm(NothingToAsk):
    """`seen`: the fingerprint of the mail that was read; empty where nobody read it first."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class AskForm(VerbForm):
    """What is missing is ticked already where the case lacks it."""

    missing = forms.MultipleChoiceField(
        label=_("We need"),
        choices=list(MATERIAL_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    words = words(_("In your words"), required=False, help_text=_("Goes to the customer below the list."))

    def prepare(self) -> None:
        self.initial.setdefault("missing", self.on_desk.missing)


class ProofForm(VerbForm):
    """How a person knows that a parcel arrived, when no carrier says so."""

    on = forms.DateField(label=_("Arrived on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    text = words(_("How do we know"), rows=2, help_text=_("Handed over in person, signed slip, the customer's mail …"))

    def prepare(self) -> None:
        self.initial.setdefault("on", self.on_desk.today)

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on > self.on_desk.today:
            raise ValidationError(_("This day lies in the future: a proof is about something that has happened."))
        return on

    def proof(self) -> Proof:
        return Proof("staff", text=self.cleaned_data["text"], on=self.cleaned_data["on"])


class ReturnUnrepairedForm(VerbForm):
    why = words(_("Why it goes home unrepaired"), rows=2)
    beyond_repair = forms.BooleanField(label=_("It is beyond repair"), required=False)
    proven_by = forms.ChoiceField(
        label=_("Where it is"),
        choices=[("staff", _("Back with the customer")), ("nothing_sent", _("Nothing was ever sent"))],
        widget=forms.RadioSelect,
    )
    on = forms.DateField(
        label=_("Back on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    text = words(_("How do we know"), rows=2)

    def prepare(self) -> None:
        # A plan carries its reason already.
        self.fields["why"].required = not self.on_desk.goes_home_unrepaired

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("proven_by") == "staff" and not data.get("on") and "on" not in self.errors:
            self.add_error("on", _("The day it came back is needed."))
        return data

    def proof(self) -> Proof:
        data = self.cleaned_data
        if data["proven_by"] == "nothing_sent":
            return Proof("nothing_sent", text=data["text"])
        return Proof("staff", text=data["text"], on=data["on"])


class PlanReturnForm(VerbForm):
    why = words(_("Why it goes home unrepaired"), rows=2)
    beyond_repair = forms.BooleanField(label=_("It is beyond repair"), required=False)


class WithdrawForm(VerbForm):
    reason = forms.ChoiceField(
        label=_("Because"),
        choices=list(WITHDRAWAL_WORDS.items()),
        widget=forms.RadioSelect,
    )
    duplicate_of = forms.CharField(
        label=_("The other case"), required=False, max_length=40, help_text=_("Its reference, like WD-7F3K-2.")
    )
    why = words(_("A word about it"), required=False, rows=2)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        written = data.get("duplicate_of", "")
        data["duplicate_of"] = parse_reference(written) or ""
        if data.get("reason") == "duplicate" and not data["duplicate_of"]:
            self.add_error("duplicate_of", _("The reference of the other case is needed, with every character right."))
        return data
