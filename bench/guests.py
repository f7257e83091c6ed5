"""Rows a bench adds to a filled database, and takes away again: a stay that leaves nothing behind.

Nobody else may write into that database meanwhile: what came during the stay goes with its end. Rows that were there
before are not to be changed by the guest.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Max


class Guest:
    """`newest` is the greatest key each table had when the stay began: whatever is beyond it is the guest's."""

    def __init__(self) -> None:
        tables = [model for model in apps.get_models(include_auto_created=True) if _is_numbered(model)]
        self.newest = {model: model._base_manager.aggregate(Max("pk"))["pk__max"] or 0 for model in tables}

    def own(self, model: type[models.Model]) -> models.QuerySet:
        return model._base_manager.filter(pk__gt=self.newest[model])

    def leave(self) -> int:
        """Take every row away that came since; how many."""
        gone = 0
        with transaction.atomic(), connection.cursor() as cursor:
            # Rows of all tables go together, so no key is left without its row; the trail of audit lets nothing go.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for model, newest in self.newest.items():
                table, key = (connection.ops.quote_name(one) for one in (model._meta.db_table, model._meta.pk.column))
                cursor.execute(f"DELETE FROM {table} WHERE {key} > %s", [newest])
                gone += cursor.rowcount
        return gone


@contextmanager
def staying() -> Iterator[Guest]:
    guest = Guest()
    try:
        yield guest
    finally:
        print(f"{guest.leave()} rows of the bench are taken away again")


def _is_numbered(model: type[models.Model]) -> bool:
    return model._meta.managed and not model._meta.proxy and isinstance(model._meta.pk, models.AutoField)
