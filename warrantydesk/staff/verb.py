"""One thing a person can do on the case page: what a verb is, and a verb about to be done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise

from cases.models import UsedPart
from warrantydesk.staff.access import HANDLE_CASES
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.forms.base import VerbForm


@dataclass(frozen=True)
class Doing:
    """A verb about to be done: the case, what it is about, the form that was filled in, and by whom."""

    on_desk: CaseOnDesk
    about: Any
    form: Any

    @property
    def case_id(self) -> int:
        return self.on_desk.case.pk

    @property
    def data(self) -> dict[str, Any]:
        return self.form.cleaned_data

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.on_desk.actor, "now": self.on_desk.now}


@dataclass(frozen=True)
class Verb:
    """`about` is "claim", "parcel", "mail", "file" or "used" where it is about one thing of the case; `said` is told
    once done, and empty where that is seen at once."""

    name: str
    form: type[VerbForm]
    do: Callable[[Doing], object]
    submit: Promise
    said: Promise | str
    permission: str = HANDLE_CASES
    about: str = ""
    anchor: str = ""

    @property
    def path(self) -> str:
        end = "<int:about_id>/" if self.about else ""
        return f"cases/<str:reference>/{self.name.replace('_', '-')}/{end}"

    def url(self, on_desk: CaseOnDesk, about: Any = None) -> str:
        args = [on_desk.case.reference, *([about.pk] if about else [])]
        return reverse(f"staff:{self.name}", args=args)

    def auto_id(self, about: Any = None) -> str:
        """The ids of its fields: unique on a page that holds every verb."""
        return "-".join([self.name.replace("_", "-"), *([str(about.pk)] if about else []), "%s"])

    def find(self, on_desk: CaseOnDesk, about_id: int | None) -> Any:
        """What it is about, of this very case; None where that is nothing, or a thing of another case."""
        if not self.about:
            return None
        things: dict[str, Callable[[], QuerySet[Any]]] = {
            "claim": lambda: on_desk.case.claimed_parts.select_related("part__product", "cause", "reason"),
            "parcel": on_desk.case.repair_shipments.all,
            "mail": on_desk.case.outgoing_mails.all,
            "file": on_desk.case.evidence.all,
            "used": lambda: UsedPart.objects.filter(claim__case=on_desk.case),
        }
        return things[self.about]().filter(pk=about_id).first()

    def form_for(
        self, on_desk: CaseOnDesk, about: Any = None, data: QueryDict | None = None, files: MultiValueDict | None = None
    ) -> VerbForm:
        """The empty form, or the one that was sent."""
        form = self.form(on_desk, about, data=data, files=files, auto_id=self.auto_id(about))
        form.verb_name, form.submit = self.name, self.submit
        form.url = self.url(on_desk, about)
        form.allowed = on_desk.user.has_perm(self.permission)
        return form
