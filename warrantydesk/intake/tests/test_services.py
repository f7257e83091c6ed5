"""What becomes of a mail: the order of contracts.md, and what each outcome leaves behind."""

import datetime as dt
import re
from email import message_from_bytes, policy

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.files.storage import default_storage
from django.db import connection

from cases.models import Case, CaseLink, Evidence, OutgoingMail
from cases.models.case import State
from cases.outbox.sending import send_due
from products.tests.factories import CustomerFactory
from warrantydesk.intake import services
from warrantydesk.intake.integrity import problems
from warrantydesk.intake.keeping import keep_mail, raw_bytes
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.services import receive
from warrantydesk.intake.tests.conftest import NOW
from warrantydesk.intake.tests.mails import mail, picture

pytestmark = pytest.mark.django_db

COMPLETE = mail(files={"hinge.jpg": picture()})


def sent_mail(kind: str) -> OutgoingMail:
    return OutgoingMail.objects.get(kind=kind)


def test_complete_request_opens_a_case_that_is_under_review(hinge):
    receipt = receive(COMPLETE, source="a.eml", now=NOW)
    case = receipt.case
    assert (receipt.outcome, receipt.missing, receipt.evidence, receipt.refused) == ("case_opened", (), 1, 0)
    assert (case.state, case.invoice, case.source) == (State.EVIDENCE_REVIEW, hinge, "mail")
    assert case.claimed_parts.get().part.serial == "SN-AB12-9988"
    assert case.description.strip().endswith("The hinge broke.")


@pytest.mark.django_db(transaction=True)
def test_complete_request_is_stored_whole(hinge):
    case = receive(COMPLETE, source="a.eml", now=NOW).case
    words, answer = case.messages.order_by("pk")
    [photo], [mail_out] = case.evidence.all(), case.outgoing_mails.all()
    assert (words.direction, answer.direction, mail_out.message, photo.message) == ("in", "out", answer, words)
    opened, added, begun = case.events.order_by("pk")
    assert [opened.name, added.name, begun.name] == ["opened", "added", "begin_review"]
    assert (added.data, mail_out.key) == ({"evidence": [photo.pk], "refused": []}, f"acknowledgement:{opened.pk}")
    assert IncomingMail.objects.get().message == words


def test_new_mail_with_a_photo_takes_few_messages_to_the_database(hinge):
    receive(COMPLETE, source="a.eml", now=NOW)  # whatever is asked once in a process
    sent = []

    def count(execute, sql, params, many, context):
        if "SAVEPOINT" not in sql:
            sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        receive(mail(message_id="<p2@x>", sender="bob@example.com", files={"p.jpg": picture()}), source="b", now=NOW)
    assert len(sent) == (12 if connection.vendor == "postgresql" else 16), "docs/mail.md names them"


def test_acknowledgement_answers_the_mail_and_holds_no_word_of_the_sender(hinge):
    receive(mail("SN-AB12-9988 BUY PILLS AT evil.example", subject="[Warranty Request] PILLS"), source="a", now=NOW)
    answer = sent_mail("acknowledgement")
    assert (answer.in_reply_to, answer.to_address) == ("<p1@example.com>", "ada@example.com")
    assert "PILLS" not in answer.subject + answer.body
    assert "evil.example" not in answer.body


def test_request_without_a_serial_says_exactly_what_is_missing():
    receipt = receive(mail("Invoice number: INV-2024-00123", subject="[Warranty Request] x"), source="a", now=NOW)
    assert receipt.outcome == "case_opened"
    assert receipt.missing == ("invoice", "serial", "part", "description", "evidence")
    assert receipt.case.messages.first().text.strip() == "Invoice number: INV-2024-00123"


@pytest.mark.usefixtures("_outbox")
def test_what_is_missing_stands_above_the_link_to_add_it_and_nothing_else_does(hinge, settings):
    receive(mail("Invoice number: INV-2024-00123", subject="[Warranty Request] x"), source="a", now=NOW)
    receive(mail(files={"p.jpg": picture()}, message_id="<2@x>"), source="a", now=NOW)
    send_due(NOW + dt.timedelta(minutes=1))
    letters = [
        message_from_bytes(path.read_bytes(), policy=policy.default).get_content()
        for path in settings.EMAIL_FILE_PATH.glob("*.eml")
    ]
    asking, complete = sorted(letters, key=lambda words: "we still need" not in words)
    links = re.findall(r"https?://\S+/status/[^\s#]+", asking)
    assert len(links) == 2
    assert len(set(links)) == 1
    assert f"{links[0]}#need" in asking
    assert "Nothing is missing" in complete
    assert "#need" not in complete


