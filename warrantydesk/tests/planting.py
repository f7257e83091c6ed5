"""A desk in which every text anybody can write, stranger, customer or colleague, is an attack.

A world with a row in every table is made by the services; then every column of text of every row is overwritten, past
all forms and cleaning: what keeps a page harmless is how it is written, whatever may ever have come in. A new table or
column is planted by itself; one that is no text of anybody stands in CODES with its reason.
"""

import json
import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from cases.actors import Actor
from cases.links import mint
from cases.models import (
    Absence,
    AssignmentRule,
    CannedReply,
    Case,
    CaseEvent,
    DeskCalendar,
    FileBasket,
    HeldFile,
    Holiday,
    QueueView,
    QuoteTemplate,
    QuoteTemplateLine,
    RightsNotice,
)
from cases.services import guarding, tagging, talking, uploading, workshop
from cases.tests.factories import CaseFactory, photo, quote, refused_file, staff
from products.models import (
    ColumnMapping,
    ImportProblem,
    ImportRun,
    PartVoid,
    PauseWindow,
    SaleCorrection,
    SerialChange,
    VoidReason,
)
from products.tests.factories import CustomerFactory, InvoiceFactory, parts_of
from shipments.models import CarrierHealth, TrackingHook
from shipments.tests.factories import OUT, ShipmentFactory
from warrantydesk.accounts.models import DeskSession
from warrantydesk.api.models import ApiToken, HookDelivery, HookEndpoint, HookEvent, IdempotentRequest, ShopHook
from warrantydesk.intake.models import MailboxState
from warrantydesk.intake.services import receive
from warrantydesk.portal.models import LinkRequest, RequestDraft
from warrantydesk.reports.kept import ExportJob, SavedFilter, Subscription, WeeklyMail

# Whatever runs calls this; nothing of ours is called so.
MARK = "xss8"
SHORT = (
    f"\"'><img src=x onerror={MARK}()>",
    f"javascript:{MARK}()",
    f"</title></script><svg onload={MARK}()>",
    f"' onmouseover={MARK}() x='",
    f"=1+{MARK}()",
    "<b>",
    "{{7*7}}",
)
BOLD = (
    f"\"'></textarea></script><script>{MARK}()</script><a href='javascript:{MARK}()'>x</a><img src=x onerror={MARK}()>"
)
PIECE = 1200
# Libraries' own; and the audit trail, which holds codes and which the database lets nobody change.
UNPLANTED_APPS = {"auth", "contenttypes", "sessions", "account", "mfa", "privacy", "audit"}
# Columns that hold a code, a hash, a key or a day in words of the program: a form lets nobody write into them.
CODES = re.compile(
    r"(language|currency|country|time_zone|submitted_zone|carrier|shop|layout|report|kind|state|from_state|to_state"
    r"|identity|sha256|fact|code|voids|voided_by|holder|lease_holder|stage|figures|key_hash|token_hash|session_key"
    r"|password|secret|old_secret|folder|header_print|fingerprint|source_print|order_key|said_at|content_type"
    r"|object_id|change_message|limit|key|begins_with|reference|case_reference|rfc_message_id|in_reply_to|references"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|verdict|resolution|reason_code|scopes|topics|topic"
    r"|done|part_ids|information_missing|review_reasons|snapshot|before|after|stumbled_uids|status|examples|mapping"
    r"|\w+_fold)"
)
# … but these of that name are words.
WORDS = {"products.SaleCorrection.reason", "api.ShopHook.topic", "api.IdempotentRequest.key"}


def read_lists(folder: Path) -> str:
    """Every body of the published lists, one after the other."""
    known = re.findall(r'"payload":\s*("(?:[^"\\]|\\.)*")', (folder / "dompurify/test/fixtures/expect.mjs").read_text())
    told = [json.loads(one) for one in known]
    told += [one.read_text().partition("\n--\n")[0] for one in sorted((folder / "bleach/tests/data").glob("*.test"))]
    assert len(told) > 200, "these are not the lists we know"
    # A NUL is in none of our tables: the doors refuse it or take it out, and PostgreSQL would not keep it.
    return "\n".join(told).replace("\0", "")


