"""Tests of one `xdist_group` run in one process, one after the other: they share what is dear to make.

xdist tells the process that hands out the tests by writing the group behind a test's id. Since pytest 9.2 that id is
no longer where xdist 3.8 writes it, and groups are scattered over all processes without a word
(pytest-dev/pytest-xdist#1386): each of them starts every browser and builds every shared world.
"""

import pytest


def name_the_group(item: pytest.Item) -> None:
    """Write the group behind the id, as xdist reads it there. Nothing for a test of no group."""
    names = {str(mark.args[0]) for mark in item.iter_markers("xdist_group")}
    if names and hasattr(item, "_id"):
        item._id = type(item._id).parse(f"{item.nodeid}@{'_'.join(sorted(names))}")
