"""One desk in real processes, with lines that can be cut to everything it needs, and an observer beside it."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from warrantydesk.intake.tests.posts import KEY
from warrantydesk.tests.faults.load import Load
from warrantydesk.tests.faults.proxy import Proxy
from warrantydesk.tests.faults.servers import MailServer, Postgres, Redis, servers
from warrantydesk.tests.line_by_line import LineByLine
from warrantydesk.tests.processes import Desk, wait_for

SETTINGS = {
    "MAIL_WEBHOOKS": "mailgun", "MAILGUN_SIGNING_KEY": KEY, "EMAIL_HOST": "127.0.0.1", "EMAIL_USE_TLS": "0",
    "EMAIL_TIMEOUT": "2", "MFA_ROLES": "", "WEB_WORKERS": "2", "LOG_LEVEL": "WARNING", "CLAIM_SECONDS": "2",
    "LIMITS": "api=100000/60", "UNDO_SECONDS": "0",
    **dict.fromkeys(("MAIL_CAP_PER_ADDRESS_DAY", "MAIL_CAP_PER_DOMAIN_HOUR", "MAIL_CAP_PER_HOUR"), "100000"),
}  # fmt: skip


class Stack:
    def __init__(self, folder: Path, postgres: Postgres, redis: Redis, mails: MailServer) -> None:
        self.postgres, self.redis, self.mails = postgres, redis, mails
        self.lines = {
            name: Proxy(one.port) for name, one in (("postgres", postgres), ("redis", redis), ("smtp", mails))
        }
        self.desk = Desk(
            folder, postgres.url_by(self.lines["postgres"].port), f"redis://127.0.0.1:{self.lines['redis'].port}/0"
        )
        self.desk.environment |= {**SETTINGS, "EMAIL_PORT": str(self.lines["smtp"].port)}
        if not postgres.copy_of_the_test_database():
            self.desk.manage("migrate", "--verbosity", "0")
        direct = {**self.desk.environment, "DATABASE_URL": postgres.url}
        log = folder / "observer.log"
        self.observer = LineByLine("warrantydesk.tests.faults.observer", environment=direct, log=log)
        self.rounds = 0

    def ask(self, do: str, **question: Any) -> Any:
        return self.observer.ask({"do": do, **question})

    def load(self, decisions: int = 15) -> Load:
        self.rounds += 1
        seeded = self.ask("seed", cases=decisions)
        return Load(self.desk, seeded["token"], seeded["references"], f"m{self.rounds}")

    def children(self, name: str) -> list[int]:
        pid = self.desk.processes[name].pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]

    def kill_child(self, name: str, choose: Any) -> bool:
        """A worker's child, in the middle of whatever it does; its parent replaces it. False: it had none just now."""
        children = self.children(name)
        if not children:
            return False
        os.kill(choose(children), signal.SIGKILL)
        return True

    def restart(self, name: str) -> None:
        self.desk.kill(name)
        self.desk.start(name)

    def answers_again(self, load: Load) -> None:
        """The very processes that met the fault take mails and decisions again."""
        before = len(load.acknowledged_mails)
        wait_for("mails are taken again", lambda: len(load.acknowledged_mails) > before + 1)

    def settled(self) -> dict[str, Any]:
        """Wait until nothing is under way any more: every row has found its worker."""
        seen: dict[str, Any] = {}

        def quiet() -> bool:
            seen.update(self.ask("look"))
            return not seen["busy"]

        try:
            wait_for("everything is dealt with", quiet)
        except AssertionError as error:
            error.add_note(f"{seen['busy']}\n{self.desk.logs()}")
            raise
        return seen

    def prove(self, *loads: Load) -> None:
        """Nothing acknowledged was lost, nothing happened twice, and every invariant holds."""
        seen, taken = self.settled(), Counter(self.mails.taken())
        for load in loads:
            assert load.acknowledged_mails <= {one for one, outcome in seen["incoming"].items() if outcome}
            assert load.approved <= set(seen["approved"]), "a decision that was acknowledged"
        assert set(seen["incoming"].values()) <= {"case_opened", "held"}, "no mail stumbled"
        assert max(Counter(seen["approvals"]).values(), default=1) == 1, "decided once"
        assert max(Counter(key for _status, key in seen["mails"].values()).values(), default=1) == 1
        assert max(taken.values(), default=1) == 1, "no mail left twice"
        sent = {one for one, (status, _key) in seen["mails"].items() if status == "sent"}
        assert sent <= set(taken), "what is noted as sent has left"
        problems = self.ask("prove")
        assert not problems, "\n".join(problems)

    def end(self) -> None:
        self.desk.stop()
        self.observer.end()
        for line in self.lines.values():
            line.close()


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    with servers(folder) as (postgres, redis, mails):
        stack = Stack(folder, postgres, redis, mails)
        try:
            for name in ("web", "worker", "beat"):
                stack.desk.start(name)
            wait_for("web, worker and beat alive", stack.desk.is_ready)
            yield stack
        finally:
            stack.end()
