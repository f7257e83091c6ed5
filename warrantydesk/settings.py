"""The one settings file. Everything that differs between places comes from the environment (docs/settings.md).

With no configuration at all this is the embedded desk: SQLite, local files, a broker made of files, mail written to
files. Production sets DATABASE_URL, REDIS_URL, SECRET_KEY, DEBUG=0 and its hosts; nothing else behaves differently.
"""

import secrets
from email.utils import formataddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from warrantydesk import env, logs, sentry

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
DEMO = env.flag(
    "DEMO", False, "The demo's front page with its doors without a password. `make run` sets it; never with DEBUG=0."
)
if DEMO and not DEBUG:
    raise ImproperlyConfigured("DEMO is on with DEBUG off: its doors need no password. Set DEMO=0.")
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
    "rest_framework",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "allauth.mfa",
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
    "warrantydesk.api",
    "warrantydesk.sales",
    "warrantydesk.privacy",
    "warrantydesk.audit",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "warrantydesk.security.harden",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "warrantydesk.languages.reading.ReadersLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "warrantydesk.audit.where.keep_request",
    "warrantydesk.accounts.sessions.keep_time",
    "allauth.account.middleware.AccountMiddleware",
    "warrantydesk.accounts.second_factor.demand_second_factor",
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
DATABASE_PREPARED = env.flag(
    "DATABASE_PREPARED",
    False,
    "PostgreSQL keeps the plans of statements asked often. Not behind a pooler that shares connections by transaction.",
)
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
    options = DATABASES["default"].setdefault("OPTIONS", {})
    if DATABASE_PREPARED:  # values travel beside the statement, which is then the same one each time
        options |= {"server_side_binding": True, "prepare_threshold": 5}
    if TESTING:  # nobody mourns a test's rows after a power cut
        options["options"] = "-c synchronous_commit=off"
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
CELERY_BEAT_SCHEDULER = "warrantydesk.beat:OneBeat"
# A worker takes from every queue unless it is told which (WORKER_QUEUES): long videos then keep no mail waiting.
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = [Queue(name) for name in ("default", "mail", "media", "tracking")]
CELERY_TASK_ROUTES = {
    "shipments.tasks.*": {"queue": "tracking"},
    "cases.tasks.deliver_mail": {"queue": "mail"},
    "cases.tasks.sweep_outbox": {"queue": "mail"},
    "warrantydesk.intake.tasks.*": {"queue": "mail"},
    "cases.tasks.process_evidence": {"queue": "media"},
    "cases.tasks.scan_evidence": {"queue": "media"},
    "cases.tasks.sweep_evidence": {"queue": "media"},
    "cases.tasks.sweep_scans": {"queue": "media"},
    "cases.tasks.sweep_uploads": {"queue": "media"},
    "cases.tasks.compare_evidence": {"queue": "media"},
}
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
    CELERY_BROKER_URL = "filesystem://localhost"  # the name means nothing, and its absence is warned of
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
_s3 = {
    name: env.text(name, "", says) or None
    for name, says in (
        ("S3_ENDPOINT", "Address of an S3-compatible store; empty for the provider's own."),
        ("S3_ACCESS_KEY", "Key of the store; empty takes the machine's role."),
        ("S3_SECRET_KEY", "Secret of the store."),
        ("S3_REGION", "Region of the bucket."),
    )
}
S3_PUBLIC_ENDPOINT = env.text(
    "S3_PUBLIC_ENDPOINT",
    "",
    "Address at which browsers reach the store, where it is not S3_ENDPOINT: links of five minutes are signed for it.",
)
_private_files: dict[str, Any]
if S3_BUCKET:
    _private_files = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": _s3["S3_ENDPOINT"],
            "access_key": _s3["S3_ACCESS_KEY"],
            "secret_key": _s3["S3_SECRET_KEY"],
            "region_name": _s3["S3_REGION"],
            "signature_version": "s3v4",
            # A store of one's own answers under one name for all its buckets; Amazon's under one for each.
            "addressing_style": "path" if _s3["S3_ENDPOINT"] else "virtual",
            "default_acl": None,
            "querystring_auth": True,
            "querystring_expire": 300,
            "file_overwrite": False,
            # A long video is read through a file on disk, never whole in memory.
            "max_memory_size": 8 * 1024 * 1024,
        },
    }
