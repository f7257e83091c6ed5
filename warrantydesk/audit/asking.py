"""What a manager asks the trail: by whom, what, about which object, on which days. What is wrong is said, and the rest
still answered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.reference import parse_reference
from warrantydesk.audit.models import AuditEntry
from warrantydesk.audit.verbs import verb_choices, verbs_of

NAMES = ("by", "what", "object", "from", "to")
OTHERS = [
    (AuditEntry.Who.CUSTOMER.value, _("Customers")),
    (AuditEntry.Who.SYSTEM.value, _("The desk itself")),
    (AuditEntry.Who.NOBODY.value, _("Whoever could not sign in")),
    (AuditEntry.Who.TOKEN.value, _("Tokens of the API")),
]


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("There is no such day: write it as 2026-03-31.")},
    )


class AskForm(forms.Form):
    by = forms.ChoiceField(label=_("By"), required=False)
    what = forms.ChoiceField(label=_("What"), required=False)
    object = forms.CharField(
        label=_("About"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("WD-7F3K-2, part 12, user 3"), "autocomplete": "off"}),
    )

    def __init__(self, query: QueryDict) -> None:
        super().__init__({name: query.get(name, "") for name in NAMES}, auto_id="audit-%s")
        people: Any = get_user_model()
        accounts = [(str(one.pk), str(one)) for one in people.objects.order_by("name", "pk")]
        self.fields["by"].choices = [("", _("Anybody")), (_("Staff"), accounts), (_("Others"), OTHERS)]  # type: ignore[attr-defined]
        self.fields["what"].choices = [("", _("Anything")), *verb_choices()]  # type: ignore[attr-defined]
        # `from` is a word of Python: it can be a field, but no attribute of the class.
        self.fields["from"], self.fields["to"] = _day(_("From")), _day(_("To"))

    def clean_object(self) -> tuple[str, int] | None:
        written = str(self.cleaned_data["object"]).strip()
        if not written:
            return None
        if reference := parse_reference(written):
            key = Case.objects.filter(reference=reference).values_list("pk", flat=True).first()
            if key is None:
                raise forms.ValidationError(_("There is no case of this reference."))
            return ("case", key)
        kind, _blank, number = written.replace(":", " ").partition(" ")
        if not (number.strip().isdecimal() and len(number.strip()) < 19):
            raise forms.ValidationError(_("Write the reference of a case, or a kind and its number: part 12."))
        return (kind.lower(), int(number))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("from"), data.get("to")
        if first and last and last < first:
            self.add_error("to", _("The last day lies before the first one: swap them."))
        return data

    def entries(self, zone: dt.tzinfo) -> QuerySet[AuditEntry]:
        """The entries asked for, newest first; none where something that was asked cannot be."""
        if not self.is_valid():
            return AuditEntry.objects.none()
        asked = self.cleaned_data
        wanted = self._by(asked["by"]) & _what(asked["what"])
        if asked["object"]:
            wanted &= Q(kind=asked["object"][0], object_id=asked["object"][1])
        if asked["from"]:
            wanted &= Q(at__gte=_midnight(asked["from"], zone))
        if asked["to"]:
            wanted &= Q(at__lt=_midnight(asked["to"] + dt.timedelta(days=1), zone))
        return AuditEntry.objects.filter(wanted).order_by("-at", "-pk")

    def _by(self, by: str) -> Q:
        if not by:
            return Q()
        return Q(person=int(by)) if by.isdecimal() else Q(who=by)

    @property
    def facts(self) -> dict[str, Any]:
        """What was asked, as the trail keeps it of an export: no word that was typed."""
        asked = self.cleaned_data
        kind, key = asked["object"] or ("", None)
        codes = {"user": asked["by"], "what": asked["what"].replace("*", "all"), "table": kind, "key": key}
        return {name: value for name, value in codes.items() if value} | {"first": asked["from"], "last": asked["to"]}


def _what(what: str) -> Q:
    if not what:
        return Q()
    group, _dot, name = what.partition(".")
    return Q(verb__in=verbs_of(group)) if name == "*" else Q(verb=what)


def _midnight(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=zone)
