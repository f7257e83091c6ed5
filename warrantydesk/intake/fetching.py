"""One pass over the mailbox: every message fetched, kept and committed, read, and only then moved out of the inbox.

What is in the inbox is work to be done, so nothing has to be remembered: a pass that dies anywhere is simply begun
again. A message fetched twice is known by its identity, whatever its UID or the UIDVALIDITY became meanwhile.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from warrantydesk.intake.inbox_pass import Pass, Taken
from warrantydesk.intake.inbox_round import GiveUp, LeaseLost, Round
from warrantydesk.intake.mailbox import Address, Mailbox, MailboxProblem, open_mailbox
from warrantydesk.intake.mailbox_state import after_failure, after_success, problem_seen, take_lease

log = logging.getLogger(__name__)

__all__ = ["Pass", "Taken", "fetch_pass"]
MOST_STUMBLED = 100


def fetch_pass(
    address: Address,
    *,
    tell: Callable[[Taken], None] = lambda taken: None,
    clock: Callable[[], datetime] = timezone.now,
    until: datetime | None = None,
    box: Mailbox | None = None,
) -> Pass:
    """Read the mailbox until nothing is left in it (or `until`). Never raises for what the server or a mail does.

    `box` is a mailbox that is open already; otherwise one is opened and closed.
    """
    lease = take_lease(address.name, clock())
    if lease is None:
        return Pass(busy=True)
    done = Pass()
    seen: dict[str, Any] = {}
    stumbled = list(lease.state.stumbled_uids)
    try:
        if box is not None:
            Round(box, lease, done, stumbled, tell, clock, until).run()
        else:
            with open_mailbox(address) as opened:
                Round(opened, lease, done, stumbled, tell, clock, until).run()
        seen = after_success(clock())
    except (MailboxProblem, GiveUp) as problem:
        done.problem = str(problem)
        log.warning("mailbox %s: %s", address.name, problem)
        seen = after_failure(lease.state, clock(), got_on=done.fetched > 0)
    except LeaseLost:
        log.warning("mailbox %s: another poller took over", address.name)
    finally:
        # Also when something nobody expected goes through here: the lease must not outlive its holder.
        now = clock()
        lease.give_back(
            now, stumbled_uids=stumbled[-MOST_STUMBLED:], **seen, **problem_seen(lease.state, done.problem, now)
        )
    return done
