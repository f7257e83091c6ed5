"""The days asked for. What was typed stays, and what is wrong with it is said; the report shows the usual days."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from warrantydesk.reports.ranges import EARLIEST, LONGEST, Range, latest_weeks


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=widget,
        error_messages={"invalid": _("There is no such day: write it as 2026-03-31.")},
    )


class RangeForm(forms.Form):
    """`from` and `to`, either of which may be left out. Filled with the usual range where neither was asked for."""

    def __init__(self, query: QueryDict, today: date) -> None:
        asked = "from" in query or "to" in query
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
        for field in ("from", "to"):
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
