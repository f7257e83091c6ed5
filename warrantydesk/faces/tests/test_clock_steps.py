"""The steps of a clock, drawn for staff and for customers."""

from types import SimpleNamespace
from typing import Any

import pytest

from warrantydesk.faces.clock_steps import clock_steps


def explained(audience: str, *steps: dict[str, Any]) -> Any:
    plain = {"kind": "pause", "text": "Away", "days": 18, "proof": "DHL", "rule": "5.1", "files": ()}
    return SimpleNamespace(audience=audience, steps=[SimpleNamespace(**{**plain, **step}) for step in steps])


def test_staff_read_the_rule_and_open_the_proof() -> None:
    drawn = clock_steps(explained("staff", {"files": [SimpleNamespace(key=7, name="slip.pdf")]}), opened=1)
    assert '<details class="clock-steps" open>' in drawn
    assert '<td class="clock-step-rule">5.1</td>' in drawn
    assert "/7/" in drawn.split('clock-step-proof">DHL <a href="')[1].split('">slip.pdf</a>')[0]


def test_customers_read_no_rule() -> None:
    drawn = clock_steps(explained("customer", {}))
    assert "<details class=" in drawn
    assert " open>" not in drawn
    assert "5.1" not in drawn
    assert drawn.count("<th") == 3 + 1  # three columns, and the head itself


def test_outsider_has_no_steps() -> None:
    assert clock_steps(explained("outsider")) == ""


@pytest.mark.parametrize(
    ("step", "cells"),
    [
        ({"days": 0}, '<td class="clock-step-days">0</td>'),
        ({"days": 18}, '<td class="clock-step-days">+18</td>'),
        ({"days": None, "proof": ""}, '<td colspan="3">Away</td>'),
        ({"days": None, "proof": "", "kind": "ignored_pause"}, '<td class="clock-step-days"></td>'),
        ({"text": "<b>"}, "<td>&lt;b&gt;</td>"),
        ({"proof": "<i>"}, "&lt;i&gt;"),
    ],
    ids=["none counted", "days won", "no proof", "left out", "words escaped", "proof escaped"],
)
def test_each_step_is_told_by_what_it_has(step: dict[str, Any], cells: str) -> None:
    assert cells in clock_steps(explained("customer", step))
