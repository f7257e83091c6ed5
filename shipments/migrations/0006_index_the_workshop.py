from django.db import migrations, models

from products.quiet_index import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("shipments", "0005_write_who_is_in_the_workshop")]

    operations = [
        AddIndexQuietly(
            model_name="repairshipment",
            index=models.Index(
                condition=models.Q(("here_since__isnull", False)),
                fields=["here_since", "id"],
                name="shipment_in_workshop",
            ),
        ),
    ]
