"""Every verb is lived once, through the door people use, and leaves its entry; nobody's words or data get in."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

import cases.services
from cases.actors import Actor
from cases.evidence.storage import store_file
from cases.models import CaseEvent, Tag
from cases.services import deciding
from cases.tests.factories import CaseFactory, StaffFactory, staff
from cases.tests.shelf import use_folder
from cases.tests.test_services_timeline import GIVEN_BY_CALLER, live_a_little, promised
from products.admin.keeping import KeptAdmin
from products.errors import Refused
from products.models import ImportRun, PauseWindow
from products.services import correct_invoice_date, lift_void, replace_part, void_part
from products.tests.factories import CustomerFactory, InvoiceFactory, ProductFactory, parts_of
from shipments.services import confirm_pause, withdraw_pause
from warrantydesk.accounts.models import DeskSession, User
from warrantydesk.api.models import ApiToken
from warrantydesk.api.tests.conftest import caller_for
from warrantydesk.api.tokens import make_token, revoke_token
from warrantydesk.audit.facts import KEPT
from warrantydesk.audit.tests.trail import mark, written_since
from warrantydesk.audit.verbs import OWN, WORDS, verb_of
from warrantydesk.faces.limits import take
from warrantydesk.faces.models import LimitCount
from warrantydesk.portal.tests.door import let_in
from warrantydesk.privacy.erasing import erase_customer
from warrantydesk.sales.tasks import run_imports

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
PROOF = {"kind": "note"}


class World:
    """A manager, an administrator who is a superuser, a colleague, and a case with a file; each at a browser."""

    def __init__(self) -> None:
        self.manager, self.root = StaffFactory(role="manager"), StaffFactory(role="administrator", is_superuser=True)
        self.rita = User.objects.create_user("rita@positron.example", PASSWORD, name="Rita")
        self.desk, self.office = Client(REMOTE_ADDR="192.0.2.7"), Client(REMOTE_ADDR="192.0.2.8")
        self.desk.force_login(self.manager)
        self.office.force_login(self.root)
        file = store_file("receipt.pdf", "application/pdf", b"%PDF-1.4\n%%EOF", limit_bytes=1000)
        self.case = CaseFactory(files=[file], customer=CustomerFactory(email="ada@example.com", name="Ada Lovelace"))
        self.parts = parts_of(InvoiceFactory(products=[ProductFactory(category="motor")]))
        self.evidence = self.case.evidence.get().pk
        self.by = Actor.staff(self.manager)
        self.rita_confirmed = Client()

    def sign_in(self, **given: str) -> Client:
        client = Client(REMOTE_ADDR="192.0.2.9")
        client.post("/desk/login/", {"username": self.rita.email, "password": PASSWORD, **given})
        return client

    def opens(self, path: str, client: Client | None = None, **headers: str) -> None:
        answer = (client or self.desk).get(path, headers=headers)
        assert answer.status_code in (200, 206), (path, answer.status_code)
        answer.getvalue()  # which closes the file

    def posts(self, path: str, data: Any = None, client: Client | None = None) -> None:
        answer = (client or self.office).post(path, data or {})
        assert answer.status_code in (200, 302, 303), (path, answer.status_code)

    def pause(self, verb: Callable[..., Any], **more: Any) -> None:
        part, left = self.parts[0].pk, self.parts[0].starts_on + dt.timedelta(days=30)
        verb([part], left_on=left, reason="She said so", actor=self.by, now=timezone.now(), **more)

    def account(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self.rita, name, value)
        self.rita.save()

    def confirmed(self) -> Client:
        """Rita at a browser that has just been asked for her password again, as before a second factor is touched."""
        client = self.sign_in()
        self.posts(reverse("account_reauthenticate"), {"password": PASSWORD}, client)
        return client

    def tries_import(self) -> ImportRun:
        ProductFactory(sku="BOARD")
        text = "number,issued_on,sku,quantity\nR-1,2025-03-03,BOARD,2\nR-2,2025-03-03,NONE,1\n"
        file = SimpleUploadedFile("sales.csv", text.encode(), "text/csv")
        self.posts("/desk/sales/imports/upload/", {"file": file, "kind": "invoices", "layout": "auto"}, self.desk)
        run_imports()
        return ImportRun.objects.latest("pk")

    def does_import(self, what: str) -> None:
        self.posts(f"/desk/sales/imports/{ImportRun.objects.latest('pk').pk}/{what}/", client=self.desk)


def _end_a_session(world: World) -> None:
    DeskSession.objects.filter(user=world.rita).delete()
    client, elsewhere = world.sign_in(), world.sign_in()
    assert elsewhere.get("/desk/account/").status_code == 200
    other = DeskSession.objects.exclude(session_key=client.session.session_key).get(user=world.rita)
    world.posts(f"/desk/account/sessions/{other.pk}/end/", client=client)


def _open_proof(world: World) -> None:
    world.pause(confirm_pause, back_on=None, proof=PROOF)
    key = default_storage.save("proof/slip", ContentFile(b"slip"))
    PauseWindow.objects.update(proof_file=key)
    world.opens(f"/desk/pauses/{PauseWindow.objects.get().pk}/proof/")


def _dismiss_mail(world: World) -> None:
    from warrantydesk.intake.services import receive
    from warrantydesk.intake.settling import dismiss

    raw = b"From: x@example.org\r\nTo: warranty@positron.example\r\nSubject: Hi\r\n\r\nHello"
    dismiss(receive(raw, source="x", now=NOW).incoming.pk, why="A newsletter", actor=world.by, now=NOW)


def _set_up_factor(world: World) -> None:
    client = world.confirmed()
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    world.posts(reverse("mfa_activate_totp"), {"code": code}, client)
    world.rita_confirmed = client


def _mistype_code(world: World) -> None:
    totp = TOTP.activate(world.rita, generate_totp_secret())
    world.sign_in().post(reverse("mfa_authenticate"), {"code": "000000"})
    totp.instance.delete()


def _import_in_admin(world: World) -> None:
    file = SimpleUploadedFile("replies.csv", b"title,language,text,is_active\nThanks,en,Thank you.,1\n", "text/csv")
    page = world.office.post("/admin/cases/cannedreply/import/", {"import_file": file, "format": "0"})
    assert "confirm_form" in page.context, page.context["form"].errors
    world.posts("/admin/cases/cannedreply/process_import/", page.context["confirm_form"].initial)


def _erase(world: World) -> None:
    deciding.withdraw(world.case.pk, why="", reason="withdrawn", actor=world.by, now=timezone.now())
    erase_customer("ada@example.com", actor=world.by, now=timezone.now())


def _lift_a_limit(world: World) -> None:
    take("api", "somebody", now=timezone.now())
    world.posts(reverse("lift_limit", args=[LimitCount.objects.latest("pk").pk]))


def _tag(world: World) -> None:
    world.posts("/admin/cases/tag/add/", {"name": "Batch 12", "tone": "info"})


LIVED: dict[str, Callable[[World], Any]] = {
    "account.logged_in": lambda world: world.sign_in(),
    "account.logged_out": lambda world: world.sign_in().post("/desk/logout/"),
    "account.login_failed": lambda world: world.sign_in(password="wrong"),
    "account.code_refused": _mistype_code,
    "account.factor_added": _set_up_factor,
    "account.factor_removed": lambda world: world.posts(reverse("mfa_deactivate_totp"), client=world.rita_confirmed),
    "account.session_ended": _end_a_session,
    "account.made": lambda world: StaffFactory(),
    "account.changed": lambda world: world.account(is_staff=False),
    "account.password_set": lambda world: (world.rita.set_password("another long one"), world.rita.save()),
    "account.role_given": lambda world: world.rita.groups.add(Group.objects.get(name="reviewer")),
    "account.role_taken": lambda world: world.rita.groups.clear(),
    "token.made": lambda world: make_token(world.manager, name="x", scopes=["cases:read"], now=NOW),
    "token.revoked": lambda world: revoke_token(ApiToken.objects.latest("pk"), NOW),
    "evidence.opened": lambda world: world.opens(
        f"/desk/cases/{world.case.reference}/files/{world.case.evidence.get().pk}/original/"
    ),
    "evidence.proof_opened": _open_proof,
    "export.report": lambda world: world.posts("/desk/reports/overview/files/", {"kind": "csv"}),
    "export.cases": lambda world: world.opens("/desk/reports/overview/cases/states/evidence_review/?as=csv"),
    "export.customer": lambda world: world.posts("/desk/privacy/export/", {"email": "ada@example.com"}, world.desk),
    "export.my_data": lambda world: world.opens("/status/my-data/?as=file", let_in(world.case)),
    "export.rejected_rows": lambda world: world.opens(f"/desk/sales/imports/{world.tries_import().pk}/rejected/"),
    "export.admin": lambda world: world.posts("/admin/products/product/export/", {"format": "0"}),
    "export.audit": lambda world: world.opens("/desk/audit/export/?what=case.*&object=" + world.case.reference),
    "part.voided": lambda world: void_part(
        world.parts[0].pk, reason_code="improper_use", case_reference="", actor=world.manager, now=NOW
    ),
    "part.void_lifted": lambda world: lift_void(world.parts[0].pk, why="Not so", actor=world.manager, now=NOW),
    "part.replaced_piece": lambda world: replace_part(
        world.parts[0].pk, new_serial="SN-77", case_reference="", actor=world.manager, now=NOW
    ),
    "sale.corrected": lambda world: correct_invoice_date(
        world.parts[0].unit.line.invoice_id, issued_on=dt.date(2025, 6, 1), reason="A slip", actor=world.manager,
        now=NOW,
    ),
    "pause.confirmed": lambda world: world.pause(confirm_pause, back_on=None, proof=PROOF),
    "pause.withdrawn": lambda world: world.pause(withdraw_pause),
    "import.taken": lambda world: world.does_import("take"),
    "import.undone": lambda world: (run_imports(), world.does_import("undo")),
    "mail.dismissed": _dismiss_mail,
    "limit.lifted": _lift_a_limit,
    "admin.added": _tag,
    "admin.changed": lambda world: world.posts(
        f"/admin/cases/tag/{Tag.objects.get(name='Batch 12').pk}/change/", {"name": "Batch 13", "tone": "info"}
    ),
    "admin.deleted": lambda world: world.posts(
        f"/admin/cases/tag/{Tag.objects.get(name='Batch 13').pk}/delete/", {"post": "yes"}
    ),
    "admin.imported": _import_in_admin,
    "customer.erased": _erase,
}  # fmt: skip


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    use_folder(settings, tmp_path / "files")
    return World()


def test_every_verb_is_lived_and_leaves_its_entry_with_nothing_of_anybodys(world: World) -> None:
    assert set(LIVED) == set(OWN)
    begin = mark()
    for verb, live in LIVED.items():
        before = mark()
        live(world)
        assert verb in {entry.verb for entry in written_since(before)}, f"{verb} left no entry"
    told = {entry.verb: entry for entry in written_since(begin)}
    shown = {
        verb: (one.who, one.person, one.network, one.kind, one.facts)
        for verb, one in told.items()
        if verb in ("account.login_failed", "evidence.opened", "account.changed", "customer.erased", "export.my_data")
    }
    rita, manager = world.rita.pk, world.manager.pk
    assert shown == {
        "account.login_failed": ("nobody", rita, "192.0.2.9", "user", {}),
        "account.changed": (
            "system", None, "", "user",
            {"fields": ["is_staff"], "before": {"is_staff": True}, "after": {"is_staff": False}},
        ),
        "evidence.opened": (
            "staff", manager, "192.0.2.7", "case", {"evidence": world.evidence, "which": "original"},
        ),
        "export.my_data": ("customer", None, "", "case", {}),
        "customer.erased": ("staff", manager, "", "customer", {"cases": 1, "files": 1}),
    }  # fmt: skip
    assert [one.network for one in told.values() if one.who in ("customer", "system")].count("") == len(
        [one for one in told.values() if one.who in ("customer", "system")]
    )
    assert _traces("ada@example.com", "lovelace", "rita@", "she said", "newsletter", "receipt.pdf") == []


def _traces(*words: str) -> list[str]:
    """Whatever is to be read of these anywhere in the trail, however it is stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM audit_auditentry")
        return [str(row) for row in cursor.fetchall() if any(word in str(row).casefold() for word in words)]


