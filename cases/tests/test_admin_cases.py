"""The admin of cases: a place to look, whose only verbs are the services, by POST, for those who may."""

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.actors import Actor
from cases.admin.transitions import SERVICES, TransitionForm
from cases.models import (
    CannedReply,
    Case,
    CaseLink,
    Evidence,
    FileBasket,
    HeldFile,
    Message,
    OutgoingMail,
    QuoteTemplate,
    QuoteTemplateLine,
    RightsNotice,
    desk,
)
from cases.rules.lifecycle import TRANSITIONS
from cases.services import deciding
from cases.services.next_steps import LABELS
from cases.services.responding import recount_response_clocks
from cases.tests.eventful import MODELS, client_of, eventful_case, page
from cases.tests.factories import REVIEWED_AT, CaseFactory, StaffFactory, judge_all, photo, record_serials, staff
from products.models import Customer
from products.tests.factories import ProductFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_folder")]

READY_MADE = (CannedReply, QuoteTemplate, RightsNotice)


def step(case: Case, name: str) -> str:
    return reverse("admin:cases_case_transition", args=[case.pk, name])


def as_role(role: str) -> Client:
    return client_of(StaffFactory(role=role))


@pytest.fixture
def boss() -> Client:
    """A superuser: whatever is refused here is refused to everybody."""
    return client_of(StaffFactory(role="", is_superuser=True))


def make_ready(number: int) -> None:
    CannedReply.objects.create(title=f"Thanks {number}", language="en", text="Thank you, {name}.")
    RightsNotice.objects.create(language=f"en-{number:02}", text="Rights.")
    template = QuoteTemplate.objects.create(name=f"Repair {number}", product=ProductFactory(), currency="EUR")
    QuoteTemplateLine.objects.create(template=template, kind="repair", description="Labour", amount=45)


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_model_of_this_storey_has_its_pages():
    own = {model for model in apps.get_app_config("cases").get_models() if model.__module__ != desk.__name__}
    before_a_case = {FileBasket, HeldFile}
    assert own == {*MODELS, *READY_MADE, QuoteTemplateLine, *before_a_case}
    # How the desk works is edited, not only looked at; holidays with their calendar, and its views by everybody alone.
    edited = {desk.DeskCalendar, desk.Tag, desk.AssignmentRule, desk.Absence}
    assert all(admin.site.is_registered(model) for model in {*MODELS, *READY_MADE, *before_a_case, *edited})


@pytest.mark.parametrize("model", [desk.DeskCalendar, desk.Tag, desk.AssignmentRule, desk.Absence])
def test_pages_of_how_the_desk_works_open_for_administrators_alone(model: type):
    assert as_role("administrator").get(page(model, "add")).status_code == 200
    assert as_role("administrator").get(page(model, "changelist")).status_code == 200
    assert as_role("manager").get(page(model, "add")).status_code in (302, 403)


def test_response_clocks_are_counted_anew_when_the_calendar_is_saved(boss: Client, django_capture_on_commit_callbacks):
    case = CaseFactory()
    calendar = desk.DeskCalendar.objects.get()
    form = {name: getattr(calendar, name) for name in (*desk.DAYS, "name", "time_zone", "decision_hours")}
    form |= {"is_default": "on", "first_reply_hours": "1", "holidays-TOTAL_FORMS": "0", "holidays-INITIAL_FORMS": "0"}
    with django_capture_on_commit_callbacks(execute=False) as woken:
        answer = boss.post(page(desk.DeskCalendar, "change", calendar.pk), form)
    assert (answer.status_code, len(woken)) == (302, 1)
    assert [one.changed for one in recount_response_clocks()] == [True]
    assert Case.objects.get(pk=case.pk).first_reply_due_at == case.first_reply_due_at - dt.timedelta(hours=23)


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("model", READY_MADE)
def test_ready_made_words_are_the_administrators_to_write(model: type):
    assert as_role("viewer").get(page(model, "changelist")).status_code == 200
    assert as_role("manager").get(page(model, "add")).status_code == 403
    assert as_role("administrator").get(page(model, "add")).status_code == 200


