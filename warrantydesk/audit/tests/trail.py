"""What the tests of the trail share. It is never emptied, not even between tests: each begins where it stands."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Max

from products.auditing import put_on_record
from warrantydesk.audit.models import AuditEntry


def mark() -> int:
    return AuditEntry.objects.aggregate(last=Max("pk"))["last"] or 0


def written_since(mark: int) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(pk__gt=mark).order_by("pk"))


def write(count: int = 1, verb: str = "case.approve") -> list[AuditEntry]:
    before = mark()
    for number in range(count):
        put_on_record(verb, "case", number, who="system", facts={"to": "approved"})
    return written_since(before)


@contextmanager
def unguarded() -> Iterator[None]:
    """As whoever owns the database could do it: the triggers are off. Rolled back with the test."""
    tables = ("audit_auditentry", "audit_auditseal")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _name, sql in triggers:
            cursor.execute(sql)
