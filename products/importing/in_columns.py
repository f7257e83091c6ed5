"""A refusal in the words of its file: the row and the name of the column, not the field of our sale. Pure."""

import re
from collections.abc import Mapping, Sequence

# The field of a sale, without its numbers → our name of the column it is read from (`columns.INVOICE_COLUMNS`).
READ_FROM = {
    "customer.email": "email",
    "customer.name": "name_of_customer",
    "customer.country": "country",
    "customer.address": "address",
    "customer.language": "language",
    "lines.sku": "sku",
    "lines.quantity": "quantity",
    "lines.unit_price": "unit_price",
    "lines.refunded": "refunded",
    "lines.refunded_on": "refunded_on",
    "lines.units": "serial",
    "lines.units.serial": "serial",
    "lines.units.part_serials": "part_serials",
}
_LINE = re.compile(r"lines\[(\d+)\]")
_NUMBERS = re.compile(r"\[[^\]]*\]")


def in_columns(reason: str, field: str, columns: Mapping[str, str], rows: Sequence[int]) -> tuple[int, str]:
    """The row (0: no single one) and the reason, which begins with the name of the column where it began with a field.

    `columns` tells our name of a column → the file's; `rows` in which row of the file each line of the sale stands.
    What the file has no column for keeps the name it came with.
    """
    field = field or reason.partition(": ")[0]
    line = _LINE.match(field)
    row = rows[int(line[1])] if line and int(line[1]) < len(rows) else 0
    path = _NUMBERS.sub("", field)
    name = READ_FROM.get(path, path)
    if reason.startswith(f"{field}: "):
        reason = f"{columns.get(name, name)}{reason[len(field) :]}"
    return row, reason