def test_canned_reply_is_refused_when_it_has_a_place_that_is_none():
    client = as_role("administrator")
    form = {"title": "Thanks", "language": "en", "text": "Dear {customer.email}", "is_active": "on"}
    refused = client.post(page(CannedReply, "add"), form)
    assert "There is no place {customer.email}." in refused.content.decode()
    assert client.post(page(CannedReply, "add"), {**form, "text": "Dear {name}"}).status_code == 302
    assert CannedReply.objects.get().text == "Dear {name}"


def test_page_of_a_case_asks_no_query_per_row(boss: Client):
    small, large = eventful_case(1), eventful_case(6)
    queries_of(boss, page(Case, "change", small.pk))
    assert queries_of(boss, page(Case, "change", large.pk)) == queries_of(boss, page(Case, "change", small.pk))


def test_file_is_found_by_its_fingerprint(boss: Client):
    case = CaseFactory(files=[photo(1), photo(2)])
    wanted = case.evidence.get(name="photo-2.jpg")
    found = boss.get(page(Evidence, "changelist", q=wanted.sha256.upper())).context["cl"].queryset
    assert list(found) == [wanted]


def test_words_of_a_customer_are_never_markup(boss: Client):
    case = CaseFactory(description="<script>alert(1)</script>", subject="<b>bold</b>")
    for address in (page(Case, "change", case.pk), page(Message, "change", case.messages.first().pk)):
        assert "<script>alert(1)" not in boss.get(address).content.decode()


# ── nobody edits ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", [model for model in MODELS if model is not CaseLink])
def test_viewer_sees_the_lists_and_an_outsider_does_not(model: type):
    assert as_role("viewer").get(page(model, "changelist")).status_code == 200
    assert as_role("").get(page(model, "changelist")).status_code == 403


# ── transitions ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_transition_of_the_policy_has_its_service_here():
    assert set(SERVICES) == set(TRANSITIONS)


@pytest.mark.parametrize("name", TRANSITIONS)
def test_form_asks_for_what_the_rule_asks_for_and_for_nothing_else(name: str):
    asks = {"withdrawal": {"reason", "duplicate_of"}, "proof": {"proof", "proof_text", "proof_on"}}
    wanted = set().union(*(asks.get(asked, {asked}) for asked in TRANSITIONS[name].asks))
    assert set(TransitionForm(name, today=dt.date(2026, 1, 1)).fields) == wanted


PROOF = {"proof": "staff", "proof_text": "Handed over in person.", "proof_on": "2025-11-21"}
WAYS = [
    ("begin_review", {"files": ()}, {"why": "Told on the phone."}, "evidence_review"),
    ("request_information", {}, {"missing": ["evidence"], "words": "Sharper, please."}, "submitted"),
    ("reopen", {"state": "denied"}, {"why": "An appeal."}, "evidence_review"),
    ("start_repair", {"state": "approved"}, PROOF, "in_repair"),
    ("send_back", {"state": "in_repair"}, PROOF, "returned"),
    (
        "return_unrepaired",
        {"state": "approved"},
        {"proof": "nothing_sent", "proof_text": "It never left.", "why": "Burnt.", "beyond_repair": "on"},
        "returned",
    ),
    ("reopen_return", {"state": "returned"}, {"why": "It came back to us."}, "in_repair"),
    ("withdraw", {}, {"reason": "withdrawn"}, "withdrawn"),
]


@pytest.mark.parametrize(("name", "given", "typed", "target"), WAYS, ids=[way[0] for way in WAYS])
def test_transition_is_done_by_the_one_who_asked(name: str, given: dict, typed: dict, target: str):
    case, person = CaseFactory(**given), StaffFactory(role="support")
    answer = client_of(person).post(step(case, name), typed)
    assert (answer.status_code, answer["Location"]) == (303, page(Case, "change", case.pk))
    assert Case.objects.get(pk=case.pk).state == target
    event = case.events.filter(kind="transition").latest("pk")
    assert (event.name, event.to_state, event.actor) == (name, target, person)


