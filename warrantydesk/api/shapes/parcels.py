"""Parcels, and what was said about them on the way."""

import datetime as dt
from typing import Any

from rest_framework import serializers

from shipments.models import EventKind, RepairShipment, TrackingEvent
from warrantydesk.api.paging import PageQuery
from warrantydesk.api.shapes.fields import key, text

EARLIEST = 2000  # parcels older than this are told of by nobody


def within_reach(when: dt.date) -> None:
    if when.year < EARLIEST:
        raise serializers.ValidationError("This is too long ago.")


class LocalMoment(serializers.DateTimeField):
    """A moment with the offset it was given with: the place's own calendar decides the day."""

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        if value.utcoffset() is None:
            raise serializers.ValidationError("Give the offset of the place: 2025-03-03T10:15:00+01:00.")
        return value


class ParcelFilter(PageQuery):
    case = text(20, help_text="The reference of a case.")
    number = text(60, help_text="The tracking number.")


class ParcelIn(serializers.Serializer):
    """It carries the claimed parts, unless `part_ids` or `whole_product` say something else."""

    case = serializers.CharField(max_length=20, help_text="The reference of a case.")
    direction = serializers.ChoiceField(RepairShipment.Direction.choices)
    carrier = serializers.CharField(max_length=30, help_text="`dhl`, `ups`, …, as the desk names it.")
    tracking_number = serializers.CharField(max_length=120, help_text="As it stands on the label.")
    whole_product = serializers.BooleanField(default=False, help_text="Every part of the sold piece.")
    part_ids = serializers.ListField(child=key(), required=False, min_length=1, max_length=200)
    booked_at = serializers.DateTimeField(
        required=False, validators=[within_reach],
        help_text="For a parcel already on its way: older scans belong to somebody else.",
    )  # fmt: skip


class ScanIn(serializers.Serializer):
    """`occurred_at` with the offset of the place, or `occurred_on` where the hour is not known."""

    kind = serializers.ChoiceField(EventKind.choices)
    proof = serializers.CharField(max_length=500, help_text="What proves it: a receipt, the carrier's page.")
    occurred_at = LocalMoment(required=False, validators=[within_reach])
    occurred_on = serializers.DateField(required=False, validators=[within_reach])
    place = text(200)
    voids = text(80, help_text="Of a correction: the code of the scan it takes back.")


class ScanOut(serializers.ModelSerializer):
    kind = serializers.ChoiceField(EventKind.choices)

    class Meta:
        model = TrackingEvent
        fields = ("id", "kind", "code", "occurred_at", "occurred_on", "place", "text", "heard", "heard_at")


class ParcelRow(serializers.ModelSerializer):
    case = serializers.CharField(source="case.reference")

    class Meta:
        model = RepairShipment
        fields: Any = (
            "id", "case", "direction", "carrier", "tracking_number", "whole_product", "booked_at", "latest_kind",
            "latest_event_at", "arrived_at", "cancelled_at",
        )  # fmt: skip


class ParcelOut(ParcelRow):
    part_ids = serializers.SerializerMethodField()
    events = ScanOut(many=True, source="tracking_events")

    class Meta(ParcelRow.Meta):
        fields: Any = (*ParcelRow.Meta.fields, "part_ids", "events")

    def get_part_ids(self, parcel: RepairShipment) -> list[int]:
        return [packed.part_id for packed in parcel.packed_parts.all()]
