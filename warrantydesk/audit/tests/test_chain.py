"""The chain: what is sealed is found out when it is changed; the database lets nobody change it; many write at once."""

import datetime as dt
import logging
from collections.abc import Callable
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from products.auditing import put_on_record
from warrantydesk.audit import chain
from warrantydesk.audit.models import AuditEntry, AuditSeal
from warrantydesk.audit.tasks import prove_audit, seal_audit
from warrantydesk.audit.tests.trail import mark, unguarded, write, written_since

pytestmark = pytest.mark.django_db


def test_sealing_chains_every_entry_once_in_the_order_of_their_keys() -> None:
    chain.seal(everything=True)
    before, written = chain.head(), write(3)
    assert chain.seal() == 3
    assert chain.seal() == 0
    seals = list(AuditSeal.objects.filter(position__gt=before.position).order_by("position"))
    assert [seal.entry_id for seal in seals] == [entry.pk for entry in written]
    assert [seal.position for seal in seals] == [before.position + n for n in (1, 2, 3)]
    assert list(chain.broken()) == []


def test_entry_that_was_committed_late_is_sealed_after_its_elders() -> None:
    chain.seal(everything=True)
    late, early = write(2)
    last = chain.head()
    AuditSeal.objects.create(position=last.position + 1, entry=early, hash=chain.hash_of(early, last))
    assert chain.seal() == 1
    assert chain.head().position == last.position + 2
    assert AuditSeal.objects.get(entry=late).position == last.position + 2
    assert list(chain.broken()) == []


STATEMENTS = {
    "update": "UPDATE audit_auditentry SET verb = 'x' WHERE id = {entry}",
    "update of nothing": "UPDATE audit_auditentry SET verb = 'x' WHERE id = {entry}",
    "delete": "DELETE FROM audit_auditentry WHERE id = {entry}",
    "update of a seal": "UPDATE audit_auditseal SET hash = '' WHERE entry_id = {entry}",
    "delete of a seal": "DELETE FROM audit_auditseal WHERE entry_id = {entry}",
    "truncate": "TRUNCATE audit_auditentry, audit_auditseal",
    "replace": "INSERT OR REPLACE INTO audit_auditseal (position, entry_id, hash) SELECT position, entry_id, '' "
    "FROM audit_auditseal WHERE entry_id = {entry}",
}
ONLY_ON = {"truncate": "postgresql", "replace": "sqlite"}


def test_database_refuses_every_statement_that_would_change_or_delete() -> None:
    entry = write()[0]
    chain.seal(everything=True)
    for name, statement in STATEMENTS.items():
        if ONLY_ON.get(name, connection.vendor) != connection.vendor:
            continue
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(entry=entry.pk))
    for change in (AuditEntry.objects.filter(pk=entry.pk).delete, lambda: AuditSeal.objects.update(hash="")):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    for row in (entry, AuditSeal.objects.get(entry=entry)):
        for change in (row.save, row.delete):
            with pytest.raises(TypeError, match="never"):
                change()
    assert AuditEntry.objects.get(pk=entry.pk).verb == "case.approve"


def test_flush_leaves_the_trail_alone() -> None:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    assert {"audit_auditentry", "audit_auditseal"}.isdisjoint(tables)


def _forge_a_fact(entry: AuditEntry) -> None:
    AuditEntry.objects.filter(pk=entry.pk).update(facts={"to": "denied"})


def _forge_the_hash_too(entry: AuditEntry) -> None:
    _forge_a_fact(entry)
    seal = AuditSeal.objects.get(entry=entry)
    before = AuditSeal.objects.get(position=seal.position - 1)
    forged = chain.hash_of(AuditEntry.objects.get(pk=entry.pk), chain.Link(before.position, before.hash))
    AuditSeal.objects.filter(pk=seal.pk).update(hash=forged)


def _take_the_entry(entry: AuditEntry) -> None:
    AuditEntry.objects.filter(pk=entry.pk).delete()


def _take_the_seal(entry: AuditEntry) -> None:
    AuditSeal.objects.filter(entry=entry).delete()


