from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("reports", "0007_kept_rows_by_name")]

    operations = [
        migrations.RemoveIndex(model_name="stagerun", name="run_by_length"),
        migrations.AddIndex(
            model_name="stagerun",
            index=models.Index("stage", F("seconds") / 7200, "ended_on", "seconds", name="run_by_bucket"),
        ),
        migrations.AlterField(model_name="runtally", name="seconds", field=models.BigIntegerField(default=0)),
        migrations.AddField(model_name="runtally", name="part", field=models.BigIntegerField(null=True)),
        migrations.RemoveIndex(model_name="runtally", name="run_tally_by_week"),
        migrations.AddIndex(
            model_name="runtally",
            index=models.Index(fields=["part", "monday", "stage"], name="run_tally_by_part"),
        ),
        migrations.AddIndex(
            model_name="tally",
            index=models.Index(
                fields=["part", "subject", "day"], name="tally_by_part", condition=models.Q(part__isnull=False)
            ),
        ),
        migrations.AddIndex(
            model_name="claimfigures", index=models.Index(fields=["part", "figures"], name="claim_of_part")
        ),
        migrations.AlterField(
            model_name="claimfigures",
            name="part",
            field=models.ForeignKey(
                db_index=False, on_delete=models.CASCADE, related_name="+", to="products.product"
            ),
        ),
    ]
