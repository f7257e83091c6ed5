"""What every address of the API has in common: token, scope, limits, ETag, and doing things once."""

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework import exceptions, serializers
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.actors import Actor
from warrantydesk.api import idempotency
from warrantydesk.api.paging import page_of
from warrantydesk.api.preconditions import tag_of


@method_decorator(conditional_page, name="dispatch")
class Door(APIView):
    """`scopes` names the scope each method needs. A POST under an Idempotency-Key is done once."""

    scopes: ClassVar[dict[str, str]] = {}
    parser_classes: Any = (JSONParser,)

    @property
    def actor(self) -> Actor:
        return Actor.staff(self.request.user)

    @property
    def now(self) -> Any:
        return timezone.now()

    def given(self, shape: type[serializers.Serializer]) -> dict[str, Any]:
        """The body of the request, checked."""
        found = shape(data=self.request.data)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def asked(self, shape: type[serializers.Serializer]) -> dict[str, Any]:
        """The parameters of the address, checked; those that are empty are left out."""
        found = shape(data=self.request.query_params)
        found.is_valid(raise_exception=True)
        return {name: value for name, value in found.validated_data.items() if value not in ("", None)}

    def page(self, rows: Any, query: dict[str, Any], shape: Any) -> Response:
        found, following = page_of(self.request, rows, query)
        items = shape(found) if not isinstance(shape, type) else shape(found, many=True).data
        return Response({"items": items, "next": following})

    def tagged(self, data: Any, status: int = 200) -> Response:
        """With the ETag that a change of it asks for in `If-Match`, however the answer is written out."""
        return Response(data, status=status, headers={"ETag": tag_of(data)})

    def one(self, rows: Any, **by: Any) -> Any:
        """The row, or 404."""
        found = rows.filter(**by).first()
        if found is None:
            raise exceptions.NotFound("There is no such thing, or this token may not see it.")
        return found


class Writing(Door):
    """An address that changes something. The handler is `write`; `post` sees to it that it is done once."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        row = idempotency.begin(request)
        if row is not None and row.status is not None:
            headers = {"Idempotent-Replayed": "true", **({"Location": row.location} if row.location else {})}
            return Response(row.body, status=row.status, headers=headers)
        try:
            response = self.write(request, *args, **kwargs)
        except Exception:
            if row is not None:
                row.delete()
            raise
        if row is not None:
            idempotency.end(row, response)
        return response

    def write(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        raise NotImplementedError


TAKES_FILES = (JSONParser, MultiPartParser)
