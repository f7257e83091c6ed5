"""Fields and pages that every resource has."""

from functools import cache
from typing import Any

from rest_framework import serializers

LARGEST = 2**63 - 1
WORDS = {"max_length": 20_000, "required": False, "allow_blank": True, "default": ""}


def key(**given: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=LARGEST, **given)


def text(length: int, **given: Any) -> serializers.CharField:
    given = {"required": False, "allow_blank": True, "default": "", **given}
    return serializers.CharField(max_length=length, **given)


@cache
def listed(shape: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """A page of these rows."""
    return type(
        f"{shape.__name__}Page",
        (serializers.Serializer,),
        {
            "items": shape(many=True),
            "next": serializers.URLField(allow_null=True, help_text="The next page, null on the last."),
        },
    )
