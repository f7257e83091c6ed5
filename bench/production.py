"""Hides what only the suite needs: where the desk is deployed it is not installed, and some libraries load whatever
they find (structlog loads rich, Django REST framework docutils)."""

import os
import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

PINS = Path(__file__).resolve().parent.parent / "requirements.txt"
TOOLS = {"pip", "setuptools"}


def not_in_production() -> str:
    """The modules of packages nobody pinned for the desk itself, for BENCH_HIDDEN of the process that is measured."""
    from importlib.metadata import packages_distributions

    there = TOOLS | {_plain(name) for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", PINS.read_text(encoding="utf-8"))}
    owned = packages_distributions()
    return ",".join(module for module, owners in owned.items() if there.isdisjoint(map(_plain, owners)))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class Production(PathFinder):
    hidden = frozenset(os.environ.get("BENCH_HIDDEN", "").split(","))

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return None if fullname.partition(".")[0] in cls.hidden else super().find_spec(fullname, path, target)


if PathFinder in sys.meta_path:
    sys.meta_path[sys.meta_path.index(PathFinder)] = Production
