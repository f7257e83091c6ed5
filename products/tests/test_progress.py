"""The bar a person watches, and the lines a log gets instead."""

import io

import pytest

from products.management.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bar_is_drawn_to_the_end_for_who_is_watching():
    screen = Terminal()
    progress = Progress(screen, 4, "parts")
    for _ in range(4):
        progress.add(1)
    progress.end()
    assert screen.getvalue().endswith(f"\r{'█' * 30} 100%  4 parts\n")
    assert screen.getvalue().startswith("\r")


@pytest.mark.parametrize(("total", "lines"), [(1_000_000, 10), (99_999, 0)])
def test_log_gets_a_line_for_each_tenth_of_a_long_run_only(total: int, lines: int):
    log = io.StringIO()
    progress = Progress(log, total, "parts")
    for _ in range(100):
        progress.add(total // 100)
    progress.end()
    assert len(log.getvalue().splitlines()) == lines


@pytest.mark.parametrize("total", [0, 1])
def test_more_than_was_expected_is_still_a_whole_bar(total: int):
    screen = Terminal()
    progress = Progress(screen, total, "parts")
    progress.add(3)
    progress.end()
    assert "100%  3 parts" in screen.getvalue()
