from django.db import migrations, transaction
from django.db.models import Case, Count, F, SmallIntegerField, Value, When
from django.db.models.functions import TruncWeek

BUCKET, AT_ONCE = 7200, 5_000
MISSING = ("invoice", "serial", "part", "description", "evidence")


def _bit(value, **condition):
    return Case(When(**condition, then=Value(value)), default=Value(0), output_field=SmallIntegerField())


def _subjects():
    missing = sum((_bit(1 << at, **{f"missing_{of}": True}) for at, of in enumerate(MISSING)), Value(0))
    intake = _bit(1, complete=True) + _bit(2, asked_times__gt=0)
    yield "received_p", "received_on", {"word": F("state")}
    yield "ended_p", "closed_on", {}
    yield "intake_p", "received_on", {"word": F("language"), "other": F("source"), "flag": intake}
    yield "missing_p", "received_on", {"flag": missing}


def write(apps, schema_editor):
    """The runs, requests and ends of the cases that claim each part. Cut short, it can be run again."""
    using = schema_editor.connection.alias
    with transaction.atomic(using=using):
        _write_runs(apps, using)
    for subject, day, keys in _subjects():
        with transaction.atomic(using=using):
            _write_tally(apps, using, subject, day, keys)


def _write_runs(apps, using):
    runs = apps.get_model("reports", "StageRun").objects.using(using).order_by()
    ledger = apps.get_model("reports", "RunTally")
    rows = runs.annotate(monday=TruncWeek("ended_on"), bucket=F("seconds") / BUCKET)
    rows = rows.filter(figures__claims__isnull=False)
    names = ("part", "stage", "monday", "bucket", "number")
    alike = rows.values_list("figures__claims__part", *names[1:-1]).annotate(n=Count("pk", distinct=True))
    ledger.objects.using(using).filter(part__isnull=False).delete()
    _store(ledger, using, (dict(zip(names, row, strict=True)) for row in alike.iterator(AT_ONCE)))


def _write_tally(apps, using, subject, day, keys):
    cases = apps.get_model("reports", "CaseFigures").objects.using(using).order_by().filter(claims__isnull=False)
    ledger = apps.get_model("reports", "Tally")
    ledger.objects.using(using).filter(subject=subject).delete()
    rows = cases.filter(**{f"{day}__isnull": False})
    named = {f"k_{name}": key for name, key in {"day": F(day), "part": F("claims__part"), **keys}.items()}
    alike = rows.annotate(**named).values_list(*named).annotate(n=Count("pk", distinct=True))
    names = [*(name.removeprefix("k_") for name in named), "number"]
    of = ({"subject": subject, **dict(zip(names, row, strict=True))} for row in alike.iterator(AT_ONCE))
    _store(ledger, using, of)


def _store(ledger, using, rows):
    ledger.objects.using(using).bulk_create((ledger(**row) for row in rows), batch_size=AT_ONCE)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("reports", "0008_ledger_by_part")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
