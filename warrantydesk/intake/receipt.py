"""What became of one message, for whoever handed it in."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Q

from cases.models import Case, Evidence
from cases.services.opening import missing_of
from warrantydesk.intake.models import IncomingMail

_IN_A_CASE = (IncomingMail.Outcome.CASE_OPENED, IncomingMail.Outcome.REPLY_ADDED)


@dataclass(frozen=True)
class Receipt:
    """What became of one message. `outcome` is one of the row's, or "duplicate"; counts are of its own files.

    What is missing and the counts are looked up when somebody asks: a poller does not.
    """

    outcome: str
    incoming: IncomingMail
    case: Case | None = None
    reason: str = ""

    @cached_property
    def missing(self) -> tuple[str, ...]:
        return tuple(missing_of(self.case)) if self.case and self.outcome in _IN_A_CASE else ()

    @property
    def evidence(self) -> int:
        return self._files["kept"]

    @property
    def refused(self) -> int:
        return self._files["refused"]

    @cached_property
    def _files(self) -> dict[str, int]:
        message = self.incoming.message_id if self.outcome in _IN_A_CASE else None
        refused = Q(status=Evidence.Status.REFUSED)
        own = Evidence.objects.filter(message=message) if message else Evidence.objects.none()
        return own.aggregate(kept=Count("pk", filter=~refused), refused=Count("pk", filter=refused))
