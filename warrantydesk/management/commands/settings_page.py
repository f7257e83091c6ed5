"""docs/settings.md from the code, so that it cannot go stale."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from warrantydesk import env

HEAD = """# Settings

All settings come from the environment; without any, `make run` serves the embedded desk. A secret may also be given
as a file: `NAME_FILE=/run/secrets/name`. This page is made from the code by `make docs`.

| setting | kind | default | what it does |
|---|---|---|---|
"""


def settings_page() -> str:
    """The page's text: one row a setting, in the order in which the modules of warrantydesk/settings read them."""
    return HEAD + "".join(_row(setting) for setting in env.SETTINGS.values())


def _row(setting: env.Setting) -> str:
    default = f"`{setting.default}`" if setting.default else "(empty)"
    return f"| `{setting.name}` | {setting.kind} | {default} | {setting.says} |\n"


class Command(BaseCommand):
    help = "Writes docs/settings.md from the code; with --check only says whether it is stale."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "settings.md"
        page = settings_page()
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(page, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            raise CommandError("docs/settings.md is stale: run `make docs`.")
