"""What a request may lack, and why one may be withdrawn, in the desk's words (the codes: cases/rules/facts.py)."""

from django.utils.translation import gettext_lazy as _

MATERIAL_WORDS = {
    "invoice": _("the invoice number"),
    "serial": _("the serial number"),
    "part": _("which part it is about"),
    "description": _("what happened"),
    "evidence": _("a photo or a video"),
}
WITHDRAWAL_WORDS = {
    "withdrawn": _("The customer withdrew it"),
    "duplicate": _("It is the same as another case"),
    "not_a_request": _("It is not a warranty request"),
}
