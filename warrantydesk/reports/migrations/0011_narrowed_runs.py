from django.db import migrations, models
from django.db.models import F

from products.quiet_index import AddIndexQuietly


class Migration(migrations.Migration):
    """The new tables are filled by the nightly proof, or by `count_figures` whenever it is run: until then, reports
    look at the runs themselves."""

    atomic = False  # the index is made while the desk works

    dependencies = [("reports", "0010_index_batches")]

    operations = [
        migrations.CreateModel(
            name="NarrowedRunTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("of", models.CharField(max_length=24)),
                ("stage", models.CharField(max_length=12)),
                ("monday", models.DateField()),
                ("bucket", models.PositiveIntegerField()),
                ("number", models.BigIntegerField()),
                ("seconds", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["of", "monday", "stage"],
                        include=["bucket", "number", "seconds"],
                        name="run_tally_narrowed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NarrowedWeekSpread",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(max_length=12)),
                ("monday", models.DateField()),
                ("number", models.BigIntegerField()),
                ("seconds", models.BigIntegerField()),
                ("median", models.FloatField()),
                ("ninth", models.FloatField()),
                ("of", models.CharField(max_length=24)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("of", "monday", "stage"), name="narrowed_week_once")
                ],
            },
        ),
        AddIndexQuietly(
            model_name="stagerun",
            index=models.Index(
                "stage", F("seconds") / 7200, "ended_on", "seconds",
                name="run_by_length", include=["figures", "product", "country", "reviewer"],
            ),
        ),
        migrations.RemoveIndex(model_name="stagerun", name="run_by_bucket"),
    ]