def test_known_invoice_without_a_serial_is_not_asked_for_again(hinge):
    receipt = receive(mail("Invoice number: INV-2024-00123", subject="[Warranty Request] x"), source="a", now=NOW)
    assert receipt.missing == ("serial", "part", "description", "evidence")


def test_kit_serial_leaves_the_part_open(printer):
    text = "Invoice INV-2025-00812, serial number PK3-00417. The X axis stops after ten minutes."
    receipt = receive(mail(text, files={"a.jpg": picture()}), source="a", now=NOW)
    assert receipt.missing == ("part",)
    assert receipt.case.unit.serial == "PK3-00417"


def test_several_serials_are_proposed_and_none_is_picked(printer):
    text = "Invoice INV-2025-00812\nserial number MX-88213\nserial number MX-88214\nBoth motors stop."
    receipt = receive(mail(text, files={"a.jpg": picture()}), source="a", now=NOW)
    assert receipt.missing == ("part",)
    assert [claim.confirmed for claim in receipt.case.claimed_parts.all()] == [False, False]
    assert receipt.case.state == State.SUBMITTED


def test_serial_of_another_invoice_is_not_taken(hinge, printer):
    text = "Invoice INV-2025-00812\nserial number SN-AB12-9988\nThe hinge broke."
    receipt = receive(mail(text, files={"a.jpg": picture()}), source="a", now=NOW)
    assert receipt.missing == ("serial", "part")
    assert receipt.incoming.details["problems"] == ["serial_of_another_invoice"]


def test_same_message_again_is_a_duplicate_with_one_case_and_one_acknowledgement(hinge):
    first = receive(COMPLETE, source="a.eml", now=NOW)
    again = receive(b"Received: by mx2; Tue, 4 Nov 2025 10:00:00 +0000\r\n" + COMPLETE, source="b.eml", now=NOW)
    assert (again.outcome, again.case) == ("duplicate", first.case)
    assert (Case.objects.count(), OutgoingMail.objects.count(), IncomingMail.objects.get().times_seen) == (1, 1, 2)


def test_same_message_id_with_another_body_is_another_mail(hinge):
    receive(COMPLETE, source="a.eml", now=NOW)
    receipt = receive(mail("Another text, same Message-ID, SN-AB12-9988"), source="b.eml", now=NOW)
    assert receipt.outcome == "case_opened"
    assert IncomingMail.objects.count() == 2


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto"),
        ({"Precedence": "bulk"}, "bulk"),
        ({"List_Id": "<makers.example>"}, "list"),
        ({"Return_Path": "<>"}, "null"),
        ({"sender": "warranty@positron.example"}, "ourselves"),
    ],
    ids=["auto-replied", "bulk", "list", "null-sender", "ourselves"],
)
def test_automatic_mail_is_kept_and_never_answered(headers, reason):
    receipt = receive(mail(**headers), source="a", now=NOW)
    assert receipt.outcome == "automatic"
    assert receipt.reason
    assert not Case.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_mail_without_the_prefix_is_held_for_a_person():
    receipt = receive(mail(subject="my printer"), source="a", now=NOW)
    assert (receipt.outcome, receipt.case) == ("held", None)
    assert "[Warranty Request]" in receipt.reason


def test_known_address_without_a_token_is_held_beside_its_case(hinge):
    case = receive(COMPLETE, source="a", now=NOW).case
    receipt = receive(mail("any news?", subject="my printer", message_id="<p2@example.com>"), source="b", now=NOW)
    assert (receipt.outcome, receipt.case) == ("held", case)
    assert case.messages.filter(direction="in").count() == 1


def _reply_token(settings) -> str:
    """The token as it stands in the mail that left."""
    send_due(NOW + dt.timedelta(minutes=1))
    letters = b"".join(path.read_bytes() for path in settings.EMAIL_FILE_PATH.glob("*.eml"))
    return re.search(rb"\[wd:([a-z2-7]+)\]", letters)[1].decode()


