"""Every file of a message, under a name that can be shown."""

import pytest

from warrantydesk.intake.reading import AttachmentKind, ReadMail, read_mail
from warrantydesk.intake.reading.attachments import clean_name

HEAD = b"Subject: x\r\nFrom: a@b.example\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nhello\r\n"


def read(*pieces: bytes) -> ReadMail:
    return read_mail(HEAD + b"".join(b"--B\r\n" + piece + b"\r\n" for piece in pieces) + b"--B--\r\n")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("photo.jpg", "photo.jpg", id="plain"),
        pytest.param("../../../../etc/cron.d/x.jpg", "x.jpg", id="traversal"),
        pytest.param("..\\..\\boot.ini", "boot.ini", id="windows_traversal"),
        pytest.param("C:\\TEMP\\a.png", "a.png", id="windows_path"),
        pytest.param("/etc/passwd", "passwd", id="absolute"),
        pytest.param("a\x00.jpg", "a.jpg", id="nul"),
        pytest.param("a\r\nb.jpg", "a b.jpg", id="line_end"),
        pytest.param("invoice\u202egpj.exe", "invoicegpj.exe", id="right_to_left"),
        pytest.param("\ufeffphoto.jpg", "photo.jpg", id="byte_order_mark"),
        pytest.param("photo.jpg. .", "photo.jpg", id="trailing_dots"),
        pytest.param("写真 👩\u200d🔧.jpg", "写真 👩\u200d🔧.jpg", id="emoji"),
        pytest.param("a" * 300 + ".jpg", "a" * 195 + "….jpg", id="too_long"),
        pytest.param("a" * 300, "a" * 200, id="too_long_without_extension"),
        pytest.param("." + "a" * 300, "." + "a" * 199, id="too_long_extension"),
        pytest.param("..", "file-3.jpg", id="only_dots"),
        pytest.param("../../", "file-3.jpg", id="only_a_path"),
        pytest.param("\u202e", "file-3.jpg", id="only_controls"),
        pytest.param("", "file-3.jpg", id="none"),
        pytest.param(".\u200b./x.jpg", "x.jpg", id="hidden_letter_in_the_path"),
    ],
)
def test_name_can_be_shown_when_the_sender_chose_this(name: str, expected: str) -> None:
    assert clean_name(name, "image/jpeg", 3, 200) == expected


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        pytest.param(b'Content-Disposition: attachment; filename="photo.jpg"', "photo.jpg", id="plain"),
        pytest.param(b"Content-Type: image/jpeg; name=photo.jpg", "photo.jpg", id="name_of_the_type"),
        pytest.param(b"Content-Disposition: attachment; filename*=utf-8''ph%C3%B6to.jpg", "phöto.jpg", id="rfc2231"),
        pytest.param(
            b"Content-Disposition: attachment; filename*0*=utf-8''ph%C3%B6; filename*1*=to.jpg",
            "phöto.jpg",
            id="continued",
        ),
        pytest.param(b"Content-Disposition: attachment; filename*=iso-8859-1''%E4.jpg", "ä.jpg", id="rfc2231_latin1"),
        pytest.param(
            b"Content-Disposition: attachment; filename*=nonsense''%E4.jpg", "ä.jpg", id="rfc2231_unknown_charset"
        ),
        pytest.param(
            b'Content-Disposition: attachment; filename="=?utf-8?Q?ph=C3=B6to.jpg?="', "phöto.jpg", id="rfc2047"
        ),
        pytest.param(
            b'Content-Disposition: attachment; filename="=?utf-8?B?Li4vLi4vYS5qcGc=?="', "a.jpg", id="encoded_path"
        ),
        pytest.param(b'Content-Disposition: attachment; filename="ph\xf6to.jpg"', "phöto.jpg", id="raw_latin1"),
        pytest.param('Content-Disposition: attachment; filename="phöto.jpg"'.encode(), "phöto.jpg", id="raw_utf8"),
        pytest.param(b"Content-Disposition: attachment; filename=my photo.jpg", "my photo.jpg", id="unquoted_blank"),
        pytest.param(b"Content-Disposition: attachment", "file-1.txt", id="no_name"),
        pytest.param(b"Content-Type: image/png", "file-1.png", id="picture_without_name"),
        pytest.param(b"Content-Disposition: attachment; filename*=a; filename*0=b", "file-1.txt", id="broken_pieces"),
    ],
)
def test_attachment_is_named_when_its_headers_say_this(headers: bytes, name: str) -> None:
    (file,) = read(headers + b"\r\n\r\ndata").attachments
    assert (file.name, file.content) == (name, b"data")


