"""Where files are kept, how large and how many, and who scans them."""

from pathlib import Path
from typing import Any

from warrantydesk import env
from warrantydesk.settings.place import BASE_DIR, DATA_DIR, DEBUG

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
