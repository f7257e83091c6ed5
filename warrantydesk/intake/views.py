"""Held mail: the list, one mail as plain text, and what a person can do with it, each by one service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.models import Case
from products.errors import Refused
from warrantydesk.faces.access import View, desk_page, desk_verb
from warrantydesk.faces.formats import age_in_words
from warrantydesk.faces.navigation import desk_response
from warrantydesk.intake import settling
from warrantydesk.intake.forms import AttachForm, DismissForm, SettleForm
from warrantydesk.intake.held import history, is_dismissed, preview, stuck_mail, unsettled_mail, waits
from warrantydesk.intake.models import IncomingMail

SEE_MAIL = "intake.view_incomingmail"
MOST = 200
UNPROCESSABLE = 422


@dataclass(frozen=True)
class Verb:
    """One thing to do with a mail: its form, the one service it calls, and what is said when it is done."""

    name: str
    form: type[SettleForm]
    do: Callable[..., Case | IncomingMail]
    said: Promise

    def form_for(self, user: Any, *args: Any, **kwargs: Any) -> SettleForm:
        return self.form(user, *args, auto_id=f"{self.name}-%s", **kwargs)


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "make_case", SettleForm, lambda mail_id, form, by: settling.make_case(mail_id, **by),
            _("%(case)s was opened from this mail."),
        ),
        Verb(
            "attach", AttachForm, lambda mail_id, form, by: settling.attach_to_case(mail_id, form.case.pk, **by),
            _("The mail is part of %(case)s now."),
        ),
        Verb(
            "dismiss", DismissForm,
            lambda mail_id, form, by: settling.dismiss(mail_id, why=form.cleaned_data["why"], **by),
            _("Put away as not a request. It can be taken back."),
        ),
        Verb(
            "take_back", SettleForm, lambda mail_id, form, by: settling.take_back(mail_id, **by),
            _("The mail waits for a person again."),
        ),
    )
}  # fmt: skip


@desk_page(SEE_MAIL)
def mail_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rows = [{"mail": mail, "age": age_in_words(now - mail.received_at)} for mail in unsettled_mail()[:MOST]]
    return desk_response(request, "intake/mail_list.html", {"rows": rows, "is_cut": len(rows) == MOST}, current="mail")


@desk_page(SEE_MAIL)
def held_mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    return _mail_response(request, _mail(mail_id))


def verb_view(verb: Verb) -> View:
    """The address of one verb: POST only. Done leads on; refused shows the mail with what was typed."""

    @desk_verb(settling.HANDLE_MAIL, page=lambda arguments: _page_of(arguments["mail_id"]))
    def settle(request: HttpRequest, mail_id: int) -> HttpResponse:
        _mail(mail_id)
        form = verb.form_for(request.user, request.POST)
        done = _done(verb, request, mail_id, form)
        if done is None:
            return _mail_response(request, _mail(mail_id), verb, form)
        messages.success(request, verb.said % {"case": done})
        return HttpResponseRedirect(_next_page(done), status=303)

    return settle


def _mail(mail_id: int) -> IncomingMail:
    mail = stuck_mail(mail_id)
    if mail is None:
        raise Http404
    return mail


def _done(verb: Verb, request: HttpRequest, mail_id: int, form: SettleForm) -> Case | IncomingMail | None:
    """What came of it; None where it was refused, with the reason in the form."""
    if not form.is_valid():
        return None
    try:
        return verb.do(mail_id, form, {"actor": Actor.staff(request.user), "now": timezone.now()})  # type: ignore[arg-type]
    except Refused as refused:
        form.refuse(refused)
        return None


def _next_page(done: Case | IncomingMail) -> str:
    """To the case that came of it; to the other mails that wait; or to the mail, if it waits again."""
    if isinstance(done, Case):
        return reverse("staff:case", args=[done.reference])
    return _page_of(done.pk) if waits(done) else reverse("intake:mail")


def _mail_response(
    request: HttpRequest, mail: IncomingMail, refused: Verb | None = None, form: SettleForm | None = None
) -> HttpResponse:
    context = {
        "mail": mail,
        "preview": preview(mail),
        "waits": waits(mail),
        "is_dismissed": is_dismissed(mail),
        "history": history(mail),
        "forms": _forms(request, mail, refused, form),
        "refused": form,
    }
    status = UNPROCESSABLE if refused else 200
    return desk_response(request, "intake/held_mail.html", context, current="mail", status=status)


def _forms(
    request: HttpRequest, mail: IncomingMail, refused: Verb | None, form: SettleForm | None
) -> dict[str, SettleForm]:
    """A form for each verb; none for those who may only look."""
    if not request.user.has_perm(settling.HANDLE_MAIL):
        return {}
    guess = {"reference": mail.case.reference} if mail.case else None
    empty = {name: verb.form_for(request.user, initial=guess) for name, verb in VERBS.items()}
    return empty | ({refused.name: form} if refused and form else {})


def _page_of(mail_id: int) -> str:
    return reverse("intake:held_mail", args=[mail_id])
