"""The answer of a case before it goes and after: the very mail, word by word, and the letter."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Case, OutgoingMail
from cases.outbox import decision as deciding
from cases.outbox.composing import latest_mail
from cases.outbox.letters import Letter
from warrantydesk.faces.letter import Answer, letter_response
from warrantydesk.faces.navigation import desk_response
from warrantydesk.staff.access import SEE_CASES, desk_page
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.folds import Fold
from warrantydesk.staff.panels.steps import Offered
from warrantydesk.staff.verbs import VERBS
from warrantydesk.staff.views.on_desk import case_on_desk

TELLING = ("approve", "deny")


@desk_page(SEE_CASES)
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """What would be told now, with the button that tells it; once it is told, what was said."""
    on_desk = case_on_desk(request, reference)
    draft = deciding.preview(on_desk.case, on_desk.now)
    context = {
        "case": on_desk.case,
        "draft": draft,
        "body": readable(draft.body) if draft else "",
        "unsent": deciding.unsent_because(on_desk.case, on_desk.now),
        "offered": _offered(on_desk, draft) if draft else None,
        "mail": None if draft else _told(on_desk.case),
        "letters": on_desk.case.letters.select_related("decided_by").order_by("-decided_at"),
    }
    return desk_response(request, "staff/case/answer.html", context)


@desk_page(SEE_CASES)
def draft_letter(request: HttpRequest, reference: str) -> HttpResponse:
    """The letter as it would be written now. 404 while a part is undecided, and once it is told."""
    on_desk = case_on_desk(request, reference)
    case, now = on_desk.case, on_desk.now
    if deciding.preview(case, now) is None:
        raise Http404("There is nothing to be told yet.")
    draft = Answer(case, deciding.letter_content(case, now), case.language, now, is_draft=True)
    return letter_response(request, draft, back=reverse("staff:answer", args=[case.reference]))


@desk_page(SEE_CASES)
def kept_letter(request: HttpRequest, reference: str, letter_id: int) -> HttpResponse:
    """The letter as it was told. 404 for a letter of another case."""
    case = case_on_desk(request, reference).case
    letter = get_object_or_404(case.letters.all(), pk=letter_id)
    letter.case = case
    return letter_response(request, Answer.kept(letter), back=reverse("staff:answer", args=[case.reference]))


def readable(body: str) -> str:
    """A mail as its reader gets it, but for the private link and the mark, which exist only once it leaves."""
    return body.replace(OutgoingMail.LINK_PLACE, _("(private link)")).replace(OutgoingMail.TOKEN_PLACE, "…").strip()


def _told(case: Case) -> OutgoingMail | None:
    mail = latest_mail(case, deciding.MAIL)
    if mail is None or mail.status == OutgoingMail.Status.CANCELLED:
        return None
    mail.body = readable(mail.body)
    return mail


def _offered(on_desk: CaseOnDesk, draft: Letter) -> Offered | None:
    """The verb that tells this answer, with the fingerprint of what is read here; what blocks it is said beside it."""
    steps = [step for step in on_desk.steps if step.name in TELLING]
    fitting = next((step for step in steps if not step.unmet), steps[0] if steps else None)
    if fitting is None:
        return None
    form = VERBS[fitting.name].form_for(on_desk)
    form.initial["seen"] = deciding.fingerprint(draft)
    return Offered(fitting, Fold(VERBS[fitting.name], on_desk, refused=form))
