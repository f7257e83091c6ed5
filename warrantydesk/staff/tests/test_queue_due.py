"""The queue by what is due, by filters, by tags, by one's own views, and given away by rule."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from cases.actors import Actor
from cases.models import Absence, AssignmentRule, Case, CaseEvent, QueueView, Tag
from cases.services import assigning, talking
from cases.services.tagging import tag_case, untag_case
from cases.tests.factories import CaseFactory, staff
from products.errors import Refused
from products.tests.factories import CoveredPartFactory, CustomerFactory
from warrantydesk.staff.filters import Filters

QUEUE = "/desk/"
NOW = dt.datetime(2026, 3, 3, 12, 0, tzinfo=dt.UTC)  # a Tuesday, 13:00 in Berlin


def shown(client: Client, **asked: str) -> list[str]:
    answer = client.get(QUEUE, asked)
    assert answer.status_code == 200
    return re.findall(r'<tr data-row="(WD-[A-Z0-9-]+)"', answer.content.decode())


@pytest.fixture
def client(desk: Callable) -> Client:
    return desk("support")


@pytest.fixture
def support(client: Client) -> Actor:
    return Actor.staff(client.person)


@pytest.fixture
def three(client: Client, time_machine) -> dict[str, Case]:
    """One case late, one due today, one due tomorrow, and one whose customer is asked."""
    time_machine.move_to(NOW, tick=False)
    hours = {"late": 30, "today": 22, "tomorrow": 1}
    return {name: CaseFactory(received_at=NOW - dt.timedelta(hours=ago)) for name, ago in hours.items()}


def test_views_tell_what_is_late_from_what_is_due_today(client: Client, three: dict[str, Case]) -> None:
    assert shown(client, view="overdue") == [three["late"].reference]
    assert shown(client, view="due-today") == [three["today"].reference]
    page = client.get(QUEUE, {"view": "overdue"}).content.decode()
    assert "is-late" in page
    assert "later than we promised" in page  # in the side, beside the count


def test_nothing_is_due_when_the_customer_is_asked(client: Client, three: dict[str, Case]) -> None:
    from cases.services import deciding

    deciding.request_information(three["late"].pk, missing=["part"], actor=staff("support"), now=NOW)
    assert shown(client, view="overdue") == []
    assert shown(client, view="waiting") == [three["late"].reference]


def test_due_order_puts_the_latest_first_and_what_is_never_due_last(client: Client, three: dict[str, Case]) -> None:
    denied = CaseFactory(state="denied")
    order = [three[name].reference for name in ("late", "today", "tomorrow")]
    assert shown(client, view="all", sort="due") == [*order, denied.reference]
    page = client.get(QUEUE, {"view": "all", "sort": "due"}).content.decode()
    assert re.search(r"reply 20\s?h late", page)


@pytest.fixture
def varied(client: Client, support: Actor) -> dict[str, Case]:
    now = timezone.now()
    old = CaseFactory(customer=CustomerFactory(country="JP"), received_at=now - dt.timedelta(days=40))
    new = CaseFactory(
        customer=CustomerFactory(country="NO"), received_at=now - dt.timedelta(hours=2), state="withdrawn"
    )
    assigning.assign(old.pk, user=client.person, actor=support, now=now)
    tag_case(old.pk, name="Batch 7", actor=support, now=now)
    return {"old": Case.objects.get(pk=old.pk), "new": new}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", lambda case: case.state),
        ("product", lambda case: case.product_id),
        ("part", lambda case: case.claimed_parts.get().part.product_id),
        ("country", lambda case: case.customer.country.code),
        ("age", lambda case: "older"),
        ("assignee", lambda case: case.assignee_id),
        ("tag", lambda case: case.tags.get().pk),
    ],
)
def test_filter_finds_the_old_case_alone(
    client: Client, varied: dict[str, Case], name: str, value: Callable[[Case], object]
) -> None:
    asked = {"view": "all", name: str(value(varied["old"]))}
    assert shown(client, **asked) == [varied["old"].reference]
    assert client.get(QUEUE, {**asked, "choose": ""}).status_code == 200
    assert client.get(QUEUE, asked).context["chips"][0]["url"] == "?view=all"


@pytest.mark.parametrize("value", ["x", "-1", "0", "9" * 40, "\x00", "²"])
def test_filter_is_none_when_its_value_was_never_offered(value: str) -> None:
    assert not Filters.read(
        dict.fromkeys(("state", "product", "part", "country", "age", "assignee", "tag"), value)
    ).chosen


def test_queue_shows_everything_when_its_filters_are_made_up(client: Client, varied: dict[str, Case]) -> None:
    made_up = dict.fromkeys(("state", "product", "part", "country", "age", "assignee", "tag", "sort"), "\x00")
    assert len(shown(client, view="all", **made_up)) == 2


def test_search_finds_words_of_subject_description_and_messages(client: Client, support: Actor) -> None:
    case = CaseFactory(subject="Rattling Spindel", description="Beim Drucken klemmt der Schlitten.")
    CaseFactory(subject="Other", description="Other.")
    talking.add_note(case.pk, text="Looks like the lot of Olomouc.", actor=support, now=timezone.now())
    for words in ("spindel", "KLEMMT DER", "olomouc", "drucken"):
        assert shown(client, q=words) == [case.reference], words
    assert shown(client, q="zz") == []


def test_search_finds_numbers_as_they_were_written_when_nothing_is_matched(client: Client) -> None:
    case = CaseFactory(matched=False, invoice_as_given="RE 2025 4711", serial_as_given="SN-unknown-1")
    assert shown(client, q="re 2025 4711") == shown(client, q="sn-UNKNOWN-1") == [case.reference]


def test_search_finds_part_of_an_address(client: Client) -> None:
    case = CaseFactory(customer=CustomerFactory(email="hanako@printer-club.example"))
    assert shown(client, q="printer-club") == shown(client, q="hanako@printer-club") == [case.reference]


def test_ticked_cases_are_tagged_when_a_word_is_given(client: Client) -> None:
    cases = [CaseFactory() for _ in range(2)]
    given = {"case": [case.reference for case in cases], "tag": "  recall   2026 ", "back": "/desk/?view=all"}
    assert client.post("/desk/tag/", given).status_code == 302
    client.post("/desk/tag/", {**given, "tag": "RECALL 2026"})
    tag = Tag.objects.get()
    assert (tag.name, tag.cases.count()) == ("recall 2026", 2)
    assert "recall 2026" in client.get(QUEUE, {"view": "all"}).content.decode()
    untag_case(cases[0].pk, tag_id=tag.pk, actor=staff("support"), now=timezone.now())
    assert list(CaseEvent.objects.filter(case=cases[0], name__contains="tag").values_list("name", flat=True)) == [
        "tagged",
        "untagged",
    ]


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
def test_tag_is_refused_when_it_is_no_word(client: Client, name: str) -> None:
    case = CaseFactory()
    answer = client.post("/desk/tag/", {"case": case.reference, "tag": name}, follow=True)
    assert "between 1 and 40" in answer.content.decode()
    assert not Tag.objects.exists()


def test_own_view_is_kept_shown_and_removed_by_its_owner_alone(client: Client, desk: Callable) -> None:
    denied = CaseFactory(state="denied")
    CaseFactory()
    client.post("/desk/views/", {"name": "The denied", "back": "/desk/?view=all&state=denied"})
    view = QueueView.objects.get()
    assert shown(client, **dict(pair.split("=") for pair in view.asked.split("&"))) == [denied.reference]
    assert "The denied" in client.get(QUEUE).content.decode()
    colleague = desk("support")
    assert "The denied" not in colleague.get(QUEUE).content.decode()
    assert colleague.post(f"/desk/views/{view.pk}/remove/").status_code == 404
    assert client.post(f"/desk/views/{view.pk}/remove/").status_code == 302
    assert not QueueView.objects.exists()


def test_own_view_is_given_new_filters_when_its_name_is_used_again(client: Client) -> None:
    for state in ("denied", "approved"):
        client.post("/desk/views/", {"name": "Mine" if state == "denied" else "mine", "back": f"/desk/?state={state}"})
    assert QueueView.objects.get().asked == "state=approved"
    client.post("/desk/views/", {"name": " ", "back": "/desk/"})
    assert QueueView.objects.count() == 1


# ── giving away ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_least_busy_of_those_who_are_there_gets_the_case(client: Client, support: Actor, person: Callable) -> None:
    busy, away, free = person("support"), person("support"), person("reviewer")
    person("viewer")  # may not handle cases at all
    now, today = timezone.now(), timezone.localdate()
    Absence.objects.create(person=away, first_on=today, last_on=today)
    for who in (client.person, busy):
        assigning.assign(CaseFactory().pk, user=who, actor=support, now=now)
    case = assigning.assign_least_busy(CaseFactory().pk, actor=support, now=now)
    assert case.assignee == free


def test_case_goes_to_whoever_has_its_product_when_it_is_opened(support: Actor, person: Callable) -> None:
    expert, deputy = person("support"), person("support")
    part, today = CoveredPartFactory(), timezone.localdate()
    for who in (expert, deputy):
        AssignmentRule.objects.create(product=part.unit.line.product, person=who)
    assert CaseFactory(part=part).assignee == expert
    Absence.objects.create(person=expert, first_on=dt.date(2020, 1, 1), last_on=today)
    other = CaseFactory()
    assert other.assignee is None
    case = CaseFactory(part=part, received_at=timezone.now())
    assert case.assignee == deputy
    with pytest.raises(Refused, match="Nobody looks after this product"):
        assigning.assign_by_product(other.pk, actor=support, now=timezone.now())


def test_cases_of_a_colleague_who_is_away_are_seen_by_the_others(
    client: Client, support: Actor, person: Callable
) -> None:
    away, today = person("support"), timezone.localdate()
    case = CaseFactory()
    assigning.assign(case.pk, user=away, actor=support, now=timezone.now())
    assert shown(client, view="away") == []
    Absence.objects.create(person=away, first_on=today, last_on=today)
    assert shown(client, view="away") == [case.reference]


def test_ticked_cases_are_given_by_rule_and_each_refusal_names_its_case(client: Client, person: Callable) -> None:
    with_rule, without = CaseFactory(), CaseFactory()
    expert = person("support")
    AssignmentRule.objects.create(product=with_rule.product, person=expert)
    given = {"case": [with_rule.reference, without.reference], "user": "by-product"}
    page = client.post("/desk/assign/", given, follow=True).content.decode()
    assert Case.objects.get(pk=with_rule.pk).assignee == expert
    assert f"{without.reference}: Nobody looks after this product" in page


def test_note_is_handed_over_with_the_case(support: Actor, person: Callable) -> None:
    case = CaseFactory()
    assigning.assign(case.pk, user=person("support"), note=" Call them. ", actor=support, now=timezone.now())
    note = case.messages.get(direction="note")
    assert (note.text, note.author) == ("Call them.", support.user)
    assert CaseEvent.objects.get(case=case, name="assigned").data["message"] == note.pk
