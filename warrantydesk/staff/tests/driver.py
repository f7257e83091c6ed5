"""Drives one case through its page as a person would: look, find the form, fill it in, send it."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from cases.models import Case

# Verbs that stand in the fold of another.
BESIDE = {"untag": ("tag",)}


class Driver:
    """`client` is logged in; `case` is the case on the page."""

    def __init__(self, client: Client, case: Case) -> None:
        self.client = client
        self.case = case
        self.done: list[str] = []

    @property
    def page(self) -> str:
        return reverse("staff:case", args=[self.case.reference])

    @property
    def state(self) -> str:
        return Case.objects.values_list("state", flat=True).get(pk=self.case.pk)

    def url(self, verb: str, about: Any = None) -> str:
        return reverse(f"staff:{verb}", args=[self.case.reference, *([about.pk] if about else [])])

    def look(self, *opened: str) -> str:
        """The page, with the forms of these names open."""
        answer = self.client.get(self.page, {"open": opened})
        assert answer.status_code == 200
        page = answer.content.decode()
        # A template that fails inside a block is silent: the page would come back empty, and 200.
        assert '<main id="main"' in page
        return page

    def post(self, verb: str, about: Any = None, **data: Any) -> Any:
        return self.client.post(self.url(verb, about), data)

    def offers(self, verb: str, about: Any = None) -> bool:
        """Whether the page holds the form, or a link that opens it."""
        page = self.look()
        names = (f"{verb}-{about.pk}", f"file-{about.pk}") if about else (verb, *BESIDE.get(verb, ()))
        linked = [name for name in names if re.search(rf'href="{self.page}[?]open={name}["#]', page)]
        return f'action="{self.url(verb, about)}"' in (self.look(*linked) if linked else page)

    def does(self, verb: str, about: Any = None, **data: Any) -> None:
        """Do it, but only if the page offers it: a form nobody finds is no form."""
        assert self.offers(verb, about), f"the page in state {self.state} does not offer {verb}"
        answer = self.post(verb, about, **data)
        assert answer.status_code == 303, answer.context["refused"].errors if answer.context else answer
        self.done.append(verb)

    def decides(self, **verdict: Any) -> None:
        """Look at every part, see no cause, and decide it."""
        for claim in self.case.claimed_parts.filter(verdict="undecided"):
            if not claim.cause_recorded:
                self.does("record_finding", claim, cause="none", finding="")
            self.does("decide_part", claim, **verdict)