else:
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
STORAGES: dict[str, dict[str, Any]] = {
    "default": _private_files,
    # The same bucket as browsers see it; only ever used to sign addresses.
    **(
        {
            "links": {
                **_private_files,
                "OPTIONS": {**_private_files["OPTIONS"], "endpoint_url": S3_PUBLIC_ENDPOINT},
            }
        }
        if S3_BUCKET and S3_PUBLIC_ENDPOINT
        else {}
    ),
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
EVIDENCE_NIGHTLY_MB = env.number(
    "EVIDENCE_NIGHTLY_MB",
    20_000,
    "How much of the stored evidence one night compares with its fingerprints, in MB; the longest unseen first.",
    least=1,
)
CLAMD_URL = env.text(
    "CLAMD_URL",
    "",
    "A clamd that scans evidence for viruses: tcp://host:3310 or unix:///run/clamd.sock. With it, a customer gets no "
    "file that was not found clean.",
)
CLAMD_TIMEOUT = env.number("CLAMD_TIMEOUT", 60, "Seconds without a word after which clamd counts as down.", least=1)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# More than a case holds, so that those beyond are refused one by one, by their names (law 8); a post of more is a page.
DATA_UPLOAD_MAX_NUMBER_FILES = 5 * EVIDENCE_FILES_PER_CASE

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
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 20, "Longest the SMTP server may be silent, in seconds.", least=1)
EMAIL_FILE_PATH = DATA_DIR / "outbox"
EMAIL_BACKEND = "cases.outbox.smtp.EmailBackend" if EMAIL_HOST else "cases.outbox.files.EmailBackend"
MAIL_CAP_PER_ADDRESS_DAY = env.number("MAIL_CAP_PER_ADDRESS_DAY", 3, "Automatic mails a day to one address.")
MAIL_CAP_PER_DOMAIN_HOUR = env.number("MAIL_CAP_PER_DOMAIN_HOUR", 30, "Automatic mails an hour to one domain.")
MAIL_CAP_PER_HOUR = env.number("MAIL_CAP_PER_HOUR", 600, "Automatic mails an hour in all.")
MAIL_WEBHOOKS = env.words(
    "MAIL_WEBHOOKS",
    [],
    "Providers that may post mail to /hooks/mail/<provider>/: mailgun, postmark, sendgrid, amazon_ses.",
)
MAIL_WEBHOOK_SECRETS = env.words(
    "MAIL_WEBHOOK_SECRETS",
    [],
    "`name:password` the providers log in with (basic auth); several while one is being changed. Also as "
    "MAIL_WEBHOOK_SECRETS_FILE. Without it postmark, sendgrid and amazon_ses stay shut.",
)
MAILGUN_SIGNING_KEY = env.text(
    "MAILGUN_SIGNING_KEY", "", "The key Mailgun signs its posts with. Without it mailgun stays shut."
)
INVOICE_NUMBER_PATTERNS = env.text(
    "INVOICE_NUMBER_PATTERNS",
    "",
    "What invoice numbers look like in mails: regular expressions parted by blanks (`INV-\\d{4}-\\d{5} R\\d{6}`). "
    "Numbers behind a word such as “invoice” and numbers that were really sold are found without.",
    shown_default="INV-… and #1234",
).split()
SERIAL_NUMBER_PATTERNS = env.text(
    "SERIAL_NUMBER_PATTERNS",
    "",
    "What serial numbers look like in mails, in the same way.",
    shown_default="SN-… and PK3-00417",
).split()
TRACKING_NUMBER_PATTERNS = env.text(
    "TRACKING_NUMBER_PATTERNS",
    "",
    "What tracking numbers look like in mails, in the same way.",
    shown_default="those of the known carriers",
).split()
METRICS_TOKEN = env.text(
    "METRICS_TOKEN", "", "Bearer token that opens /metrics to other machines; this machine itself may always read it."
)
MAIL_WEBHOOK_MB = env.number("MAIL_WEBHOOK_MB", 70, "Largest post of a provider, in MB.", least=1)
IMAP_HOST = env.text("IMAP_HOST", "", "IMAP server of the official mailbox; empty polls none.")
IMAP_TLS = env.text(
    "IMAP_TLS", "tls", "How the line to the mailbox is secured: tls, starttls, or none (only on one's own machine)."
).lower()
if IMAP_TLS not in ("tls", "starttls", "none"):
    raise ImproperlyConfigured(f"IMAP_TLS is {IMAP_TLS!r}: say tls, starttls or none.")
