"""The table of kinds in docs/privacy.md from the code, so that it cannot go stale."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from warrantydesk.privacy.shown import with_kinds


class Command(BaseCommand):
    help = "Writes the table of kinds into docs/privacy.md; with --check only says whether it is stale."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "privacy.md"
        page = path.read_text(encoding="utf-8")
        with override("en"):
            fresh = with_kinds(page)
        if not check:
            path.write_text(fresh, encoding="utf-8")
        elif page != fresh:
            raise CommandError("docs/privacy.md is stale: run `make docs`.")
