"""The promise of the counted rows, for `check_integrity`: they are what a recount gives."""

from collections.abc import Iterator

from warrantydesk.reports.counting.rounds import differences, waiting_cases


def problems() -> Iterator[str]:
    """A sentence for each row that is not; nothing where all is well. What was never counted is not wrong yet."""
    if waiting_cases():
        return
    yield from map(str, differences())
