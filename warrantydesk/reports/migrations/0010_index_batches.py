from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0009_write_ledger_by_part")]

    operations = [
        migrations.AddIndex(
            model_name="casefigures",
            index=models.Index(fields=["sold_in", "received_on", "state", "closed_on"], name="figures_by_batch"),
        ),
        migrations.AddIndex(
            model_name="stagerun",
            index=models.Index(fields=["sold_in", "ended_on", "stage", "seconds"], name="run_by_batch"),
        ),
    ]
