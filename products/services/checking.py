"""Refusing what the database could not keep, in words, before anything is written."""

import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import CharField, Model, TextField
from django.utils.translation import gettext as _
from django_countries import countries
from django_countries.fields import CountryField

from products.errors import NotPermitted, Refused
from products.identifiers import normalise_identifier
from products.models import Invoice


@dataclass(frozen=True)
class ShopsWord:
    """The shop that sold something speaks about its own order: it may correct what it said before, and nothing else."""

    name: str = "shop"
    pk: None = None
    email: str = ""

    def has_perm(self, permission: str) -> bool:
        return permission == "products.change_invoice"

    def __str__(self) -> str:
        return self.name


Corrector = AbstractBaseUser | ShopsWord

SERIAL_LENGTH = 60  # of the columns `serial` and `serial_fold`
_LINE_BREAKS = "\n\r\t"


def checked_serial(written: str, field: str) -> str:
    """The serial number without the blanks around it; '' is none. Refused where nobody could ever find it again."""
    serial = written.strip()
    if not serial:
        return ""
    _refuse_unwritable(serial, field, allowed="")
    folded = normalise_identifier(serial)
    if not folded:
        raise Refused(
            _("%(field)s: “%(serial)s” has no letter or digit. Leave it empty where there is no serial number.")
            % {"field": field, "serial": serial},
            field=field,
            code="serial_empty",
        )
    # Folding may lengthen: one full-width ligature can become several plain letters.
    if max(len(serial), len(folded)) > SERIAL_LENGTH:
        raise Refused(
            _("%(field)s: a serial number has at most %(most)d characters.") % {"field": field, "most": SERIAL_LENGTH},
            field=field,
            code="serial_too_long",
        )
    return serial


def refuse_own_purchase(invoice: Invoice, actor: Corrector) -> None:
    """Nobody decides about their own purchase (contracts: Roles)."""
    own, theirs = str(getattr(actor, "email", "")).strip().lower(), invoice.customer.email.strip().lower()
    if own and own == theirs:
        raise NotPermitted(_("This is your own purchase: a colleague has to do it."), code="own_purchase")


def check_fields(row: Model, *, but: Collection[str] = (), where: str = "") -> None:
    """Refused for the first field that is too long, malformed or holds characters no database keeps. No queries
    where foreign keys are named in `but`."""
    for name, value in _texts(row):
        _refuse_unwritable(value, where + name, allowed=_LINE_BREAKS)
    # The field itself would go through the names of all countries, in the reader's language, for every row.
    known = {
        field.name for field in row._meta.concrete_fields if isinstance(field, CountryField) and _is_country(row, field)
    }
    try:
        row.clean_fields(exclude=set(but) | known)
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise Refused(f"{where}{name}: {messages[0]}", field=where + name, code="invalid") from None


def _is_country(row: Model, field: Any) -> bool:
    return str(getattr(row, field.attname) or "") in _country_codes()


@cache
def _country_codes() -> frozenset[str]:
    """Those of ISO 3166, and none."""
    return frozenset(countries.countries) | {""}


def _texts(row: Model) -> Iterator[tuple[str, str]]:
    for field in row._meta.concrete_fields:
        if isinstance(field, CharField | TextField):
            yield field.name, str(getattr(row, field.attname) or "")


def _refuse_unwritable(text: str, field: str, *, allowed: str) -> None:
    # NUL breaks PostgreSQL, half a surrogate pair breaks both databases, and the others only hide things.
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in allowed for char in text):
        raise Refused(
            _("%(field)s: contains characters that cannot be kept (control characters).") % {"field": field},
            field=field,
            code="unwritable",
        )
