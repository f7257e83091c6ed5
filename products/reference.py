"""The data the desk cannot start without: the first terms and the reasons of the policy, restated in our words.

Written once, by `migrate`, where missing; afterwards they are the maker's to edit in the admin.
"""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_noop as _

FIRST_TERMS = {
    "effective_from": dt.date(2015, 1, 1),
    "months": 12,
    "starts_from": "invoice",
    "note": "12 months, worldwide",
}

# code, effect, motors only, clause, title, text. As long as the maker leaves a text as it is, it is in our catalogues,
# and its reader reads it in their own language (docs/decisions/0010-languages.md).
REASONS = (
    ("not_ours", "condition", False, "7(a)", _("Not one of our sales"), _("A request needs the number of the original invoice that holds the product, and the serial number of that product. We could not match the two to something we sold.")),
    ("expired", "condition", False, "2", _("Outside the warranty period"), _("The warranty of each part runs for 12 months from the invoice date, longer by the days the product was away for repair. On the day your request reached us this part was no longer covered.")),
    ("refunded", "condition", False, "2", _("Purchase refunded"), _("The price of this product was refunded. The warranty of its parts ended on the day of the refund.")),
    ("voided", "condition", False, "4", _("Warranty already void"), _("The warranty of this part ended earlier for a reason named at that time.")),
    ("improper_assembly", "void", False, "4(a)", _("Improper assembly"), _("Damage caused by assembling the product in another way than the manual describes is not covered and ends the warranty of the part.")),
    ("improper_use", "void", False, "4(b)", _("Improper use, maintenance or operation"), _("Damage caused by improper use, maintenance or operation of the printer is not covered and ends the warranty of the part.")),
    ("lack_of_maintenance", "void", False, "4(c)", _("Long-term lack of maintenance"), _("Damage that grew because the part was not maintained for a long time is not covered and ends the warranty of the part.")),
    ("improper_conditions", "void", False, "4(d)", _("Improper conditions"), _("Damage from the surroundings the product was used in (temperature, dust, liquid and the like) is not covered and ends the warranty of the part.")),
    ("external_factors", "void", False, "4(e)", _("External factors"), _("Damage from outside events, such as a car crash or an earthquake, is not covered and ends the warranty of the part.")),
    ("motor_disassembled", "void", True, "5(a)", _("Motor taken apart"), _("Taking a stepper motor apart ends the warranty of that motor.")),
    ("wrong_rated_current", "void", True, "5(b)", _("Wrong rated current"), _("Running a motor with another current than it is rated for ends the warranty of that motor.")),
    ("wear", "exclusion", False, "8", _("Wear of a consumable"), _("Zip ties, screws, nuts and ball bearings wear out with time. Wear and tear is not covered; a defect in materials or production is.")),
    ("incomplete", "condition", False, "7", _("Request not complete"), _("A request needs the invoice number, the serial number, a description of the problem and clear photos or videos of it. We asked for what was missing and could not decide without it.")),
)  # fmt: skip


def install_reference_data(using: str = "default", **_kwargs: Any) -> None:
    """Write the first terms and every missing reason. Nothing of a row that is there changes but its place, where a new
    one needs it."""
    from products.models import WarrantyTerms

    if not WarrantyTerms.objects.using(using).exists():
        WarrantyTerms.objects.using(using).create(**FIRST_TERMS)
    _install_reasons(using)


def _install_reasons(using: str) -> None:
    """Each missing reason goes behind the one it follows in REASONS, in whatever order the desk has them by now."""
    from products.models import VoidReason

    rows = VoidReason.objects.using(using)
    ordered = list(rows.order_by("position", "pk"))
    codes = [row.code for row in ordered]
    for number, (code, effect, motors_only, clause, title, text) in enumerate(REASONS):
        if code not in codes:
            place = codes.index(REASONS[number - 1][0]) + 1 if number else 0
            new = {"effect": effect, "motors_only": motors_only, "clause": clause, "title": title, "text": text}
            ordered.insert(place, VoidReason(code=code, position=1, **new))
            codes.insert(place, code)
    last = -1
    moved = []
    for row in ordered:
        if row.position <= last:
            row.position = last + 1
            moved.append(row)
        last = row.position
    rows.bulk_create(row for row in ordered if row.pk is None)
    rows.bulk_update([row for row in moved if row.pk is not None], ["position"])
