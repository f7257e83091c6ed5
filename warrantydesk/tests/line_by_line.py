"""A process of ours that is asked again and again: a line of JSON there, a line of JSON back.

Starting Django costs more than most answers, so it is started once for all questions of a test.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings


class LineByLine:
    """`python -m module arguments…`, in an environment of its own. What it says beside its answers goes to `log`."""

    def __init__(self, module: str, *arguments: str, environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("w") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], cwd=settings.BASE_DIR, env=environment,
                text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file,
            )  # fmt: skip

    def ask(self, question: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the process ended: {self.said()}"
        return json.loads(answer)

    def said(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()
