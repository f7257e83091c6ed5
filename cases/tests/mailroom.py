"""What the tests of outgoing mail share: a case to write about, a mail in the outbox, and the folder it leaves to."""

import datetime as dt
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings

from cases.models import Case, OutgoingMail
from cases.outbox.composing import queue_mail
from cases.outbox.headers import own_message_id
from cases.tests.factories import CaseFactory
from products.tests.factories import CustomerFactory

NOW = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)


def a_case(address: str = "owner@example.com", **customer: Any) -> Case:
    """A case nobody was written to about yet."""
    return CaseFactory(customer=CustomerFactory(email=address, **customer))


def a_mail(case: Case | None = None, **fields: Any) -> OutgoingMail:
    """A row of the outbox, waiting since NOW; with `key` for a second one."""
    key = fields.setdefault("key", "test:1")
    return OutgoingMail.objects.create(
        **{
            "case": case,
            "kind": "message",
            "automatic": False,
            "to_address": case.customer.email if case else "owner@example.com",
            "subject": "A subject",
            "body": "Some words.\n",
            "rfc_message_id": own_message_id(key),
            "created_at": NOW,
            "not_before": NOW,
            **fields,
        }
    )


def queue(case: Case, key: str = "test:1", **given: Any) -> OutgoingMail | None:
    """A mail written by `queue_mail`, with the simplest template there is."""
    return queue_mail(
        **{
            "key": key,
            "kind": "message",
            "case": case,
            "template": "message",
            "context": {"words": "Some words."},
            "now": NOW,
            **given,
        }
    )


def written_mails() -> list[EmailMessage]:
    """What the file backend wrote, parsed, in order of file name."""
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]  # type: ignore[misc]
