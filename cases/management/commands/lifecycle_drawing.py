"""`manage.py lifecycle_drawing`: write docs/lifecycle.svg from the rules; --check proves that it is up to date."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.models.case import State
from cases.rules.drawing import draw
from cases.rules.lifecycle import TRANSITIONS


class Command(BaseCommand):
    help = "Write docs/lifecycle.svg from the table of transitions (--check: only compare; exit 1 where it is stale)."
    requires_system_checks = ()  # a drawing of the rules needs no address and no database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Compare, write nothing.")
        parser.add_argument("--file", type=Path, default=settings.BASE_DIR / "docs" / "lifecycle.svg")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        drawing = draw(State.values, TRANSITIONS.values())
        if not options["check"]:
            path.write_text(drawing, encoding="utf-8")
            print(f"wrote {path}", file=sys.stderr)
        elif not path.exists() or path.read_text(encoding="utf-8") != drawing:
            raise CommandError(f"{path} is stale: run `python manage.py lifecycle_drawing`", returncode=1)
