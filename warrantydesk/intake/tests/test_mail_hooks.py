"""Mail posted by providers: proved, kept raw, received once, and answered 2xx only then."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from cases.models import Case, OutgoingMail
from warrantydesk.intake.keeping import raw_bytes
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.tests import posts
from warrantydesk.intake.tests.conftest import NOW
from warrantydesk.intake.tests.mails import mail, picture

pytestmark = pytest.mark.django_db

RAW = mail(files={"hinge.jpg": picture()})
ALL = ["mailgun", "postmark", "sendgrid", "amazon_ses"]
RAW_POSTS = {
    "mailgun-form": ("mailgun", posts.mailgun_raw),
    "mailgun-query": ("mailgun", posts.mailgun_query),
    "postmark": ("postmark", posts.postmark_raw),
    "sendgrid": ("sendgrid", posts.sendgrid_raw),
    "ses-base64": ("amazon_ses", posts.ses_raw),
    "ses-text": ("amazon_ses", lambda raw: posts.ses_raw(raw, "UTF-8")),
}
PARSED_POSTS = {
    "mailgun": posts.mailgun_parsed,
    "postmark": posts.postmark_parsed,
    "sendgrid": posts.sendgrid_parsed,
}
raw_posts = pytest.mark.parametrize(("provider", "body_of"), RAW_POSTS.values(), ids=RAW_POSTS)
parsed_posts = pytest.mark.parametrize(("provider", "body_of"), PARSED_POSTS.items(), ids=PARSED_POSTS)


@pytest.fixture(autouse=True)
def _open(settings, time_machine):
    settings.MAIL_WEBHOOKS, settings.MAIL_WEBHOOK_SECRETS = ALL, ["mail:secret"]
    settings.MAILGUN_SIGNING_KEY = posts.KEY
    time_machine.move_to(NOW + dt.timedelta(hours=2), tick=False)


def post(provider: str, body: dict[str, Any], *, login: dict[str, str] = posts.LOGIN) -> Any:
    data, kind = body["data"], body["content_type"]
    extra = {name: value for name, value in body.items() if name.startswith("HTTP_")}
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return client.post(f"/hooks/mail/{provider}/", data, content_type=kind, **extra, **login)


@raw_posts
def test_raw_message_becomes_a_case_with_its_photo(hinge, provider, body_of):
    assert post(provider, body_of(RAW)).status_code == 200
    incoming = IncomingMail.objects.get()
    assert (incoming.outcome, incoming.source) == ("case_opened", f"hook:{provider}")
    assert incoming.case.evidence.exclude(status="refused").count() == 1
    assert raw_bytes(incoming).endswith(RAW.replace(b"\r\n", b"\n")) or raw_bytes(incoming).endswith(RAW)


@raw_posts
def test_raw_message_posted_again_is_one_case_and_one_acknowledgement(hinge, provider, body_of):
    assert [post(provider, body_of(RAW)).status_code for _ in range(3)] == [200, 200, 200]
    assert (Case.objects.count(), OutgoingMail.objects.count(), IncomingMail.objects.get().times_seen) == (1, 1, 3)


def test_address_mailgun_posts_raw_mail_to_is_the_same_door(hinge):
    body = posts.mailgun_raw(RAW)
    sent = {"content_type": body["content_type"], **posts.LOGIN}
    assert Client().post("/hooks/mail/mailgun/mime/", body["data"], **sent).status_code == 200
    assert (
        Client().post("/hooks/mail/mailgun/mime/", body["data"], content_type=body["content_type"]).status_code == 401
    )
    assert Case.objects.count() == 1


def test_same_message_through_two_providers_is_one_case(hinge):
    for provider, body_of in RAW_POSTS.values():
        assert post(provider, body_of(RAW)).status_code == 200
    assert (Case.objects.count(), OutgoingMail.objects.count()) == (1, 1)


@parsed_posts
def test_message_in_pieces_is_put_together_and_known_when_posted_again(hinge, provider, body_of):
    photo = picture()
    assert [post(provider, body_of(photo)).status_code for _ in range(2)] == [200, 200]
    incoming = IncomingMail.objects.get()
    assert (incoming.outcome, incoming.times_seen, incoming.rfc_message_id) == ("case_opened", 2, "<p1@example.com>")
    assert "große Lücke" in incoming.case.messages.first().text
    evidence = incoming.case.evidence.get()
    assert (evidence.name, evidence.size) == ("hinge.jpg", len(photo))


def test_retry_with_a_new_signature_is_the_same_mail(hinge):
    photo = picture()
    for token in ("first", "second"):
        assert post("mailgun", posts.mailgun_parsed(photo, token=token)).status_code == 200
    assert (Case.objects.count(), IncomingMail.objects.get().times_seen) == (1, 2)


def test_any_bytes_of_a_raw_message_are_kept_as_they_are():
    raw = mail("x").replace(b"x\n", "grüße €".encode("cp1252") + b"\n")
    for body in (posts.mailgun_raw(raw), posts.mailgun_query(raw)):
        post("mailgun", body)
        assert raw_bytes(IncomingMail.objects.get()).endswith("grüße €".encode("cp1252") + b"\n")


def test_null_sender_of_the_envelope_is_never_answered(hinge):
    assert post("mailgun", posts.mailgun_raw(RAW, sender="")).status_code == 200
    assert IncomingMail.objects.get().outcome == "automatic"
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    ("stamp", "received_at"),
    [
        (posts.STAMP, NOW),
        (posts.STAMP + 86_400, NOW + dt.timedelta(hours=2)),
        (posts.STAMP - 30 * 86_400, NOW + dt.timedelta(hours=2)),
    ],
    ids=["when the provider had it", "a time to come is now", "a month ago is now"],
)
def test_mail_counts_from_when_the_provider_received_it(hinge, stamp, received_at):
    post("mailgun", posts.mailgun_raw(RAW, stamp=stamp))
    assert IncomingMail.objects.get().received_at == received_at
    assert Case.objects.get().received_at == received_at


WRONG = {"HTTP_AUTHORIZATION": "Basic bWFpbDp3cm9uZw=="}


@pytest.mark.parametrize(
    ("provider", "body", "login", "status"),
    [
        ("postmark", posts.postmark_raw(RAW), {}, 401),
        ("postmark", posts.postmark_raw(RAW), WRONG, 403),
        ("postmark", posts.postmark_raw(RAW), {"HTTP_AUTHORIZATION": "Bearer x"}, 403),
        ("sendgrid", posts.sendgrid_raw(RAW), {}, 401),
        ("amazon_ses", posts.ses_raw(RAW), {}, 401),
        ("mailgun", posts.mailgun_raw(RAW), {}, 401),
        ("mailgun", posts.mailgun_raw(RAW, signature="0" * 64), posts.LOGIN, 403),
        ("mailgun", posts.form({"body-mime": RAW}), posts.LOGIN, 403),
        ("amazon_ses", {**posts.ses_raw(RAW), "HTTP_X_AMZ_SNS_MESSAGE_ID": "n-2"}, posts.LOGIN, 403),
    ],
    ids=[
        "postmark-none", "postmark-wrong", "postmark-no-basic", "sendgrid-none", "ses-none", "mailgun-none",
        "mailgun-signature-wrong", "mailgun-signature-missing", "ses-other-id",
    ],
)  # fmt: skip
def test_post_that_proves_nothing_is_refused_and_leaves_nothing(provider, body, login, status):
    assert post(provider, body, login=login).status_code == status
    assert not IncomingMail.objects.exists()
    assert default_storage.listdir("")[0] == []


@pytest.mark.parametrize(
    "closed",
    [{"MAIL_WEBHOOKS": []}, {"MAIL_WEBHOOKS": ["postmark"]}, {"MAIL_WEBHOOK_SECRETS": [], "MAILGUN_SIGNING_KEY": ""}],
    ids=["none-allowed", "another-allowed", "no-secret-set"],
)
@pytest.mark.parametrize("provider", ["mailgun", "sendgrid", "amazon_ses", "nobody"])
def test_address_is_not_there_when_its_provider_is_not_switched_on(settings, closed, provider):
    for name, value in closed.items():
        setattr(settings, name, value)
    assert post(provider, posts.mailgun_raw(RAW)).status_code == 404
    assert not IncomingMail.objects.exists()


def test_mailgun_needs_no_password_where_only_its_key_is_set(hinge, settings):
    settings.MAIL_WEBHOOK_SECRETS = []
    assert post("mailgun", posts.mailgun_raw(RAW), login={}).status_code == 200
    assert post("postmark", posts.postmark_raw(RAW), login={}).status_code == 404


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_nothing_but_a_post_is_answered(method):
    assert getattr(Client(), method)("/hooks/mail/postmark/", **posts.LOGIN).status_code == 405


def test_post_beyond_the_limit_is_refused_whole(settings):
    settings.MAIL_WEBHOOK_MB = 1
    response = post("postmark", posts.postmark_raw(mail("x" * (1 << 20))))
    assert (response.status_code, IncomingMail.objects.count()) == (413, 0)


def test_mail_larger_than_any_form_of_ours_is_taken(hinge, settings):
    big = mail(files={"hinge.jpg": picture() + bytes(2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)})
    for provider, body_of in RAW_POSTS.values():
        assert post(provider, body_of(big)).status_code == 200
    assert IncomingMail.objects.get().times_seen == len(RAW_POSTS)


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("postmark", {"data": b"{}", "content_type": "application/json"}),
        ("postmark", {"data": b"[1]", "content_type": "application/json"}),
        ("postmark", {"data": b"not json", "content_type": "application/json"}),
        ("postmark", {"data": b'{"RawEmail": 5, "FromFull": 7}', "content_type": "application/json"}),
        ("postmark", {"data": b"[" * 100_000, "content_type": "application/json"}),
        ("sendgrid", posts.form({"text": "no headers, no email"})),
        ("sendgrid", posts.form({"headers": "", "attachment-info": "[5]"})),
        ("mailgun", posts.form({**posts.mailgun_signature(), "message-headers": "no json"})),
        ("amazon_ses", posts.ses(posts.ses_event({"type": "Lambda"}))),
        ("amazon_ses", posts.ses({**posts.ses_event({"type": "SNS", "encoding": "BASE64"}), "content": "?"})),
        ("amazon_ses", posts.ses({"notificationType": "Bounce"})),
        ("amazon_ses", posts.ses(None)),
    ],
    ids=[
        "postmark-empty", "postmark-list", "postmark-text", "postmark-types", "postmark-deep", "sendgrid-nothing",
        "sendgrid-info", "mailgun-headers", "ses-action", "ses-base64", "ses-bounce", "ses-null",
    ],
)  # fmt: skip
def test_proved_post_of_another_shape_is_kept_where_a_person_sees_it(provider, body):
    assert post(provider, body).status_code == 200
    incoming = IncomingMail.objects.get()
    assert incoming.outcome in ("quarantined", "held")
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("mailgun", {"data": b"x", "content_type": "multipart/form-data"}),
        ("mailgun", {"data": b"--b\r\nbroken", "content_type": "multipart/form-data; boundary=b"}),
        ("mailgun", {"data": b"\xff=1", "content_type": "application/x-www-form-urlencoded"}),
        ("amazon_ses", {"data": b"nothing", "content_type": "text/plain"}),
        ("postmark", {"data": b'{"RecordType": "Bounce"}', "content_type": "application/json"}),
    ],
    ids=["no-boundary", "no-field-headers", "no-ascii", "sns-no-json", "postmark-bounce-webhook"],
)
def test_post_that_no_provider_makes_is_told_what_is_wrong(provider, body):
    response = post(provider, body)
    assert (response.status_code, IncomingMail.objects.count()) == (400, 0)
    assert response.content.strip()


def test_failing_storage_makes_the_provider_post_again(hinge, monkeypatch):
    def broken(*_args, **_kwargs):
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", broken)
        assert post("postmark", posts.postmark_raw(RAW)).status_code == 503
    assert not IncomingMail.objects.exists()
    assert post("postmark", posts.postmark_raw(RAW)).status_code == 200
    assert Case.objects.count() == 1


def test_amazon_is_not_answered_by_itself_when_it_asks_to_subscribe(caplog):
    body = posts.ses(None, "SubscriptionConfirmation", SubscribeURL="https://sns.example/confirm")
    assert post("amazon_ses", body).status_code == 200
    assert "https://sns.example/confirm" in caplog.text
    assert not IncomingMail.objects.exists()


def test_message_that_lies_in_amazons_store_is_fetched(hinge, monkeypatch):
    import boto3
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        store = boto3.client("s3")
        store.create_bucket(Bucket="mail")
        store.put_object(Bucket="mail", Key="one", Body=RAW)
        for key, status in (("one", 200), ("gone", 503)):
            event = posts.ses_event({"type": "S3", "bucketName": "mail", "objectKey": key})
            assert post("amazon_ses", posts.ses(event)).status_code == status
    assert raw_bytes(IncomingMail.objects.get()).endswith(RAW)


def test_answer_says_nothing_of_what_became_of_the_mail(hinge):
    told = json.dumps([post("postmark", posts.postmark_raw(raw)).content.decode() for raw in (RAW, RAW, mail("x"))])
    assert told == json.dumps(["kept\n"] * 3)