@pytest.mark.parametrize(
    ("name", "verdict", "target"), [("approve", {}, "approved"), ("deny", {"deny": "improper_use"}, "denied")]
)
def test_decision_is_made_and_undone_by_a_reviewer(name: str, verdict: dict, target: str):
    case, reviewer = CaseFactory(), StaffFactory(role="reviewer")
    judge_all(case, Actor.staff(reviewer), **verdict)
    client = client_of(reviewer)
    assert client.post(step(case, name)).status_code == 303
    assert Case.objects.get(pk=case.pk).state == target
    assert client.post(step(case, "undo")).status_code == 303
    assert Case.objects.get(pk=case.pk).state == "evidence_review"


def test_replacement_is_delivered():
    case = CaseFactory(state="approved", resolution="replacement")
    record_serials(case, staff("support"))
    assert as_role("support").post(step(case, "deliver_replacement"), PROOF).status_code == 303
    assert Case.objects.get(pk=case.pk).state == "returned"


@pytest.mark.parametrize("name", TRANSITIONS)
def test_address_of_a_transition_does_nothing_by_get(boss: Client, name: str):
    case = CaseFactory()
    before = case.events.count()
    assert boss.get(step(case, name)).status_code == 405
    assert case.events.count() == before


def test_transition_without_its_token_is_refused():
    case = CaseFactory()
    client = client_of(StaffFactory(role="support"), enforce_csrf_checks=True)
    assert client.post(step(case, "withdraw"), {"why": "x"}).status_code == 403
    assert Case.objects.get(pk=case.pk).state == "evidence_review"


def test_token_of_the_page_lets_its_form_through():
    case = CaseFactory()
    client = client_of(StaffFactory(role="support"), enforce_csrf_checks=True)
    token = str(client.get(page(Case, "change", case.pk)).context["csrf_token"])
    assert client.post(step(case, "withdraw"), {"why": "x", "csrfmiddlewaretoken": token}).status_code == 303


def test_stranger_is_sent_to_the_log_in_and_from_there_to_the_case():
    case = CaseFactory()
    answer = Client().post(step(case, "withdraw"), {"why": "x"})
    assert answer["Location"] == f"{reverse('admin:login')}?next={page(Case, 'change', case.pk)}"
    assert Case.objects.get(pk=case.pk).state == "evidence_review"


@pytest.mark.parametrize(
    ("role", "name"), [("viewer", "withdraw"), ("administrator", "withdraw"), ("support", "approve")]
)
def test_transition_is_refused_with_403_to_a_role_without_the_permission(role: str, name: str):
    case = CaseFactory()
    judge_all(case, staff("reviewer"))
    before = case.events.count()
    answer = as_role(role).post(step(case, name), {"why": "x"})
    assert answer.status_code == 403
    assert "Your account may not do this" in answer.content.decode()
    assert (Case.objects.get(pk=case.pk).state, case.events.count()) == ("evidence_review", before)


def test_transition_is_unknown_to_who_may_not_see_the_case():
    case = CaseFactory()
    assert as_role("").post(step(case, "withdraw"), {"why": "x"}).status_code == 404
    assert as_role("support").post(step(case, "explode"), {"why": "x"}).status_code == 404


def test_reviewer_is_not_offered_a_decision_about_their_own_purchase():
    reviewer = StaffFactory(role="reviewer")
    case = CaseFactory(customer=Customer.objects.create(email=reviewer.email, name="Me"))
    judge_all(case, staff("reviewer"))
    client = client_of(reviewer)
    assert step(case, "approve") not in client.get(page(Case, "change", case.pk)).content.decode()
    answer = client.post(step(case, "approve"))
    assert answer.status_code == 403
    assert "your own purchase" in answer.content.decode()


