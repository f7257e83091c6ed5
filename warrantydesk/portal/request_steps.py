"""The way of a new request: its steps in order, and where one stands on it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from warrantydesk.portal import request_forms as forms
from warrantydesk.portal.models import RequestDraft


@dataclass(frozen=True)
class Step:
    """Its page is /request/<name>/, drawn by templates/portal/request/<name>.html."""

    name: str
    title: str | Promise
    form: type[forms.StepForm]

    @property
    def url(self) -> str:
        return reverse("portal:request_step", args=[self.name])


STEPS = (
    Step("product", _("Your product"), forms.ProductForm),
    Step("part", _("The part"), forms.PartForm),
    Step("what", _("What happened"), forms.WhatForm),
    Step("files", _("Photos and videos"), forms.FilesForm),
    Step("contact", _("How we reach you"), forms.ContactForm),
    Step("review", _("Look it over and send it"), forms.SendForm),
)
BY_NAME = {step.name: step for step in STEPS}
REVIEW = STEPS[-1]


def next_step(draft: RequestDraft) -> Step:
    """The first step that is not filled in; the last one when all are."""
    return next((step for step in STEPS if step.name not in draft.done), REVIEW)


def may_open(draft: RequestDraft, step: Step) -> bool:
    """Steps are taken in order; each may be opened again."""
    return STEPS.index(step) <= STEPS.index(next_step(draft))


def before(step: Step) -> Step | None:
    place = STEPS.index(step)
    return STEPS[place - 1] if place else None


def mark_done(draft: RequestDraft, step: Step) -> None:
    if step.name not in draft.done:
        draft.done = [*draft.done, step.name]
