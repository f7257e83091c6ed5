"""The round of one pass through the open inbox: look, fetch, keep and commit, read, and only then put away."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from cases.evidence.storage import MB
from cases.waking import calling_together
from warrantydesk.intake.ahead import Ahead, beginning_ahead
from warrantydesk.intake.inbox_pass import Pass, Taken
from warrantydesk.intake.keeping import believed
from warrantydesk.intake.mailbox import Mailbox, MailboxProblem, MessageProblem, Waiting
from warrantydesk.intake.mailbox_state import Lease, count_fetched
from warrantydesk.intake.receipt import Receipt
from warrantydesk.intake.services import Begun, Outcome, finish

log = logging.getLogger(__name__)

MOST_FAILED_IN_A_ROW = 3  # then it is the storage or the database, not the messages
PUT_AWAY_FROM = 2 * MB
BEGINNING = MB  # what is kept of a message too large to be fetched whole


@dataclass(frozen=True)
class _UnderWay:
    """A message that was fetched and is being stored, and read."""

    waiting: Waiting
    source: str
    begun: Ahead


@dataclass(frozen=True)
class _Kept:
    """A message that is stored and committed, and where it belongs now."""

    waiting: Waiting
    source: str
    receipt: Receipt | None
    folder: str


@dataclass(frozen=True)
class _Left:
    """A message that stays in the inbox, and why."""

    received_at: datetime
    source: str
    problem: str


class GiveUp(Exception):
    """Storage or database are away: going on would only fail for every message."""


class LeaseLost(Exception):
    """This poller was silent for so long that another took over; it goes on from here."""


class Round:
    """One pass over an open mailbox."""

    def __init__(
        self,
        box: Mailbox,
        lease: Lease,
        done: Pass,
        stumbled: list[int],
        tell: Callable[[Taken], None],
        clock: Callable[[], datetime],
        until: datetime | None,
    ) -> None:
        self.box, self.lease, self.done, self.stumbled = box, lease, done, stumbled
        self.tell, self.clock, self.until = tell, clock, until
        self.seen: set[int] = set()
        self.away: set[int] = set()
        self.left: dict[int, _Left] = {}
        self.begin: Callable[..., Ahead]
        self.under_way: list[_UnderWay] = []
        self.failed: list[Exception] = []  # one after the other, since the last message that could be stored
        self.folders: dict[str, str] = {}

    def run(self) -> None:
        self._meet()
        try:
            with calling_together(), beginning_ahead() as self.begin:
                while self._sweep():
                    pass  # until a whole sweep takes nothing: mail may have arrived, or been moved under our hands
                self._try_stumbled_again()
            self._forget_vanished()
        finally:
            self._tell_of_left()
        self._report()
        self.done.is_whole = not self._is_over()

    def _meet(self) -> None:
        """Open the inbox and our folders in it."""
        self.box.count()
        if self.box.uidvalidity != self.lease.state.uidvalidity:
            # The server counts anew: UIDs remembered from before mean other messages now.
            self.stumbled.clear()
        self.folders = {name: self.box.find_folder(name) for name in (settings.IMAP_PROCESSED, settings.IMAP_HELD)}

    def _try_stumbled_again(self) -> None:
        for uid in list(self.stumbled):
            if self._is_over():
                return
            waiting = self.box.look_at(uid)
            if waiting is None:
                self.stumbled.remove(uid)
            else:
                self._begin(waiting)
                kept: list[_Kept] = []
                self._finish(kept)
                self._put_away(kept)
                self._give_up_where_nothing_can_be_stored()
        self.box.tidy()

    def _sweep(self) -> bool:
        """Walk through the inbox once, a batch at a time; whether anything was taken."""
        took, number = False, 1
        while not self._is_over():
            count = self.box.count()
            if number > count:
                break
            batch = self.box.look(number, min(number + settings.IMAP_BATCH - 1, count))
            if not batch:
                break
            self._report(count, batch)
            stayed = self._take_batch(batch)
            took = took or stayed < len(batch)
            number += stayed
        return took

    def _take_batch(self, batch: list[Waiting]) -> int:
        """How many of these messages are still in the inbox afterwards."""
        kept: list[_Kept] = []
        try:
            for waiting in batch:
                if self._is_over() or self._nothing_can_be_stored():
                    break
                if waiting.uid not in self.seen and waiting.uid not in self.stumbled:
                    self._begin(waiting)
                is_large = waiting.size >= PUT_AWAY_FROM
                # This one is kept, and read by the child, while the one before it becomes a case.
                self._finish(kept, but=0 if is_large else 1)
                # Large ones at once: a line that breaks must not have us fetch them again and again.
                if is_large or sum(one.waiting.size for one in kept) >= PUT_AWAY_FROM:
                    self._put_away(kept)
                    kept = []
        finally:
            self._finish(kept)  # also when the line is cut: what is kept is not left half read
        self._put_away(kept)
        self._give_up_where_nothing_can_be_stored()
        self.box.tidy()
        return sum(waiting.uid not in self.away for waiting in batch)

    def _begin(self, waiting: Waiting) -> None:
        """Fetch, have it kept and read; not where the message is gone or has to stay."""
        self.seen.add(waiting.uid)
        source = f"imap://{self.lease.state.name};UIDVALIDITY={self.box.uidvalidity};UID={waiting.uid}"
        is_too_large = waiting.size > settings.IMAP_MAX_MB * MB
        try:
            raw = self._fetch(waiting, BEGINNING if is_too_large else None)
        except MessageProblem as problem:
            self._leave(waiting, source, str(problem))
            return
        if raw is None:
            self.away.add(waiting.uid)  # gone between looking and fetching: somebody else took it
            return
        begun = self.begin(
            raw,
            source=source,
            now=self.clock(),
            received_at=waiting.received_at,
            whole_size=waiting.size if is_too_large else None,
        )
        self.under_way.append(_UnderWay(waiting, source, begun))

    def _finish(self, kept: list[_Kept], but: int = 0) -> None:
        """Add what the messages became that were begun, the latest `but` left aside; not those that must stay."""
        while len(self.under_way) > but:
            one = self.under_way.pop(0)
            begun = self._begun(one)
            if begun is None:
                continue
            receipt = self._read(begun)
            self.done.fetched += 1
            kept.append(_Kept(one.waiting, one.source, receipt, self._folder_for(receipt)))
            self._renew(**count_fetched(1))

    def _begun(self, one: _UnderWay) -> Begun | None:
        """The message, stored and committed; None where it could not be, and stays."""
        try:
            begun = one.begun.result()
        except Exception as error:
            # Whatever it was, the message stays where it is. One that cannot be kept must not keep others waiting.
            log.exception("mailbox: %s could not be stored", one.source)
            self.failed.append(error)
            if not self._nothing_can_be_stored():
                self._leave(one.waiting, one.source, f"it could not be stored: {error}")
            return None
        self.failed.clear()
        return begun

    def _nothing_can_be_stored(self) -> bool:
        return len(self.failed) >= MOST_FAILED_IN_A_ROW

    def _give_up_where_nothing_can_be_stored(self) -> None:
        if self._nothing_can_be_stored():
            raise GiveUp(f"mail cannot be stored: {self.failed[-1]}") from self.failed[-1]

    def _put_away(self, kept: list[_Kept]) -> None:
        """Move what is stored and committed out of the inbox. Some servers need as long for one as for a hundred."""
        for folder in sorted({one.folder for one in kept}):
            self._move([one for one in kept if one.folder == folder], folder)

    def _move(self, kept: list[_Kept], folder: str) -> None:
        try:
            self.box.move([one.waiting.uid for one in kept], folder)
        except MessageProblem as problem:
            if len(kept) == 1:
                self._leave(kept[0].waiting, kept[0].source, str(problem))
                return
            for one in kept:  # it may be one of them only
                self._move([one], folder)
            return
        for one in kept:
            self.away.add(one.waiting.uid)
            self.done.taken += 1
            self.tell(Taken(one.source, one.receipt, folder))

    def _fetch(self, waiting: Waiting, most: int | None) -> bytes | None:
        try:
            raw = self.box.fetch(waiting, most)
        except MailboxProblem as problem:
            # Some servers break off at a message they cannot read themselves: next time the others come first.
            if waiting.uid in self.stumbled:
                self.stumbled.remove(waiting.uid)
            self.stumbled.append(waiting.uid)
            raise MailboxProblem(f"{problem} (at the message with UID {waiting.uid})") from problem
        if waiting.uid in self.stumbled:
            self.stumbled.remove(waiting.uid)
        return raw

    def _read(self, begun: Begun) -> Receipt | None:
        """What became of it; None where it is kept but could not be read now. The sweep reads it then."""
        try:
            return finish(begun, self.clock())
        except Exception:
            log.exception("mailbox: mail %s is kept, and could not be read now", begun.incoming.pk)
            begun.let_go()
            return None

    def _folder_for(self, receipt: Receipt | None) -> str:
        waits = receipt is not None and receipt.incoming.outcome in (Outcome.HELD, Outcome.QUARANTINED)
        return self.folders[settings.IMAP_HELD if waits else settings.IMAP_PROCESSED]

    def _leave(self, waiting: Waiting, source: str, problem: str) -> None:
        self.left[waiting.uid] = _Left(believed(waiting.received_at, self.clock()), source, problem)

    def _forget_vanished(self) -> None:
        """Some servers give nothing of a message that somebody else took, before they know that it is gone."""
        for uid in [uid for uid in self.left if self.box.look_at(uid) is None]:
            del self.left[uid]

    def _tell_of_left(self) -> None:
        self.done.left = len(self.left)
        for one in self.left.values():
            self.done.problem = (
                f"{len(self.left)} of the mails cannot be taken out of the inbox; the last: {one.problem}"
            )
            log.warning("mailbox: %s stays: %s", one.source, one.problem)
            self.tell(Taken(one.source, problem=one.problem))

    def _is_over(self) -> bool:
        return self.until is not None and self.clock() >= self.until

    def _report(self, count: int | None = None, batch: list[Waiting] | None = None) -> None:
        """Say how far we are: during the pass what lies before us, at its end what stays."""
        now = self.clock()
        oldest = (
            [believed(one.received_at, now) for one in batch]
            if batch
            else [one.received_at for one in self.left.values()]
        )
        self._renew(
            uidvalidity=self.box.uidvalidity,
            succeeded_at=now,
            waiting=len(self.left) if count is None else count,
            oldest_waiting_at=min(oldest, default=None),
        )

    def _renew(self, **seen: object) -> None:
        if not self.lease.renew(self.clock(), **seen):
            raise LeaseLost
