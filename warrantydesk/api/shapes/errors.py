"""Errors, as problem+json."""

from rest_framework import serializers


class FieldProblem(serializers.Serializer):
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    code = serializers.CharField()


class Unmet(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class Problem(serializers.Serializer):
    """RFC 9457. `code` is for programs, `detail` for people; `field` and `errors` say what was wrong."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    field = serializers.CharField(required=False)
    errors = FieldProblem(many=True, required=False)
    unmet = Unmet(many=True, required=False)
