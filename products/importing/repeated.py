"""Which invoices stood further up in the same file. Memory does not grow with the file: they lie in a file of their
own, which is gone when it is closed."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from django.utils.translation import gettext as _

from products.importing.orders import Order
from products.services.planning import print_of

TABLE = """CREATE TABLE said (shop TEXT, number TEXT, position INTEGER, print TEXT, PRIMARY KEY (shop, number))
           WITHOUT ROWID"""
# Keeps the first place; either way it says which that is.
ADD = """INSERT INTO said VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET position = position
         RETURNING position, print"""


class Repeated:
    """What was said of each invoice where it stood first."""

    def __init__(self, rows: sqlite3.Connection) -> None:
        self._rows = rows

    def refuse_contradictions(self, orders: Sequence[Order]) -> None:
        """An invoice that said something else further up gets a problem that names the place. The same words again do
        no harm."""
        self._rows.execute("BEGIN")
        for order in orders:
            if order.sale is None or order.problem:
                continue
            shop, number, said = order.sale.shop.strip(), order.sale.number.strip(), print_of(order.sale)
            position, first = self._rows.execute(ADD, (shop, number, order.position, said)).fetchone()
            if first != said:
                words = _("number: invoice %(number)s stands in row %(first)d too, and says something else there.")
                order.problem = words % {"number": number, "first": position}
        self._rows.execute("COMMIT")


@contextmanager
def repeated() -> Iterator[Repeated]:
    """An empty list of what was said, for one file; it is gone at the end."""
    with closing(sqlite3.connect("", isolation_level=None)) as rows:
        rows.execute("PRAGMA journal_mode = OFF")
        rows.execute(TABLE)
        yield Repeated(rows)
