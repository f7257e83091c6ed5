from django.db import migrations
from django.db.models import Exists, F, Max, OuterRef

CHUNK = 10_000


def write(apps, schema_editor):
    """Stretch by stretch, each its own short transaction; cut short, it can be run again."""
    using = schema_editor.connection.alias
    parcels = apps.get_model("shipments", "RepairShipment").objects.using(using).order_by()
    counting = parcels.filter(cancelled_at=None, proposed=False)
    away = apps.get_model("products", "PauseWindow").objects.filter(back_on=None).order_by().values("part")
    packed = apps.get_model("shipments", "PackedPart").objects.filter(shipment=OuterRef("pk"), part__in=away)
    left = counting.filter(
        case=OuterRef("case"), direction="to_customer", latest_event_at__gte=OuterRef("arrived_at")
    ).exclude(latest_kind__in=("", "label", "pickup_failed"))
    arrived = counting.filter(direction="to_workshop", arrived_at__isnull=False, here_since=None)
    here = arrived.filter(Exists(packed.order_by())).exclude(Exists(left))
    last = parcels.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last, CHUNK):
        here.filter(pk__gt=start, pk__lte=start + CHUNK).update(here_since=F("arrived_at"))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("shipments", "0004_parcels_in_the_workshop"), ("products", "0007_pauses_to_review")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
