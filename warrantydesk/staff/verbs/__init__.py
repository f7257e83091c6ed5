"""Everything a person can do on the case page, in one table: its form, its permission, and the service it calls.

A verb's address is `cases/<reference>/<name with dashes>/`, followed by the id of the claimed part or the parcel it is
about, where it is about one. Nothing here decides whether a verb may happen: the service does, and what it says
against it is shown.
"""

from warrantydesk.staff.verb import Verb
from warrantydesk.staff.verbs.claims import CLAIM, QUOTE
from warrantydesk.staff.verbs.parcels import BENCH, PARCELS
from warrantydesk.staff.verbs.steps import STEPS, WAY_HOME
from warrantydesk.staff.verbs.talk import MAIL, PICTURES, TALK

__all__ = ["STEPS", "VERBS"]

VERBS: dict[str, Verb] = {
    verb.name: verb for verb in (*STEPS, *CLAIM, *QUOTE, *WAY_HOME, *PARCELS, *BENCH, *TALK, *PICTURES, *MAIL)
}
