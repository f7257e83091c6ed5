"""What is folded away on the case page until somebody opens it, mostly a form: until then nothing of it is made.

Opening is a link to the same page that names it (`?open=cancel_parcel-12`). The page then holds it, open;
with script htmx takes only that out of the page and puts it where the link was.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.functional import Promise

from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.forms.base import NothingToAsk, VerbForm
from warrantydesk.staff.verb import Verb
from warrantydesk.staff.verbs import VERBS


@dataclass(frozen=True)
class More:
    """Something to be read on request: the scans of a parcel, the steps of a clock, what was said long ago."""

    on_desk: CaseOnDesk
    name: str
    is_open: bool

    @property
    def opens_at(self) -> str:
        return opens_at(self.on_desk, self.name)


def opens_at(on_desk: CaseOnDesk, name: str) -> str:
    """The page with this open. Not relative: the page of a refusal stands at the address of its verb."""
    return f"{on_desk.page_url}?open={name}"


@dataclass
class Fold:
    """One verb as the page offers it. `refused` is its form where that is there already, mostly
    as it was sent and came back; `opened` are the names
    of the forms that were asked for."""

    verb: Verb
    on_desk: CaseOnDesk
    about: Any = None
    refused: VerbForm | None = None
    opened: Collection[str] = ()

    @cached_property
    def form(self) -> VerbForm:
        return self.refused or self.verb.form_for(self.on_desk, self.about)

    @cached_property
    def url(self) -> str:
        return self.verb.url(self.on_desk, self.about)

    @property
    def name(self) -> str:
        return f"{self.verb.name}-{self.about.pk}" if self.about else self.verb.name

    @property
    def opens_at(self) -> str:
        return opens_at(self.on_desk, self.name)

    @property
    def form_id(self) -> str:
        return f"form-{self.name}"

    @property
    def allowed(self) -> bool:
        return self.on_desk.user.has_perm(self.verb.permission)

    @property
    def submit(self) -> str | Promise:
        return self.verb.submit

    @property
    def is_bound(self) -> bool:
        return self.refused is not None and self.refused.is_bound

    @property
    def is_open(self) -> bool:
        return self.refused is not None or self.name in self.opened

    @property
    def asks(self) -> bool:
        """Whether it needs words, and not only a button."""
        return not issubclass(self.verb.form, NothingToAsk)


class Forms:
    """A form for every verb: a fresh one, or, for the one verb that was refused, the one that was sent."""

    def __init__(self, on_desk: CaseOnDesk, refused: VerbForm | None = None, opened: Collection[str] = ()) -> None:
        self._on_desk = on_desk
        self.refused = refused
        self._opened = opened

    def of(self, name: str, about: Any = None) -> VerbForm:
        verb = VERBS[name]
        if self.refused is not None and self.refused.url == verb.url(self._on_desk, about):
            return self.refused
        return verb.form_for(self._on_desk, about)

    def fold(self, name: str, about: Any = None) -> Fold:
        """The verb with its form folded away, unless it is the one that was refused, or is to be open."""
        fold = Fold(VERBS[name], self._on_desk, about, opened=self._opened)
        if self.refused is not None and self.refused.url == fold.url:
            fold.refused = self.refused
        return fold

    def folds(self, names: Iterable[str], about: Any) -> dict[str, Fold]:
        return {name: self.fold(name, about) for name in names}

    def more(self, name: str, *, open_anyway: bool = False) -> More:
        return More(self._on_desk, name, open_anyway or name in self._opened)

    def whole_case(self) -> "WholeCase":
        """The verbs that are about the case as a whole, by name."""
        return WholeCase(self)


class WholeCase(dict[str, Fold]):
    """Each is made when it is first asked for: a page shows about half of them."""

    def __init__(self, forms: Forms) -> None:
        super().__init__()
        self._forms = forms

    def __missing__(self, name: str) -> Fold:
        if name not in VERBS or VERBS[name].about:
            raise KeyError(name)
        fold = self[name] = self._forms.fold(name)
        return fold