def test_attachment_keeps_what_was_claimed_when_it_is_read() -> None:
    headers = b"Content-Type: IMAGE/JPEG\r\nContent-ID: <p1@x>\r\nContent-Disposition: inline\r\n"
    (file,) = read(headers + b"Content-Transfer-Encoding: base64\r\n\r\nAAEC/w==").attachments
    assert (file.claimed_type, file.content, file.content_id, file.inline) == (
        "image/jpeg",
        b"\x00\x01\x02\xff",
        "p1@x",
        True,
    )
    assert (file.kind, file.named, file.size, file.is_empty) == (AttachmentKind.FILE, False, 4, False)


def test_attachment_is_listed_as_empty_when_nothing_is_in_it() -> None:
    (file,) = read(b"Content-Type: image/jpeg; name=a.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n").attachments
    assert file.is_empty


def test_forwarded_mail_is_one_file_and_gives_its_pictures_too_when_attached() -> None:
    inner = (
        b"Subject: y\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n--C\r\n\r\nwords\r\n"
        b"--C\r\nContent-Type: image/png; name=p.png\r\n\r\npng\r\n--C--"
    )
    message, picture = read(b"Content-Type: message/rfc822\r\n\r\n" + inner).attachments
    assert (message.name, message.kind, message.content) == ("file-1.eml", AttachmentKind.MESSAGE, inner)
    assert (picture.name, picture.content, picture.inside_message) == ("p.png", b"png", True)


def test_forwarded_mail_is_opened_when_wrapped_against_the_rules() -> None:
    headers = b"Content-Type: message/rfc822; name=old\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    (message,) = read(headers + b"U3ViamVjdDogeQ0KDQp3b3Jkcw==").attachments
    assert (message.name, message.content) == ("old.eml", b"Subject: y\r\n\r\nwords")


def test_winmail_is_kept_closed_and_said_so_when_outlook_wrapped_the_files() -> None:
    mail = read_mail(b"Subject: x\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\n\x78\x9f\x3e\x22")
    assert [(file.name, file.content) for file in mail.attachments] == [("winmail.dat", b"\x78\x9f\x3e\x22")]
    assert any(trouble.startswith("winmail.dat: Outlook wrapped") for trouble in mail.troubles)


def test_uuencoded_file_is_found_and_left_out_of_the_text_when_it_stands_in_it() -> None:
    mail = read_mail(b"Subject: x\r\n\r\nhello\r\nbegin 644 ../a.txt\r\n#86)C\r\n`\r\nend\r\nbye\r\n")
    assert [(file.name, file.content, file.kind) for file in mail.attachments] == [
        ("a.txt", b"abc", AttachmentKind.UUENCODED)
    ]
    assert mail.full_text == "hello\n\nbye"


def test_prose_is_no_file_when_it_begins_like_uuencoding() -> None:
    mail = read_mail(b"Subject: x\r\n\r\nbegin 644 the story\r\nOnce upon a time\r\nend\r\n")
    assert mail.attachments == ()


@pytest.mark.parametrize(
    "kind",
    [b"application/pgp-signature", b"application/pkcs7-signature", b"text/x-amp-html", b"message/delivery-status"],
)
def test_part_is_no_file_when_it_is_machinery_without_a_name(kind: bytes) -> None:
    assert read(b"Content-Type: " + kind + b"\r\n\r\ndata").attachments == ()


def test_broken_base64_is_decoded_as_far_as_it_goes_when_a_file_is_damaged() -> None:
    mail = read(b"Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC/")
    assert mail.attachments[0].content == b"\x00\x01\x02"
    assert mail.troubles == ("a.png: not what its transfer encoding says (base64)",)
