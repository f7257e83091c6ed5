"""What a report is asked for. What was typed stays, what is wrong is said; then the report shows the usual days."""

from datetime import date, datetime, tzinfo
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from products.models import Product
from products.written_once import WrittenOnce
from warrantydesk.reports.asked import BATCH, COUNTRY, DATES, EVERY_FILTER, PART, PRODUCT, REVIEWER, Asked
from warrantydesk.reports.choices import PlainDate, PlainSelect, country_choices
from warrantydesk.reports.ranges import EARLIEST, LONGEST, Range, latest_weeks

DAYS = ("from", "to")


def _day(label: Any) -> forms.DateField:
    widget = PlainDate(format="%Y-%m-%d")
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=widget,
        error_messages={"invalid": _("There is no such day: write it as 2026-03-31.")},
    )


class RangeForm(forms.Form):
    """`from` and `to`, either of which may be left out. Filled with the usual range where neither was asked for."""

    fields_read: tuple[str, ...] = DAYS

    def __init__(self, query: QueryDict, today: date) -> None:
        asked = any(name in query for name in self.fields_read)
        self.today, self.usual = today, latest_weeks(today)
        super().__init__(query if asked else None, initial={"from": self.usual.first, "to": self.usual.last})
        # `from` is a word of Python: it can be a field, but no attribute of the class.
        self.fields["from"], self.fields["to"] = _day(_("From")), _day(_("To"))

    @property
    def range(self) -> Range:
        """The days asked for, or the usual ones where nothing was asked for, or nothing that could be answered."""
        if not (self.is_bound and self.is_valid()):
            return self.usual
        return self._filled_up(self.cleaned_data)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for field in DAYS:
            if (day := data.get(field)) is not None:
                self._check_day(field, day)
        if not self.errors:
            self._check_range(self._filled_up(data))
        return data

    def _filled_up(self, data: dict[str, Any]) -> Range:
        last = data["to"] or self.today
        return Range(data["from"] or latest_weeks(last).first, last)

    def _check_day(self, field: str, day: date) -> None:
        if day > self.today:
            self.add_error(field, _("This day has not come yet: choose today or an earlier one."))
        elif day < EARLIEST:
            self.add_error(field, _("Nothing goes back as far as this: choose a later day."))

    def _check_range(self, chosen: Range) -> None:
        if chosen.last < chosen.first:
            self.add_error("to", _("The last day lies before the first one: swap them."))
        elif chosen.last - chosen.first > LONGEST:
            self.add_error("from", _("This is more than two years: choose a later first day."))


def _choice(label: Any, rows: Any) -> forms.TypedChoiceField:
    """`rows` are keys with names."""
    choices = [("", _("All")), *((str(pk), name) for pk, name in rows)]
    wrong = {"invalid_choice": _("There is no such choice: take one from the list.")}
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=choices,
        coerce=int,
        empty_value=None,
        error_messages=wrong,
        widget=PlainSelect,
    )


_PRODUCTS = WrittenOnce(lambda: Product.objects.order_by("name", "pk").values_list("pk", "name", "kind"))
_COLLEAGUES = WrittenOnce(lambda: get_user_model().objects.filter(is_staff=True).order_by("name").only("name", "email"))


class AskedForm(RangeForm):
    """The days and the filters of one report. A filter the report does not know is not read."""

    fields_read = (*DAYS, *EVERY_FILTER[1:])

    def __init__(self, query: QueryDict, today: date, filters: tuple[str, ...]) -> None:
        super().__init__(query, today)
        products = _PRODUCTS.ask().fetched()
        if PRODUCT in filters:
            self.fields[PRODUCT] = _choice(_("Product"), ((pk, name) for pk, name, _kind in products))
        if PART in filters:
            singly = ((pk, name) for pk, name, kind in products if kind == Product.Kind.SINGLE)
            self.fields[PART] = _choice(_("Part"), singly)
        if BATCH in filters:
            self.fields[BATCH] = forms.DateField(
                label=_("Sold in"),
                required=False,
                input_formats=["%Y-%m"],
                widget=PlainDate(attrs={"type": "month"}, format="%Y-%m"),
                error_messages={"invalid": _("There is no such month: write it as 2026-03.")},
            )
        if COUNTRY in filters:
            wrong = {"invalid_choice": _("There is no such choice: take one from the list.")}
            every = [("", _("All")), *country_choices()]
            self.fields[COUNTRY] = forms.ChoiceField(
                label=_("Country"), required=False, choices=every, error_messages=wrong, widget=PlainSelect
            )
        if REVIEWER in filters:
            self.fields[REVIEWER] = _choice(_("Reviewer"), ((one.pk, str(one)) for one in _COLLEAGUES.ask().fetched()))
        if DATES not in filters:
            for name in DAYS:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        return super().clean() if "to" in self.fields else dict(self.cleaned_data)

    @property
    def range(self) -> Range:
        return super().range if "to" in self.fields else self.usual

    def asked(self, now: datetime, zone: tzinfo) -> Asked:
        """What is asked for; the usual days and no filter where something cannot be answered."""
        data = self.cleaned_data if self.is_bound and self.is_valid() else {}
        chosen = {name: data.get(name) for name in (PRODUCT, PART, BATCH, REVIEWER)}
        return Asked(self.range, now, zone, country=data.get(COUNTRY) or "", **chosen)
