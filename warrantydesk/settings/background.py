"""Cache, broker and background work."""

from typing import Any

from kombu import Queue

from warrantydesk import env
from warrantydesk.settings.place import DATA_DIR, TESTING

CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any]
REDIS_URL = env.text("REDIS_URL", "", "redis://… in production: broker and cache.", shown_default="files in DATA_DIR")
CACHES = {
    "default": {"BACKEND": "warrantydesk.faces.redis_cache.OneClientCache", "LOCATION": REDIS_URL}
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
    CELERY_BROKER_URL = "files://localhost"  # the name means nothing, and its absence is warned of
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
