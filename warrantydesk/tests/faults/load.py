"""Mixed load on a desk: mails with photos, decisions, pages. What the desk acknowledged is noted."""

import http.client
import json
import threading
import time
from typing import Any

from warrantydesk.intake.tests import posts
from warrantydesk.intake.tests.mails import mail, picture
from warrantydesk.tests.processes import Desk

PHOTO = picture()


class Load:
    """Begins with `with`, ends with it. `acknowledged_mails` and `approved`: what the desk said it has."""

    def __init__(self, desk: Desk, token: str, references: list[str], mark: str) -> None:
        self.desk, self.token, self.references, self.mark = desk, token, references, mark
        self.acknowledged_mails: set[str] = set()
        self.approved: set[str] = set()
        self.failed = 0
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._loop, args=(one,)) for one in (self._mail, self._decide, self._read)
        ]
        self._number = 0

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def progress(self) -> int:
        return len(self.acknowledged_mails) + len(self.approved)

    def _loop(self, turn: Any) -> None:
        while not self._stopping.is_set():
            try:
                turn()
            except (OSError, http.client.HTTPException):
                self.failed += 1  # nobody said that it was taken
            self._stopping.wait(0.15)

    def _mail(self) -> None:
        self._number += 1
        identity = f"<{self.mark}-{self._number}@example.com>"
        if self.send_mail(identity):
            self.acknowledged_mails.add(identity)

    def send_mail(self, identity: str, photo: bytes = PHOTO) -> bool:
        raw = mail(message_id=identity, sender=f"Ada <{identity[1:-1]}>", files={"p.jpg": photo})
        post = posts.mailgun_raw(raw, token=identity, stamp=int(time.time()))
        return (
            self._ask("POST", "/hooks/mail/mailgun/mime/", post["data"], **{"Content-Type": post["content_type"]}) < 300
        )

    def _decide(self) -> None:
        left = [one for one in self.references if one not in self.approved]
        if left:
            headers = {"Authorization": f"Bearer {self.token}", "If-Match": "*", "Content-Type": "application/json"}
            body = json.dumps({"name": "approve"}).encode()
            if self._ask("POST", f"/api/v1/cases/{left[0]}/transitions/", body, **headers) in (200, 409, 422):
                self.approved.add(left[0])  # 409 and 422: it is approved already, by an answer that got lost

    def _read(self) -> None:
        self._ask("GET", "/check/")

    def _ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
        line = http.client.HTTPConnection("127.0.0.1", self.desk.port, timeout=15)
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            answer.read()
            return answer.status
        finally:
            line.close()
