"""The second factor: what django-allauth needs to know of us, and who must have one (MFA_ROLES)."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from products.auditing import put_on_record
from warrantydesk.accounts.models import User
from warrantydesk.accounts.standing import known_standing
from warrantydesk.faces.limits import forget, network_of, take

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators; the desk speaks for itself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: every page of ours shows what changed."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """None: what happened to an account stands in the audit."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return network_of(request)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps are kept encrypted: a stolen database alone answers no question for a code."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return f"{settings.MAKER_NAME} Warrantydesk"


def _cipher() -> MultiFernet:
    """Keys derived from SECRET_KEY and, while it is being changed, its predecessors."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"warrantydesk second factor" + secret.encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class CodeForm(AuthenticateForm):
    """The code of an app or a recovery code; six digits are soon guessed where nobody counts."""

    def clean_code(self) -> str:
        key = str(self.user.pk)
        if not take("login_code", key, now=timezone.now()):
            raise ValidationError(_("Too many codes were wrong. Please wait a quarter of an hour."), code="too_many")
        try:
            code = str(super().clean_code())
        except ValidationError:
            put_on_record("account.code_refused", "user", self.user.pk, who="nobody", person=self.user.pk)
            raise
        forget("login_code", key)
        return code


def lacks_second_factor(user: User) -> bool:
    """Whether this person's role demands a second factor and none is set up. No query where no role does."""
    if not settings.MFA_ROLES:
        return False
    standing = known_standing(user)
    is_bound = user.is_superuser or not standing.roles.isdisjoint(settings.MFA_ROLES)
    return is_bound and standing.factors.isdisjoint(FACTORS)


def demand_second_factor(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Whoever must have a second factor and has none gets no further than the page where one is set up."""

    def middleware(request: HttpRequest) -> HttpResponse:
        guarded = request.path.startswith(("/desk/", "/admin/")) and not request.path.startswith(OPEN)
        if guarded and request.user.is_authenticated and lacks_second_factor(request.user):
            messages.warning(request, _("Your role needs a second factor. Set one up to go on."))
            return redirect(reverse("mfa_index"))
        return get_response(request)

    return middleware


OPEN = ("/desk/account/", "/desk/login/", "/desk/logout/", "/admin/login/", "/admin/logout/")
