"""The administration, and the tables it exports and imports."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

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