class Planted:
    """The world: its case with all that hangs on it, and what the walk needs to know of it."""

    def __init__(self, lists: str, file_names: list[str]) -> None:
        self.boss = staff("manager", is_superuser=True, is_staff=True)
        self.case = _a_whole_life(self.boss, file_names)
        _beside_it(self.case, self.boss)
        pieces = cycle(lists[at : at + PIECE] for at in range(0, len(lists), PIECE))
        short = cycle(SHORT)
        self.columns = {name for model in planted_models() for name in _plant(model, pieces, short)}
        self.case = Case.objects.get(pk=self.case.pk)


def planted_models() -> list[type[models.Model]]:
    """Every table with text of somebody in it."""
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label not in UNPLANTED_APPS
        and any(_is_text(model, column) for column in model._meta.concrete_fields)
    ]


def _plant(model: type[models.Model], pieces: Iterator[str], short: Iterator[str]) -> Iterator[str]:
    columns = [one for one in model._meta.concrete_fields if _is_text(model, one)]
    for row in model._base_manager.order_by("pk")[:12] if columns else ():
        values = {one.name: _attack(one, row, pieces, short) for one in columns}
        try:
            with transaction.atomic():
                model._base_manager.filter(pk=row.pk).update(**values)
        except IntegrityError:  # an empty word means something here ("no goodwill"): only what is there is replaced
            values = {name: value for name, value in values.items() if getattr(row, name)}
            model._base_manager.filter(pk=row.pk).update(**values)
        yield from (f"{model._meta.label}.{name}" for name in values)


def _is_text(model: type[models.Model], column: Any) -> bool:
    if isinstance(column, models.FileField) or column.choices or column.primary_key:
        return False
    name = f"{model._meta.label}.{column.name}"
    if not isinstance(column, (models.CharField, models.TextField, models.JSONField)):
        return False
    return name in WORDS or not CODES.fullmatch(column.name)


def _attack(column: Any, row: Any, pieces: Iterator[str], short: Iterator[str]) -> Any:
    if isinstance(column, models.JSONField):
        return _leaves(getattr(row, column.name), short)
    if column.max_length is None or column.max_length >= PIECE:
        return (BOLD + next(pieces))[: column.max_length]
    if isinstance(column, models.URLField):
        return SHORT[1]
    own = str(row.pk) if column.unique or column.name in ("number", "name", "serial", "email") else ""
    said = f"{own}{next(short)}"
    return said if len(said) <= column.max_length else f"{own}<b>"[: column.max_length]


def _leaves(value: Any, short: Iterator[str]) -> Any:
    """Words become attacks; codes, days and numbers stay."""
    if isinstance(value, list):
        return [_leaves(one, short) for one in value]
    if isinstance(value, dict):
        return {key: _leaves(one, short) for key, one in value.items()}
    return next(short) if isinstance(value, str) and not re.fullmatch(r"[\w:.+-]*", value) else value


def _a_whole_life(boss: Actor, file_names: list[str]) -> Case:
    """A case with everything: denied and covered parts, files of hostile names, a quote, a parcel, words, a repair."""
    now, invoice = timezone.now(), InvoiceFactory()
    files = [
        *(photo(number, name=name.replace("\0", "")[:200]) for number, name in enumerate(file_names)),
        refused_file("<b>.exe"),
    ]
    case = CaseFactory(
        customer=invoice.customer, parts=parts_of(invoice)[:1], files=files, state="in_repair", acknowledge=True
    )
    _workshop(case, boss)
    talking.add_note(case.pk, text="A note", actor=boss, now=now)
    talking.write_to_customer(case.pk, text="Words", actor=boss, now=now)
    talking.receive_message(case.pk, text="Words", actor=Actor.customer(), now=now)
    tagging.tag_case(case.pk, name="Tag", actor=boss, now=now)
    guarding.note_trouble(case.evidence.order_by("pk").first().pk, "missing", now=now)
    ShipmentFactory(case=case, events=OUT, tracking_number="1Z999AA10123456784")
    begun = {"name": "a.jpg", "claimed_type": "image/jpeg", "size": 100_000}
    uploading.begin_upload(case.pk, key="a-key-of-its-own", actor=Actor.customer(), now=now, **begun)
    quote(CaseFactory(customer=invoice.customer, state="approved"))
    CaseFactory(customer=invoice.customer, state="denied")
    CaseEvent.objects.create(case=case, at=now, kind="details", name="described", actor_kind="system", why="Why")
    return case