@pytest.fixture
def _outbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "cases.outbox.files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"


@pytest.mark.usefixtures("_outbox")
def test_reply_token_and_the_cases_address_make_a_reply(hinge, settings):
    case = receive(mail(), source="a", now=NOW).case
    token = _reply_token(settings)
    answer = mail(
        f"Here is the photo.\n\n> [wd:{token}]\n",
        subject="Re: x",
        message_id="<p2@example.com>",
        files={"p.jpg": picture()},
    )
    receipt = receive(answer, source="b", now=NOW + dt.timedelta(hours=1))
    assert (receipt.outcome, receipt.case, receipt.evidence) == ("reply_added", case, 1)
    case = Case.objects.get()
    assert case.state == State.EVIDENCE_REVIEW
    assert case.messages.filter(direction="in").last().text == "Here is the photo."


@pytest.mark.usefixtures("_outbox")
def test_reply_token_from_another_address_is_held_beside_its_case(hinge, settings):
    case = receive(mail(), source="a", now=NOW).case
    token = _reply_token(settings)
    stranger = mail(f"Me too\n\n> [wd:{token}]\n", sender="mallory@example.org", message_id="<m@example.org>")
    receipt = receive(stranger, source="b", now=NOW)
    assert (receipt.outcome, receipt.case) == ("held", case)
    assert not OutgoingMail.objects.filter(to_address="mallory@example.org").exists()


def test_answer_to_a_mail_of_ours_from_the_cases_address_is_a_reply(hinge):
    case = receive(mail(), source="a", now=NOW).case
    ours = sent_mail("acknowledgement").rfc_message_id
    receipt = receive(mail("And a photo", subject="Re: x", message_id="<p2@x>", In_Reply_To=ours), source="b", now=NOW)
    assert (receipt.outcome, receipt.case) == ("reply_added", case)


def test_stranger_who_knows_our_message_id_is_held_and_told_nothing(hinge):
    case = receive(mail(), source="a", now=NOW).case
    ours = sent_mail("acknowledgement").rfc_message_id
    stranger = mail("me too", sender="mallory@example.org", subject="Re: me too", message_id="<m@x>", References=ours)
    receipt = receive(stranger, source="b", now=NOW)
    assert (receipt.outcome, receipt.case) == ("held", case)
    assert not OutgoingMail.objects.filter(to_address="mallory@example.org").exists()
    assert case.messages.filter(direction="in").count() == 1


def test_asking_for_the_status_of_a_case_of_others_opens_a_case_of_ones_own(hinge):
    theirs = receive(COMPLETE, source="a", now=NOW).case
    stranger = mail(f"please send me the link of {theirs.reference}", sender="mallory@example.com", message_id="<g@x>")
    own = receive(stranger, source="b", now=NOW).case
    assert own != theirs
    assert own.customer.email == "mallory@example.com"
    assert not CaseLink.objects.filter(case=theirs, address="mallory@example.com").exists()


def test_bounce_marks_the_mail_that_came_back_and_opens_nothing(hinge):
    receive(COMPLETE, source="a", now=NOW)
    ours = sent_mail("acknowledgement")
    bounce = (
        b"From: MAILER-DAEMON@mx.example.com\r\nTo: warranty@positron.example\r\nSubject: Undelivered\r\n"
        b"Auto-Submitted: auto-replied\r\nReturn-Path: <>\r\nMessage-ID: <b@mx>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        b"Final-Recipient: rfc822; ada@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: "
        + ours.rfc_message_id.encode()
        + b"\r\n\r\n--b--\r\n"
    )
    receipt = receive(bounce, source="b", now=NOW)
    ours.refresh_from_db()
    assert (receipt.outcome, receipt.case) == ("automatic", ours.case)
    assert ours.bounced_at == NOW
    assert Case.objects.count() == 1


@pytest.mark.parametrize("raw", [b"", b"just some words, no headers"], ids=["empty", "no-headers"])
def test_mail_that_cannot_be_read_is_quarantined_and_then_a_duplicate(raw):
    first = receive(raw, source="a", now=NOW)
    assert first.outcome == "quarantined"
    assert first.reason
    assert receive(raw, source="b", now=NOW).outcome == "duplicate"
    assert raw_bytes(first.incoming) == raw


