"""At the door of the desk, beside the access table: where one is sent, odd references, and one's own purchase."""

import pytest
from django.test import Client
from django.urls import reverse

from cases.actors import Actor
from cases.models import Case
from cases.tests.factories import CaseFactory
from shipments import services as parcels
from warrantydesk.staff.verb import Verb
from warrantydesk.staff.verbs import VERBS


@pytest.fixture
def case(person) -> Case:
    case = CaseFactory()
    support = Actor.staff(person("support"))
    parcels.book(
        case.pk,
        direction="to_workshop",
        carrier="manual",
        tracking_number="ABC12345",
        actor=support,
        now=case.changed_at,
    )
    return case


def verb_url(verb: Verb, case: Case) -> str:
    """The verb's address; about something of this case, or about a number nothing has."""
    things = {"claim": case.claimed_parts, "parcel": case.repair_shipments, "file": case.evidence}
    about = things[verb.about].first() if verb.about in things else None
    args = [case.reference] if not verb.about else [case.reference, about.pk if about else 1]
    return reverse(f"staff:{verb.name}", args=args)


@pytest.mark.parametrize("verb", [VERBS["deny"], VERBS["decide_part"], VERBS["book_parcel"]], ids=lambda one: one.name)
def test_verb_leads_to_the_login_and_back_to_the_page_when_nobody_is_logged_in(
    case: Case, client: Client, verb: Verb
) -> None:
    answer = client.post(verb_url(verb, case))
    page = reverse("staff:case", args=[case.reference])
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('login')}?next={page}")


@pytest.mark.parametrize("reference", ["WD-2222-2", "%00", "x" * 400, "%F0%9F%92%A5", "..%2F.."])
def test_case_is_unknown_when_its_reference_is_none(case: Case, desk, reference: str) -> None:
    client, file = desk("manager"), case.evidence.get()
    for page in (f"/desk/cases/{reference}/", f"/desk/cases/{reference}/files/{file.pk}/original/"):
        assert client.get(page).status_code == 404
    assert client.post(f"/desk/cases/{reference}/deny/").status_code == 404


def test_case_opens_when_its_reference_is_written_differently(case: Case, desk) -> None:
    assert desk("viewer").get(f"/desk/cases/{case.reference.lower().replace('-', '')}/").status_code == 200


def test_verb_needs_the_token_when_it_is_posted_from_elsewhere(case: Case, person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("manager"))
    assert client.post(verb_url(VERBS["withdraw"], case), {"reason": "withdrawn"}).status_code == 403
    assert Case.objects.get(pk=case.pk).state == case.state


def test_desk_signs_out_when_the_account_may_not_open_it(client: Client, person) -> None:
    client.force_login(person("manager", is_staff=False))
    answer = client.get(reverse("staff:queue"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("login"))
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_case_of_a_colleagues_own_purchase_cannot_be_decided_when_it_is_theirs(desk) -> None:
    client = desk("reviewer", email="maker@example.org")
    from products.tests.factories import CustomerFactory

    case = CaseFactory(customer=CustomerFactory(email="maker@example.org"))
    claim = case.claimed_parts.get()
    answer = client.post(reverse("staff:record_finding", args=[case.reference, claim.pk]), {"cause": "none"})
    assert answer.status_code == 422
    claim.refresh_from_db()
    assert not claim.cause_recorded


@pytest.mark.parametrize("which", ["web", "thumbnail", "original", "video", "../../etc", "raw"])
def test_file_is_unknown_when_there_is_no_such_rendition(case: Case, desk, which: str) -> None:
    file = case.evidence.get()
    address = f"/desk/cases/{case.reference}/files/{file.pk}/{which}/"
    assert desk("manager").get(address).status_code == 404