def _workshop(case: Case, boss: Actor) -> None:
    claim, now = case.claimed_parts.get(), timezone.now()
    workshop.report_repair(claim.pk, found="Dust", done="Blown out", measured="1 V", test="passed", actor=boss, now=now)
    workshop.use_part(claim.pk, article=claim.part.product.sku, actor=boss, now=now)


def _beside_it(case: Case, boss: Actor) -> None:
    """A row of everything else somebody can write into."""
    now, person, part = timezone.now(), boss.user, case.claimed_parts.get().part
    raw = b"From: Eve <eve@example.com>\nSubject: hello\nMessage-ID: <a@b>\nContent-Type: text/html\n\n" + BOLD.encode()
    receive(raw, source="test", now=now)
    mint(case, "portal", case.customer.email, None, now)
    LogEntry.objects.create(user=person, action_flag=2, object_repr="x", object_id=case.pk)
    Holiday.objects.create(calendar=DeskCalendar.objects.first(), on=now.date(), name="x")
    QueueView.objects.create(owner=person, name="x", asked="view=all")
    Absence.objects.create(person=person, first_on=now.date(), last_on=now.date(), note="x")
    AssignmentRule.objects.create(product=part.product, person=person)
    CannedReply.objects.create(title="x", text="x")
    RightsNotice.objects.create(language="en", text="x")
    template = QuoteTemplate.objects.create(name="x", currency="EUR")
    QuoteTemplateLine.objects.create(template=template, kind="repair", description="x", amount=1)
    SaleCorrection.objects.create(invoice=part.unit.line.invoice, actor=person, at=now, what="bill", reason="x")
    PauseWindow.objects.filter(part=part).update(reason="x")
    SerialChange.objects.create(part=part, changed_at=now, old_serial="x", new_serial="y")
    PartVoid.objects.create(part=part, voided_at=now, voided_by=person, reason=VoidReason.objects.first(), note="x")
    run = ImportRun.objects.create(
        kind="invoices", name="x.csv", status="failed", created_at=now, problem="x", header=["a name", "a day"],
        notes=["a note"], finished_at=now, created_by=person,
    )  # fmt: skip
    ImportProblem.objects.create(run=run, position=1, reason="x", cells=[["a cell", "= a cell"]])
    ColumnMapping.objects.create(kind="invoices", header_print="x", header=["a name"], used_at=now)
    TrackingHook.objects.create(carrier="ups", sha256="0" * 64, body=BOLD.encode(), received_at=now, proved=False)
    CarrierHealth.objects.update_or_create(carrier="ups", defaults={"last_problem": "x"})
    DeskSession.objects.create(user=person, session_key="x", since=now, seen_at=now, network="x", browser="x")
    basket = FileBasket.objects.create(created_at=now)
    HeldFile.objects.create(basket=basket, name="x.jpg", size=1, received_at=now)
    MailboxState.objects.create(name="x", problem="x")
    LinkRequest.objects.create(reference="x", address="x@example.com", asked_at=now)
    RequestDraft.objects.create(created_at=now, touched_at=now, description="x", basket=basket)
    SavedFilter.objects.create(user=person, report="overview", name="x", query="from=2025-01-01", created_at=now)
    ExportJob.objects.create(user=person, report="overview", kind="csv", language="en", created_at=now, problem="x")
    Subscription.objects.create(user=person, since=now)
    WeeklyMail.objects.create(user=person, monday=now.date(), problem="x", created_at=now, not_before=now)
    token = ApiToken.objects.create(user=person, name="x", token_hash="x", begins_with="x", created_at=now)
    IdempotentRequest.objects.create(token=token, key="x", fingerprint="x", created_at=now)
    ShopHook.objects.create(topic="orders/paid", sha256="0" * 64, body=BOLD.encode(), received_at=now, problem="x")
    endpoint = HookEndpoint.objects.create(url="https://other.example/", secret="x")
    event = HookEvent.objects.create(source="case:0", topic="case.opened", at=now, data={"case": "a word"})
    HookDelivery.objects.create(endpoint=endpoint, event=event, next_try_at=now, last_problem="x")
    CustomerFactory(email="somebody@example.com")
