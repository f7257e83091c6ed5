import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0011_narrowed_runs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="parcelfigures",
            name="product",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                to="products.product",
            ),
        ),
        migrations.AddField(
            model_name="parcelfigures",
            name="sold_in",
            field=models.DateField(null=True, verbose_name="month of sale"),
        ),
        migrations.AddField(
            model_name="parcelfigures",
            name="reviewer",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="parcelfigures",
            name="parts",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
    ]  # fmt: skip
