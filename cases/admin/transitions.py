"""The transitions as the page of a case offers them: a form with what the rule asks for, and the one service it calls.

Nothing here decides: the service does, and its refusal goes back into the form beside what was typed.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from cases.actors import Actor
from cases.asked_for import MATERIAL_WORDS, WITHDRAWAL_WORDS
from cases.models import Case
from cases.rules.lifecycle import TRANSITIONS
from cases.services import deciding, repairing
from cases.services.repairing import Proof
from products.admin.fields import day_field, words_field
from products.refusing import RefusingForm


class TransitionForm(RefusingForm):
    """Every field a transition may ask for; `asks` of its rule says which of them stay."""

    why = words_field(_("Why"), _("Kept in the history of the case. The customer does not read it."))
    missing = forms.MultipleChoiceField(
        label=_("We need"),
        required=False,
        choices=list(MATERIAL_WORDS.items()),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    words = words_field(_("In your words"), _("Goes to the customer below the list."))
    reason = forms.ChoiceField(
        label=_("Because"),
        required=False,
        choices=[("", "—"), *WITHDRAWAL_WORDS.items()],
        widget=UnfoldAdminSelectWidget,
    )
    duplicate_of = forms.CharField(
        label=_("The other case"),
        required=False,
        max_length=40,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The reference of the case this one repeats, like WD-7F3K-2."),
    )
    beyond_repair = forms.BooleanField(label=_("It is beyond repair"), required=False, widget=UnfoldBooleanWidget)
    proof = forms.ChoiceField(
        label=_("Proof"),
        choices=[("staff", _("Seen by one of us")), ("nothing_sent", _("Nothing was ever sent"))],
        widget=UnfoldAdminSelectWidget,
    )
    proof_text = words_field(_("How do we know"), _("Handed over in person, signed slip, the customer's mail …"))
    proof_on = day_field(_("On which day"), required=False)

    FIELDS_OF: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "withdrawal": ("reason", "duplicate_of"),
        "proof": ("proof", "proof_text", "proof_on"),
    }

    def __init__(self, name: str, data: QueryDict | None = None, *, today: date) -> None:
        super().__init__(data, auto_id=f"{name}-%s")
        asks = TRANSITIONS[name].asks
        keep = [field for asked in asks for field in self.FIELDS_OF.get(asked, (asked,))]
        self.fields = {field: self.fields[field] for field in keep}
        self.today = today
        if "proof" in keep and name != "return_unrepaired":
            # Only a product that goes home unrepaired may never have been sent (policy 5).
            self.fields["proof"].choices = self.fields["proof"].choices[:1]  # type: ignore[attr-defined]

    def clean_proof_on(self) -> date | None:
        on: date | None = self.cleaned_data["proof_on"]
        if on is not None and on > self.today:
            raise forms.ValidationError(_("This day lies in the future: a proof is about something that has happened."))
        return on

    def proven(self) -> Proof:
        data = self.cleaned_data
        return Proof(data["proof"], text=data["proof_text"], on=data["proof_on"])


Do = Callable[[int, TransitionForm, Mapping[str, Any]], Case]


def _with_reason(service: Callable[..., Case]) -> Do:
    return lambda case_id, form, by: service(case_id, why=form.cleaned_data["why"], **by)


def _with_proof(service: Callable[..., Case]) -> Do:
    return lambda case_id, form, by: service(case_id, proof=form.proven(), **by)


def _plain(service: Callable[..., Case]) -> Do:
    return lambda case_id, _form, by: service(case_id, **by)


def _request_information(case_id: int, form: TransitionForm, by: Mapping[str, Any]) -> Case:
    data = form.cleaned_data
    return deciding.request_information(case_id, missing=data["missing"], words=data["words"], **by)


def _return_unrepaired(case_id: int, form: TransitionForm, by: Mapping[str, Any]) -> Case:
    data = form.cleaned_data
    return repairing.return_unrepaired(
        case_id, proof=form.proven(), why=data["why"], beyond_repair=data["beyond_repair"], **by
    )


def _withdraw(case_id: int, form: TransitionForm, by: Mapping[str, Any]) -> Case:
    data = form.cleaned_data
    return deciding.withdraw(case_id, why=data["why"], reason=data["reason"], duplicate_of=data["duplicate_of"], **by)


SERVICES: dict[str, Do] = {
    "begin_review": _with_reason(deciding.begin_review),
    "request_information": _request_information,
    "approve": _plain(deciding.approve),
    "deny": _plain(deciding.deny),
    "undo": _plain(deciding.undo),
    "reopen": _with_reason(deciding.reopen),
    "start_repair": _with_proof(repairing.start_repair),
    "send_back": _with_proof(repairing.send_back),
    "deliver_replacement": _with_proof(repairing.deliver_replacement),
    "return_unrepaired": _return_unrepaired,
    "reopen_return": _with_reason(repairing.reopen_return),
    "withdraw": _withdraw,
}


def do_transition(case_id: int, form: TransitionForm, name: str, *, actor: Actor, now: datetime) -> Case:
    """Take the case through `name` with what the valid `form` holds. Raises what the service refuses."""
    return SERVICES[name](case_id, form, {"actor": actor, "now": now})
