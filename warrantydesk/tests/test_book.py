"""docs/ is what the code says."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from warrantydesk.reports.registry import REPORTS

DOCS = Path(settings.BASE_DIR) / "docs"


@pytest.mark.django_db
def test_page_of_every_figure_is_what_the_reports_say():
    call_command("figures_page", check=True)


def test_every_report_has_its_row():
    told = re.findall(r"^\| `(\w+)` \|", (DOCS / "reports.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(REPORTS) - set(told) == set()


def test_checklists_name_only_files_there_are():
    """A list that sends a newcomer to a file that moved is worse than none."""
    named = set(re.findall(r"`([\w./-]+/[\w.-]+\.\w+)`", (DOCS / "checklists.md").read_text(encoding="utf-8")))
    assert len(named) > 20
    assert {name for name in named if not (settings.BASE_DIR / name).exists()} == set()
