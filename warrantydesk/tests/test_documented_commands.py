"""Every command that a page tells somebody to type is there, with every option it names."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

PAGES = sorted({*Path(settings.BASE_DIR).glob("*.md"), *Path(settings.BASE_DIR, "docs").rglob("*.md")})
TYPED = re.compile(r"manage\.py ([a-z_]+)([^`\n|]*)")
TOLD = [
    (page.name, name, rest)
    for page in PAGES
    for name, rest in TYPED.findall(page.read_text(encoding="utf-8"))
    if name.islower()
]


def test_pages_tell_of_commands():
    assert {"ingest_mail", "import_invoices", "import_catalogue", "api_token", "check_integrity"} <= {
        name for _page, name, _rest in TOLD
    }


@pytest.mark.parametrize("name", sorted({name for _page, name, _rest in TOLD}))
def test_command_is_there_with_every_option_a_page_names(name: str):
    assert name in get_commands(), [page for page, told, _rest in TOLD if told == name]
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    for page, told, rest in TOLD:
        if told == name:
            unknown = set(re.findall(r"--[a-z][a-z-]*", rest)) - set(parser._option_string_actions)
            assert not unknown, f"{page}: manage.py {name}{rest}"
