"""Reports: what there is, and one with its figures."""

from rest_framework import serializers

from warrantydesk.api.shapes.fields import key, text


class ReportQuery(serializers.Serializer):
    """`filters` of a report says which of these it reads; any other is refused."""

    product = key(required=False, help_text="The `id` of the product sold.")
    part = key(required=False, help_text="The `id` of the part, in the catalogue.")
    batch = text(7, help_text="Month of sale, as 2026-03.")
    country = text(2, help_text="ISO 3166, two letters.")
    reviewer = key(required=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        # `from` is a word of Python: it can be a field, but no attribute of the class.
        days = {name: serializers.DateField(required=False) for name in ("from", "to")}
        return {**days, **super().get_fields()}


class OfferedOut(serializers.Serializer):
    name = serializers.CharField()
    title = serializers.CharField()
    answers = serializers.CharField(help_text="The question it answers.")
    filters = serializers.ListField(child=serializers.CharField())


class ReportsOut(serializers.Serializer):
    items = OfferedOut(many=True)


class TableOut(serializers.Serializer):
    """`rows` are cells in the order of `columns`: days as 2026-03-31, shares as 0.125, null for no figure. `restated`
    says what differs from the figures kept when the week asked for was over."""

    code = serializers.CharField()
    title = serializers.CharField()
    meaning = serializers.CharField(allow_blank=True)
    formula = serializers.CharField(allow_blank=True)
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.JSONField(allow_null=True)))
    total = serializers.ListField(child=serializers.JSONField(allow_null=True), allow_null=True)
    restated = serializers.ListField(child=serializers.CharField())


class ReportOut(serializers.Serializer):
    report = serializers.CharField()
    tables = TableOut(many=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**{name: serializers.DateField() for name in ("from", "to")}, **super().get_fields()}
