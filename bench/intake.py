"""How many mails a second one intake process stores, against a bare loop that does the least that storing can mean.

    DATABASE_URL=postgres://…/wd_bench python bench/intake.py [--mails 200] [--rounds 5] [--inside] [--profile]

Every mail carries a photo of 200 kB of its own. The floor parses the message with the standard parser, hashes it,
writes its bytes into one file, makes three inserts and commits. Three things the desk does are measured against it:

- stored: the message is kept, raw, with its fingerprint, identity and row, committed. From here on nothing can lose
  it, and any worker may read it. This is what a poller has to do before it lets go of a message.
- to its case: the whole of it as the poller does it, reading, matching, case, conversation, evidence, timeline,
  acknowledgement and the calls to the workers included. One process, and the child it reads in: a message is kept and
  its reading begun while the one before it becomes a case.
- a reply: the same of an answer to that acknowledgement, which joins the conversation of its case.

All use the same database and the same disk, in turns, and the median of the rounds counts. Works in a database of its
own beside the one of DATABASE_URL and removes it afterwards. With --inside it works in that database itself, which may
hold a million cases (`python -m bench fill`), compares replies with new mails, and takes its rows away again; nobody
else may write there meanwhile.
"""

import argparse
import cProfile
import datetime as dt
import hashlib
import os
import pstats
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from email.parser import BytesParser
from email.policy import default as default_policy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.letters import PHOTO_BYTES, mails, make_photos, replies, sell
from bench.table import Row, tell

if TYPE_CHECKING:
    from bench.guests import Guest

ROOT = Path(__file__).resolve().parent.parent
LEAST_RATIO = 0.5
LEAST_OF_REPLIES = 0.9


def main(arguments: Sequence[str] = ()) -> None:
    asked = _arguments(arguments)
    folder = Path(tempfile.mkdtemp(prefix="warrantydesk-bench-"))
    os.environ["DATA_DIR"] = str(folder)
    try:
        _set_up_django()
        from bench.guests import staying

        with nullcontext() if asked.inside else _database_of_its_own(), staying() as guest, _plain_tables():
            _measure(asked, folder, guest)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _database_of_its_own() -> Iterator[None]:
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=100, help="in each turn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--inside", action="store_true", help="in the database itself, and nothing stays of it")
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


def _measure(asked: argparse.Namespace, folder: Path, guest: "Guest") -> None:
    from cases.models import Case

    cases = Case.objects.count()
    sell()
    photos = make_photos()
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
            mark = f"{name.split()[-1]}-{turn + 1}"
            posted = replies(many, photos) if name == "reply" else mails(mark, many, photos)
            rate = _rate(store, posted, profile if name == "to its case" else None)
            if turn >= 0:  # the one before warms up
                rates[name].append(rate)
        _let_an_hour_pass(guest)
    _check(asked.mails * asked.rounds + 5, guest)
    _tell(rates, cases)
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


def _check(mails: int, guest: "Guest") -> None:
    """A figure counts only for work that was done: every mail kept, and a case with its photo and acknowledgement."""
    from cases.models import Case, Evidence, OutgoingMail
    from warrantydesk.intake.models import IncomingMail

    kept = guest.own(IncomingMail)
    done = (
        guest.own(Case).filter(state="evidence_review").count(),
        guest.own(Evidence).exclude(status="refused").count(),
        guest.own(OutgoingMail).filter(kind="acknowledgement").count(),
        kept.filter(outcome="case_opened").count(),
        kept.filter(outcome="reply_added").count(),
        kept.filter(outcome="", size__gt=PHOTO_BYTES).count(),
    )
    if done != (mails, 2 * mails, mails, mails, mails, mails):
        sys.exit(f"Of {mails} mails came {done} cases in review, files, acknowledgements, cases, replies, mails kept.")


def _let_an_hour_pass(guest: "Guest") -> None:
    """What is capped by the hour is counted over the mails of an hour, not over those of all turns."""
    from django.db.models import F

    from cases.models import OutgoingMail

    guest.own(OutgoingMail).update(created_at=F("created_at") - dt.timedelta(hours=25))


def _tell(rates: dict[str, list[float]], cases: int) -> None:
    where = f" among {cases:,} cases" if cases else ""
    floor = statistics.median(rates["floor"])
    print(f"intake      floor: {floor:.0f} mails a second with a photo of 200 kB each ({_range(rates['floor'])})")
    for name in ("stored", "to its case", "reply"):
        rate = statistics.median(rates[name])
        verdict = "within" if rate >= LEAST_RATIO * floor else "BELOW"
        figure, asked = f"{rate:.0f} a second, floor {floor:.0f}", f"≥ {LEAST_RATIO} × the bare loop"
        met = rate >= LEAST_RATIO * floor
        tell(Row("Background", f"intake, photo of 200 kB{where}: {name}", cases, figure, rate / floor, asked, met=met))
        print(
            f"intake      {name}: {rate:.0f} a second ({_range(rates[name])}), {rate / floor:.2f} of the floor, "
            f"{verdict} the {LEAST_RATIO} asked for"
        )
    _tell_of_replies(rates, cases, where)


def _tell_of_replies(rates: dict[str, list[float]], cases: int, where: str) -> None:
    new, reply = statistics.median(rates["to its case"]), statistics.median(rates["reply"])
    asked, met = f"≥ {LEAST_OF_REPLIES} × the rate of new mails", reply >= LEAST_OF_REPLIES * new
    figure = f"{reply:.0f} a second, new mails {new:.0f}"
    tell(Row("Background", f"intake{where}: replies beside new mails", cases, figure, reply / new, asked, met=met))
    print(f"intake      replies{where}: {reply / new:.2f} of the rate of new mails, {asked} asked for")


def _range(rates: list[float]) -> str:
    return f"{min(rates):.0f} to {max(rates):.0f}"


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

    from cases.waking import calling_together
    from warrantydesk.intake.ahead import beginning_ahead
    from warrantydesk.intake.services import finish, one_behind

    with calling_together(), beginning_ahead() as begin:
        for begun in one_behind(begin(raw, source="bench", now=timezone.now()) for raw in mails):
            finish(begun.result(), timezone.now())


@contextmanager
def _plain_tables() -> Iterator[None]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS bare_file, bare_case, bare_mail;"
            "CREATE TABLE bare_mail (id serial PRIMARY KEY, sha256 text UNIQUE, sender text, subject text, file text);"
            "CREATE TABLE bare_case (id bigserial PRIMARY KEY, mail int REFERENCES bare_mail, body text);"
            "CREATE TABLE bare_file (id bigserial PRIMARY KEY, mail int REFERENCES bare_mail, name text, size int)"
        )
        try:
            yield
        finally:
            cursor.execute("DROP TABLE bare_file, bare_case, bare_mail")


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
