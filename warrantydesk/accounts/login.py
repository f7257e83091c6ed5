"""Signing in: an e-mail address and a password, then a second factor where there is one.

Every failure is one sentence, after the same work: neither whether an address has an account nor what was wrong is
told. Too many failures shut the door for a while (`login_…` in warrantydesk/faces/limits.py), for addresses without
an account just the same.
"""

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from products.auditing import put_on_record
from warrantydesk.accounts.models import User
from warrantydesk.faces.limits import forget, give_back, network_of, take


class DeskLoginForm(AuthenticationForm):
    """Refuses accounts that may not open the desk at the door, in the same words as a wrong password."""

    error_messages = {
        "invalid_login": _(
            "This address and password do not open the desk. "
            "Check both for a typing slip; capitals count in the password."
        ),
        "inactive": _(
            "This address and password do not open the desk. "
            "Check both for a typing slip; capitals count in the password."
        ),
        "too_many": _("Too many tries did not succeed. Please wait a quarter of an hour, or ask an administrator."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail address")
        self.fields["username"].widget = forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})

    def clean(self) -> dict[str, Any]:
        if not (self.cleaned_data.get("username") and self.cleaned_data.get("password")):
            return super().clean()
        self._take_a_try()
        try:
            cleaned = super().clean()
        except ValidationError:  # the log-in fails: the try is used up
            self._put_failure_on_record()
            raise
        self._give_the_try_back()
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise self.get_invalid_login_error()

    def _put_failure_on_record(self) -> None:
        """By the account, where there is one. Of an address without one neither it nor whence it came is kept: that may
        be anybody, a customer too. Bounded by the limits, which count what goes beyond."""
        found = User.objects.filter(email=self.cleaned_data["username"].strip().lower())
        key = found.values_list("pk", flat=True).first()
        put_on_record("account.login_failed", "user", key, who="nobody", person=key)

    def _tries(self) -> dict[str, str]:
        """What a try counts against: this account from here, this account from anywhere, anybody from here."""
        address, network = self.cleaned_data["username"].strip().lower(), network_of(self.request)  # type: ignore[arg-type]  # a log-in always comes by a request
        return {"login_here": f"{address} {network}", "login_account": address, "login_network": network}

    def _take_a_try(self) -> None:
        # Taken before the password is looked at: of many tries at once none is one too many.
        now = timezone.now()
        if not all([take(name, key, now=now) for name, key in self._tries().items()]):  # noqa: C419 - each is counted
            raise ValidationError(self.error_messages["too_many"], code="too_many")

    def _give_the_try_back(self) -> None:
        tries = self._tries()
        forget("login_here", tries["login_here"])
        give_back("login_account", tries["login_account"])
        give_back("login_network", tries["login_network"])


class DeskLogin(LoginView):
    """The password is right: on to the second factor, or straight in where there is none."""

    template_name = "staff/login.html"
    authentication_form = DeskLoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        login = Login(user=user, redirect_url=self.get_success_url())
        return perform_password_login(self.request, {"email": user.email}, login)