def test_everything_staff_do_to_a_case_and_every_transition_is_on_record() -> None:
    before = mark()
    live_a_little(staff("support"), staff("reviewer"))
    entries = [entry for entry in written_since(before) if entry.kind == "case"]
    events = [
        event
        for event in CaseEvent.objects.order_by("pk")
        if event.actor_kind == "staff"
        or (event.kind == "transition" and (event.actor_kind, event.name) != ("system", "begin_review"))
        or event.name in ("answered", "erased")
    ]
    assert [(one.verb, one.object_id, one.person) for one in entries] == [
        (verb_of(event.kind, event.name), event.case_id, event.actor_id) for event in events
    ]
    assert {one.verb for one in entries} <= set(WORDS)
    approved = next(one for one in entries if one.verb == "case.approve")
    assert (approved.facts["from"], approved.facts["to"]) == ("evidence_review", "approved")
    assert approved.facts["claims"][0]["verdict"] == "covered"


# Keys of the timeline that the trail does not keep.
LEFT_OUT = {
    "zone": "tells where a customer lives", "source": "of mails and their senders", "label": "words of the catalogue",
}  # fmt: skip


def test_every_key_of_the_timeline_is_kept_or_left_out_for_a_reason() -> None:
    keys = {key for row in promised().values() for key in row} - {GIVEN_BY_CALLER}
    assert keys - KEPT == set(LEFT_OUT) - {"label"}
    assert {verb_of(*row) for row in promised() if row[0] != "shipment"} <= set(WORDS)
    assert cases.services.__doc__


