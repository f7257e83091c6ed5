"""The table of kinds in docs/privacy.md from the code, so that it cannot go stale."""

from django.utils.translation import override

from warrantydesk.management.docs_page import DocsPageCommand
from warrantydesk.privacy.shown import with_kinds


class Command(DocsPageCommand):
    help = "Writes the table of kinds into docs/privacy.md; with --check only says whether it is stale."
    page = "privacy.md"

    def fresh(self, old: str) -> str:
        with override("en"):
            return with_kinds(old)
