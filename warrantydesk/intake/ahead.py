"""A message is kept while the one before it becomes a case: to keep one is mostly waiting for disk and database."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

from warrantydesk.intake.services import Begun, begin

Ahead = Future[Begun]
"""A message on its way: its `result()` is what `begin` gives, or raises what went wrong there."""


@contextmanager
def beginning_ahead() -> Iterator[Callable[..., Ahead]]:
    """What begins messages as `begin` does, in their order, in a thread that has a connection of its own: for whoever
    takes in many, one after the other.

    At once and here where a second connection would gain nothing: on SQLite, which lets one transaction write at a
    time, and within a transaction, of which another connection sees nothing.
    """
    if connection.vendor == "sqlite" or connection.in_atomic_block:
        yield _begun_here
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as thread:
        try:
            yield lambda raw, **told: thread.submit(begin, raw, **told)
        finally:
            thread.submit(connections.close_all).result()


def _begun_here(raw: bytes, **told: Any) -> Ahead:
    begun: Ahead = Future()
    try:
        begun.set_result(begin(raw, **told))
    except Exception as error:
        begun.set_exception(error)
    return begun
