"""Looks at the desk's database from outside, over a line of its own: seeds what is decided, proves what is stored.

python -m warrantydesk.tests.faults.observer      (one JSON question a line, one JSON answer a line)
"""

import json
import os
import sys
from hashlib import sha256
from io import BytesIO
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "warrantydesk.settings"

import django

django.setup()

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import close_old_connections
from django.utils import timezone

from cases.evidence.storage import MB, store_file
from cases.models import Case, CaseEvent, Evidence, OutgoingMail
from cases.tests.factories import CaseFactory, judge_all, lead_to, staff
from warrantydesk.api.tokens import make_token
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.tests.mails import picture
from warrantydesk.management.commands.check_integrity import CHECKS


def seed(cases: int) -> dict[str, Any]:
    """So many cases that only wait for `approve`, and a token of somebody who may."""
    reviewer = staff("reviewer")
    scopes = ["cases:read", "cases:write", "cases:decide"]
    _token, text = make_token(reviewer.user, name="faults", scopes=scopes, now=timezone.now())
    references = []
    for _ in range(cases):
        photo = store_file("p.jpg", "image/jpeg", BytesIO(picture()), limit_bytes=MB)
        case = CaseFactory(files=[photo])
        lead_to(case, "evidence_review", reviewer=reviewer)
        judge_all(case, reviewer)
        references.append(case.reference)
    return {"token": text, "references": references}


def look() -> dict[str, Any]:
    """What is under way, and what became of everything."""
    now = timezone.now()
    mails = OutgoingMail.objects.exclude(status="cancelled")
    busy = {
        "unread": IncomingMail.objects.filter(outcome="").count(),
        "pending": Evidence.objects.filter(status="pending").count(),
        "leaving": mails.filter(status="sending").count() + mails.filter(status="queued", not_before__lte=now).count(),
        "undoable": mails.filter(status="queued", attempts=0, not_before__gt=now).count(),
    }
    return {
        "busy": {name: number for name, number in busy.items() if number},
        "incoming": dict(IncomingMail.objects.values_list("rfc_message_id", "outcome")),
        "approved": list(Case.objects.filter(state="approved").values_list("reference", flat=True)),
        "approvals": list(
            CaseEvent.objects.filter(kind="transition", name="approve").values_list("case__reference", flat=True)
        ),
        "mails": {one: [status, key] for one, status, key in mails.values_list("rfc_message_id", "status", "key")},
        "evidence": Evidence.objects.exclude(status="refused").count(),
    }


def prove() -> list[str]:
    return [f"{storey}: {problem}" for storey, problems in CHECKS.items() for problem in problems()]


def poison() -> int:
    """A file whose row says that it is a picture and whose bytes are none, on a key that no worker can open."""
    case = Case.objects.earliest("pk")
    row = Evidence.objects.create(
        case=case, name="poison.jpg", content_type="image/jpeg", size=9, sha256=sha256(b"no picture").hexdigest(),
        original=default_storage.save("evidence/poison", ContentFile(b"no picture")), received_at=timezone.now(),
    )  # fmt: skip
    return row.pk


def fate(evidence: int) -> str:
    return Evidence.objects.get(pk=evidence).status


DOES: dict[str, Any] = {"seed": seed, "look": look, "prove": prove, "poison": poison, "fate": fate}

if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        close_old_connections()
        sys.stdout.write(json.dumps(DOES[asked.pop("do")](**asked), default=str) + "\n")
        sys.stdout.flush()
