"""docs/ is what the code says."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from shipments.carriers.registry import readers
from warrantydesk.reports.registry import REPORTS

DOCS = Path(settings.BASE_DIR) / "docs"


def first_column(page: str) -> set[str]:
    """What stands as code at the beginning of the rows of a page's tables."""
    return set(re.findall(r"^\| `([\w-]+)` \|", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.django_db
def test_page_of_every_figure_is_what_the_reports_say():
    call_command("figures_page", check=True)


def test_every_report_and_every_carrier_has_its_row():
    assert set(REPORTS) - first_column("reports.md") == set()
    assert set(readers()) - first_column("carriers.md") == set()


def test_checklists_name_only_files_there_are():
    """A list that sends a newcomer to a file that moved is worse than none."""
    named = set(re.findall(r"`([\w./-]+/[\w.-]+\.\w+)`", (DOCS / "checklists.md").read_text(encoding="utf-8")))
    assert len(named) > 20
    assert {name for name in named if not (settings.BASE_DIR / name).exists()} == set()
