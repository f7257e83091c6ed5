"""A page of docs/ that is made from the code, so that it cannot go stale."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class DocsPageCommand(BaseCommand):
    """Writes docs/`page`; with --check it only says whether the page is stale."""

    page = ""

    def fresh(self, old: str) -> str:
        """The page as it should be; `old` as it is, empty where there is none yet."""
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / self.page
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        fresh = self.fresh(old)
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(fresh, encoding="utf-8")
        elif old != fresh:
            raise CommandError(f"docs/{self.page} is stale: run `make docs`.")
