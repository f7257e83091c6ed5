"""The managers' page for privacy requests: hand a customer what is held about them, or forget them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actors import Actor
from cases.services.guarding import ERASE
from products.errors import Refused
from warrantydesk.faces.access import desk_page, desk_verb
from warrantydesk.faces.limits import take
from warrantydesk.faces.navigation import desk_response, managers_page
from warrantydesk.privacy.erasing import erase_customer
from warrantydesk.privacy.exporting import as_zip, export_customer
from warrantydesk.privacy.shown import looks

UNPROCESSABLE, TOO_MANY = 422, 429


class WhoForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("The customer's e-mail address"))


class EraseForm(WhoForm):
    """The address is typed twice: what is erased does not come back."""

    again = forms.EmailField(label=gettext_lazy("The address once more"))

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if again.casefold() != self.cleaned_data.get("email", "").casefold():
            raise forms.ValidationError(_("The two addresses differ."))
        return again


@desk_page(ERASE)
def privacy(request: HttpRequest) -> HttpResponse:
    return _page(request)


@desk_verb(ERASE, page=lambda _arguments: reverse("privacy"))
def export(request: HttpRequest) -> HttpResponse:
    form, now = WhoForm(request.POST, auto_id="export-%s"), timezone.now()
    if not form.is_valid():
        return _page(request, export=form, status=UNPROCESSABLE)
    if not take("export", str(request.user.pk), now=now):
        form.add_error(None, _("You have exported often just now. Please wait an hour."))
        return _page(request, export=form, status=TOO_MANY)
    try:
        exported = export_customer(form.cleaned_data["email"], actor=_actor(request), now=now)
    except Refused as refused:
        form.add_error("email", str(refused))
        return _page(request, export=form, status=UNPROCESSABLE)
    name = f"customer-{now:%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(as_zip(exported), content_type="application/zip", headers=headers)


@desk_verb(ERASE, page=lambda _arguments: reverse("privacy"))
def erase(request: HttpRequest) -> HttpResponse:
    form = EraseForm(request.POST, auto_id="erase-%s")
    if not form.is_valid():
        return _page(request, erase=form, status=UNPROCESSABLE)
    try:
        erased = erase_customer(form.cleaned_data["email"], actor=_actor(request), now=timezone.now())
    except Refused as refused:
        form.add_error("email", str(refused))
        return _page(request, erase=form, status=UNPROCESSABLE)
    words = _("Forgotten. Of %(cases)d cases the facts stay; %(files)d files are gone.")
    messages.success(request, words % {"cases": erased.cases, "files": erased.files})
    return HttpResponseRedirect(reverse("privacy"), status=303)


privacy_side = managers_page("privacy", gettext_lazy("Privacy requests"), ERASE)


def _page(request: HttpRequest, *, status: int = 200, **given: forms.Form) -> HttpResponse:
    context: dict[str, Any] = {"export": WhoForm(auto_id="export-%s"), "erase": EraseForm(auto_id="erase-%s"), **given}
    context["looks"] = looks(timezone.now())
    return desk_response(request, "privacy/privacy.html", context, current="privacy", status=status)


def _actor(request: HttpRequest) -> Actor:
    return Actor.staff(request.user)  # type: ignore[arg-type]  # nobody else gets here
