"""The mail as it leaves: what RFC 5322 and RFC 3834 ask for, one recipient, and no way in for a stranger's words."""

from email.message import EmailMessage
from email.utils import getaddresses

import pytest

from cases import links
from cases.models import CaseLink
from cases.outbox import sending
from cases.tests.mailroom import NOW, a_case, a_mail, queue, written_mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_folder")]


def _sent(case=None, **given) -> EmailMessage:  # type: ignore[no-untyped-def]
    mail = queue(case or a_case(), **given)
    assert mail is not None
    assert sending.send_one(mail.pk, NOW) == "sent"
    (letter,) = written_mails()
    return letter


@pytest.mark.parametrize(
    ("automatic", "in_reply_to", "auto_submitted"),
    [(True, "<q@example.com>", "auto-replied"), (True, "", "auto-generated"), (False, "<q@example.com>", None)],
    ids=["answer", "on_its_own", "by_a_person"],
)
def test_auto_submitted_says_who_wrote_when_a_mail_leaves(
    automatic: bool, in_reply_to: str, auto_submitted: str
) -> None:
    letter = _sent(automatic=automatic, in_reply_to=in_reply_to)
    assert letter["Auto-Submitted"] == auto_submitted
    assert letter["In-Reply-To"] == (in_reply_to or None)
    assert letter["References"] == (in_reply_to or None)


def test_mail_goes_from_the_mailbox_to_one_person_when_it_leaves() -> None:
    letter = _sent()
    assert letter["From"] == "Positron Makers <warranty@positron.example>"
    assert getaddresses([str(letter["To"])]) == [("", "owner@example.com")]
    assert letter["Cc"] is None
    assert letter["Bcc"] is None
    assert letter["Content-Language"] == "en"
    assert letter["Date"].datetime == NOW


def test_answer_finds_its_case_when_it_comes_to_the_reply_address_or_quotes_the_mark() -> None:
    letter = _sent()
    ((_, address),) = getaddresses([str(letter["Reply-To"])])
    token = address.removeprefix("warranty+").removesuffix("@positron.example")
    assert f"[wd:{token}]" in letter.get_content()
    link = links.find_link("reply", token, NOW)
    assert link is not None
    assert link.mail is not None
    assert link.mail.rfc_message_id == letter["Message-ID"]
    assert len(address.partition("@")[0]) <= 64, "a local part may be no longer (RFC 5321, 4.5.3.1.1)"


def test_private_link_opens_the_case_when_the_mail_was_sent() -> None:
    letter = _sent()
    url = next(word for word in letter.get_content().split() if "/status/" in word)
    link = links.find_link("portal", url.rstrip("/").rpartition("/")[2], NOW)
    assert link is not None
    assert (link.address, link.kind) == ("owner@example.com", "portal")
    assert CaseLink.objects.count() == 2


def test_mail_without_a_case_leaves_without_links_when_it_names_none() -> None:
    mail = a_mail(None)
    assert sending.send_one(mail.pk, NOW) == "sent"
    assert written_mails()[0].get_content() == "Some words.\n"
    assert not CaseLink.objects.exists()


HOSTILE_NAMES = [
    "Jane\r\nBcc: all@example.com",
    "Jane\nSubject: won",
    'Jane" <evil@example.net>, "',
    "Jane <evil@example.net>, x",
    "=?utf-8?q?Jane=0D=0ABcc:_all@example.com?=",
    "J\u2028Bcc: all@example.com",
    "\x00\x1b[31mJane",
    "Ja\u202ene",
    "写真 " * 60,
]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_header_stays_whole_when_the_name_of_the_customer_is_hostile(name: str) -> None:
    case = a_case()
    case.customer.name = name[:200]
    letter = _sent(case, automatic=False)
    assert [address for _, address in getaddresses([str(letter["To"])])] == ["owner@example.com"]
    assert letter["Bcc"] is None
    assert letter["Subject"] == f"{case.reference}: a message about your warranty request"
    assert letter.defects == []


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_automatic_mail_is_addressed_without_a_name_when_a_stranger_may_have_given_it(name: str) -> None:
    case = a_case()
    case.customer.name = name[:200]
    assert str(_sent(case)["To"]) == "owner@example.com"


@pytest.mark.parametrize(
    "header", ["<q@example.com>\r\nBcc: all@example.com", "<q@example.com>\nX: <y@z>", "x\r\n\r\nbody", "<ä@x>" * 50]
)
def test_thread_headers_stay_whole_when_the_customers_own_are_hostile(header: str) -> None:
    letter = _sent(in_reply_to=header, references=header)
    assert letter["Bcc"] is None
    assert letter["X"] is None
    assert "Bcc" not in str(letter["References"])
    assert letter.defects == []


def test_text_arrives_letter_by_letter_when_it_is_not_plain_english() -> None:
    words = "It's “fine” – <b>50 %</b> & 写真, ünï.\n\n.\n.leading dot\nFrom here\n" + "long " * 400
    letter = _sent(automatic=False, context={"words": words})
    assert letter.get_content().startswith(words.rstrip())