IMAP_PORT = env.number("IMAP_PORT", 0, "Port of the IMAP server; 0 for the usual one: 993 with tls, else 143.")
IMAP_USER = env.text("IMAP_USER", "", "Log-in at the mailbox.")
IMAP_PASSWORD = env.text("IMAP_PASSWORD", "", "Password of the mailbox; also as IMAP_PASSWORD_FILE.")
IMAP_FOLDER = env.text("IMAP_FOLDER", "INBOX", "The folder mail arrives in. Whatever is in it is work to be done.")
IMAP_PROCESSED = env.text(
    "IMAP_PROCESSED",
    "Processed",
    "Folder for mail that was stored and dealt with; made where absent, / divides levels.",
)
IMAP_HELD = env.text("IMAP_HELD", "Held", "Folder for mail that was stored and waits for a person; made where absent.")
IMAP_TIMEOUT = env.number("IMAP_TIMEOUT", 60, "Seconds of silence after which the line counts as broken.", least=1)
IMAP_BATCH = env.number("IMAP_BATCH", 200, "Messages looked at in one question to the server.", least=1)
IMAP_MAX_MB = env.number(
    "IMAP_MAX_MB",
    100,
    "Largest mail fetched whole, in MB. Of a larger one the first megabyte is stored, and a person sees it.",
    least=1,
)
IMAP_POLL_SECONDS = env.number("IMAP_POLL_SECONDS", 60, "How often the mailbox is looked into.", least=1)
IMAP_LEASE_SECONDS = env.number(
    "IMAP_LEASE_SECONDS", 300, "How long a poller that went silent keeps others from the mailbox, in seconds.", least=1
)
IMAP_ALARM_MINUTES = env.number(
    "IMAP_ALARM_MINUTES", 15, "Minutes without a whole look into the mailbox after which /readyz is red.", least=1
)
UNDO_SECONDS = env.number("UNDO_SECONDS", 30, "How long a decision can be undone before its mail leaves, in seconds.")
LINK_DAYS = env.number("LINK_DAYS", 30, "How long a private link to a case works, in days.", least=1)

# ── How long what is kept (the table of kinds: docs/privacy.md) ──────────────────────────────────────────────────────
# Months count from the last step of a closed case or from the end of the thing itself; 0 keeps it for good.
EVIDENCE_KEEP_MONTHS = env.number(
    "EVIDENCE_KEEP_MONTHS",
    36,
    "Months after which the files of a closed case are erased; 0 keeps them. The case and its fingerprints stay.",
)
MAIL_KEEP_MONTHS = env.number(
    "MAIL_KEEP_MONTHS",
    36,
    "Months after which the mails of a closed case, as received and as sent, lose their words; 0 keeps them. The "
    "conversation stays with the case.",
)
HELD_MAIL_KEEP_MONTHS = env.number(
    "HELD_MAIL_KEEP_MONTHS",
    12,
    "Months after which automatic mail, and mail a person put aside, is erased; 0 keeps it. What waits stays.",
)
LINK_KEEP_MONTHS = env.number(
    "LINK_KEEP_MONTHS", 12, "Months after its end for which a private link is still known as an old one; 0 keeps it."
)
ADMIN_LOG_KEEP_MONTHS = env.number(
    "ADMIN_LOG_KEEP_MONTHS", 36, "Months for which the admin keeps the log of its own changes; 0 keeps it."
)
DRAFT_KEEP_DAYS = env.number(
    "DRAFT_KEEP_DAYS", 14, "Days for which a request begun on the portal and left is kept.", least=1
)
CARRIER_CALLS_KEEP_DAYS = env.number(
    "CARRIER_CALLS_KEEP_DAYS", 90, "Days for which calls of carriers are kept once they were taken in.", least=1
)
FOREIGN_CALLS_KEEP_DAYS = env.number(
    "FOREIGN_CALLS_KEEP_DAYS", 14, "The same, for calls about parcels nobody here knows.", least=1
)
SHOP_CALLS_KEEP_DAYS = env.number(
    "SHOP_CALLS_KEEP_DAYS",
    90,
    "Days for which calls of the shop are kept once they were taken in; the newest word on each order stays.",
    least=1,
)
WEBHOOK_LOG_KEEP_DAYS = env.number(
    "WEBHOOK_LOG_KEEP_DAYS", 60, "Days for which what other systems were told is kept, with their answers.", least=1
)
API_ANSWERS_KEEP_DAYS = env.number(
    "API_ANSWERS_KEEP_DAYS", 2, "Days for which an answer of the API is kept under its Idempotency-Key.", least=1
)
IMPORT_FILES_KEEP_DAYS = env.number(
    "IMPORT_FILES_KEEP_DAYS", 90, "Days for which a file that was imported is kept, with its rejected rows.", least=1
)
LIMITS_KEEP_DAYS = env.number(
    "LIMITS_KEEP_DAYS", 1, "Days for which the count of a limit is kept after its window ended.", least=1
)

