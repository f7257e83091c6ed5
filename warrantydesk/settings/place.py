"""Where this desk stands: its folders, its kind (embedded or production), its secret and its addresses."""

import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from warrantydesk import env

BASE_DIR = Path(__file__).resolve().parents[2]
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
