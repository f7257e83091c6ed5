"""The one settings file. Everything that differs between places comes from the environment (docs/settings.md).

With no configuration at all this is the embedded desk: SQLite, local files, a broker made of files, mail written to
files. Production sets DATABASE_URL, REDIS_URL, SECRET_KEY, DEBUG=0 and its hosts; nothing else behaves differently.
"""

import secrets
from email.utils import formataddr
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from warrantydesk import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(
    env.text(
        "DATA_DIR",
        str(BASE_DIR / "var"),
        "Where the embedded desk keeps its database, files, mail and broker.",
        shown_default="var/",
    )
)

DEBUG = env.flag(
    "DEBUG", True, "Development mode: pages with traces, the simulated carrier, no https demanded. Set 0 in production."
)
TESTING = env.flag("TESTING", False, "Set by the test suite: cheap password hashing.")


def _embedded_secret() -> str:
    """A secret of this machine's own, made once, so that log-ins survive a restart of the embedded desk."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="ascii")
    return path.read_text(encoding="ascii")


SECRET_KEY = env.text(
    "SECRET_KEY",
    "",
    "Signs sessions and forms. Required when DEBUG is off; also as SECRET_KEY_FILE.",
    shown_default="made once, kept in DATA_DIR",
)
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set: with DEBUG off the desk needs one of its own (or SECRET_KEY_FILE)."
        )
    SECRET_KEY = _embedded_secret()
SECRET_KEY_FALLBACKS = env.words(
    "SECRET_KEY_FALLBACKS", [], "Earlier secrets still accepted while a key is being rotated."
)

HOST = env.text("HOST", "127.0.0.1", "The address the web server listens on.")
PORT = env.number("PORT", 8000, "The port the web server listens on.", least=1)
SITE_URL = env.text(
    "SITE_URL", f"http://{HOST}:{PORT}", "The desk's public address, used in mails.", shown_default="http://HOST:PORT"
).rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"], "Host names the desk answers to.")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [], "Origins trusted for forms when a proxy ends https.")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_fsm",
    "django_htmx",
    "django_countries",
    "django_structlog",
    "import_export",
    "products",
    "cases",
    "shipments",
    "warrantydesk",
    "warrantydesk.accounts",
    "warrantydesk.faces",
    "warrantydesk.intake",
    "warrantydesk.portal",
    "warrantydesk.staff",
    "warrantydesk.reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "warrantydesk.csp.relax_admin",
    "django_htmx.middleware.HtmxMiddleware",
    # django-structlog's, but without the tokens of private links.
    "warrantydesk.portal.middleware.RequestLog",
]

ROOT_URLCONF = "warrantydesk.urls"
WSGI_APPLICATION = "warrantydesk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")

# ── Database ─────────────────────────────────────────────────────────────────────────────────────────────────────
TEST_DATABASE = env.text(
    "TEST_DATABASE",
    str(DATA_DIR / "test.sqlite3"),
    "The suite's SQLite file.",
    shown_default="DATA_DIR/test.sqlite3",
)
DATABASES: dict[str, Any]
DATABASE_URL = env.text("DATABASE_URL", "", "postgres://… in production.", shown_default="SQLite in DATA_DIR")
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
else:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "desk.sqlite3",
            # A file, not memory: several processes and threads of the suite look at the same rows.
            "TEST": {"NAME": TEST_DATABASE},
            "OPTIONS": {
                # Take the write lock at BEGIN: two writers queue up instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── Broker, cache, background work ───────────────────────────────────────────────────────────────────────────────
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any]
REDIS_URL = env.text("REDIS_URL", "", "redis://… in production: broker and cache.", shown_default="files in DATA_DIR")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA_DIR / "cache"}
}
if TESTING and not REDIS_URL:
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONCURRENCY = env.number("WORKER_CONCURRENCY", 2, "Child processes of one worker.", least=1)
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_WORKER_PREFETCH_MULTIPLIER = 1
    # The restore scan looks at one lost message in a thousand by default; a killed worker's task would wait for hours.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 3600,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,  # a wake-up is worth no longer wait: the sweep finds the work
    }
else:
    CELERY_BROKER_URL = "filesystem://"
    CELERY_WORKER_PREFETCH_MULTIPLIER = 4  # 1 drains the file broker twelve times slower
    _queue = DATA_DIR / "broker" / "queue"
    _control = DATA_DIR / "broker" / "control"
    for _folder in (_queue, _control):
        _folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue),
        "data_folder_out": str(_queue),
        "control_folder": str(_control),
    }
if TESTING:
    CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = "memory://", {}
CLAIM_SECONDS = env.number(
    "CLAIM_SECONDS",
    900,
    "How long a worker may hold a piece of work before a sweep takes it for dead. Longer than any task may run.",
    least=1,
)
SWEEP_SECONDS = env.number(
    "SWEEP_SECONDS", 30, "How often the sweeps look for work that a lost message left behind.", least=1
)

# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────
S3_BUCKET = env.text("S3_BUCKET", "", "Bucket for evidence and raw mail; empty keeps them as local files.")
if S3_BUCKET:
    _private_files = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.text(
                "S3_ENDPOINT", "", "Address of an S3-compatible store; empty for the provider's own."
            )
            or None,
            "access_key": env.text("S3_ACCESS_KEY", "", "Key of the store; empty takes the machine's role.") or None,
            "secret_key": env.text("S3_SECRET_KEY", "", "Secret of the store.") or None,
            "region_name": env.text("S3_REGION", "", "Region of the bucket.") or None,
            "signature_version": "s3v4",
            "default_acl": None,
            "querystring_auth": True,
            "querystring_expire": 300,
            "file_overwrite": False,
        },
    }
else:
    for _name, _says in (
        ("S3_ENDPOINT", "Address of an S3-compatible store; empty for the provider's own."),
        ("S3_ACCESS_KEY", "Key of the store; empty takes the machine's role."),
        ("S3_SECRET_KEY", "Secret of the store."),
        ("S3_REGION", "Region of the bucket."),
    ):
        env.text(_name, "", _says)
    _private_files = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": DATA_DIR / "files",
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }
STATIC_URL = "/static/"
STATIC_ROOT = Path(
    env.text(
        "STATIC_DIR",
        str(DATA_DIR / "static"),
        "Where `collectstatic` puts the static files.",
        shown_default="DATA_DIR/static",
    )
)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": _private_files,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
EVIDENCE_MAIL_MB = env.number("EVIDENCE_MAIL_MB", 25, "Largest evidence file accepted by mail, in MB.", least=1)
EVIDENCE_PORTAL_MB = env.number(
    "EVIDENCE_PORTAL_MB", 500, "Largest evidence file accepted by the portal, in MB.", least=1
)
EVIDENCE_FILES_PER_CASE = env.number("EVIDENCE_FILES_PER_CASE", 40, "Evidence files kept for one case.", least=1)
EVIDENCE_CASE_MB = env.number("EVIDENCE_CASE_MB", 2000, "Evidence kept for one case, in MB.", least=1)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = EVIDENCE_FILES_PER_CASE

# ── Mail ─────────────────────────────────────────────────────────────────────────────────────────────────────────
MAKER_NAME = env.text("MAKER_NAME", "Positron Makers", "The maker's name, on the portal and in mails.")
WARRANTY_ADDRESS = env.text(
    "WARRANTY_ADDRESS",
    "warranty@positron.example",
    "The official mailbox: the address customers write to and mails come from.",
).lower()
OWN_ADDRESSES = [
    WARRANTY_ADDRESS,
    *(
        a.lower()
        for a in env.words("OWN_ADDRESSES", [], "Further addresses of ours: mail from them is never answered.")
    ),
]
DEFAULT_FROM_EMAIL = formataddr((MAKER_NAME, WARRANTY_ADDRESS))
SERVER_EMAIL = WARRANTY_ADDRESS
EMAIL_HOST = env.text("EMAIL_HOST", "", "SMTP server for outgoing mail; empty writes mails to DATA_DIR/outbox.")
EMAIL_PORT = env.number("EMAIL_PORT", 587, "Port of the SMTP server.", least=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "", "Log-in at the SMTP server.")
EMAIL_HOST_PASSWORD = env.text(
    "EMAIL_HOST_PASSWORD", "", "Password at the SMTP server; also as EMAIL_HOST_PASSWORD_FILE."
)
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True, "STARTTLS with the SMTP server.")
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = DATA_DIR / "outbox"
EMAIL_BACKEND = "cases.outbox.smtp.EmailBackend" if EMAIL_HOST else "cases.outbox.files.EmailBackend"
MAIL_CAP_PER_ADDRESS_DAY = env.number("MAIL_CAP_PER_ADDRESS_DAY", 3, "Automatic mails a day to one address.")
MAIL_CAP_PER_DOMAIN_HOUR = env.number("MAIL_CAP_PER_DOMAIN_HOUR", 30, "Automatic mails an hour to one domain.")
MAIL_CAP_PER_HOUR = env.number("MAIL_CAP_PER_HOUR", 600, "Automatic mails an hour in all.")
UNDO_SECONDS = env.number("UNDO_SECONDS", 30, "How long a decision can be undone before its mail leaves, in seconds.")
LINK_DAYS = env.number("LINK_DAYS", 30, "How long a private link to a case works, in days.", least=1)

# ── Shipments ────────────────────────────────────────────────────────────────────────────────────────────────────
SIMULATED_CARRIER = env.flag(
    "SIMULATED_CARRIER",
    DEBUG,
    "Offer the simulated carrier, whose parcels move by the clock. Off in production unless asked for.",
    shown_default="as DEBUG",
)
SILENT_PARCEL_DAYS = env.number(
    "SILENT_PARCEL_DAYS", 10, "Days without a scan after which a travelling parcel raises an alarm.", least=1
)

# ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = reverse_lazy("staff:queue")
LOGOUT_REDIRECT_URL = reverse_lazy("login")
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

# ── Language and time ────────────────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("ja", "日本語"),
    ("zh-hans", "简体中文"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("DESK_TIME_ZONE", "Europe/Berlin", "The desk's own time zone: reports and staff pages.")
FORMAT_MODULE_PATH = ["warrantydesk.formats"]

# ── Security ─────────────────────────────────────────────────────────────────────────────────────────────────────
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
    SECURE_SSL_REDIRECT = env.flag(
        "SSL_REDIRECT",
        SITE_URL.startswith("https://"),
        "Send http to https.",
        shown_default="on where SITE_URL is https",
    )
    SECURE_HSTS_SECONDS = 31_536_000 if SITE_URL.startswith("https://") else 0
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
else:
    env.flag("SSL_REDIRECT", False, "Send http to https.", shown_default="on where SITE_URL is https")
if env.flag("BEHIND_PROXY", False, "Trust X-Forwarded-Proto and X-Forwarded-For of the proxy in front."):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Strict everywhere; the admin's library needs inline style and script, so its pages relax it (warrantydesk/csp.py).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# Exports are opened in spreadsheets: a cell that begins like a formula is made harmless.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
UNFOLD = {
    "SITE_TITLE": "Warrantydesk",
    "SITE_HEADER": "Warrantydesk",
    "SITE_SYMBOL": "schedule",
    "SITE_URL": "/desk/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
}

# ── Logs ─────────────────────────────────────────────────────────────────────────────────────────────────────────
LOG_LEVEL = env.text("LOG_LEVEL", "INFO", "Level of the log on standard error.").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"no_tokens": {"()": "warrantydesk.portal.redaction.HideTokens"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_tokens"]}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # A sweep that finds nothing is no news.
    "loggers": {name: {"level": "WARNING"} for name in ("celery.app.trace", "celery.worker.strategy", "celery.beat")},
}