def test_request_without_an_address_is_held():
    receipt = receive(mail(sender="Ada Kunde"), source="a", now=NOW)
    assert receipt.outcome == "held"
    assert "address" in receipt.reason


def test_refused_file_is_a_row_with_its_reason_and_is_told_by_name(hinge):
    receipt = receive(mail(files={"setup.jpg": b"MZ" + bytes(200), "p.jpg": picture()}), source="a", now=NOW)
    assert (receipt.evidence, receipt.refused) == (1, 1)
    assert Evidence.objects.get(status="refused").name == "setup.jpg"
    assert "setup.jpg" in sent_mail("acknowledgement").body


def test_reader_that_died_leaves_a_row_that_the_sweep_reads(hinge):
    incoming, _new = keep_mail(COMPLETE, source="a", now=NOW)
    IncomingMail.objects.update(claimed_at=NOW, failures=1)
    assert services.read_waiting(NOW + dt.timedelta(minutes=1)) == 0
    assert services.read_waiting(NOW + dt.timedelta(minutes=20)) == 1
    incoming.refresh_from_db()
    assert incoming.outcome == "case_opened"


def test_copy_right_behind_the_first_is_a_duplicate_when_both_were_begun_before_either_was_finished(hinge):
    messages = (COMPLETE, COMPLETE, mail(message_id="<next@example.com>"))
    begun = services.one_behind(services.begin(raw, source="a", now=NOW) for raw in messages)
    first, copy, other = (services.finish(one, NOW) for one in begun)
    assert [first.outcome, copy.outcome, other.outcome] == ["case_opened", "duplicate", "case_opened"]
    assert copy.case == first.case != other.case


def test_message_received_again_is_read_when_its_first_reader_never_came(hinge):
    keep_mail(COMPLETE, source="a", now=NOW)
    assert receive(COMPLETE, source="b", now=NOW).outcome == "case_opened"


def test_message_that_stops_every_reader_is_quarantined(hinge):
    incoming, _new = keep_mail(COMPLETE, source="a", now=NOW)
    IncomingMail.objects.update(failures=services.MOST_ATTEMPTS)
    services.read_waiting(NOW)
    incoming.refresh_from_db()
    assert (incoming.outcome, incoming.reason) == ("quarantined", "It stopped its reader every time.")


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(OSError("no space left"), id="the disk is full"),
        pytest.param(EndpointConnectionError(endpoint_url="https://store.example"), id="the store is away"),
        pytest.param(ClientError({"Error": {"Code": "503", "Message": "Slow down"}}, "PutObject"), id="it refuses"),
        pytest.param(S3UploadFailedError("Failed to upload"), id="the upload broke off"),
    ],
)
def test_failing_storage_leaves_the_message_for_later(hinge, monkeypatch, failure):
    incoming, _new = keep_mail(COMPLETE, source="a", now=NOW)

    def broken(*_args, **_kwargs):
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", broken)
        with pytest.raises(type(failure)):
            services.read_incoming(incoming.pk, NOW)
    incoming.refresh_from_db()
    assert (incoming.outcome, incoming.failures) == ("", 0)
    services.read_waiting(NOW + dt.timedelta(minutes=20))
    incoming.refresh_from_db()
    assert incoming.outcome == "case_opened"


def test_sender_who_is_not_the_invoice_holder_owns_the_case_and_learns_no_name(hinge):
    CustomerFactory(email="other@example.com")
    receipt = receive(mail(sender="Other <other@example.com>", files={"p.jpg": picture()}), source="a", now=NOW)
    assert receipt.case.customer.email == "other@example.com"
    assert receipt.case.invoice.customer.email == "ada@example.com"
    assert "Ada" not in sent_mail("acknowledgement").body


def test_integrity_finds_nothing_after_all_that_and_says_what_is_missing(hinge):
    receipt = receive(COMPLETE, source="a", now=NOW)
    assert list(problems()) == []
    default_storage.delete(receipt.incoming.raw.name)
    assert [str(problem) for problem in problems()] == [
        f"mail {receipt.incoming.pk}: the message is missing ({receipt.incoming.raw.name})"
    ]
