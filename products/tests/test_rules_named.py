"""Every rule of section 1 of the policy page has a test named after it: a rule nobody tests is only a wish."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
RULES = re.findall(r"^\*\*1\.(\d+) ", (ROOT / "docs" / "policy.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_policy_page_has_its_ten_rules():
    assert [int(number) for number in RULES] == list(range(1, 11))


@pytest.mark.parametrize("number", RULES)
def test_rule_has_a_test_named_after_it(number: str):
    storeys = [ROOT / storey / "tests" for storey in ("products", "cases", "shipments")]
    tests = [path.read_text(encoding="utf-8") for folder in storeys for path in folder.glob("test_*.py")]
    assert any(f"def test_rule_1_{number}_" in text for text in tests)
