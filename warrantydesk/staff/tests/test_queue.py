"""The queue: what each view holds, what a search finds, how pages follow each other, and what it costs."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.actors import Actor
from cases.models import Case
from cases.services import repairing, talking
from cases.tests.factories import CaseFactory, quote
from products.models import Customer
from products.tests.factories import CoveredPartFactory, CustomerFactory
from shipments import services as parcels
from warrantydesk.staff import paging
from warrantydesk.staff.ordering import ORDERS
from warrantydesk.staff.rows import rows_by_id
from warrantydesk.staff.saved_views import VIEWS, Looking, cases_in, count_of

QUEUE = "/desk/"


def shown(client: Client, **asked: str) -> list[str]:
    """The references of the rows, in order."""
    answer = client.get(QUEUE, asked)
    assert answer.status_code == 200
    return re.findall(r'<tr data-row="(WD-[A-Z0-9-]+)"', answer.content.decode())


@pytest.fixture
def client(desk: Callable) -> Client:
    return desk("support")


def given_to(case: Case, client: Client) -> Case:
    talking.assign(case.pk, user=client.person, actor=Actor.staff(client.person), now=timezone.now())
    return case


def test_queue_opens_with_my_cases_when_nothing_is_asked(client: Client) -> None:
    mine, _others = given_to(CaseFactory(), client), CaseFactory()
    assert shown(client) == [mine.reference]


def test_unassigned_holds_open_cases_when_nobody_has_them(client: Client) -> None:
    given_to(CaseFactory(), client)
    CaseFactory(state="denied")
    free = CaseFactory()
    assert shown(client, view="unassigned") == [free.reference]


def test_review_holds_cases_when_they_wait_for_a_decision(client: Client) -> None:
    CaseFactory(files=())
    case = CaseFactory()
    assert shown(client, view="review") == [case.reference]


def test_waiting_holds_cases_when_the_customer_owes_an_answer(client: Client) -> None:
    asked, quoted, answered = (
        CaseFactory(state="submitted"),
        CaseFactory(state="approved"),
        CaseFactory(state="approved"),
    )
    quote(quoted)
    quote(answered, answer="accepted")
    CaseFactory(files=())
    assert set(shown(client, view="waiting")) == {asked.reference, quoted.reference}


def test_near_end_holds_cases_when_a_part_soon_leaves_its_cover(client: Client) -> None:
    today = timezone.localdate()
    soon = CaseFactory(part=CoveredPartFactory(issued_on=today - dt.timedelta(days=350)))
    CaseFactory(part=CoveredPartFactory(issued_on=today - dt.timedelta(days=100)))
    CaseFactory(part=CoveredPartFactory(issued_on=today - dt.timedelta(days=400)))
    assert shown(client, view="near-end") == [soon.reference]


def test_road_holds_cases_when_a_parcel_travels_even_beside_a_denied_case(client: Client) -> None:
    case = CaseFactory(state="denied")
    support = Actor.staff(client.person)
    now = timezone.now()
    parcel = parcels.book(
        case.pk, direction="to_customer", carrier="manual", tracking_number="ABC123", actor=support, now=now
    )
    assert shown(client, view="road") == []
    parcels.enter_scan(parcel.pk, kind="picked_up", proof="slip", occurred_at=now, actor=support, now=now)
    assert shown(client, view="road") == [case.reference]


def test_side_counts_what_the_views_hold_when_there_are_cases(client: Client) -> None:
    given_to(CaseFactory(), client)
    CaseFactory(part=CoveredPartFactory(issued_on=timezone.localdate() - dt.timedelta(days=350)))
    quote(CaseFactory(state="approved"))
    CaseFactory(state="denied")
    counts = {item["url"]: item["count"] for group in client.get(QUEUE).context["nav"] for item in group["items"]}
    looking = Looking(client.person, timezone.now())
    held = {view.code: cases_in(view, looking).count() for view in VIEWS.values() if view.counted}
    assert {code: counts[f"{QUEUE}?view={code}"] for code in held} == held
    assert all(held[code] for code in ("mine", "unassigned", "review", "overdue", "waiting", "near-end"))


def test_state_narrows_the_view_when_it_is_chosen(client: Client) -> None:
    denied = CaseFactory(state="denied")
    CaseFactory()
    assert shown(client, view="all", state="denied") == [denied.reference]
    assert len(shown(client, view="all", state="no-such-state")) == 2


def test_view_falls_back_to_mine_when_it_is_unknown(client: Client) -> None:
    CaseFactory()
    assert shown(client, view="'; drop table") == []


@pytest.mark.parametrize("view", VIEWS)
def test_empty_view_says_so_when_there_is_nothing(client: Client, view: str) -> None:
    page = client.get(QUEUE, {"view": view}).content.decode()
    assert str(VIEWS[view].empty) in page.replace("&#x27;", "'")


@pytest.fixture
def findable(client: Client) -> Case:
    part = CoveredPartFactory(
        serial="PX-0O1-22",
        number="INV-2025/0817",
        customer=CustomerFactory(name="Jörg Ünal", email="J.Unal@Example.com"),
    )
    case = CaseFactory(
        customer=CustomerFactory(name="佐藤 花子", email="Hanako@Example.jp"), part=part, state="approved"
    )
    support = Actor.staff(client.person)
    parcels.book(
        case.pk, direction="to_workshop", carrier="manual", tracking_number="RR 123 456 785 JP", actor=support,
        now=timezone.now(),
    )  # fmt: skip
    CaseFactory(customer=CustomerFactory(name="Somebody else"))
    return case


@pytest.mark.parametrize(
    "written",
    [
        "佐藤", "花子", "hanako@example.jp", "HANAKO@EXAMPLE.JP", "INV-2025/0817", "inv 2025 0817", "PX-0O1-22",
        "px00122", "PXOO122", "RR123456785JP", "rr 123 456 785 jp",
    ],
)  # fmt: skip
def test_search_finds_the_case_when_it_is_written_so(client: Client, findable: Case, written: str) -> None:
    assert shown(client, q=written) == [findable.reference]


@pytest.mark.parametrize("change", [str.lower, str.strip, lambda ref: ref.replace("-", " "), lambda ref: f"  {ref} "])
def test_search_goes_straight_to_the_case_when_it_is_a_reference(
    client: Client, findable: Case, change: Callable[[str], str]
) -> None:
    answer = client.get(QUEUE, {"q": change(findable.reference)})
    assert (answer.status_code, answer["Location"]) == (302, reverse("staff:case", args=[findable.reference]))


@pytest.mark.parametrize("written", ["zzz-nothing", "0817", "%", "_", "'", "\x00", "WD-", "@", "9" * 500])
def test_search_finds_nothing_when_nothing_fits(client: Client, findable: Case, written: str) -> None:
    found = shown(client, q=written)
    assert findable.reference not in found or written == "WD-"


def test_search_finds_the_old_serial_when_the_part_was_replaced(client: Client) -> None:
    case = CaseFactory(part=CoveredPartFactory(serial="OLD-123"), state="approved", resolution="replacement")
    claim = case.claimed_parts.get()
    repairing.record_replacement(claim.pk, new_serial="NEW-9", actor=Actor.staff(client.person), now=timezone.now())
    assert shown(client, q="old123") == shown(client, q="new-9") == [case.reference]


def test_search_finds_the_cases_when_a_reference_is_only_begun(client: Client, findable: Case) -> None:
    begun = findable.reference[:5]
    fits = {ref for ref in Case.objects.values_list("reference", flat=True) if ref.startswith(begun)}
    assert set(shown(client, q=begun)) == set(shown(client, q=begun.lower())) == fits
    assert findable.reference in fits


def test_search_looks_everywhere_when_a_view_is_open(client: Client, findable: Case) -> None:
    assert shown(client, q="佐藤", view="mine") == [findable.reference]


def test_page_says_so_when_more_people_have_the_name_than_are_looked_at(client: Client, monkeypatch) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 1)
    first = CaseFactory(customer=CustomerFactory(name="Yuki Tanaka"))
    told = "More than 200 people have this name"
    newest = [CaseFactory(customer=CustomerFactory(name="Ken Tanaka")) for _ in range(2)]
    assert told not in client.get(QUEUE, {"q": "tanaka"}).content.decode()
    Customer.objects.bulk_create(Customer(name=f"Tanaka {number}") for number in range(198))
    assert told in client.get(QUEUE, {"q": "tanaka"}).content.decode()
    found = [*shown(client, q="tanaka"), *shown(client, q="tanaka", last="")]
    assert (sorted(found), first.reference in found) == (sorted(case.reference for case in newest), False)
    assert shown(client, q="yuki") == [first.reference]


def test_rows_come_in_the_order_they_were_found_without_one_that_is_gone_since(db: None) -> None:
    one, two = CaseFactory(), CaseFactory()
    ids = [two.pk, two.pk + 1000, one.pk]
    assert [row.reference for row in rows_by_id(ids)] == [two.reference, one.reference]
    assert [row.pk for row in rows_by_id([*ids] * 20)] == [two.pk, one.pk] * 20, "more than one query takes"


def test_what_is_due_is_counted_along_its_index(client: Client) -> None:
    """For a moment it does not know, PostgreSQL would rather walk the table (decision 23)."""
    looking = Looking(client.person, timezone.now())
    for code, view in VIEWS.items():
        assert (" ORDER BY " in count_of(view, looking).sql.upper()) == (view.order == "due"), code


@pytest.fixture
def eight_cases(db: None, monkeypatch) -> list[str]:
    """The references as the queue orders them, on pages of three; two or three at the very same instant."""
    monkeypatch.setattr(paging, "PAGE_SIZE", 3)
    at = timezone.now()
    for number, case in enumerate(CaseFactory() for _ in range(8)):
        # Three of them at the very same instant: the id splits them.
        Case.objects.filter(pk=case.pk).update(changed_at=at - dt.timedelta(minutes=number // 3))
    return list(Case.objects.order_by("-changed_at", "-pk").values_list("reference", flat=True))


@pytest.mark.parametrize("sort", ["", *ORDERS])
def test_pages_hold_every_case_once_when_they_are_read_to_either_end(
    client: Client, eight_cases: list[str], sort: str
) -> None:
    forwards = walk(client, "next", "after", view="all", sort=sort)
    assert sorted(forwards) == sorted(eight_cases)
    assert forwards == eight_cases or sort not in ("", "changed")
    backwards = walk(client, "previous", "before", view="all", sort=sort, last="1")
    assert sorted(backwards) == sorted(eight_cases)


def walk(client: Client, way: str, name: str, **asked: str) -> list[str]:
    """The rows of every page, following the link of that way until there is none."""
    rows: list[str] = []
    for _ in range(10):
        answer = client.get(QUEUE, asked)
        rows += [row.reference for row in answer.context["rows"]]
        place = getattr(answer.context["page"], way)
        if place is None:
            return rows
        asked.pop("last", None)
        asked[name] = str(place)
    pytest.fail("the pages never end")


def test_last_page_holds_the_end_and_leads_back_when_it_is_asked_for(client: Client, eight_cases: list[str]) -> None:
    assert shown(client, view="all", last="1") == eight_cases[-3:]
    page = client.get(QUEUE, {"view": "all", "last": "1"}).context["page"]
    assert page.next is None
    assert shown(client, view="all", before=str(page.previous)) == eight_cases[-6:-3]


@pytest.mark.parametrize("name", ["before", "after"])
@pytest.mark.parametrize(
    "place", ["x", "2026-01-01~1", "~", "2026-01-01T00:00:00+00:00~-1", "2026-01-01T00:00:00+00:00~" + "9" * 30]
)
def test_page_is_the_first_when_its_place_is_made_up(client: Client, name: str, place: str) -> None:
    case = CaseFactory()
    assert shown(client, view="all", **{name: place}) == [case.reference]


def test_ticked_cases_are_given_when_somebody_is_chosen(client: Client, person: Callable) -> None:
    cases = [CaseFactory() for _ in range(3)]
    rita = person("reviewer")
    ticked = [case.reference for case in cases[:2]]
    answer = client.post("/desk/assign/", {"case": ticked, "user": rita.pk, "back": "/desk/?view=unassigned"})
    assert answer["Location"] == "/desk/?view=unassigned"
    assert set(Case.objects.filter(assignee=rita).values_list("reference", flat=True)) == set(ticked)


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/admin/", ""])
def test_giving_leads_back_to_the_desk_when_the_address_is_foreign(client: Client, back: str) -> None:
    assert client.post("/desk/assign/", {"back": back})["Location"] == QUEUE


def test_giving_is_refused_when_the_person_is_no_colleague(client: Client, person: Callable) -> None:
    case = CaseFactory()
    for user in (person("support", is_active=False).pk, 99_999, "x"):
        assert client.post("/desk/assign/", {"case": case.reference, "user": user}).status_code == 404


def test_giving_is_forbidden_when_the_role_may_only_look(desk: Callable) -> None:
    assert desk("viewer").post("/desk/assign/", {}).status_code == 403


def test_table_has_no_boxes_when_the_role_may_only_look(desk: Callable) -> None:
    CaseFactory()
    page = desk("viewer").get(QUEUE, {"view": "all"}).content.decode()
    assert "data-row=" in page
    assert "/desk/assign/" not in page
