"""The tokens of one's own programs, below /desk/account/tokens/: made, looked at, ended."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from products.errors import Refused
from products.refusing import RefusingForm
from warrantydesk.api.scopes import SCOPES
from warrantydesk.api.tokens import live_tokens_of, make_token, revoke_token
from warrantydesk.faces.navigation import desk_response

DAYS = (
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("a year")),
    ("", gettext_lazy("until I end it")),
)


class TokenForm(RefusingForm):
    name = forms.CharField(
        label=gettext_lazy("What is it for?"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    scopes = forms.MultipleChoiceField(label=gettext_lazy("It may"), widget=forms.CheckboxSelectMultiple)
    days = forms.ChoiceField(label=gettext_lazy("It works for"), choices=DAYS, required=False, initial="90")

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope, f"{says} ({scope})") for scope, (permission, says) in SCOPES.items() if user.has_perm(permission)
        ]


@require_safe
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    return _page(request, TokenForm(request.user))


@never_cache
@require_POST
@login_required
def make(request: HttpRequest) -> HttpResponse:
    """The page with the token on it: it is told in this one answer, and kept nowhere but as a hash."""
    form = TokenForm(request.user, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    now, data = timezone.now(), form.cleaned_data
    ends = now + dt.timedelta(days=int(data["days"])) if data["days"] else None
    try:
        _token, text = make_token(request.user, name=data["name"], scopes=data["scopes"], now=now, expires_at=ends)
    except Refused as refusal:
        form.refuse(refusal)
        return _page(request, form, status=422)
    return _page(request, TokenForm(request.user), told=text, status=201)


@require_POST
@login_required
def end(request: HttpRequest, token_id: int) -> HttpResponse:
    """One of one's own. Anybody else's is none."""
    token = get_object_or_404(live_tokens_of(request.user), pk=token_id)
    revoke_token(token, timezone.now())
    messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": token.name})
    return HttpResponseRedirect(reverse("own_tokens"), status=303)


def _page(request: HttpRequest, form: TokenForm, *, told: str = "", status: int = 200) -> HttpResponse:
    context = {"tokens": live_tokens_of(request.user), "form": form, "told": told, "now": timezone.now()}
    return desk_response(request, "api/own_tokens.html", context, current="account", status=status)
