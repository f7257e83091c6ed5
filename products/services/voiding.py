"""Ending the cover of one part for a reason of the policy, and lifting that again (policy 1.8 and 3.4)."""

import datetime as dt

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from products.auditing import by_person, put_on_record
from products.errors import Refused
from products.models import CoveredPart, PartVoid, Product, VoidReason
from products.services.clocks import locked_part


def void_part(
    part_id: int,
    *,
    reason_code: str,
    case_reference: str,
    actor: AbstractBaseUser | None,
    now: dt.datetime,
    note: str = "",
) -> PartVoid:
    """End the cover of this part and of no other; its dates stay (policy 1.8).

    Refused where the reason is unknown or no void reason, is one for motors and the part was sold as something else,
    or the part is void already.
    """
    with transaction.atomic():
        part = locked_part(part_id)
        reason = _reason_for(part, reason_code)
        if part.is_voided or part.voids.filter(lifted_at__isnull=True).exists():
            raise Refused(_("%(part)s is void already.") % {"part": part.label}, field="part", code="already_void")
        void = PartVoid.objects.create(
            part=part,
            reason=reason,
            case_reference=case_reference,
            note=note.strip(),
            voided_at=now,
            voided_by_id=actor.pk if actor else None,
        )
        part.voided_at = now
        part.save(update_fields=["voided_at"])
        put_on_record(
            "part.voided", "part", part.pk, facts={"reason": reason_code, "case": case_reference}, **by_person(actor)
        )
    return void


def lift_void(part_id: int, *, why: str, actor: AbstractBaseUser | None, now: dt.datetime) -> PartVoid:
    """Take the void in force back; its row stays, with who lifted it and why. Refused without a reason or a void."""
    if not why.strip():
        raise Refused(_("Lifting a void needs a reason."), field="why", code="reason_missing")
    with transaction.atomic():
        part = locked_part(part_id)
        void = part.voids.select_related("reason").filter(lifted_at__isnull=True).first()
        if void is None:
            raise Refused(_("%(part)s is not void.") % {"part": part.label}, field="part", code="not_void")
        void.lifted_at, void.lifted_by_id, void.lift_reason = now, actor.pk if actor else None, why.strip()
        void.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        part.voided_at = None
        part.save(update_fields=["voided_at"])
        put_on_record("part.void_lifted", "part", part.pk, facts={"void": void.pk}, **by_person(actor))
    return void


def _reason_for(part: CoveredPart, code: str) -> VoidReason:
    reason = VoidReason.objects.filter(code=code).first()
    if reason is None or reason.effect != VoidReason.Effect.VOID:
        raise Refused(
            _("“%(code)s” is not a reason that voids a part.") % {"code": code},
            field="reason_code",
            code="no_void_reason",
        )
    if reason.motors_only and part.category != Product.Category.MOTOR:
        raise Refused(
            _("“%(reason)s” is for motors only, and %(part)s is not one.")
            % {"reason": reason.title, "part": part.label},
            field="reason_code",
            code="motors_only",
        )
    return reason
