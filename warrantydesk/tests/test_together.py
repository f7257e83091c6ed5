"""What shares a world runs in one process."""

import pytest


@pytest.mark.xdist_group("shared")
def test_id_ends_with_its_group_when_tests_are_handed_out(request):
    handed_out = request.config.getoption("loadgroup", False)
    assert request.node.nodeid.endswith("@shared") is bool(handed_out)
