"""The database: a file, or PostgreSQL."""

from typing import Any

import dj_database_url

from warrantydesk import env
from warrantydesk.settings.place import DATA_DIR, TESTING

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
    True,
    "PostgreSQL keeps the plans of what every page asks. Behind a pooler it keeps none, whatever stands here.",
)
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
    options = DATABASES["default"].setdefault("OPTIONS", {})
    options["server_side_binding"] = False  # several statements make one message, whatever the address says
    if DATABASE_PREPARED:  # of those alone: any other statement has its values in it (products/kept_plans.py)
        options["prepare_threshold"] = 5
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
# SQLite keeps an index without the columns that lie beside it for PostgreSQL: slower there, and no less right.
SILENCED_SYSTEM_CHECKS = ["models.W040"]
