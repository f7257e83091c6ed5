"""A test that needs a server of ours is known by its mark, so that the embedded stack leaves it out."""

import re
from pathlib import Path

import pytest
from django.conf import settings

BY_HAND = re.compile(
    r"connection\.vendor [!=]= \"\w+\"[^\n]*:\n\s+(?:if [^\n]+\n\s+)?pytest\.(?:skip|fail)|skipif\([^)]*vendor"
)


def test_no_test_leaves_itself_out_where_there_is_no_postgresql():
    folders = [settings.BASE_DIR / name for name in ("products", "cases", "shipments", "warrantydesk")]
    files = [path for folder in folders for path in folder.rglob("tests/**/*.py")]
    by_hand = [str(path) for path in files if path != Path(__file__) and BY_HAND.search(path.read_text("utf-8"))]
    assert len(files) > 100
    assert by_hand == [], "ask for the fixture `postgresql`: it brings the mark `services` along"


@pytest.mark.parametrize(
    "words",
    [
        'if connection.vendor != "postgresql":\n        pytest.skip("Not here.")',
        'if connection.vendor == "sqlite":\n        if CI:\n            pytest.fail("Not here.")',
        '@pytest.mark.skipif(connection.vendor != "postgresql", reason="Not here.")',
    ],
)
def test_leaving_itself_out_is_seen(words: str):
    assert BY_HAND.search(words)
