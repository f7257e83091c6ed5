"""docs/settings.md from the code, so that it cannot go stale."""

from warrantydesk import env
from warrantydesk.management.docs_page import DocsPageCommand

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


class Command(DocsPageCommand):
    help = "Writes docs/settings.md from the code; with --check only says whether it is stale."
    page = "settings.md"

    def fresh(self, _old: str) -> str:
        return settings_page()
