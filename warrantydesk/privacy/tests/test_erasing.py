"""A customer who asked to be forgotten is found nowhere; what the warranty needs is still there."""

import datetime as dt
import io
import json
import zipfile
from email.message import EmailMessage
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils import timezone

from cases.actors import Actor
from cases.models import Case, CaseEvent, Evidence, OutgoingMail
from cases.services import deciding, talking
from cases.tests.factories import CaseFactory, StaffFactory, lead_to, staff
from products.clock_check import differing_clocks
from products.errors import Refused
from products.models import CoveredPart, Customer
from products.services import CustomerData, InvoiceData, LineData, UnitData, register_invoice
from products.tests.factories import CustomerFactory, ProductFactory
from shipments.models import TrackingEvent, TrackingHook
from shipments.tests.factories import OUT, ShipmentFactory, scan
from warrantydesk.intake.services import receive
from warrantydesk.portal.models import RequestDraft
from warrantydesk.portal.tests.door import let_in, picture
from warrantydesk.privacy import erasing
from warrantydesk.privacy.erasing import erase_customer
from warrantydesk.privacy.exporting import as_zip, export_customer
from warrantydesk.privacy.held import NOBODYS, STAYING, TABLES
from warrantydesk.privacy.words import MARK

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL, NAME, STREET = "ottilie.wurzelsepp@example.com", "Ottilie Wurzelsepp", "Krummgasse 17b"
TRACES = (EMAIL.casefold(), NAME.casefold(), "ottilie", "wurzelsepp", "krummgasse")
RECEIVED = dt.datetime(2025, 11, 5, 9, 30, tzinfo=dt.UTC)
SYSTEM = Actor.system()


@pytest.fixture
def files(settings, tmp_path) -> Any:
    options = {"location": tmp_path / "files", "base_url": None}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return tmp_path / "files"


@pytest.fixture
def ottilie(files: Any) -> Customer:
    """A whole life with us: bought, wrote, sent files, was answered, noted about, denied, shipped to."""
    product = ProductFactory(name="Door hinge")
    buyer = CustomerData(email=EMAIL, name=NAME, country="DE", address=f"{STREET}\n12345 Berlin")
    lines = [LineData(product.sku, units=[UnitData("SN-AB12-9988")])]
    register_invoice(InvoiceData(number="INV-2024-00123", issued_on=dt.date(2025, 3, 3), customer=buyer, lines=lines))
    case = receive(_mail(), source="/home/ottilie/mail.eml", now=RECEIVED).case
    assert case is not None
    let_in(case).post("/status/message/", {"text": f"Please call me, {NAME}"})
    let_in(case).post("/status/photos/", {"photos": [picture("ottilie at home.jpg")]})
    reviewer = staff("reviewer")
    talking.add_note(case.pk, text=f"{NAME} was rude on the phone.", actor=reviewer, now=RECEIVED)
    talking.write_to_customer(case.pk, text=f"Dear {NAME}", enclosed=[], actor=reviewer, now=RECEIVED)
    lead_to(Case.objects.get(pk=case.pk), "denied", reviewer=reviewer)
    told = (
        scan("picked_up", "2025-11-12T10:00", place=STREET, text=f"Handed over by {NAME}", raw={"by": NAME}),
        OUT[1],
    )
    parcel = ShipmentFactory(case=case, events=told, tracking_number="1Z999AA10123456784")
    TrackingHook.objects.create(
        carrier="ups", sha256="0" * 64, proved=True, received_at=RECEIVED,
        body=f'{{"number": "{parcel.tracking_number}", "signed": "{NAME}"}}'.encode(),
    )  # fmt: skip
    receive(_mail(subject="no prefix", message_id="<2@example.com>"), source="x", now=RECEIVED)
    RequestDraft.objects.create(created_at=RECEIVED, touched_at=RECEIVED, name=NAME, email=EMAIL, description="again")
    LogEntry.objects.create(user=StaffFactory(), action_flag=2, object_repr=f"{NAME} {EMAIL}")
    # Somebody else's case, in which a colleague mentions her.
    other = CaseFactory(customer=CustomerFactory(email="karl@example.com"))
    talking.add_note(other.pk, text=f"Like the one of {EMAIL.upper()} ({NAME})", actor=reviewer, now=RECEIVED)
    return Customer.objects.get(email=EMAIL)


def _mail(subject: str = "[Warranty Request] INV-2024-00123", message_id: str = "<1@example.com>") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"{NAME} <{EMAIL}>", "warranty@positron.example", subject
    mail["Message-ID"] = message_id
    mail.set_content(f"Serial SN-AB12-9988. The hinge broke.\n\n{NAME}\n{STREET}")
    mail.add_attachment(picture().read(), maintype="image", subtype="jpeg", filename="ottilie.jpg")
    return mail.as_bytes()