# Whose own verb does.
PUT_THEMSELVES_ON_RECORD = ["api.ApiTokenAdmin"]


def test_admin_pages_that_change_something_put_it_on_record() -> None:
    request = RequestFactory().get("/admin/")
    request.user = User(pk=1, is_superuser=True)
    doors = ("has_add_permission", "has_change_permission", "has_delete_permission")
    forgetful = [
        str(page)
        for page in admin.site._registry.values()
        if not isinstance(page, KeptAdmin) and any(getattr(page, door)(request) for door in doors)
    ]
    assert forgetful == PUT_THEMSELVES_ON_RECORD


def test_token_is_told_beside_the_account_it_acts_for() -> None:
    caller, case = caller_for("reviewer"), CaseFactory()
    before = mark()
    assert caller.post(f"cases/{case.reference}/messages/", {"text": "Hm.", "kind": "note"}).status_code in (200, 201)
    told = [entry for entry in written_since(before) if entry.verb.startswith("message.")]
    token = ApiToken.objects.get()
    assert [(one.who, one.person, one.token) for one in told] == [("token", token.user_id, token.pk)]


def test_video_is_opened_once_however_many_pieces_a_player_asks_for(world: World) -> None:
    before, address = mark(), f"/desk/cases/{world.case.reference}/files/{world.evidence}/original/"
    for wanted in ("bytes=0-3", "bytes=4-7", "bytes=8-"):
        world.opens(address, Range=wanted)
    world.desk.head(address).getvalue()
    assert [entry.verb for entry in written_since(before)] == ["evidence.opened"]


def test_deed_that_is_taken_back_leaves_no_entry() -> None:
    before = mark()
    with pytest.raises(Refused):
        lift_void(parts_of(InvoiceFactory())[0].pk, why="No void", actor=StaffFactory(), now=NOW)
    assert [entry.verb for entry in written_since(before) if entry.verb.startswith("part.")] == []
