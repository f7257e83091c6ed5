"""Held mail: the list, one mail as plain text, and what a person can do with it, each by one service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.actors import Actor
from cases.models import Case
from products.errors import Refused
from warrantydesk.faces.access import View, desk_page, desk_verb
from warrantydesk.faces.formats import age_in_words
from warrantydesk.faces.navigation import desk_response
from warrantydesk.intake import settling, undoing
from warrantydesk.intake.forms import AttachForm, DismissForm, DismissManyForm, SettleForm
from warrantydesk.intake.held import (
    ALARM_AFTER,
    EVERYTHING,
    INBOXES,
    STUCK,
    Inbox,
    counted_inboxes,
    history,
    mail_page,
    preview,
    stuck_mail,
    waits,
)
from warrantydesk.intake.models import IncomingMail

SEE_MAIL = "intake.view_incomingmail"
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
            "take_back", SettleForm, lambda mail_id, form, by: undoing.take_back(mail_id, **by),
            _("The mail waits for a person again."),
        ),
    )
}  # fmt: skip


@desk_page(SEE_MAIL)
def mail_list(request: HttpRequest) -> HttpResponse:
    return _list_response(request)


@desk_verb(settling.HANDLE_MAIL, page=lambda _arguments: reverse("intake:mail"))
def dismiss_many(request: HttpRequest) -> HttpResponse:
    """The ticked mails are no requests, all for one reason. Refused, the list is shown with what was typed."""
    form = DismissManyForm(request.user, request.POST)
    if not form.is_valid():
        return _list_response(request, form)
    try:
        put_away = settling.dismiss_many(
            form.cleaned_data["mail"],
            why=form.cleaned_data["why"],
            actor=Actor.staff(request.user),  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except Refused as refused:
        form.refuse(refused)
        return _list_response(request, form)
    messages.success(request, _said_of(put_away))
    return HttpResponseRedirect(_address_of(_inbox(form.cleaned_data["view"])), status=303)


def _said_of(put_away: settling.Dismissed) -> str:
    words = ngettext(
        "%(n)d mail was put away as not a request.", "%(n)d mails were put away as not a request.", put_away.done
    ) % {"n": put_away.done}
    if put_away.stale:
        words += " " + ngettext(
            "%(n)d had been dealt with already.", "%(n)d had been dealt with already.", put_away.stale
        ) % {"n": put_away.stale}
    return words


def _list_response(request: HttpRequest, form: DismissManyForm | None = None) -> HttpResponse:
    now = timezone.now()
    inbox = _inbox(form.data.get("view", "") if form else request.GET.get("view", ""))
    page = mail_page(inbox, request.GET.get("after", ""))
    may_settle = request.user.has_perm(settling.HANDLE_MAIL)
    context = {
        "inbox": inbox,
        "tabs": counted_inboxes(),
        "page": page,
        "rows": [_row(mail, now) for mail in page.mails],
        "ticked": set(form.data.getlist("mail")) if form else set(),  # type: ignore[attr-defined]
        "form": (form or DismissManyForm(request.user, initial={"view": inbox.code}))
        if may_settle and inbox.code != "settled"
        else None,
        "refused": form,
    }
    status = UNPROCESSABLE if form else 200
    return desk_response(request, "intake/mail_list.html", context, current="mail", status=status)


def _row(mail: IncomingMail, now: datetime) -> dict[str, Any]:
    is_late = mail.outcome in STUCK and mail.settled_at is None and now - mail.received_at > ALARM_AFTER
    return {"mail": mail, "key": str(mail.pk), "age": age_in_words(now - mail.received_at), "is_late": is_late}


def _inbox(code: str) -> Inbox:
    return INBOXES.get(code, EVERYTHING)


def _address_of(inbox: Inbox) -> str:
    return reverse("intake:mail") + (f"?view={inbox.code}" if inbox.code else "")


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
        "undo": undoing.can_be_taken_back(mail),
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
