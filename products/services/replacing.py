"""A free replacement takes over the place and the clock of the part it replaces (policy 1.7)."""

import datetime as dt

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from products.auditing import by_person, put_on_record
from products.errors import Refused
from products.identifiers import fold_identifier, normalise_identifier
from products.models import CoveredPart, SerialChange
from products.services.checking import checked_serial
from products.services.clocks import locked_part


def replace_part(
    part_id: int, *, new_serial: str, case_reference: str, actor: AbstractBaseUser | None, now: dt.datetime
) -> SerialChange:
    """Note that another piece sits in this place now; the clock, its pauses and its end stay what they were.

    Refused where a part tracked singly gets no serial, the one it has already, or one that a part of the same
    article carries at this moment: two pieces with one serial could never be told apart again.
    """
    serial = checked_serial(new_serial, "new_serial")
    with transaction.atomic():
        part = locked_part(part_id)
        _check_serial(part, serial)
        change = SerialChange.objects.create(
            part=part,
            old_serial=part.serial,
            new_serial=serial,
            changed_at=now,
            changed_by_id=actor.pk if actor else None,
            case_reference=case_reference,
        )
        part.serial = serial
        part.save(update_fields=["serial", "serial_fold"])
        facts = {"serial_change": change.pk, "case": case_reference}
        put_on_record("part.replaced_piece", "part", part.pk, facts=facts, **by_person(actor))
    return change


def _check_serial(part: CoveredPart, serial: str) -> None:
    if not serial:
        if not part.is_lot:
            raise _refused(_("%(part)s is tracked by itself: the serial number of the new piece is needed."), part)
        return
    if normalise_identifier(serial) == normalise_identifier(part.serial):
        raise _refused(_("%(part)s has this serial number already. Give that of the new piece."), part)
    if _is_taken(part, serial):
        raise _refused(_("Another %(part)s carries this serial number. Read the label again."), part)


def _is_taken(part: CoveredPart, serial: str) -> bool:
    others = CoveredPart.objects.filter(serial_fold=fold_identifier(serial), product=part.product).exclude(pk=part.pk)
    return any(
        normalise_identifier(taken) == normalise_identifier(serial)
        for taken in others.exclude(serial_fold="").values_list("serial", flat=True)
    )


def _refused(sentence: str, part: CoveredPart) -> Refused:
    return Refused(sentence % {"part": part.label}, field="new_serial", code="serial")
