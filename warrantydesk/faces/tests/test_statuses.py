"""The table of statuses is whole: an icon, a tone and two words for every code, and no internal word for a customer."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from warrantydesk.faces.statuses import STATUSES, status_of

CODES = {
    "case": "submitted evidence_review approved denied in_repair returned withdrawn",
    "clock": "upcoming covered paused expired voided",
    "verdict": "undecided covered denied goodwill",
    "shipment": "label drop_off picked_up in_transit out_for_delivery available_for_pickup failed_attempt "
    "pickup_failed delivered returned_to_sender exception lost correction unknown",
    "mail": "queued sending sent failed uncertain cancelled",
    "carrier": "working troubled trying resting unknown",
    "window": "provisional verified confirmed",
}
ROWS = [(kind, code) for kind, codes in CODES.items() for code in codes.split()]
EVERY_ROW = pytest.mark.parametrize(("kind", "code"), ROWS, ids=[f"{kind}.{code}" for kind, code in ROWS])


def test_table_holds_exactly_the_codes_of_the_contracts():
    assert {(kind, code) for kind, table in STATUSES.items() for code in table} == set(ROWS)


@EVERY_ROW
def test_status_has_icon_and_tone_that_exist(kind, code):
    status = status_of(code, kind)
    assert (Path(settings.BASE_DIR) / "templates" / "icons" / f"{status.icon}.svg").is_file()
    badge = (Path(settings.BASE_DIR) / "static" / "css" / "components" / "badge.css").read_text()
    assert f".tone-{status.tone} " in badge


@EVERY_ROW
def test_customer_never_reads_the_name_of_an_internal_state(kind, code):
    words = str(status_of(code, kind).customer).lower()
    internal = (
        "review|submitted|withdrawn|pending|provisional|exception|unknown|invalid|queued|uncertain|void|denied|evidence"
    )
    assert not re.search(internal, words)
    assert words


def test_states_of_one_kind_differ_in_more_than_colour():
    for kind, table in STATUSES.items():
        looks = [(status.icon, str(status.staff)) for status in table.values()]
        assert len(set(looks)) == len(looks), kind


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("denied", None, "Denied"),
        ("denied", "verdict", "Not covered"),
        ("verdict.denied", None, "Not covered"),
        ("covered", None, "Covered"),
        ("in_transit", None, "In transit"),
    ],
)
def test_status_of_tells_equal_codes_apart_when_the_kind_is_given(code, kind, words):
    assert str(status_of(code, kind).staff) == words


def test_status_of_shows_a_quiet_badge_and_logs_when_the_code_is_not_in_the_table(caplog):
    status = status_of("vanished_state", "case")
    assert (status.tone, str(status.staff), str(status.customer)) == ("calm", "Vanished state", "In progress")
    assert "vanished_state" in caplog.text
