"""Admin pages on which something can be changed: each change leaves an entry of the audit trail beside Django's log."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from products.auditing import by_person, put_on_record


class KeptAdmin(ModelAdmin):
    """What was changed is told by the names of the fields alone: the words in them may be anybody's."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        _put(request, "admin.added", [obj])
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        _put(request, "admin.changed", [obj], message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> Any:
        _put(request, "admin.deleted", queryset)
        return super().log_deletions(request, queryset)


def _put(request: HttpRequest, verb: str, objects: Iterable[Model], message: Any = ()) -> None:
    facts = {"fields": _fields(message)} if verb == "admin.changed" else {}
    for one in objects:
        put_on_record(verb, one._meta.model_name or "", one.pk, facts=facts, **by_person(request.user))


def _fields(message: Any) -> list[str]:
    """The changed fields by name, out of what Django notes of a change; of what hangs below, that something did."""
    said = [what for line in message if isinstance(line, dict) for what in line.values() if isinstance(what, dict)]
    names = [str(name) for what in said for name in what.get("fields", [what.get("name", "")])]
    return sorted({name.strip().lower().replace(" ", "_").replace("-", "_") for name in names if name})
