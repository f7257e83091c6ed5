"""Figures about parcels for /metrics: each one that is not zero has its row in the runbook."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from shipments.models import TrackingHook
from shipments.queries import carrier_health, hooks_to_see, last_proof, silent_parcels


def parcel_figures(now: datetime) -> Iterator[Metric]:
    health = carrier_health(now)
    due = _gauge("parcels_due", "Parcels whose look is due, by carrier.", "carrier")
    resting = _gauge("carrier_resting", "1 while a carrier is not asked because it keeps failing.", "carrier")
    for one in health:
        if one.state != "unknown" or one.parcels:
            due.add_metric([one.code], one.due)
            resting.add_metric([one.code], one.state == "resting")
    yield from (due, resting)
    yield _gauge("parcels_silent", "Parcels silent while a warranty stands still.", value=silent_parcels(now).count())
    unread = TrackingHook.objects.filter(outcome="").count()
    yield _gauge("tracking_hooks_unread", "Calls of carriers kept and not taken in yet.", value=unread)
    yield _gauge("tracking_hooks_failed", "Calls of carriers nobody could take in.", value=hooks_to_see().count())
    yield from _proof(now)


def _proof(now: datetime) -> Iterator[Metric]:
    proof = last_proof()
    if proof is not None:
        says = "Parts whose stored pauses the scans did not prove, last night."
        yield _gauge("pauses_different", says, value=proof.different)
        age = (now - proof.began_at).total_seconds()
        yield _gauge("pauses_proof_age_seconds", "Since the last proof of the pauses began.", value=age)


def _gauge(name: str, says: str, *labels: str, value: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"warrantydesk_{name}", says, value=value, labels=labels or None)