def traces_in_rows() -> list[str]:
    """Every column of every table in which something of her is still to be read, however it is stored."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found += [f"{table}.{name}: {value!r}" for name, value in zip(names, row, strict=True) if _tells(value)]
    return found


def _tells(value: Any) -> bool:
    raw = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
    text = raw.decode("utf-8", "replace").casefold()
    return any(trace in text for trace in TRACES)


def traces_in_files(folder: Any) -> list[str]:
    return [
        str(one) for one in folder.rglob("*") if one.is_file() and (_tells(one.read_bytes()) or "ottilie" in one.name)
    ]


def test_erased_customer_is_found_nowhere(ottilie: Customer, files: Any):
    assert len({row.partition(".")[0] for row in traces_in_rows()}) > 8  # or this test looks at nothing
    assert traces_in_files(files)
    erased = erase_customer(EMAIL.upper(), actor=SYSTEM, now=timezone.now())
    assert traces_in_rows() == []
    assert traces_in_files(files) == []
    assert erased.customer_id == ottilie.pk
    assert (erased.cases, erased.files) == (1, 4)
    assert not list(files.rglob("*.eml"))


def test_facts_of_the_warranty_stay(ottilie: Customer):
    part = CoveredPart.objects.get(serial="SN-AB12-9988")
    before = CoveredPart.objects.values().get(pk=part.pk)
    case = Case.objects.get(customer=ottilie)
    events = CaseEvent.objects.filter(case=case).count()
    erase_customer(EMAIL, actor=SYSTEM, now=timezone.now())
    assert CoveredPart.objects.values().get(pk=part.pk) == before
    after = Case.objects.get(pk=case.pk)
    assert (after.reference, after.state, after.customer_id) == (case.reference, "denied", ottilie.pk)
    assert CaseEvent.objects.filter(case=case).count() == events + 1
    assert TrackingEvent.objects.filter(shipment__case=case).count() == 2
    assert all(sha for sha in Evidence.objects.filter(case=case).values_list("sha256", flat=True))
    assert not [difference for chunk in differing_clocks() for difference in chunk.differences]


def test_desk_shows_the_erased_case_and_the_customer_gets_in_no_more(ottilie: Customer, client):
    case = Case.objects.get(customer=ottilie)
    inside = let_in(case)
    erase_customer(EMAIL, actor=SYSTEM, now=timezone.now())
    assert inside.get("/status/").status_code == 404
    client.force_login(StaffFactory(role="manager"))
    assert client.get(f"/desk/cases/{case.reference}/").status_code == 200


def test_other_peoples_words_stay_but_for_her_name(ottilie: Customer):
    erase_customer(EMAIL, actor=SYSTEM, now=timezone.now())
    note = Case.objects.get(customer__email="karl@example.com").messages.get(direction="note")
    assert note.text == f"Like the one of {MARK} ({MARK})"


def test_erasing_again_finds_nobody(ottilie: Customer):
    erase_customer(EMAIL, actor=SYSTEM, now=timezone.now())
    with pytest.raises(Refused):
        erase_customer(EMAIL, actor=SYSTEM, now=timezone.now())


def test_open_case_keeps_a_customer_from_being_erased(files: Any):
    case = CaseFactory(customer=CustomerFactory(email=EMAIL))
    with pytest.raises(Refused, match=case.reference):
        erase_customer(EMAIL, actor=SYSTEM, now=timezone.now())
    deciding.withdraw(case.pk, why="", reason="withdrawn", actor=staff("support"), now=timezone.now())
    assert erase_customer(EMAIL, actor=SYSTEM, now=timezone.now()).cases == 1


@pytest.mark.parametrize("role", ["viewer", "support", "reviewer", "administrator"])
def test_only_managers_erase_and_export(ottilie: Customer, role: str):
    for verb in (erase_customer, export_customer):
        with pytest.raises(Refused):
            verb(EMAIL, actor=staff(role), now=timezone.now())


def test_export_tells_everything_and_packs_the_files(ottilie: Customer):
    exported = export_customer(EMAIL, actor=staff("manager"), now=timezone.now())
    assert exported["held"]["products.Customer"][0]["address"].startswith(STREET)
    assert any("rude" in message["text"] for message in exported["held"]["cases.Message"])
    with zipfile.ZipFile(io.BytesIO(as_zip(exported))) as packed:
        assert json.loads(packed.read("data.json"))["email"] == EMAIL
        assert sum(name.endswith(".eml") for name in packed.namelist()) == 2  # the request, and the mail that is held
        assert len(packed.namelist()) == 1 + len(exported["files"])


def test_commands_speak_json_and_refuse_with_a_sentence(ottilie: Customer, capsys):
    call_command("export_customer", EMAIL)
    assert json.loads(capsys.readouterr().out)["email"] == EMAIL
    call_command("erase_customer", EMAIL)
    assert json.loads(capsys.readouterr().out)["cases"] == 1
    for command in ("export_customer", "erase_customer"):
        with pytest.raises(CommandError, match="know nobody") as refused:
            call_command(command, EMAIL)
        assert refused.value.returncode == 1


def test_mail_of_an_erased_customer_is_not_sent(ottilie: Customer):
    erase_customer(EMAIL, actor=SYSTEM, now=timezone.now())
    assert not OutgoingMail.objects.filter(status="queued").exclude(to_address="karl@example.com").exists()


TEXTS = (models.CharField, models.TextField, models.JSONField, models.FileField)


def test_every_table_with_text_is_accounted_for():
    """A new table is either somebody's, with its line in TABLES, or nobody's, with its reason in NOBODYS."""
    not_ours = ("admin", "auth", "contenttypes", "sessions", "account", "mfa")
    known = {held.model for held in TABLES} | set(NOBODYS)
    found = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label not in not_ours and any(isinstance(one, TEXTS) for one in model._meta.concrete_fields)
    }
    assert not found - known, "say in warrantydesk/privacy/held.py what these hold of a customer"
    assert not known - found, "warrantydesk/privacy/held.py names tables there are not"


def test_every_column_with_text_is_emptied_or_stays_on_purpose():
    """A new column of a customer's row is among its words, or among STAYING."""
    for held in (one for one in TABLES if not one.deleted):
        written = {one.name for one in held.table._meta.concrete_fields if isinstance(one, TEXTS)}
        choices = {one.name for one in held.table._meta.concrete_fields if one.choices}
        staying = set(STAYING.get(held.model, "").split())
        assert not staying & set(held.words), held.model
        assert not (set(held.words) | staying) - written, f"{held.model} has no such column"
        unsaid = written - choices - set(held.words) - staying
        assert not unsaid, f"say in warrantydesk/privacy/held.py what becomes of these of {held.model}"


