from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0014_index_parcels_by_transit")]

    operations = [
        migrations.AddField(
            model_name="claimfigures",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("all", "every part covered"),
                    ("some", "some parts covered"),
                    ("none", "no part covered"),
                    ("each", "to be counted with the others of its case"),
                ],
                db_default="",
                default="",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="claimfigures",
            name="is_twin",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Its case has another decided claim of the same part."
            ),
        ),
    ]
