from collections import Counter, defaultdict
from itertools import groupby

from django.db import migrations, transaction
from django.db.models import Case, CharField, Count, F, Max, Q, SmallIntegerField, Value, When

CHUNK, AT_ONCE = 25_000, 5_000
ALIKE = ("decided_on", "reviewer", "product", "country", "sold_in")
KNOWN = {"covered", "denied"}
OF_DECIDED = {"product": F("product_id"), "reviewer": F("reviewer_id")}
OF_A_PART = {**OF_DECIDED, "part": F("part_id")}
LEFT = Case(
    When(days_left__isnull=True, then=Value(5)),
    *(When(days_left__lte=most, then=Value(place)) for place, most in enumerate((-1, 7, 30, 90))),
    default=Value(4),
    output_field=SmallIntegerField(),
)
WORD = Case(When(verdict="covered", then=F("verdict")), default=Value(""), output_field=CharField())
OF_A_PRODUCTS_PART = {"product": F("product_id"), "part": F("part_id")}
OF_CLAIMS = (
    ("denials_p", "decided_on", {**OF_A_PART, "word": F("reason")}, Q(verdict="denied")),
    ("outcomes", "decided_on", {**OF_DECIDED, "word": F("outcome")}, Q(outcome__in=["all", "some", "none"])),
    ("outcomes_p", "decided_on", {**OF_A_PART, "word": F("verdict")}, Q(is_twin=False, verdict__in=KNOWN)),
    ("ending_p", "received_on", {**OF_A_PRODUCTS_PART, "flag": LEFT, "word": WORD}, Q()),
)
OF_PAUSES = (
    ("away_p", "back_on", {**OF_A_PRODUCTS_PART, "flag": F("days")}, Count("unit", distinct=True)),
    ("granted_p", "back_on", {**OF_A_PRODUCTS_PART, "flag": F("days")}, Count("pk")),
)


def write_outcomes(apps, schema_editor):
    """What the decided parts of each case come to: stretch by stretch, each its own short transaction."""
    using = schema_editor.connection.alias
    claims = apps.get_model("reports", "ClaimFigures").objects.using(using)
    last = claims.aggregate(last=Max("figures"))["last"] or 0
    for start in range(0, last, CHUNK):
        alike = defaultdict(list)
        decided = claims.filter(figures__gt=start, figures__lte=start + CHUNK, decided_on__isnull=False)
        for told, key in _told(decided):
            alike[told].append(key)
        with transaction.atomic(using=using):
            for (outcome, is_twin), keys in alike.items():
                for place in range(0, len(keys), AT_ONCE):
                    rows = claims.filter(pk__in=keys[place : place + AT_ONCE])
                    rows.update(outcome=outcome, is_twin=is_twin)


def _told(decided):
    rows = decided.order_by("figures", "pk").values_list("figures", "pk", "part", "verdict", *ALIKE)
    for _case, of_case in groupby(rows.iterator(AT_ONCE), key=lambda row: row[0]):
        found = list(of_case)
        parts = Counter(row[2] for row in found)
        outcome = _outcome({row[3] for row in found}, {row[4:] for row in found})
        for place, (_figures, key, part, *_others) in enumerate(found):
            told = outcome if outcome == "each" or not place else ""
            if told or parts[part] > 1:
                yield (told, parts[part] > 1), key


def _outcome(verdicts, chosen_by):
    if len(chosen_by) > 1 or verdicts - KNOWN:
        return "each"
    if len(verdicts) > 1:
        return "some"
    return "all" if "covered" in verdicts else "none"


def write_ledger(apps, schema_editor):
    """Cut short, it can be run again."""
    using = schema_editor.connection.alias
    tally = apps.get_model("reports", "Tally")
    claims = apps.get_model("reports", "ClaimFigures").objects.using(using).order_by()
    pauses = apps.get_model("reports", "PauseFigures").objects.using(using).order_by()
    for subject, day, keys, wanted in OF_CLAIMS:
        rows = claims.filter(wanted, **{f"{day}__isnull": False})
        _write(tally, using, subject, rows, {"day": F(day), **keys}, Count("pk"))
    for subject, day, keys, number in OF_PAUSES:
        _write(tally, using, subject, pauses, {"day": F(day), **keys}, number)


def _write(tally, using, subject, rows, keys, number):
    named = {f"k_{name}": key for name, key in keys.items()}
    names = [*keys, "number"]
    alike = rows.annotate(**named).values_list(*named).annotate(n=number)
    with transaction.atomic(using=using):
        tally.objects.using(using).filter(subject=subject).delete()
        of = (tally(subject=subject, **dict(zip(names, row, strict=True))) for row in alike.iterator(AT_ONCE))
        tally.objects.using(using).bulk_create(of, batch_size=AT_ONCE)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("reports", "0015_outcomes")]

    operations = [
        migrations.RunPython(write_outcomes, migrations.RunPython.noop),
        migrations.RunPython(write_ledger, migrations.RunPython.noop),
    ]
