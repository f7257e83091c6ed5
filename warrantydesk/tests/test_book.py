"""docs/ is what the code says."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_page_of_every_figure_is_what_the_reports_say():
    call_command("figures_page", check=True)
