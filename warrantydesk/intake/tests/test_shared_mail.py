"""Every mail of the shared set ends in a case or in an item somebody sees, and no robot is answered."""

import json
from pathlib import Path

import pytest

from cases.models import OutgoingMail
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.services import receive
from warrantydesk.intake.tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.shared_data]


@pytest.fixture
def _no_caps(settings):
    settings.MAIL_CAP_PER_ADDRESS_DAY = settings.MAIL_CAP_PER_DOMAIN_HOUR = settings.MAIL_CAP_PER_HOUR = 100_000


def receive_all(folder: Path) -> dict[str, str]:
    return {
        path.name: receive(path.read_bytes(), source=path.name, now=NOW).outcome
        for path in sorted(folder.glob("*.eml"))
    }


@pytest.mark.usefixtures("_no_caps")
def test_real_mails_are_all_kept_and_no_automatic_one_is_answered(shared_data):
    outcomes = receive_all(shared_data / "mail" / "real")
    listed = (shared_data / "mail" / "real" / "expected.jsonl").read_text(encoding="utf-8")
    expected = [json.loads(line) for line in listed.splitlines()]
    assert len(outcomes) == len(expected)
    assert IncomingMail.objects.count() == len(outcomes) - list(outcomes.values()).count("duplicate")
    assert "quarantined" not in outcomes.values()
    automatic = {one["file"] for one in expected if one["auto"]}
    answered = {mail.case.incoming_mails.get().source for mail in OutgoingMail.objects.filter(kind="acknowledgement")}
    assert not answered & automatic
    # Whoever could be answered was: the others named no address at all, and wait for a person.
    assert answered == {name for name, outcome in outcomes.items() if outcome == "case_opened"}
    held = IncomingMail.objects.filter(outcome="held").values_list("reason", flat=True)
    assert set(held) == {"A request without an address we could answer to."}
    assert len(answered) > 380


HOSTILE = {
    "01_plain.eml": "case_opened",
    "02_duplicate_of_01.eml": "duplicate",
    "04_no_tag.eml": "held",
    "05_tag_case_spaces.eml": "case_opened",
    "06_tag_encoded.eml": "case_opened",
    "08_tag_folded.eml": "case_opened",
    "10_missing_serial.eml": "case_opened",
    "11_two_serials.eml": "case_opened",
    "13_html_only.eml": "case_opened",
    "16_auto_replied.eml": "automatic",
    "17_auto_generated_param.eml": "automatic",
    "20_auto_submitted_upper.eml": "automatic",
    "21_null_return_path.eml": "automatic",
    "22_list_id.eml": "automatic",
    "23_precedence_bulk.eml": "automatic",
    "25_dsn.eml": "automatic",
    "40_no_headers.eml": "quarantined",
    "41_empty.eml": "quarantined",
    "50_500_attachments.eml": "case_opened",
    "52_100k_parts.eml": "quarantined",
}


def test_hostile_mails_end_as_expected(shared_data):
    outcomes = receive_all(shared_data / "mail" / "hostile")
    assert {name: outcomes[name] for name in HOSTILE} == HOSTILE
    assert set(outcomes.values()) <= {"case_opened", "held", "automatic", "duplicate", "quarantined"}
    many = IncomingMail.objects.get(source="50_500_attachments.eml").case
    assert many.evidence.exclude(status="refused").count() == 40
    assert many.evidence.filter(status="refused").count() == 460
