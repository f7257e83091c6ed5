"""Being away: one's own days, who stands in, and which colleagues are away; no case is touched here."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from cases.actors import Actor
from cases.models import Absence
from cases.services import being_away
from cases.services.assigning import handlers
from products.errors import Refused
from products.refusing import RefusingForm
from warrantydesk.faces.navigation import desk_response
from warrantydesk.staff.access import HANDLE_CASES, desk_page, desk_verb

UNPROCESSABLE = 422


class AwayForm(RefusingForm):
    first_on = forms.DateField(label=_l("First day away"), widget=forms.DateInput(attrs={"type": "date"}))
    last_on = forms.DateField(label=_l("Last day away"), widget=forms.DateInput(attrs={"type": "date"}))
    deputy: Any = forms.ModelChoiceField(label=_l("Deputy"), queryset=None, required=False, empty_label=_l("Nobody"))
    note = forms.CharField(label=_l("Note for colleagues"), max_length=120, required=False)

    def __init__(self, person: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("Any", self.fields["deputy"]).queryset = handlers().exclude(pk=person.pk).order_by("name")


@desk_page(HANDLE_CASES)
def away(request: HttpRequest) -> HttpResponse:
    return _page(request, AwayForm(request.user))


@desk_verb(HANDLE_CASES)
def say_away(request: HttpRequest) -> HttpResponse:
    form = AwayForm(request.user, request.POST)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    try:
        being_away.say_away(**form.cleaned_data, actor=Actor.staff(cast("Any", request.user)), now=timezone.now())
    except Refused as refused:
        form.refuse(refused)
        return _page(request, form, status=UNPROCESSABLE)
    messages.success(request, _("Noted. On these days nothing is given to you by rule."))
    return redirect("staff:away")


@desk_verb(HANDLE_CASES)
def take_back(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Remove days one had noted; 404 for somebody else's."""
    try:
        being_away.take_back(absence_id, actor=Actor.staff(cast("Any", request.user)))
    except Absence.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("Taken back."))
    return redirect("staff:away")


def _page(request: HttpRequest, form: AwayForm, status: int = 200) -> HttpResponse:
    coming = Absence.objects.filter(last_on__gte=timezone.localdate()).select_related("person", "deputy")
    absences = list(coming.order_by("first_on", "pk"))
    person = request.user.pk
    context = {
        "form": form,
        "own": [one for one in absences if one.person_id == person],
        "others": [one for one in absences if one.person_id != person],
    }
    return desk_response(request, "staff/away.html", context, current="away", status=status)
