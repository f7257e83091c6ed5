"""Signing in: an e-mail address and a password, and an error that says what to do next."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class DeskLoginForm(AuthenticationForm):
    """Refuses accounts that may not open the desk at the door, in the same words as a wrong password.

    One sentence for every failure: which of the two was wrong is nobody's business but the owner's.
    """

    error_messages = {
        "invalid_login": _(
            "This address and password do not open the desk. "
            "Check both for a typing slip; capitals count in the password."
        ),
        "inactive": _("This account is switched off. An administrator can switch it on again."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail address")
        self.fields["username"].widget = forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise self.get_invalid_login_error()