# Words that an erasure empties and an export does not tell, each with its reason.
UNTOLD = {
    "cases.OutgoingMail": {"in_reply_to", "references", "problem", "bounce_reason"},  # of mail servers
    "shipments.TrackingEvent": {"raw"},  # the same scan as the carrier wrote it; place and text are told
    "shipments.RepairShipment": {"look_problem"},  # of the carrier's interface
}


def test_what_an_erasure_empties_an_export_tells():
    for held in TABLES:
        untold = set(held.words) - set(held.facts)
        assert untold == UNTOLD.get(held.model, set()), f"{held.model} in warrantydesk/privacy/held.py: its facts"


def test_neighbours_and_namesakes_keep_what_is_theirs(files: Any):
    """An address inside a longer one, a name inside a longer one, and somebody of the very same name."""
    for email, name in (
        ("an@example.com", "Anna Schmidt"),
        ("joan@example.com", "Johanna Schmidt"),
        ("a.s@example.org", "anna schmidt"),
    ):
        CustomerFactory(email=email, name=name)
    case = CaseFactory(customer=Customer.objects.get(email="joan@example.com"))
    talking.add_note(case.pk, text="joan@example.com, not an@example.com", actor=staff("reviewer"), now=RECEIVED)
    erase_customer("an@example.com", actor=SYSTEM, now=timezone.now())
    left = set(Customer.objects.values_list("email", "name"))
    assert {("joan@example.com", "Johanna Schmidt"), ("a.s@example.org", "anna schmidt"), ("", "")} <= left
    assert case.messages.get(direction="note").text == f"joan@example.com, not {MARK}"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (f"{'x' * 90} {EMAIL} {'x' * 90}", True),  # cut in two by the pieces
        (f"{'ü' * 45} {NAME} {'x' * 9}", True),
        (f"{'x' * 300} jo.{EMAIL} {'x' * 300}", False),
        ("PK\x03\x04 packed", True),
        ("", False),
    ],
    ids=["address_cut", "name_cut", "somebody_else", "packed", "empty"],
)
def test_long_import_is_read_piece_by_piece(monkeypatch, content: str, named: bool):
    monkeypatch.setattr(erasing, "PIECE", 100)
    monkeypatch.setattr(erasing, "OVERLAP", 40)
    assert erasing._stream_names(io.BytesIO(content.encode()), [EMAIL, NAME]) == named
