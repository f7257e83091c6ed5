"""The mails of the intake's bench: requests and replies, each with a photo of its own, about one thing sold."""

import datetime as dt
import secrets
from email.message import EmailMessage
from io import BytesIO

PHOTO_BYTES = 200_000
NUMBER, SERIAL = "INV-2025-BENCH-1", "SN-BENCH-0001"


def sell() -> None:
    from products.models import Product
    from products.services import CustomerData, InvoiceData, LineData, UnitData, register_invoice

    product = Product.objects.create(sku="BENCH", name="Door hinge")
    customer = CustomerData(email="holder@example.com", name="Holder", country="DE")
    line = LineData(product.sku, units=[UnitData(SERIAL)])
    register_invoice(InvoiceData(number=NUMBER, issued_on=dt.date(2025, 6, 1), customer=customer, lines=[line]))


def make_photos() -> list[bytes]:
    """Pictures of chance, which no packer makes smaller; a few, each made its own by bytes behind the picture."""
    from PIL import Image

    made = []
    for _ in range(4):
        out = BytesIO()
        Image.frombytes("RGB", (256, 256), secrets.token_bytes(256 * 256 * 3)).save(out, "JPEG", quality=90)
        made.append(out.getvalue())
    return made


def mails(mark: str, many: int, photos: list[bytes]) -> list[bytes]:
    return [_mail(f"{mark}-{number}", photos[number % len(photos)]) for number in range(many)]


def replies(many: int, photos: list[bytes]) -> list[bytes]:
    """An answer to each of the latest acknowledgements, from the address it went to."""
    from cases.models import OutgoingMail

    sent = OutgoingMail.objects.order_by("-pk").values_list("to_address", "rfc_message_id")[:many]
    return [_reply(address, ours, photos[number % len(photos)]) for number, (address, ours) in enumerate(sent)]


def _reply(address: str, ours: str, photo: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = f"Ada Kunde <{address}>", "warranty@positron.example"
    message["Subject"], message["Message-ID"] = "Re: your request", f"<answer-{ours[1:]}"
    message["In-Reply-To"] = message["References"] = ours
    message.set_content("Hello,\n\nhere is one more picture of the broken hinge, from the other side.\n\nAda\n")
    return _with_photo(message, photo)


def _mail(mark: str, photo: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = f"Ada Kunde <ada@{mark}.example.com>", "warranty@positron.example"
    message["Subject"], message["Message-ID"] = "[Warranty Request] hinge broken", f"<{mark}@example.com>"
    message.set_content(
        f"Hello,\n\nthe hinge of my printer broke after two weeks.\nInvoice number: {NUMBER}\nSerial number: {SERIAL}\n"
        "It happened while printing; the enclosure was closed, and nothing fell on it.\n\nKind regards\nAda\n"
    )
    return _with_photo(message, photo)


def _with_photo(message: EmailMessage, photo: bytes) -> bytes:
    own = photo + secrets.token_bytes(max(0, PHOTO_BYTES - len(photo)))
    message.add_attachment(own[:PHOTO_BYTES], maintype="image", subtype="jpeg", filename="hinge.jpg")
    return message.as_bytes()
