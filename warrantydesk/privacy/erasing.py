"""Forgetting a customer, at their request: everything about the person goes, the facts of the warranty stay.

Files leave the storage once the rows are committed. What other people wrote about them goes too: at the end every
column of text in the house is swept for the address, and for the name where it can only mean this person (words.py).
Run again it finds nothing left to do.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.evidence.storage import delete_once_committed
from cases.models import Case, HeldFile, OutgoingMail, UploadedPiece
from cases.models.case import OPEN_STATES
from cases.services.guarding import ERASE, erase_evidence
from products.auditing import by_person, put_on_record
from products.errors import Refused
from products.models import Customer, ImportProblem, ImportRun, PauseWindow
from shipments.models import RepairShipment, TrackingEvent, TrackingHook
from warrantydesk.api.models import ShopHook
from warrantydesk.privacy.held import TABLES, Held
from warrantydesk.privacy.words import MARK, holds, is_telling, without

log = logging.getLogger(__name__)
# The trail holds nothing of anybody's (warrantydesk/audit/facts.py), and is nobody's to change.
_NOT_SWEPT = {"sessions", "contenttypes", "auth", "account", "mfa", "accounts", "audit"}
PIECE, OVERLAP = 1024 * 1024, 4096
_IDENTITIES = (Customer,)  # each row is somebody: the erased one's was emptied, and the others are not ours to touch


@dataclass(frozen=True)
class Erased:
    """What went: cases emptied, files taken away, rows by table."""

    customer_id: int
    cases: int
    files: int
    rows: dict[str, int]


def find_customer(email: str) -> Customer | None:
    return Customer.objects.filter(email__iexact=email.strip()).exclude(email="").first()


def erase_customer(email: str, *, actor: Actor, now: datetime) -> Erased:
    """Forget whoever has this address. Refused where nobody has it, and while a case of theirs is open."""
    actor.require(ERASE)
    with transaction.atomic():
        customer = _locked(email)
        cases = list(Case.objects.filter(customer=customer).order_by("pk"))
        files = sum(erase_evidence(case.pk, why="", actor=actor, now=now) for case in cases)
        OutgoingMail.objects.filter(case__in=cases, status=OutgoingMail.Status.QUEUED).update(
            status=OutgoingMail.Status.CANCELLED
        )
        keys = list(_loose_files(customer))
        _forget_loose_files(customer)
        rows = {held.model: _emptied(held, customer) for held in TABLES if held.deleted or held.words}
        _sweep(_words(customer))
        delete_once_committed(keys)
        facts = {"cases": len(cases), "files": files + len(keys)}
        put_on_record("customer.erased", "customer", customer.pk, facts=facts, **by_person(actor.user))
    log.info("customer %s was erased: %s cases, %s files", customer.pk, len(cases), files + len(keys))
    return Erased(customer.pk, len(cases), files + len(keys), {model: count for model, count in rows.items() if count})


def _locked(email: str) -> Customer:
    found = find_customer(email)
    if found is None:
        raise Refused(_("We know nobody with this address."), field="email", code="unknown")
    customer = Customer.objects.select_for_update().get(pk=found.pk)
    still_open = Case.objects.filter(customer=customer, state__in=OPEN_STATES).values_list("reference", flat=True)
    if still_open:
        raise Refused(
            _("Finish or withdraw first: %(cases)s.") % {"cases": ", ".join(still_open)}, field="email", code="open"
        )
    return customer


def _emptied(held: Held, customer: Customer) -> int:
    """Rows emptied or deleted, found before the address that finds them is gone."""
    rows = held.rows(customer)
    if held.deleted:
        return rows.delete()[1].get(held.model, 0)
    for name, left in held.words.items():
        # Only where something stands: an empty word means something, too ("no goodwill").
        filled = rows if left is dict else rows.exclude(**{name: ""})
        filled.update(**{name: left() if left is dict else left})
    return rows.count() if held.model != "products.Customer" else 1


# ── Files that hang on no evidence ───────────────────────────────────────────────────────────────────────────────────


def _loose_files(customer: Customer) -> Iterator[str]:
    """Raw mails, drafts, proofs of scans and pauses, and import files that name the customer."""
    for held in TABLES:
        for one in held.table._meta.concrete_fields:
            if isinstance(one, models.FileField) and held.model != "cases.Evidence":
                yield from filter(None, held.rows(customer).values_list(one.name, flat=True))
    scans = TrackingEvent.objects.filter(shipment__case__customer=customer, raw__has_key="proof_file")
    yield from (raw["proof_file"]["key"] for raw in scans.values_list("raw", flat=True))
    baskets = _baskets(customer)
    yield from filter(None, HeldFile.objects.filter(basket__in=baskets).values_list("key", flat=True))
    yield from UploadedPiece.objects.filter(upload__basket__in=baskets).values_list("key", flat=True)
    yield from (str(run.file.name) for run in _runs_naming(customer))


def _forget_loose_files(customer: Customer) -> None:
    baskets = list(_baskets(customer))
    apps.get_model("cases.FileBasket")._default_manager.filter(pk__in=baskets).delete()
    # What tracking proves is scans; what staff stated is words and papers.
    stated = PauseWindow.objects.filter(part__unit__line__invoice__customer=customer, source=PauseWindow.Source.STAFF)
    stated.update(proof={}, proof_file="")
    for run in _runs_naming(customer):
        ImportRun.objects.filter(pk=run.pk).update(file="")
    _forget_hooks(customer)
    _forget_orders(customer)
    _forget_cells(customer)
    _forget_log(customer)


def _baskets(customer: Customer) -> list[int]:
    drafts = next(held for held in TABLES if held.model == "portal.RequestDraft").rows(customer)
    return list(drafts.exclude(basket=None).values_list("basket", flat=True))


def _runs_naming(customer: Customer) -> list[ImportRun]:
    """Imports whose file, kept to look at, has the customer in it."""
    words = _words(customer)
    return [run for run in ImportRun.objects.exclude(file="") if _file_holds(str(run.file.name), words)]


def _file_holds(key: str, words: list[str]) -> bool:
    try:
        with default_storage.open(key, "rb") as file:
            return _stream_names(file, words)
    except FileNotFoundError:
        return False


def _stream_names(file: IO[bytes], words: list[str]) -> bool:
    """Whether one of the words stands in the file, read piece by piece: an import may be larger than memory."""
    before = b""
    while piece := file.read(PIECE):
        # What is packed (a spreadsheet) cannot be read over here: it goes, as it may hold anybody.
        if not before and piece[:2] == b"PK":
            return True
        # Pieces overlap by more than any word is long, so that none is cut in two unseen. One that begins in the
        # overlap may look like the end of a longer one: such a file goes too, which is the safe side.
        if _names(before + piece, words):
            return True
        before = piece[-OVERLAP:]
    return False


def _forget_hooks(customer: Customer) -> None:
    """What carriers posted about the customer's parcels; kept for days only, and not needed once read."""
    numbers = RepairShipment.objects.filter(case__customer=customer).values_list("tracking_number", flat=True)
    wanted = [number.encode() for number in numbers if number]
    for hook in TrackingHook.objects.iterator(chunk_size=200) if wanted else ():
        if any(number in bytes(hook.body) for number in wanted):
            hook.delete()


