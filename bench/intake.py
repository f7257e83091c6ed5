"""How many mails a second one intake process stores, against a bare loop that does the least that storing can mean.

    DATABASE_URL=postgres://…/wd_bench python bench/intake.py [--mails 200] [--rounds 5] [--profile]

Every mail carries a photo of 200 kB of its own. The floor parses the message with the standard parser, hashes it,
writes its bytes into one file, makes three inserts and commits. Three things the desk does are measured against it:

- stored: the message is kept, raw, with its fingerprint, identity and row, committed. From here on nothing can lose
  it, and any worker may read it. This is what a poller has to do before it lets go of a message.
- to its case: the whole of it as the poller does it, reading, matching, case, conversation, evidence, timeline,
  acknowledgement and the calls to the workers included. One process, and the child it reads in: a message is kept and
  its reading begun, then the one before it becomes a case.
- a reply: the same of an answer to that acknowledgement, which joins the conversation of its case.

All use the same database and the same disk, in turns, and the median of the rounds counts. Works in a database of its
own beside the one of DATABASE_URL and removes it afterwards.
"""

import argparse
import cProfile
import datetime as dt
import hashlib
import os
import pstats
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as default_policy
from io import BytesIO
from pathlib import Path
from typing import Any

from bench.table import Row, tell

ROOT = Path(__file__).resolve().parent.parent
PHOTO_BYTES = 200_000
LEAST_RATIO = 0.5
AT = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)
NUMBER, SERIAL = "INV-2025-00001", "SN-AB12-0001"


def main(arguments: Sequence[str] = ()) -> None:
    asked = _arguments(arguments)
    folder = Path(tempfile.mkdtemp(prefix="warrantydesk-bench-"))
    os.environ["DATA_DIR"] = str(folder)
    try:
        _set_up_django()
        from django.db import connection

        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            _measure(asked, folder)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
    finally:
        shutil.rmtree(folder)


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=100, help="in each turn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="where the desk spends its time")
    return parser.parse_args(given)


def _set_up_django() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warrantydesk.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    if connection.vendor != "postgresql":
        sys.exit("DATABASE_URL must name a PostgreSQL database.")
    settings.DEBUG = False
    # What is capped costs less: every mail of this run is to be acknowledged.
    settings.MAIL_CAP_PER_ADDRESS_DAY = settings.MAIL_CAP_PER_DOMAIN_HOUR = settings.MAIL_CAP_PER_HOUR = 10**9


def _measure(asked: argparse.Namespace, folder: Path) -> None:
    _sell()
    _make_plain_tables()
    photos = _photos()
    stores = {
        "floor": _one_by_one(_floor_in(folder / "floor")),
        "stored": _one_by_one(_keep()),
        "to its case": _receive_all,
        "reply": _receive_all,
    }
    rates: dict[str, list[float]] = {name: [] for name in stores}
    profile = cProfile.Profile() if asked.profile else None
    for turn in range(-1, asked.rounds):
        for name, store in stores.items():
            many = asked.mails if turn >= 0 else 5
            mails = (
                _replies(many, photos) if name == "reply" else _mails(f"{name.split()[-1]}-{turn + 1}", many, photos)
            )
            rate = _rate(store, mails, profile if name == "to its case" else None)
            if turn >= 0:  # the one before warms up
                rates[name].append(rate)
        _let_an_hour_pass()
    _check(asked.mails * asked.rounds + 5)
    _tell(rates)
    if profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)


def _rate(store: Callable[[list[bytes]], None], mails: list[bytes], profile: cProfile.Profile | None = None) -> float:
    """Messages a second."""
    if profile:
        profile.enable()
    began = time.perf_counter()
    store(mails)
    took = time.perf_counter() - began
    if profile:
        profile.disable()
    return len(mails) / took


def _check(mails: int) -> None:
    """A figure counts only for work that was done: every mail kept, and a case with its photo and acknowledgement."""
    from cases.models import Case, Evidence, OutgoingMail
    from warrantydesk.intake.models import IncomingMail

    done = (
        Case.objects.filter(state="evidence_review").count(),
        Evidence.objects.exclude(status="refused").count(),
        OutgoingMail.objects.filter(kind="acknowledgement").count(),
        IncomingMail.objects.filter(outcome="case_opened").count(),
        IncomingMail.objects.filter(outcome="reply_added").count(),
        IncomingMail.objects.filter(outcome="", size__gt=PHOTO_BYTES).count(),
    )
    if done != (mails, 2 * mails, mails, mails, mails, mails):
        sys.exit(f"Of {mails} mails came {done} cases in review, files, acknowledgements, cases, replies, mails kept.")


def _let_an_hour_pass() -> None:
    """What is capped by the hour is counted over the mails of an hour, not over those of all turns."""
    from django.db.models import F

    from cases.models import OutgoingMail

    OutgoingMail.objects.update(created_at=F("created_at") - dt.timedelta(hours=25))


