from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shipments", "0003_parcels_to_review")]

    operations = [
        migrations.AddField(
            model_name="repairshipment",
            name="here_since",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Empty where it never arrived here, no clock stands still for it, or something has left since.",
                null=True,
                verbose_name="in the workshop since",
            ),
        ),
    ]