def _forget_orders(customer: Customer) -> None:
    """What the shop posted about the customer's orders, as it came."""
    words = _words(customer)
    for hook in ShopHook.objects.iterator(chunk_size=200):
        if _names(bytes(hook.body), words):
            hook.delete()


def _forget_cells(customer: Customer) -> None:
    words = _words(customer)
    for problem in ImportProblem.objects.iterator(chunk_size=500):
        if any(holds(str(cell), word) for cell in problem.cells for word in words):
            ImportProblem.objects.filter(pk=problem.pk).update(cells=[])


def _forget_log(customer: Customer) -> None:
    """What the admin noted of its own doings, where it names the customer."""
    for word in _words(customer):
        named = LogEntry.objects.filter(Q(object_repr__icontains=word) | Q(change_message__icontains=word))
        for entry in named:
            if holds(entry.object_repr, word) or holds(entry.change_message, word):
                LogEntry.objects.filter(pk=entry.pk).update(object_repr=MARK, change_message="")


def _words(customer: Customer) -> list[str]:
    """What means this customer wherever it stands: the address, and a telling name that nobody else bears."""
    name = customer.name.strip()
    namesakes = Customer.objects.filter(name__iexact=name).exclude(pk=customer.pk)
    return [customer.email, *([name] if is_telling(name) and not namesakes.exists() else [])]


def _names(content: bytes, words: list[str]) -> bool:
    text = content.decode("utf-8", "replace")
    return any(holds(text, word) for word in words)


# ── The last sweep ───────────────────────────────────────────────────────────────────────────────────────────────────


def _sweep(words: list[str]) -> None:
    """Take the address and the name out of every sentence anybody wrote anywhere."""
    for word in words:
        for model in apps.get_models():
            if model._meta.app_label not in _NOT_SWEPT and not model._meta.proxy and model not in _IDENTITIES:
                _sweep_table(model, word)


def _sweep_table(model: type[models.Model], word: str) -> None:
    for column in model._meta.concrete_fields:
        if isinstance(column, (models.TextField, models.CharField)) and not column.choices and not column.unique:
            for pk, text in model._base_manager.filter(**{f"{column.name}__icontains": word}).values_list(
                "pk", column.name
            ):
                model._base_manager.filter(pk=pk).update(**{column.name: without(text, word)})
        elif isinstance(column, models.JSONField):
            _sweep_json(model, column.name, word)


def _sweep_json(model: type[models.Model], name: str, word: str) -> None:
    asked = model._base_manager.annotate(swept=models.functions.Cast(name, models.TextField()))
    # JSON writes letters beyond ASCII as escapes on some databases, so both spellings are looked for.
    escaped = word.encode("ascii", "backslashreplace").decode()
    for pk, value in asked.filter(Q(swept__icontains=word) | Q(swept__icontains=escaped)).values_list("pk", name):
        model._base_manager.filter(pk=pk).update(**{name: _swept(value, word)})


def _swept(value: Any, word: str) -> Any:
    if isinstance(value, str):
        return without(value, word)
    if isinstance(value, list):
        return [_swept(one, word) for one in value]
    return {key: _swept(one, word) for key, one in value.items()} if isinstance(value, dict) else value