def _tell(rates: dict[str, list[float]]) -> None:
    floor = statistics.median(rates["floor"])
    print(f"intake      floor: {floor:.0f} mails a second with a photo of 200 kB each ({_range(rates['floor'])})")
    for name in ("stored", "to its case", "reply"):
        rate = statistics.median(rates[name])
        verdict = "within" if rate >= LEAST_RATIO * floor else "BELOW"
        figure, asked = f"{rate:.0f} a second, floor {floor:.0f}", f"≥ {LEAST_RATIO} × the bare loop"
        met = rate >= LEAST_RATIO * floor
        tell(Row("Background", f"intake, photo of 200 kB: {name}", 0, figure, rate / floor, asked, met=met))
        print(
            f"intake      {name}: {rate:.0f} a second ({_range(rates[name])}), {rate / floor:.2f} of the floor, "
            f"{verdict} the {LEAST_RATIO} asked for"
        )


def _range(rates: list[float]) -> str:
    return f"{min(rates):.0f} to {max(rates):.0f}"


# ── the mails ────────────────────────────────────────────────────────────────────────────────────────────────────


def _sell() -> None:
    from products.models import Product
    from products.services import CustomerData, InvoiceData, LineData, UnitData, register_invoice

    product = Product.objects.create(sku="BENCH", name="Door hinge")
    customer = CustomerData(email="holder@example.com", name="Holder", country="DE")
    line = LineData(product.sku, units=[UnitData(SERIAL)])
    register_invoice(InvoiceData(number=NUMBER, issued_on=dt.date(2025, 6, 1), customer=customer, lines=[line]))


def _photos() -> list[bytes]:
    """Pictures of chance, which no packer makes smaller; a few, each made its own by bytes behind the picture."""
    from PIL import Image

    made = []
    for _ in range(4):
        out = BytesIO()
        Image.frombytes("RGB", (256, 256), secrets.token_bytes(256 * 256 * 3)).save(out, "JPEG", quality=90)
        made.append(out.getvalue())
    return made


def _mails(mark: str, many: int, photos: list[bytes]) -> list[bytes]:
    return [_mail(f"{mark}-{number}", photos[number % len(photos)]) for number in range(many)]


def _replies(many: int, photos: list[bytes]) -> list[bytes]:
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


# ── what stores them ─────────────────────────────────────────────────────────────────────────────────────────────


def _keep() -> Callable[[bytes], Any]:
    from django.utils import timezone

    from warrantydesk.intake.keeping import keep_mail

    return lambda raw: keep_mail(raw, source="bench", now=timezone.now())


def _one_by_one(store: Callable[[bytes], Any]) -> Callable[[list[bytes]], None]:
    def store_all(mails: list[bytes]) -> None:
        for raw in mails:
            store(raw)

    return store_all


def _receive_all(mails: list[bytes]) -> None:
    from django.utils import timezone

    from warrantydesk.intake.services import begin, finish, one_behind

    for begun in one_behind(begin(raw, source="bench", now=timezone.now()) for raw in mails):
        finish(begun, timezone.now())


def _make_plain_tables() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bare_mail (id serial PRIMARY KEY, sha256 text UNIQUE, sender text, subject text, file text);"
            "CREATE TABLE bare_case (id bigserial PRIMARY KEY, mail int REFERENCES bare_mail, body text);"
            "CREATE TABLE bare_file (id bigserial PRIMARY KEY, mail int REFERENCES bare_mail, name text, size int)"
        )


def _floor_in(folder: Path) -> Callable[[bytes], None]:
    from django.db import connection

    folder.mkdir()
    plain = connection.connection  # psycopg itself: no layer of ours or Django's
    parser = BytesParser(policy=default_policy)

    def store(raw: bytes) -> None:
        message = parser.parsebytes(raw)
        digest = hashlib.sha256(raw).hexdigest()
        file = folder / digest
        file.write_bytes(raw)
        (photo,) = message.iter_attachments()
        body = message.get_body().get_content()
        with plain.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "INSERT INTO bare_mail (sha256, sender, subject, file) VALUES (%s, %s, %s, %s) RETURNING id",
                [digest, str(message["From"]), str(message["Subject"]), str(file)],
            )
            (mail,) = cursor.fetchone()
            cursor.execute("INSERT INTO bare_case (mail, body) VALUES (%s, %s)", [mail, body])
            cursor.execute(
                "INSERT INTO bare_file (mail, name, size) VALUES (%s, %s, %s)",
                [mail, photo.get_filename(), len(photo.get_content())],
            )
            cursor.execute("COMMIT")

    return store


if __name__ == "__main__":
    main(sys.argv[1:])
