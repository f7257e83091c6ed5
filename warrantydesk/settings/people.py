"""Who may come in: log-in, second factor, sessions and passwords."""

from django.urls import reverse_lazy

from warrantydesk import env
from warrantydesk.settings.place import DEBUG, TESTING

AUTH_USER_MODEL = "accounts.User"
# What writes the audit trail: the storeys below know it by this name alone (products/auditing.py).
AUDIT_RECORDER = "warrantydesk.audit.recording.record"
LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = reverse_lazy("staff:queue")
LOGOUT_REDIRECT_URL = reverse_lazy("login")
MFA_ROLES = env.words(
    "MFA_ROLES",
    [] if DEBUG else ["reviewer", "manager", "administrator"],
    "Roles that must set up a second factor before they can go on; superusers count as one of them.",
    shown_default="reviewer,manager,administrator with DEBUG off, else none",
)
SESSION_ENGINE = "warrantydesk.accounts.session_store"
SESSION_IDLE_MINUTES = env.number(
    "SESSION_IDLE_MINUTES", 120, "Minutes without a request after which somebody is signed out of the desk.", least=1
)
SESSION_HOURS = env.number("SESSION_HOURS", 14, "Hours after the log-in when everybody signs in anew.", least=1)
ACCOUNT_ADAPTER = "warrantydesk.accounts.second_factor.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]  # nobody signs up: it is what the library checks for
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": None}  # counted by warrantydesk/faces/limits.py, in the database
MFA_ADAPTER = "warrantydesk.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are given by administrators
MFA_FORMS = {"authenticate": "warrantydesk.accounts.second_factor.CodeForm"}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.PBKDF2PasswordHasher", "django.contrib.auth.hashers.ScryptPasswordHasher"]
)