# ── Shipments ────────────────────────────────────────────────────────────────────────────────────────────────────
SIMULATED_CARRIER = env.flag(
    "SIMULATED_CARRIER",
    DEBUG,
    "Offer the simulated carrier, whose parcels move by the clock. Off in production unless asked for.",
    shown_default="as DEBUG",
)
WORKSHOP_ADDRESS = [
    line.strip()
    for line in env.text(
        "WORKSHOP_ADDRESS",
        "Workshop; Musterstraße 1; 12345 Berlin; Germany",
        "Where parcels for repair are sent, below the maker's name: its lines, parted by semicolons or line breaks.",
    )
    .replace(";", "\n")
    .splitlines()
    if line.strip()
]
# Each carrier is on offer once its keys are there. Every one of them may be given as NAME_FILE too.
CARRIER_ACCESS = {
    name: env.text(name, default, says)
    for name, default, says in (
        ("DHL_API_KEY", "", "Key of DHL's Shipment Tracking – Unified."),
        ("DHL_URL", "https://api-eu.dhl.com", "Address of that interface."),
        ("DHL_WEBHOOK_SECRET", "", "Token DHL sends in X-Webhook-Token with a push: a hint to ask, no proof."),
        ("UPS_CLIENT_ID", "", "OAuth client of UPS."),
        ("UPS_CLIENT_SECRET", "", "Its secret."),
        ("UPS_URL", "https://onlinetools.ups.com", "Address of UPS; https://wwwcie.ups.com is the sandbox."),
        ("UPS_WEBHOOK_SECRET", "", "Credential UPS Track Alert sends along: a hint to ask, no proof."),
        ("FEDEX_CLIENT_ID", "", "API key of FedEx."),
        ("FEDEX_CLIENT_SECRET", "", "Its secret."),
        ("FEDEX_URL", "https://apis.fedex.com", "Address of FedEx; https://apis-sandbox.fedex.com is the sandbox."),
        ("FEDEX_WEBHOOK_SECRET", "", "Security token of the webhook project: signs every call."),
        ("USPS_CLIENT_ID", "", "Consumer key of USPS."),
        ("USPS_CLIENT_SECRET", "", "Its secret."),
        ("USPS_URL", "https://apis.usps.com", "Address of USPS; https://apis-tem.usps.com is the test one."),
        ("USPS_WEBHOOK_SECRET", "", "Secret of the tracking subscription: signs every call."),
        ("GLS_CLIENT_ID", "", "API key of GLS."),
        ("GLS_CLIENT_SECRET", "", "Its secret."),
        ("GLS_URL", "https://api.gls-group.net", "Address of GLS; https://api-sandbox.gls-group.net is the sandbox."),
        ("EASYPOST_API_KEY", "", "Key of EasyPost, which follows the carriers that cannot be asked directly."),
        ("EASYPOST_URL", "https://api.easypost.com", "Address of EasyPost."),
        ("EASYPOST_WEBHOOK_SECRET", "", "Secret of the webhook: signs every call."),
        ("AFTERSHIP_API_KEY", "", "Key of AfterShip, which follows the carriers that cannot be asked directly."),
        ("AFTERSHIP_URL", "https://api.aftership.com", "Address of AfterShip."),
        ("AFTERSHIP_WEBHOOK_SECRET", "", "Secret of the webhook: signs every call."),
    )
} | {
    f"{carrier}_WEBHOOK_SECRET_OLD": env.text(
        f"{carrier}_WEBHOOK_SECRET_OLD", "", "The one before it, taken too while it is being changed."
    )
    for carrier in ("DHL", "UPS", "FEDEX", "USPS", "EASYPOST", "AFTERSHIP")
}


