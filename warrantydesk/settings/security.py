"""Cookies, https, what a page may load, and how often one may."""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from warrantydesk import env
from warrantydesk.settings.files import S3_BUCKET, STORAGES
from warrantydesk.settings.mail import WARRANTY_ADDRESS
from warrantydesk.settings.place import DEBUG, SITE_URL

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

# The limits themselves, with what each is for, stand in warrantydesk/faces/limits.py.
LIMITS = env.rates(
    "LIMITS",
    int,
    "How often one may, where the built-in numbers do not fit: NAME=USES/SECONDS, e.g. `portal_link=12/3600`. "
    "The desk's page “Limits” lists every name with its numbers; an unknown name is refused at start.",
    form="NAME=USES/SECONDS, as portal_link=6/3600",
)
