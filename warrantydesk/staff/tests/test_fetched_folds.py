"""What is opened on the case page is fetched alone: the panel it stands in, drawn as the whole page would draw it."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.services import talking
from cases.tests.factories import CaseFactory, photo, quote, staff
from products.tests.factories import InvoiceFactory, KitFactory, parts_of
from shipments.tests.factories import ShipmentFactory, scan
from warrantydesk.staff.case_page import PANELS, panel_with
from warrantydesk.staff.verbs import VERBS

pytestmark = pytest.mark.django_db
# What no page folds away: buttons, and the forms of the workshop.
NEVER_FOLDED = {
    "send_quote", "revoke_links", "receive_parcel", "receive_unannounced", "report_repair", "use_part",
    "take_back_part", "send_again", "take_as_sent", "send_link",
}  # fmt: skip


@pytest.fixture
def full(db: None) -> Case:
    """A case with something in every panel."""
    parts = parts_of(InvoiceFactory(products=[KitFactory()]))
    case = CaseFactory(parts=parts[:2], files=[photo(1), photo(2)], state="approved")
    quote(case)
    now = timezone.now().isoformat()
    ShipmentFactory(case=case, events=[scan(kind, now) for kind in ("label", "picked_up", "in_transit", "exception")])
    for number in range(12):
        talking.add_note(case.pk, text=f"Word {number}", actor=staff("support"), now=timezone.now())
    return Case.objects.get(pk=case.pk)


def names_in(case: Case) -> dict[str, str]:
    """One name of every kind that may be opened in each panel."""
    claim, file, parcel = case.claimed_parts.first(), case.evidence.first(), case.repair_shipments.first()
    about = {"why": claim, "file": file, "scans": parcel, "claim": claim, "parcel": parcel}
    keys = {name: about.get(VERBS[name].about if name in VERBS else name) for panel in PANELS for name in panel.opens}
    keys |= dict.fromkeys(("mark_fault", "note_picture", "turn_picture", "look_again"), file)
    return {name: f"{name}-{key.pk}" if key else name for name, key in keys.items()}


def fetched(client: Client, case: Case, name: str) -> str:
    address = reverse("staff:case", args=[case.reference])
    answer = client.get(address, {"open": name}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "HX-Request" in answer["Vary"]
    return answer.content.decode()


def plain(html: str) -> str:
    """Without what differs from one drawing to the next."""
    lines = (line for line in html.splitlines() if "csrfmiddlewaretoken" not in line)
    return "".join("".join(lines).split())


def test_fold_is_drawn_alone_as_the_whole_page_draws_it(desk: Callable[..., Client], full: Case) -> None:
    client = desk("reviewer")
    for name, opened in names_in(full).items():
        alone = fetched(client, full, opened)
        assert '<main id="main"' not in alone, name
        whole = client.get(reverse("staff:case", args=[full.reference]), {"open": opened}).content.decode()
        assert plain(alone) in plain(whole), name


def test_fold_asks_a_part_of_what_the_page_asks(desk: Callable[..., Client], full: Case) -> None:
    client = desk("reviewer")

    def asked(**headers: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            address = reverse("staff:case", args=[full.reference])
            client.get(address, {"open": "write_quote"}, headers=headers)
        return len(queries)

    asked()
    assert asked(**{"HX-Request": "true"}) <= asked() * 2 // 3


def test_unknown_name_brings_the_page(desk: Callable[..., Client], full: Case) -> None:
    assert '<main id="main"' in fetched(desk("support"), full, "nothing-like-that")


def test_every_form_of_the_page_has_a_panel() -> None:
    assert {name for name in VERBS if panel_with(name) is None} == NEVER_FOLDED
