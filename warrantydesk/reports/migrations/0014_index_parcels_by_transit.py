from django.db import migrations, models

from products.quiet_index import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False  # the index is made while the desk works

    dependencies = [("reports", "0013_write_narrowed_parcels")]

    operations = [
        AddIndexQuietly(
            model_name="parcelfigures",
            index=models.Index(
                fields=["carrier", "direction", "country", "seconds", "arrived_on"],
                include=["product", "sold_in", "reviewer", "parts"],
                name="parcel_by_transit",
            ),
        ),
        AddIndexQuietly(
            model_name="parcelfigures",
            index=models.Index(fields=["shipment"], condition=models.Q(("parts", "")), name="parcel_not_listed"),
        ),
        migrations.RemoveIndex(model_name="parcelfigures", name="parcel_by_way"),
    ]
