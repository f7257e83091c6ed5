"""The customers of the demo write in every language they are answered in."""

import pytest
from django.conf import settings

from warrantydesk.demo.faults import FAULTS


@pytest.mark.parametrize("category", FAULTS)
def test_customers_of_every_language_of_ours_write_in_it(category: str):
    assert set(FAULTS[category]) == {code for code, _name in settings.LANGUAGES}