def read_carrier_limit(written: str) -> tuple[str, tuple[float, int]]:
    """`dhl=10/20` → 10 calls a second, 20 at once."""
    code, _, limits = written.partition("=")
    calls, _, places = limits.partition("/")
    try:
        found = float(calls), int(places)
    except ValueError:
        found = (-1.0, 0)
    if not (0 <= found[0] < 1e6) or found[1] < 1:
        raise ImproperlyConfigured(f"CARRIER_LIMITS: {written!r} is not CARRIER=CALLS_A_SECOND/AT_ONCE, as dhl=10/20.")
    return code.strip().lower(), found


CARRIER_LIMITS = dict(
    read_carrier_limit(written)
    for written in env.words(
        "CARRIER_LIMITS",
        [],
        "What a carrier puts up with from one process where your contract says otherwise: "
        "CARRIER=CALLS_A_SECOND/AT_ONCE, e.g. `dhl=10/20`; 0 calls a second is no limit.",
    )
)
CARRIER_TIMEOUT_SECONDS = env.number("CARRIER_TIMEOUT_SECONDS", 20, "Longest a carrier's answer may take.", least=1)
CARRIER_WEBHOOK_SECONDS = env.number(
    "CARRIER_WEBHOOK_SECONDS",
    900,
    "How far a signed webhook's time may lie from ours, either way; beyond it the carrier is asked instead.",
    least=1,
)
CARRIER_PRIVATE_ADDRESSES = env.flag(
    "CARRIER_PRIVATE_ADDRESSES",
    False,
    "Let carriers' addresses be http, private or this machine: for a sandbox on one's own network only.",
)
SILENT_PARCEL_DAYS = env.number(
    "SILENT_PARCEL_DAYS", 10, "Days without a scan after which a travelling parcel raises an alarm.", least=1
)

# ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────
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

# ── The API (docs/api.md) ────────────────────────────────────────────────────────────────────────────────────────
SHOPIFY_WEBHOOK_SECRETS = env.words(
    "SHOPIFY_WEBHOOK_SECRETS",
    [],
    "What Shopify signs its webhooks with; two while it is being changed. Also as SHOPIFY_WEBHOOK_SECRETS_FILE. "
    "Without it /hooks/shopify/ stays shut.",
)
SHOPIFY_SHOP = env.text(
    "SHOPIFY_SHOP", "shopify", "The shop the orders of the webhooks belong to, as `--shop` names it for files."
)
WEBHOOK_PRIVATE_ADDRESSES = env.flag(
    "WEBHOOK_PRIVATE_ADDRESSES",
    False,
    "Let webhooks go to http, private addresses or this machine: for systems on one's own network only.",
)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["warrantydesk.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["warrantydesk.api.authentication.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["warrantydesk.api.authentication.TokenThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "warrantydesk.api.schema.NamedByView",
    "EXCEPTION_HANDLER": "warrantydesk.api.problems.answer_problem",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Warrantydesk",
    "DESCRIPTION": "Invoices, parts with their warranty clocks, cases and parcels. See docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "CaseState": "cases.models.case.State",
        "CaseEventKind": "cases.models.CaseEvent.Kind",
        "MessageDirection": "cases.models.Message.Direction",
        "ProductKind": "products.models.Product.Kind",
        "ParcelDirection": "shipments.models.RepairShipment.Direction",
        "ScanKind": "shipments.models.EventKind",
    },
    # A test of our own looks at the schema; in production nobody waits for it at every start.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

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
# In the session, so that a customer's browser keeps one cookie and no second one; messages to the reader likewise.
CSRF_USE_SESSIONS = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
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
BEHIND_PROXY = env.flag("BEHIND_PROXY", False, "Trust X-Forwarded-Proto and X-Forwarded-For of the proxy in front.")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def _store_seen_by_browsers() -> list[str]:
    """The origin that videos are played from: a private link of the store answers instead of the desk."""
    options = STORAGES.get("links", STORAGES["default"])["OPTIONS"]
    if not S3_BUCKET:
        return []
    if options["endpoint_url"]:
        scheme, host = urlsplit(options["endpoint_url"])[:2]
        return [f"{scheme}://{host}"]
    region = options["region_name"]
    places = ("s3", f"s3.{region}") if region else ("s3",)
    return [f"https://{S3_BUCKET}.{place}.amazonaws.com" for place in places]


SECURITY_CONTACT = env.text(
    "SECURITY_CONTACT",
    f"mailto:{WARRANTY_ADDRESS}",
    "Whom finders of weaknesses should tell, as an address in /.well-known/security.txt: mailto:… or https://….",
    shown_default="mailto:WARRANTY_ADDRESS",
)
# Strict everywhere; the admin's library needs inline style and script, so its pages relax it (warrantydesk/csp.py).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "media-src": [SELF, *_store_seen_by_browsers()],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "report-uri": ["/csp-report/"],
    }
}


