"""``{photograph} desk-queue-1440``: a picture of a real page, as the browser tests took it last, light and dark.

They stand in var/screenshots ($SCREENSHOTS) and are never kept in the repository, so they cannot go stale. Where a
picture is absent the page says how to take it, and `-D photographs_needed=1` makes that a failure.
"""

import os
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.util import logging

HERE = Path(__file__).resolve().parent
TAKEN = Path(os.environ.get("SCREENSHOTS", HERE.parent / "var" / "screenshots"))
PICTURES = HERE / "pictures"
log = logging.getLogger(__name__)


class Photograph(Directive):
    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name, says = self.arguments[0], " ".join(self.content)
        shown = [self._image(name, scheme, says) for scheme in ("light", "dark") if _fetch(name, scheme)]
        if shown:
            return shown
        if self.state.document.settings.env.config.photographs_needed:
            log.warning("there is no photograph %s: run the browser tests first", name)
        words = f"Picture “{says or name}”: the browser tests take it (make test)."
        return [nodes.note("", nodes.paragraph("", words))]

    def _image(self, name: str, scheme: str, says: str) -> nodes.image:
        return nodes.image(uri=f"/pictures/{name}-{scheme}.png", alt=says or name, classes=[f"only-{scheme}"])


def _fetch(name: str, scheme: str) -> bool:
    taken = TAKEN / f"{name}-{scheme}.png"
    if not taken.exists():
        return False
    PICTURES.mkdir(exist_ok=True)
    shutil.copyfile(taken, PICTURES / taken.name)
    return True


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("photographs_needed", False, "env", bool)
    app.add_directive("photograph", Photograph)
    return {"parallel_read_safe": True}