def _swap(entry: AuditEntry) -> None:
    seal = AuditSeal.objects.get(entry=entry)
    other = AuditSeal.objects.get(position=seal.position + 1)
    AuditSeal.objects.filter(pk=other.pk).update(entry_id=0)
    AuditSeal.objects.filter(pk=seal.pk).update(entry_id=other.entry_id)
    AuditSeal.objects.filter(pk=other.pk).update(entry_id=entry.pk)


@pytest.mark.parametrize(
    ("tamper", "later", "says"),
    [
        (_forge_a_fact, 0, "is not what it was"),
        (_forge_the_hash_too, 1, "is not what it was"),
        (_take_the_entry, 0, "is missing"),
        (_take_the_seal, 0, "is missing"),
        (_swap, 0, "is not what it was"),
    ],
    ids=["an entry", "an entry and its hash", "an entry gone", "a seal gone", "two swapped"],
)  # fmt: skip
def test_first_place_is_named_when_somebody_owning_the_database_tampers(
    tamper: Callable[[AuditEntry], None], later: int, says: str
) -> None:
    chain.seal(everything=True)
    entry = write(4)[1]
    chain.seal()
    position = AuditSeal.objects.get(entry=entry).position + later
    with unguarded():
        tamper(entry)
    problems = list(chain.broken())
    assert len(problems) == 1
    assert problems[0].startswith(f"seal {position}: ")
    assert says in problems[0]


def test_end_cut_off_is_found_by_a_witness_and_by_nothing_else() -> None:
    chain.seal(everything=True)
    kept = write(2)[0]
    chain.seal()
    witness = chain.head()
    with unguarded():
        AuditSeal.objects.filter(position=witness.position).delete()
        AuditEntry.objects.filter(pk__gt=kept.pk).delete()
    assert list(chain.broken()) == []
    assert [*chain.broken(witness)] == [
        f"the chain ends at seal {witness.position - 1}: it went as far as {witness.position} before"
    ]
    write()
    chain.seal()
    assert "written anew" in next(chain.broken(witness))


def test_entries_left_unsealed_for_long_are_told_and_sealed_by_the_daily_look(caplog) -> None:
    chain.seal(everything=True)
    now = timezone.now()
    old = AuditEntry.objects.create(at=now - dt.timedelta(hours=1), who="system", verb="x", kind="case")
    assert [f"entry {old.pk} of" in problem for problem in chain.left_unsealed(now)] == [True]
    with caplog.at_level(logging.INFO, logger="warrantydesk.audit.chain"):
        prove_audit()
    assert f"head={chain.head().position}:{chain.head().hash}" in caplog.text
    assert list(chain.left_unsealed(now)) == []


def test_check_integrity_names_the_break_and_the_daily_look_shouts(caplog, capsys) -> None:
    entry = write(2)[0]
    seal_audit()
    with unguarded():
        _forge_a_fact(entry)
    prove_audit()
    assert [record.levelname for record in caplog.records if "audit trail: seal" in record.message] == ["ERROR"]
    with pytest.raises(CommandError, match="no POSITION:HASH"):
        call_command("check_integrity", witness="417")
    with pytest.raises(CommandError):
        call_command("check_integrity", witness=str(chain.head()))
    assert f"entry {entry.pk} is not what it was" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_many_write_and_seal_at_once_and_the_chain_is_whole() -> None:
    """Writers commit and take back in their own time, while two seal: every entry that was kept has one seal."""
    before, count = mark(), 12

    def writes() -> None:
        for number in range(count):
            try:
                with transaction.atomic():
                    put_on_record("case.approve", "case", number, who="system")
                    if number % 3 == 0:
                        raise RuntimeError
            except RuntimeError:
                pass
        connection.close()

    def seals() -> None:
        for _ in range(count):
            chain.seal()
        connection.close()

    threads = [Thread(target=does) for does in (writes, seals, writes, seals)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain.seal(everything=True)
    written = written_since(before)
    assert len(written) == 2 * (count - count // 3)
    assert AuditSeal.objects.filter(entry__in=written).count() == len(written)
    assert list(chain.broken()) == []
