"""Mails to test with, as bytes."""

from email.message import EmailMessage
from io import BytesIO

from PIL import Image


def picture(colour: str = "teal") -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


def mail(
    text: str = "Invoice number: INV-2024-00123\nSerial number: SN-AB12-9988\nThe hinge broke.\n",
    *,
    subject: str = "[Warranty Request] hinge broken",
    sender: str = "Ada Kunde <ada@example.com>",
    to: str = "warranty@positron.example",
    message_id: str = "<p1@example.com>",
    files: dict[str, bytes] | None = None,
    **headers: str,
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    if message_id:
        message["Message-ID"] = message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    for name, content in (files or {}).items():
        message.add_attachment(content, maintype="image", subtype="jpeg", filename=name)
    return message.as_bytes()