def test_refusal_comes_back_with_what_was_typed():
    case = CaseFactory()
    typed = {"reason": "duplicate", "duplicate_of": "WD-nothing", "why": "The customer wrote twice."}
    answer = as_role("support").post(step(case, "withdraw"), typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Name the other case this one repeats" in text
    assert "The customer wrote twice." in text
    assert 'value="WD-nothing"' in text
    assert Case.objects.get(pk=case.pk).state == "evidence_review"


def test_words_that_never_became_a_date_are_refused_beside_the_field():
    case = CaseFactory(state="approved")
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    for typed in ("31.02.", tomorrow.isoformat()):
        answer = as_role("support").post(step(case, "start_repair"), {**PROOF, "proof_on": typed})
        assert answer.status_code == 422
        assert answer.context["refused"].errors["proof_on"]
        assert "Handed over in person." in answer.content.decode()
    assert Case.objects.get(pk=case.pk).state == "approved"


def test_second_click_is_told_that_it_is_done_already():
    case = CaseFactory(state="approved")
    client = as_role("support")
    assert client.post(step(case, "start_repair"), PROOF).status_code == 303
    answer = client.post(step(case, "start_repair"), PROOF)
    assert answer.status_code == 422
    assert "done already" in answer.content.decode()
    assert case.events.filter(name="start_repair").count() == 1


def test_page_says_what_blocks_a_step_and_offers_the_others(boss: Client):
    case = CaseFactory()
    text = boss.get(page(Case, "change", case.pk)).content.decode()
    assert "1 part is still undecided" in text
    for name in ("request_information", "withdraw", "approve", "deny"):
        assert f'action="{step(case, name)}"' in text
    assert step(case, "send_back") not in text


def test_viewer_gets_no_form_at_all():
    case = CaseFactory()
    text = as_role("viewer").get(page(Case, "change", case.pk)).content.decode()
    assert str(LABELS["withdraw"]) in text
    assert "/transition/" not in text


# ── outgoing mail ────────────────────────────────────────────────────────────────────────────────────────────────


def a_mail(status: str) -> OutgoingMail:
    case = CaseFactory()
    deciding.request_information(case.pk, missing=["serial"], actor=staff("support"), now=REVIEWED_AT)
    mail = case.outgoing_mails.latest("pk")
    sent_at = REVIEWED_AT if status == "sent" else None
    OutgoingMail.objects.filter(pk=mail.pk).update(status=status, sent_at=sent_at)
    return OutgoingMail.objects.get(pk=mail.pk)


def settle(client: Client, action: str, *mails: OutgoingMail) -> Any:
    ticked = {"action": action, "_selected_action": [mail.pk for mail in mails]}
    return client.post(page(OutgoingMail, "changelist"), ticked, follow=True)


@pytest.mark.parametrize("status", ["failed", "uncertain"])
def test_mail_that_did_not_leave_is_queued_again_and_leaves_a_line(status: str):
    mail, person = a_mail(status), StaffFactory(role="support")
    settle(client_of(person), "send_selected_again", mail)
    mail.refresh_from_db()
    assert mail.status == "queued"
    event = mail.case.events.latest("pk")
    assert (event.kind, event.name, event.actor) == ("mail", "sent_again", person)


@pytest.mark.parametrize("status", ["queued", "sending", "sent", "cancelled"])
def test_mail_that_left_or_was_cancelled_is_not_sent_twice(status: str):
    mail = a_mail(status)
    answer = settle(as_role("support"), "send_selected_again", mail)
    mail.refresh_from_db()
    assert mail.status == status
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]


def test_one_refused_mail_does_not_hold_up_the_others():
    failed, sent = a_mail("failed"), a_mail("sent")
    settle(as_role("support"), "send_selected_again", failed, sent)
    assert [OutgoingMail.objects.get(pk=mail.pk).status for mail in (failed, sent)] == ["queued", "sent"]


def test_mail_that_did_arrive_is_taken_as_sent():
    mail = a_mail("uncertain")
    settle(as_role("support"), "take_selected_as_sent", mail)
    mail.refresh_from_db()
    assert mail.status == "sent"


@pytest.mark.parametrize("role", ["viewer", "administrator"])
def test_mail_is_not_settled_by_a_role_that_handles_no_cases(role: str):
    mail, client = a_mail("failed"), as_role(role)
    assert "send_selected_again" not in client.get(page(OutgoingMail, "changelist")).content.decode()
    settle(client, "send_selected_again", mail)
    mail.refresh_from_db()
    assert mail.status == "failed"
