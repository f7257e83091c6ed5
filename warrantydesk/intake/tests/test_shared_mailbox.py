"""The shared set of mail through a real Dovecot: whatever lies in the inbox, it is taken, and the desk goes on."""

from collections import Counter
from pathlib import Path

import pytest

from cases.models import Case, OutgoingMail
from warrantydesk.intake.fetching import Taken, fetch_pass
from warrantydesk.intake.keeping import raw_bytes
from warrantydesk.intake.mailbox import configured_mailbox
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.reading import identify
from warrantydesk.intake.tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.shared_data, pytest.mark.processes]
EVERY = 10  # of the real ones, which are read one by one elsewhere; the hostile ones all


def chosen(folder: Path) -> list[Path]:
    return [*sorted((folder / "hostile").glob("*.eml")), *sorted((folder / "real").glob("*.eml"))[::EVERY]]


def test_every_mail_is_kept_and_leaves_the_inbox(account, shared_data, settings):
    settings.MAIL_CAP_PER_ADDRESS_DAY = settings.MAIL_CAP_PER_DOMAIN_HOUR = settings.MAIL_CAP_PER_HOUR = 100_000
    paths = chosen(shared_data / "mail")
    for path in paths:
        account.deliver(path.read_bytes())
    told: list[Taken] = []
    address = configured_mailbox()
    assert address is not None
    done = fetch_pass(address, tell=told.append, clock=lambda: NOW)
    assert (done.taken, done.left, done.problem) == (len(paths), 0, "")

    outcomes = Counter(one.receipt.outcome for one in told if one.receipt)
    assert outcomes.total() == len(paths), "none without an end"
    rows = list(IncomingMail.objects.all())
    assert len(rows) == len(paths) - outcomes["duplicate"]
    assert "" not in {row.outcome for row in rows}
    assert all(raw_bytes(row) and identify(raw_bytes(row)).key == row.identity for row in rows if row.size)
    held = sum(row.times_seen for row in rows if row.outcome in ("held", "quarantined"))
    assert account.counts() == {"Held": held, "Processed": len(paths) - held}
    assert Case.objects.count() == outcomes["case_opened"] > len(paths) // 3
    answered = OutgoingMail.objects.filter(kind="acknowledgement").values_list("case_id", flat=True)
    assert sorted(answered) == sorted(Case.objects.values_list("pk", flat=True)), "nobody else, and each once"
