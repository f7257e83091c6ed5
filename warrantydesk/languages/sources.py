"""Where the words stand that a customer may read. What stands elsewhere is staff's, and staff's faces speak English
(docs/decisions/0010-languages.md).

A file that speaks to both is listed whole: a few words more to translate cost less than marking each one by hand.
"""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

# Paths from the root of the repository; `**` for whole folders. Tests are never among them.
TEMPLATES = (
    "templates/portal/**/*.html",
    "templates/mail/**/*.txt",
    "templates/cases/**/*.html",
    "templates/shipments/**/*.html",
    "templates/components/**/*.html",
    "templates/*.html",
)
CODE = (
    "warrantydesk/portal/**/*.py",
    "warrantydesk/faces/clock_steps.py",
    "warrantydesk/faces/conversation.py",
    "warrantydesk/faces/drawn.py",
    "warrantydesk/faces/statuses.py",
    "warrantydesk/faces/packing_slip.py",
    "warrantydesk/faces/letter.py",
    "warrantydesk/faces/refused.py",
    "warrantydesk/faces/access.py",
    # The clock.
    "products/telling.py",
    "products/tongues.py",
    "products/explanation.py",
    "products/one_sentence.py",
    "products/explaining.py",
    # The reasons as we ship them.
    "products/reference.py",
    # Mails.
    "cases/outbox/contents.py",
    "cases/outbox/decision.py",
    "cases/evidence/refusals.py",
    "cases/evidence/retention.py",
    "cases/models/quote.py",
    # Refusals of what a customer can ask for.
    "cases/services/uploading.py",
    "cases/services/opening.py",
    "cases/services/claiming.py",
    "cases/services/quoting.py",
    "cases/services/talking.py",
    "shipments/carriers/registry.py",
    "shipments/carriers/manual.py",
    "shipments/numbers.py",
    "shipments/services/booking.py",
    "shipments/services/correcting.py",
    "shipments/services/receipts.py",
    "shipments/services/settling.py",
)
# What stands in the folders above and only staff read.
STAFF = ("templates/desk_base.html", "templates/styleguide.html", "warrantydesk/portal/models.py")


def template_files() -> Iterator[Path]:
    return _files(TEMPLATES)


def code_files() -> Iterator[Path]:
    return _files(CODE)


def _files(globs: tuple[str, ...]) -> Iterator[Path]:
    root = settings.BASE_DIR
    kept_out = {root / name for name in STAFF}
    for pattern in globs:
        for path in sorted(root.glob(pattern)):
            if path not in kept_out and "tests" not in path.relative_to(root).parts:
                yield path