def read_limit(written: str) -> tuple[str, tuple[int, int]]:
    """`portal_link=6/3600` → 6 uses within 3600 seconds."""
    name, _, numbers = written.partition("=")
    most, _, seconds = numbers.partition("/")
    try:
        found = int(most), int(seconds)
    except ValueError:
        found = (-1, 0)
    if found[0] < 0 or found[1] < 1:
        raise ImproperlyConfigured(f"LIMITS: {written!r} is not NAME=USES/SECONDS, as portal_link=6/3600.")
    return name.strip(), found


# The limits themselves, with what each is for, stand in warrantydesk/faces/limits.py.
LIMITS = dict(
    read_limit(written)
    for written in env.words(
        "LIMITS",
        [],
        "How often one may, where the built-in numbers do not fit: NAME=USES/SECONDS, e.g. `portal_link=12/3600`. "
        "The desk's page “Limits” lists every name with its numbers; an unknown name is refused at start.",
    )
)

# Exports are opened in spreadsheets: a cell that begins like a formula is made harmless.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
UNFOLD = {
    "SITE_TITLE": "Warrantydesk",
    "SITE_HEADER": "Warrantydesk",
    "SITE_SYMBOL": "schedule",
    "SITE_URL": "/desk/",
    # The ways out of the administration: the desk and the pages beside it.
    "SITE_DROPDOWN": [
        {"icon": "inbox", "title": _("The desk"), "link": reverse_lazy("staff:queue")},
        {"icon": "build", "title": _("Workshop"), "link": reverse_lazy("staff:workshop")},
        {"icon": "monitoring", "title": _("Reports"), "link": reverse_lazy("reports:overview")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
}

# ── Logs ─────────────────────────────────────────────────────────────────────────────────────────────────────────
LOG_LEVEL = env.text("LOG_LEVEL", "INFO", "Level of the log on standard error.").upper()
LOG_FORMAT = env.text(
    "LOG_FORMAT",
    "line" if DEBUG else "json",
    "How the log is written: `json` for machines, `line` for people. Neither says who: no address, no token.",
    shown_default="json with DEBUG off, else line",
).lower()
if LOG_FORMAT not in ("json", "line"):
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}: say json or line.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": logs.formatters(),
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # A sweep that finds nothing is no news, nor is that its task began and ended.
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("celery.app.trace", "celery.worker.strategy", "celery.beat", "django_structlog.celery")
    },
}
logs.configure()
DJANGO_STRUCTLOG_CELERY_ENABLED = True  # a task's lines carry the id of the request that asked for it
SENTRY_DSN = env.text("SENTRY_DSN", "", "Where errors are reported (Sentry), without anything about a person.")
if SENTRY_DSN:
    sentry.begin(SENTRY_DSN, urlsplit(SITE_URL).hostname or "")
