"""One clock, one explanation: whoever asks, wherever they look, reads the same days for the same reasons."""

import datetime as dt
import html
import io
import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from cases.models import Case, OutgoingMail
from cases.services import deciding
from cases.tests.factories import CaseFactory, StaffFactory, judge_all
from products.models import CoveredPart
from products.services import WindowData, replace_part, set_pauses
from products.tests.factories import CoveredPartFactory
from products.tests.manager import manager
from warrantydesk.portal.tests.door import let_in, send_mails

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)
STAFF = (
    "Bought 3 Mar 2025 → 3 Mar 2026; paused 19 days (11–29 Jun 2025, DHL 00340434161…, verified) "
    "→ covered through 22 Mar 2026."
)
CUSTOMER = STAFF.replace("DHL 00340434161…, verified", "proved by tracking")  # a parcel of no case of theirs
STEPS = (
    "The warranty starts on 3 Mar 2025, the date of the invoice.",
    "It lasts 12 months, by the terms in force since 1 Jan 2015.",
    "Without pauses that is through 3 Mar 2026, the day with the same number.",
    "Away 11–29 Jun 2025: 19 days.",
    "Replaced on 1 Aug 2025 (MX-1 → MX-2): the clock goes on as it was.",
    "Covered through 22 Mar 2026, 19 days more.",
)


@pytest.fixture
def part(time_machine) -> CoveredPart:
    """Away for 19 days in June, replaced in August."""
    time_machine.move_to(NOW)
    part = CoveredPartFactory(number="INV-77", serial="MX-1")
    proof = {"left": 1, "back": 1, "left_by": "DHL 00340434161094042557", "back_by": "DHL 00340434161094042557"}
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified", proof=proof)
    set_pauses({part.pk: [window]}, source="tracking", cause="repair", now=NOW)
    august = dt.datetime(2025, 8, 1, 12, tzinfo=dt.UTC)
    replace_part(part.pk, new_serial="MX-2", case_reference="", actor=None, now=august)
    return part


@pytest.fixture
def case(part: CoveredPart, reviewer) -> Case:
    case = CaseFactory(customer=part.unit.line.invoice.customer, part=part)
    judge_all(case, reviewer)
    deciding.approve(case.pk, actor=reviewer, now=NOW)
    return case


@pytest.fixture
def reviewer():
    from cases.actors import Actor

    return Actor.staff(StaffFactory(role="reviewer"))


def staff_page(person, address: str) -> str:
    client = Client()
    client.force_login(person)
    return html.unescape(client.get(address).content.decode())


def on_admin(part: CoveredPart, _case: Case) -> str:
    return staff_page(manager(), reverse("admin:products_coveredpart_change", args=[part.pk]))


def on_desk(_part: CoveredPart, case: Case) -> str:
    address = reverse("staff:case", args=[case.reference])
    return staff_page(StaffFactory(role="viewer"), f"{address}?open=why-{case.claimed_parts.get().pk}")


def in_the_shell(_part: CoveredPart, _case: Case) -> str:
    out = io.StringIO()
    call_command("clock", "INV-77", "MX-2", stdout=out, stderr=io.StringIO())
    line = json.loads(out.getvalue())
    return " ".join([line["sentence"], *line["explained"]])


def on_portal(_part: CoveredPart, case: Case) -> str:
    send_mails(case)
    return html.unescape(let_in(case).get("/status/").content.decode())


def in_the_mail(_part: CoveredPart, case: Case) -> str:
    return OutgoingMail.objects.get(case=case, kind="decision").body


@pytest.mark.parametrize(
    ("face", "sentence", "has_steps"),
    [
        (on_admin, STAFF, True),
        (on_desk, STAFF, True),
        (in_the_shell, STAFF, True),
        (on_portal, CUSTOMER, True),
        (in_the_mail, CUSTOMER, False),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_every_face_explains_the_clock_in_the_same_words(part, case, face, sentence: str, has_steps: bool) -> None:
    text = face(part, case)
    assert sentence in text
    assert [step for step in STEPS if has_steps and step not in text] == []
