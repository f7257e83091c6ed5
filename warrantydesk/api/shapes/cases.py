"""Cases: as they are opened, read, talked about and decided."""

from typing import Any

from rest_framework import serializers

from cases.models import Case, CaseEvent, ClaimedPart, Evidence, Message
from cases.models.case import State
from cases.rules.lifecycle import MATERIAL
from warrantydesk.api.paging import PageQuery
from warrantydesk.api.shapes.fields import WORDS, key, text
from warrantydesk.api.shapes.sales import CustomerIn, CustomerOut


class CaseFilter(PageQuery):
    state = serializers.ChoiceField(State.choices, required=False)
    email = text(254, help_text="Of the customer, in any case.")
    invoice = key(required=False)
    changed_from = serializers.DateTimeField(required=False)


class CaseIn(serializers.Serializer):
    """What is not known may be left out: the case then waits for it, and the customer is asked."""

    customer = CustomerIn()
    subject = text(250)
    description = serializers.CharField(**WORDS)
    invoice_number = text(120)
    serial_number = text(250)
    part_ids = serializers.ListField(child=key(), required=False, max_length=200, help_text="Parts that are claimed.")
    acknowledge = serializers.BooleanField(default=True, help_text="Tell the customer the reference by mail.")

    def validate_customer(self, value: dict[str, Any]) -> dict[str, Any]:
        if not value.get("email"):
            raise serializers.ValidationError({"email": "A case needs somebody to answer to."})
        return value


class CaseWithFilesIn(serializers.Serializer):
    """The same as a form: `case` holds it as JSON, `evidence` one file or several."""

    case = serializers.CharField(max_length=100_000)
    evidence = serializers.ListField(child=serializers.FileField(), required=False, max_length=40)


class ClaimOut(serializers.ModelSerializer):
    part = serializers.IntegerField(source="part_id")
    label = serializers.CharField(source="part.label")
    cause = serializers.CharField(source="cause.code", default=None, allow_null=True)
    reason = serializers.CharField(source="reason.code", default=None, allow_null=True)

    class Meta:
        model = ClaimedPart
        fields = (
            "id", "part", "label", "confirmed", "cause_recorded", "cause", "defect_found", "finding", "verdict",
            "reason", "resolution", "words",
        )  # fmt: skip


class CaseRow(serializers.ModelSerializer):
    customer = CustomerOut()
    invoice = serializers.IntegerField(source="invoice_id", allow_null=True)
    unit = serializers.IntegerField(source="unit_id", allow_null=True)
    state = serializers.ChoiceField(State.choices)

    class Meta:
        model = Case
        fields: Any = (
            "id", "reference", "state", "source", "customer", "subject", "description", "language", "invoice_as_given",
            "serial_as_given", "invoice", "unit", "received_at", "submitted_on", "changed_at",
        )  # fmt: skip


class CaseOut(CaseRow):
    claimed_parts = ClaimOut(many=True)
    missing = serializers.ListField(child=serializers.ChoiceField(MATERIAL))

    class Meta(CaseRow.Meta):
        fields: Any = (*CaseRow.Meta.fields, "claimed_parts", "missing")


class MessageIn(serializers.Serializer):
    kind = serializers.ChoiceField(("note", "to_customer", "from_customer"))
    text = serializers.CharField(max_length=20_000)


class MessageOut(serializers.ModelSerializer):
    class Meta:
        model = Message
        fields = ("id", "direction", "automatic", "sender_name", "subject", "text", "at")


class EvidenceIn(serializers.Serializer):
    evidence = serializers.ListField(child=serializers.FileField(), min_length=1, max_length=40)
    text = serializers.CharField(**WORDS)


class EvidenceOut(serializers.ModelSerializer):
    class Meta:
        model = Evidence
        fields = ("id", "name", "content_type", "size", "sha256", "status", "refusal", "received_at", "captured_at")


class EventOut(serializers.ModelSerializer):
    class Meta:
        model = CaseEvent
        fields = ("id", "at", "kind", "name", "from_state", "to_state", "actor_kind", "why")


class FindingIn(serializers.Serializer):
    cause = text(40, help_text="A void reason, `none` for looked and none seen, empty for not looked yet.")
    defect_found = serializers.BooleanField(default=False)
    finding = serializers.CharField(**WORDS)


class VerdictIn(serializers.Serializer):
    verdict = serializers.ChoiceField(("covered", "denied"))
    reason = text(40)
    resolution = serializers.ChoiceField(("", "repair", "replacement"), default="")
    words = serializers.CharField(**WORDS)
    goodwill_reason = serializers.CharField(**WORDS)


class TransitionIn(serializers.Serializer):
    """One of the paths of the lifecycle. `missing` is for `request_information`, `reason` for `withdraw`."""

    name = serializers.ChoiceField(
        ("begin_review", "request_information", "approve", "deny", "undo", "reopen", "withdraw")
    )
    why = serializers.CharField(**WORDS)
    missing = serializers.ListField(child=serializers.ChoiceField(MATERIAL), required=False, max_length=5)
    words = serializers.CharField(**WORDS)
    reason = serializers.ChoiceField(("", "withdrawn", "duplicate", "not_a_request"), default="")
    duplicate_of = text(20)
