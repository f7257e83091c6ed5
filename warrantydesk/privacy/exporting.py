"""Everything held about one customer, to hand over at their request: one JSON, and the files beside it."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.models import Evidence
from cases.services.guarding import ERASE
from products.auditing import by_person, put_on_record
from products.errors import Refused
from products.models import Customer
from warrantydesk.intake.models import IncomingMail
from warrantydesk.privacy.erasing import find_customer
from warrantydesk.privacy.held import TABLES


def export_customer(email: str, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """What every table holds, by table. Refused where nobody has this address. Internal notes are told too: they are
    about the person."""
    actor.require(ERASE)
    customer = find_customer(email)
    if customer is None:
        raise Refused(_("We know nobody with this address."), field="email", code="unknown")
    put_on_record("export.customer", "customer", customer.pk, **by_person(actor.user))
    held = {one.model: list(one.rows(customer).order_by("pk").values(*one.facts)) for one in TABLES}
    return {
        "email": customer.email,
        "exported_at": now,
        "held": held,
        "files": [key for key, _name in _files(customer)],
    }


def as_json(exported: dict[str, Any]) -> str:
    return json.dumps(exported, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def as_zip(exported: dict[str, Any]) -> bytes:
    """The JSON and every file, under names that say what they are."""
    customer = find_customer(exported["email"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("data.json", as_json(exported))
        for key, name in _files(customer) if customer else ():
            if default_storage.exists(key):
                with default_storage.open(key, "rb") as file:
                    folder.writestr(f"files/{name}", file.read())
    return packed.getvalue()


def _files(customer: Customer) -> Iterator[tuple[str, str]]:
    for evidence in Evidence.objects.filter(case__customer=customer).exclude(original="").order_by("pk"):
        yield str(evidence.original.name), f"{evidence.pk}-{evidence.name.replace('/', '_')}"
    # Held mail too, which belongs to no case yet but came from this address.
    mails = next(held for held in TABLES if held.model == IncomingMail._meta.label).rows(customer)
    for mail in mails.exclude(raw="").order_by("pk"):
        yield str(mail.raw.name), f"mail-{mail.pk}.eml"
