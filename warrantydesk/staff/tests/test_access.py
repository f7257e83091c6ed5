"""Who may open what, and do what: by role, by method, and by whose things they are."""

import pytest
from django.test import Client
from django.urls import reverse

from cases.actors import Actor
from cases.models import Case, CaseEvent, UsedPart
from cases.tests.factories import CaseFactory
from shipments import services as parcels
from warrantydesk.staff.verb import Verb
from warrantydesk.staff.verbs import VERBS

PAGES = {
    "queue": "cases.view_case",
    "case": "cases.view_case",
    "presence": "cases.view_case",
    "parcels": "shipments.view_repairshipment",
    "carriers": "shipments.view_repairshipment",
    "workshop": "shipments.view_repairshipment",
    "bench": "shipments.view_repairshipment",
}


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


def page_url(name: str, case: Case) -> str:
    return reverse(f"staff:{name}", args=[case.reference] if name in ("case", "bench", "presence") else [])


def verb_url(verb: Verb, case: Case) -> str:
    """The verb's address; about something of this case, or about a number nothing has."""
    things = {"claim": case.claimed_parts, "parcel": case.repair_shipments, "file": case.evidence}
    about = things[verb.about].first() if verb.about in things else None
    args = [case.reference] if not verb.about else [case.reference, about.pk if about else 1]
    return reverse(f"staff:{verb.name}", args=args)


@pytest.mark.parametrize("name", PAGES)
def test_page_sends_to_the_login_when_nobody_is_logged_in(case: Case, client: Client, name: str) -> None:
    answer = client.get(page_url(name, case))
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{reverse('login')}?next=/desk/")


@pytest.mark.parametrize("name", PAGES)
def test_page_is_forbidden_when_the_account_has_no_role(case: Case, desk, name: str) -> None:
    assert desk("").get(page_url(name, case)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", ["viewer", "support", "reviewer", "manager", "administrator"])
def test_page_opens_when_the_role_may_see_it(case: Case, desk, name: str, role: str) -> None:
    assert desk(role).get(page_url(name, case)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_page_refuses_when_it_is_posted_to(case: Case, desk, name: str) -> None:
    assert desk("manager").post(page_url(name, case)).status_code == 405


# What hangs on a case: the address, and what it answers those who may see cases (404: there is none of this case).
OF_CASES = {"packing_slip": 404, "scan_proof": 404, "answer": 200, "draft_letter": 404, "letter": 404}


def case_page_url(name: str, case: Case) -> str:
    return reverse(f"staff:{name}", args=[case.reference, *([1] if name in ("scan_proof", "letter") else [])])


@pytest.mark.parametrize(("name", "status"), OF_CASES.items())
def test_page_of_a_case_opens_for_those_who_see_cases(case: Case, desk, client: Client, name: str, status: int) -> None:
    url = case_page_url(name, case)
    assert client.get(url)["Location"].startswith(f"{reverse('login')}?next=/desk/")
    assert desk("").get(url).status_code == 403
    for role in ("viewer", "support", "reviewer", "manager", "administrator"):
        assert desk(role).get(url).status_code == status
    assert desk("manager").post(url).status_code == 405
    assert desk("manager").get(url.replace(case.reference, "WD-2222-2")).status_code == 404


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_verb_refuses_when_it_is_only_looked_at(case: Case, desk, verb: Verb) -> None:
    assert desk("manager").get(verb_url(verb, case)).status_code == 405


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("role", ["", "viewer", "administrator"])
def test_verb_is_forbidden_when_the_role_may_only_look(case: Case, desk, verb: Verb, role: str) -> None:
    events = CaseEvent.objects.count()
    assert desk(role).post(verb_url(verb, case)).status_code == 403
    assert CaseEvent.objects.count() == events


DECIDING = {name for name, verb in VERBS.items() if verb.permission in ("cases.decide_case", "products.confirm_pause")}


def test_deciding_verbs_are_those_of_the_reviewer() -> None:
    assert {
        "approve", "deny", "undo", "record_finding", "decide_part", "clear_verdict", "confirm_pause", "withdraw_pause",
        "close_lost",
    } == DECIDING  # fmt: skip


@pytest.mark.parametrize("name", sorted(DECIDING))
def test_deciding_is_forbidden_when_the_role_is_support(case: Case, desk, name: str) -> None:
    assert desk("support").post(verb_url(VERBS[name], case)).status_code == 403


@pytest.mark.parametrize("name", sorted(set(VERBS) - DECIDING - {"send_again", "take_as_sent", "take_back_part"}))
def test_handling_reaches_the_service_when_the_role_is_support(case: Case, desk, name: str) -> None:
    answer = desk("support").post(verb_url(VERBS[name], case))
    assert answer.status_code in (303, 422)


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_verb_leads_to_the_login_and_back_to_the_page_when_nobody_is_logged_in(
    case: Case, client: Client, verb: Verb
) -> None:
    answer = client.post(verb_url(verb, case))
    page = reverse("staff:case", args=[case.reference])
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('login')}?next={page}")


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_verb_is_unknown_when_the_case_is(desk, verb: Verb) -> None:
    args = ["WD-2222-2", 1] if verb.about else ["WD-2222-2"]
    assert desk("manager").post(reverse(f"staff:{verb.name}", args=args)).status_code == 404


@pytest.mark.parametrize("reference", ["WD-2222-2", "%00", "x" * 400, "%F0%9F%92%A5", "..%2F.."])
def test_case_is_unknown_when_its_reference_is_none(case: Case, desk, reference: str) -> None:
    client, file = desk("manager"), case.evidence.get()
    for page in (f"/desk/cases/{reference}/", f"/desk/cases/{reference}/files/{file.pk}/original/"):
        assert client.get(page).status_code == 404
    assert client.post(f"/desk/cases/{reference}/deny/").status_code == 404


def test_case_opens_when_its_reference_is_written_differently(case: Case, desk) -> None:
    assert desk("viewer").get(f"/desk/cases/{case.reference.lower().replace('-', '')}/").status_code == 200


@pytest.mark.parametrize("verb", [verb for verb in VERBS.values() if verb.about], ids=lambda verb: verb.name)
def test_verb_is_unknown_when_the_thing_is_of_another_case(case: Case, desk, verb: Verb) -> None:
    other = CaseFactory()
    things = {"claim": case.claimed_parts, "parcel": case.repair_shipments, "mail": case.outgoing_mails}
    about = {**things, "file": case.evidence, "used": UsedPart.objects}[verb.about]
    thing = about.values_list("pk", flat=True).first() or 1
    address = reverse(f"staff:{verb.name}", args=[other.reference, thing])
    assert desk("manager").post(address).status_code == 404


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


def test_file_is_unknown_when_it_is_of_another_case(case: Case, desk) -> None:
    other = CaseFactory()
    file = case.evidence.get()
    address = reverse("staff:file", args=[other.reference, file.pk, "original"])
    assert desk("manager").get(address).status_code == 404


@pytest.mark.parametrize("which", ["web", "thumbnail", "original", "video", "../../etc", "raw"])
def test_file_is_unknown_when_there_is_no_such_rendition(case: Case, desk, which: str) -> None:
    file = case.evidence.get()
    address = f"/desk/cases/{case.reference}/files/{file.pk}/{which}/"
    assert desk("manager").get(address).status_code == 404
