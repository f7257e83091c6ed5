"""How far a long command has come, on standard error: a bar for who is watching, now and then a line for a log."""

import time
from typing import TextIO

from django.core.management.base import OutputWrapper

WIDTH = 30  # of the bar
REDRAWN_AFTER = 0.2  # seconds
LINES = 10  # for a log, over the whole run
LEAST_LOGGED = 100_000  # a log is told nothing of runs shorter than this


class Progress:
    """`done` of `total` things. `total` may be 0 and may turn out too small: records come and go meanwhile."""

    def __init__(self, stream: OutputWrapper | TextIO, total: int, what: str) -> None:
        self.done = 0
        self._stream, self._total, self._what = stream, total, what
        self._is_watched = stream.isatty()
        self._drawn_at = 0.0
        self._said = 0

    def add(self, count: int) -> None:
        self.done += count
        if self._is_watched and time.monotonic() - self._drawn_at > REDRAWN_AFTER:
            self._draw()
        elif not self._is_watched and self._total >= LEAST_LOGGED and self._tenths() > self._said:
            self._said = self._tenths()
            self._write(f"{self.done} of {self._total} {self._what}\n")

    def end(self) -> None:
        """Draw the whole bar and leave its line."""
        if self._is_watched:
            self._draw()
            self._write("\n")

    def _tenths(self) -> int:
        return self.done * LINES // max(self._total, 1)

    def _draw(self) -> None:
        self._drawn_at = time.monotonic()
        share = min(1.0, self.done / self._total) if self._total else 1.0
        bar = "█" * round(share * WIDTH)
        self._write(f"\r{bar:░<{WIDTH}} {share:4.0%}  {self.done} {self._what}")

    def _write(self, text: str) -> None:
        if isinstance(self._stream, OutputWrapper):
            self._stream.write(text, ending="")
        else:
            self._stream.write(text)
        self._stream.flush()
