"""The board of parcels: what stands in which tab, found, filtered and paged, and what is done about one."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from cases.actors import Actor
from cases.models import Case
from cases.tests.factories import CaseFactory, photo, staff
from products.tests.factories import CoveredPartFactory, CustomerFactory
from products.tests.made_once import made_once
from shipments.models import CarrierHealth, RepairShipment
from shipments.parcels import REASONS
from shipments.services import book, cancel
from shipments.services.receipts import attach_receipt
from shipments.tests.factories import ShipmentFactory, scan, ups_number
from warrantydesk.faces import paper as papers
from warrantydesk.staff import paging, parcels_board
from warrantydesk.staff.parcels_board import BOARDS, FIRST_BOARD, count_boards
from warrantydesk.staff.review_words import WHY
from warrantydesk.staff.tests.driver import Driver

pytestmark = pytest.mark.django_db
BOARD = "/desk/parcels/"


@pytest.fixture(scope="module")
def _at_hand(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[int]]:
    with made_once(django_db_blocker):
        yield [CaseFactory(state="approved").pk for _ in range(12)]


_untaken: Iterator[int] = iter(())


@pytest.fixture(autouse=True)
def _all_untaken(_at_hand: list[int]) -> None:
    """Each test takes from the same approved cases: to lead one there takes longer than most of what is asked here."""
    global _untaken
    _untaken = iter(_at_hand)


def approved() -> Case:
    pk = next(_untaken, None)
    return CaseFactory(state="approved") if pk is None else Case.objects.get(pk=pk)


@pytest.fixture
def client(desk: Callable[..., Client]) -> Client:
    return desk("support")


def at(days: float) -> str:
    """That many days ago, as scans are written."""
    return (timezone.now() - dt.timedelta(days=days)).isoformat()


def parcel(*scans: tuple[str, float], direction: str = "to_workshop", case: Case | None = None, **given):
    """A parcel with these scans, each so many days ago."""
    now = timezone.now()
    return ShipmentFactory(
        case=case or approved(), direction=direction, now=now,
        booked_at=now - dt.timedelta(days=60), events=[scan(kind, at(days)) for kind, days in scans], **given,
    )  # fmt: skip


def proposed(case: Case | None = None) -> RepairShipment:
    case = case or approved()
    return book(
        case.pk, direction="to_workshop", carrier="ups", tracking_number=ups_number(), proposed=True,
        actor=Actor.customer(), now=timezone.now(),
    )  # fmt: skip


def on_board(client: Client, **query) -> list[int]:
    answer = client.get(BOARD, query)
    assert answer.status_code == 200
    assert '<main id="main"' in answer.content.decode()
    return [row["parcel"].pk for row in answer.context["rows"]]


def standing(found: RepairShipment) -> set[str]:
    """The tabs a parcel stands in."""
    now = timezone.now()
    return {code for code, board in BOARDS.items() if board.holds(now).filter(pk=found.pk).exists()}


# ── What stands where ────────────────────────────────────────────────────────────────────────────────────────────

PLACES = {
    "no scan": ([], "to_workshop", {"announced"}),
    "label": ([("label", 2)], "to_workshop", {"announced"}),
    "on the way in": ([("picked_up", 2)], "to_workshop", {"incoming"}),
    "on the way out": ([("picked_up", 2)], "to_customer", {"outgoing"}),
    "silent on the way in": ([("picked_up", 11)], "to_workshop", {"incoming", "silent"}),
    "in the workshop": ([("picked_up", 5), ("delivered", 3)], "to_workshop", {"workshop"}),
    "with the customer": ([("picked_up", 5), ("delivered", 3)], "to_customer", set()),
    "held up": ([("picked_up", 5), ("exception", 3)], "to_workshop", {"incoming", "exception"}),
    "nobody met": ([("picked_up", 5), ("failed_attempt", 3)], "to_customer", {"outgoing", "exception"}),
    "lost on the way in": ([("picked_up", 5), ("lost", 3)], "to_workshop", {"exception", "review"}),
    "inferred": ([("in_transit", 2)], "to_workshop", {"incoming", "review"}),
}


@pytest.mark.parametrize(("scans", "direction", "tabs"), PLACES.values(), ids=PLACES)
def test_parcel_stands_in_its_tabs(scans, direction, tabs):
    found = parcel(*scans, direction=direction)
    assert standing(found) == tabs
    counted = count_boards(timezone.now())
    assert {code for code, count in counted.items() if count} == tabs


def test_parcel_leaves_the_workshop_when_another_sets_out_for_the_customer():
    here = parcel(("picked_up", 9), ("delivered", 7))
    assert standing(here) == {"workshop"}
    home = parcel(direction="to_customer", case=here.case)
    assert standing(here) == {"workshop"}, "a label is no hand-over"
    from shipments.services import record_events

    record_events(home.pk, [scan("picked_up", at(1))], heard="poll", now=timezone.now())
    assert standing(here) == set()
    assert standing(home) == {"outgoing"}


def test_proposed_and_given_up_parcels_stand_where_they_belong(client):
    waiting = proposed()
    assert standing(waiting) == {"proposed"}
    cancel(waiting.pk, why="Not theirs.", actor=staff("support"), now=timezone.now())
    assert standing(waiting) == set()


@pytest.mark.parametrize("code", BOARDS)
def test_tab_says_so_when_it_is_empty(client, code):
    assert on_board(client, show=code) == []
    assert str(BOARDS[code].nothing) in client.get(BOARD, {"show": code}).content.decode()


def test_tabs_hold_what_stands_in_them(client):
    made = [parcel(*scans, direction=direction) for scans, direction, _tabs in PLACES.values()]
    made.append(proposed())
    for code in BOARDS:
        expected = {one.pk for one in made if code in standing(one)}
        assert expected, code
        assert set(on_board(client, show=code)) == expected, code


@pytest.mark.parametrize("show", ["travelling", "", "<script>", "x" * 500])
def test_tab_that_is_none_is_the_first(client, show):
    assert client.get(BOARD, {"show": show}).context["board"].code == FIRST_BOARD


def test_longest_waiting_comes_first(client):
    ages = (2, 8, 5)
    made = {age: parcel(("picked_up", age)).pk for age in ages}
    assert on_board(client) == [made[8], made[5], made[2]]


def test_reasons_for_a_review_are_told_in_words(client):
    parcel(("in_transit", 2))
    page = client.get(BOARD, {"show": "review"}).content.decode()
    assert str(WHY["inferred_handover"]).replace("'", "&#x27;") in page


def test_every_reason_has_its_words():
    assert WHY.keys() >= REASONS


# ── Finding, filtering, paging ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "written",
    [
        lambda one: one.tracking_number,
        lambda one: f" {one.tracking_number[:6].lower()} {one.tracking_number[6:]} ",
        lambda one: f"https://www.ups.com/track?tracknum={one.tracking_number}",
        lambda one: one.case.reference,
        lambda one: one.case.reference.lower().replace("-", " "),
    ],
    ids=["number", "spaced", "link", "reference", "reference-loose"],
)
def test_parcel_is_found_wherever_it_stands(client, written):
    delivered = parcel(("picked_up", 5), ("delivered", 3), direction="to_customer")
    parcel(("picked_up", 2))
    assert on_board(client, q=written(delivered)) == [delivered.pk]


@pytest.mark.parametrize("written", ["nothing", "<b>x</b>", "\x00", "1Z999AA10123456784", "x" * 400])
def test_nothing_is_found_when_nothing_fits(client, written):
    parcel(("picked_up", 2))
    answer = client.get(BOARD, {"q": written})
    assert answer.status_code == 200
    assert "<b>x" not in answer.content.decode()


def test_filters_leave_what_was_chosen(client):
    norway = CaseFactory(customer=CustomerFactory(country="NO"), state="approved")
    first = parcel(("picked_up", 9), case=norway)
    second = parcel(("picked_up", 2), carrier="manual", tracking_number="ABC12345")
    assert on_board(client, country="NO") == [first.pk]
    assert on_board(client, carrier="manual") == [second.pk]
    assert on_board(client, days="7") == [first.pk]
    assert on_board(client, carrier="ups", country="NO", days="7") == [first.pk]
    assert on_board(client, carrier="manual", country="NO") == []
    assert "No parcel of this tab fits" in client.get(BOARD, {"carrier": "gls"}).content.decode()


@pytest.mark.parametrize(
    "query", [{"carrier": "x"}, {"country": "ZZ"}, {"days": "-1"}, {"days": "x"}, {"after": "x~1"}], ids=str
)
def test_filter_that_is_none_is_left_out(client, query):
    found = parcel(("picked_up", 2))
    assert on_board(client, **query) == [found.pk]


@pytest.mark.parametrize("code", ["incoming", "review", "workshop", "proposed"])
def test_pages_hold_every_parcel_once(client, monkeypatch, code):
    monkeypatch.setattr(parcels_board, "PAGE_SIZE", 2)
    arrived = [("picked_up", 4), ("delivered", 3)]
    scans = {"incoming": arrived[:1], "review": [("in_transit", 2)]}.get(code, arrived)
    made = [proposed() if code == "proposed" else parcel(*scans) for _ in range(5)]
    # Two of one instant: only the key parts them.
    field = {"workshop": "arrived_at", "proposed": "booked_at"}.get(code, "latest_event_at")
    RepairShipment.objects.filter(pk__in=[one.pk for one in made[:3]]).update(**{field: timezone.now()})
    seen, after = [], ""
    for _ in range(5):
        answer = client.get(BOARD, {"show": code, "after": after})
        seen += [row["parcel"].pk for row in answer.context["rows"]]
        after = str(answer.context["page"].more or "")
        if not after:
            break
    assert sorted(seen) == sorted(one.pk for one in made)
    assert paging.PAGE_SIZE == 25


def queries_of(client: Client, **query) -> int:
    client.get(BOARD, query)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(BOARD, query).status_code == 200
    return len(queries)


@pytest.mark.parametrize("query", [{"show": "incoming"}, {"show": "review"}, {"q": "WD"}], ids=str)
def test_queries_stay_the_same_when_there_are_more_parcels(client, query):
    first = parcel(("in_transit", 2))
    if "q" in query:
        query = {"q": first.case.reference}
    few = queries_of(client, **query)
    for _ in range(4):
        parcel(("in_transit", 2), case=first.case if "q" in query else None)
    assert queries_of(client, **query) == few
    assert few <= 18


def test_silent_parcels_call_from_the_side(client):
    assert "is-late" not in client.get(BOARD).content.decode()
    parcel(("picked_up", 30))
    cache.clear()  # what is dear to count may be a minute old
    page = client.get(reverse("staff:queue")).content.decode()
    assert "is-late" in page
    assert "somebody has to ask" in page


# ── Carriers ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_carriers_in_trouble_are_told(client, settings):
    settings.SIMULATED_CARRIER = True
    now = timezone.now()
    CarrierHealth.objects.create(
        carrier="simulated", failures=5, openings=1, open_until=now + dt.timedelta(minutes=5),
        last_problem="<b>500</b> with HTML", last_problem_at=now,
    )  # fmt: skip
    page = client.get(reverse("staff:carriers")).content.decode()
    assert "Left alone" in page
    assert "&lt;b&gt;500" in page


# ── One parcel on the case page ──────────────────────────────────────────────────────────────────────────────────


def driver(desk: Callable[..., Client], case: Case, role: str = "reviewer") -> Driver:
    return Driver(desk(role), case)


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("../slip.pdf", b"%PDF-1.4\n" + b"x" * 200, content_type="text/html")


def test_scan_is_entered_with_its_paper_and_the_paper_is_a_download(desk):
    case = approved()
    drive, found = driver(desk, case, "support"), ShipmentFactory(case=case)
    today = timezone.localdate().isoformat()
    drive.does("enter_scan", found, kind="drop_off", occurred_on=today, proof="The receipt", proof_file=paper())
    address = reverse("staff:scan_proof", args=[case.reference, found.tracking_events.get().pk])
    assert address in drive.look()
    answer = drive.client.get(address)
    assert answer.getvalue().startswith(b"%PDF-")
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "application/pdf", 'attachment; filename="slip.pdf"',
    )  # fmt: skip
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    other = CaseFactory()
    elsewhere = reverse("staff:scan_proof", args=[other.reference, found.tracking_events.get().pk])
    assert drive.client.get(elsewhere).status_code == 404


def test_payload_of_a_carrier_names_no_file_of_ours(desk):
    case = approved()
    drive = driver(desk, case)
    hostile = scan("picked_up", at(2), raw={"proof_file": {"key": "evidence/secret", "name": "x"}})
    found = ShipmentFactory(case=case, now=timezone.now(), events=[hostile])
    address = reverse("staff:scan_proof", args=[case.reference, found.tracking_events.get().pk])
    assert drive.client.get(address).status_code == 404
    assert address not in drive.look()


def test_refused_scan_keeps_no_file_and_asks_for_it_again(desk, settings, tmp_path):
    options = {"location": tmp_path, "base_url": None}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    case = approved()
    drive, found = driver(desk, case), ShipmentFactory(case=case)
    answer = drive.post(
        "enter_scan", found, kind="drop_off", occurred_on="2999-01-01", proof="The receipt", proof_file=paper()
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "this day has not come yet" in page
    assert "Choose the file once more" in page
    assert 'value="The receipt"' in page
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_lost_parcel_to_the_workshop_is_closed_by_a_reviewer(desk):
    case = approved()
    found = parcel(("picked_up", 20), case=case)
    drive, today = driver(desk, case), timezone.localdate().isoformat()
    drive.does("mark_lost", found, occurred_on=today, proof="The carrier's letter", proof_file=paper())
    assert "no scan will ever end this pause" in drive.look()
    drive.does("close_lost", found, back_on=today, reason="The carrier paid.", proof="Letter", proof_file=paper())
    (window,) = case.claimed_parts.get().part.pauses.all()
    assert (window.source, str(window.back_on), window.certainty) == ("staff", today, "confirmed")
    assert window.proof_file.name.startswith("proof/")
    assert "no scan will ever end this pause" not in drive.look()
    kept = drive.client.get(reverse("staff:pause_proof", args=[window.pk]))
    assert kept.getvalue().startswith(b"%PDF-")
    assert kept.status_code == 200


def test_support_sees_who_has_to_close_a_lost_parcel_and_no_button(desk):
    case = approved()
    found = parcel(("picked_up", 20), ("lost", 3), case=case)
    drive = driver(desk, case, "support")
    page = drive.look(f"close_lost-{found.pk}")
    assert "A reviewer says from which day" in page
    assert drive.url("close_lost", found) not in page
    assert not drive.offers("close_lost", found)


def test_lost_parcel_to_the_customer_asks_for_the_next_one(desk):
    case = approved()
    parcel(("picked_up", 20), ("lost", 3), direction="to_customer", case=case)
    drive = driver(desk, case, "support")
    assert "Book the parcel that follows it" in drive.look()
    now = timezone.now()
    ShipmentFactory(case=case, direction="to_customer", now=now, booked_at=now)
    assert "Book the parcel that follows it" not in drive.look()


def test_one_parcel_is_booked_for_two_cases_of_a_customer(desk):
    owner = CustomerFactory()
    first, second = (
        CaseFactory(customer=owner, part=CoveredPartFactory(customer=owner), state="approved") for _ in range(2)
    )
    strangers = CaseFactory(state="approved")
    drive, today = driver(desk, first, "support"), timezone.localdate().isoformat()
    page = drive.look("book_parcel")
    assert f'name="also_for" value="{second.pk}"' in page
    assert f'name="also_for" value="{strangers.pk}"' not in page
    number = ups_number()
    booking = {"direction": "to_workshop", "carrier": "", "booked_on": today, "booked_time": "00:00"}
    answer = drive.post("book_parcel", **booking, tracking_number=number, also_for=[strangers.pk])
    assert answer.status_code == 422
    drive.does(
        "book_parcel", **booking, tracking_number=f"https://www.ups.com/track?tracknum={number}", also_for=[second.pk]
    )
    assert set(RepairShipment.objects.filter(tracking_number=number).values_list("case", flat=True)) == {
        first.pk, second.pk,
    }  # fmt: skip
    assert "The same parcel also serves" in drive.look()


def test_receipt_of_the_customer_stands_with_the_parcel(desk):
    case = approved()
    found = proposed(case)
    attach_receipt(
        found.pk, files=[photo(7)], handed_in_on=timezone.localdate(), actor=Actor.customer(), now=timezone.now()
    )
    page = driver(desk, case).look()
    assert "says the customer" in page
    assert "photo-7.jpg" in page
    assert "From the customer" in page


@pytest.mark.parametrize(("state", "status"), [("approved", 200), ("denied", 404)])
def test_packing_slip_is_offered_when_something_travels_to_us(desk, state, status, monkeypatch):
    monkeypatch.setattr(papers, "write_pdf", lambda html, sheets: b"%PDF-1.7 x")
    case = CaseFactory(state=state)
    drive = driver(desk, case, "viewer")
    address = reverse("staff:packing_slip", args=[case.reference])
    assert drive.client.get(address).status_code == status
    assert (address in drive.look()) == (status == 200)


def test_tab_is_counted_each_time_while_few_stand_in_it_and_once_a_minute_when_many_do(monkeypatch):
    cache.clear()
    monkeypatch.setattr(parcels_board, "MANY", 2)
    counted = []
    for _number in range(3):
        parcel(("picked_up", 5), ("delivered", 3))
        counted.append(count_boards(timezone.now())["workshop"])
    assert counted == [1, 2, 2]
    cache.clear()
    assert count_boards(timezone.now())["workshop"] == 3
    cache.clear()
