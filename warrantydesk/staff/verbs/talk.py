"""Who looks after a case, what is said about it, its pictures, and its mails."""

from django.utils.translation import gettext_lazy as _

from cases import notifications
from cases.outbox import settling
from cases.services import assigning, linking, picturing, tagging, talking
from warrantydesk.staff.forms import pictures, talk
from warrantydesk.staff.forms.base import NothingToAsk
from warrantydesk.staff.verb import Doing, Verb


def give(doing: Doing) -> None:
    said = doing.data
    if said["how"] == "least-busy":
        assigning.assign_least_busy(doing.case_id, note=said["note"], **doing.by)
    elif said["how"] == "by-product":
        assigning.assign_by_product(doing.case_id, note=said["note"], **doing.by)
    else:
        assigning.assign(doing.case_id, user=said["user"], note=said["note"], **doing.by)


TALK = (
    Verb(
        "write_to_customer", talk.ReplyForm,
        lambda d: talking.write_to_customer(d.case_id, text=d.data["text"], enclosed=d.data["enclosed"], **d.by),
        _("Send"), _("Your message is on its way."), anchor="talk",
    ),
    Verb(
        "add_note", talk.NoteForm, lambda d: talking.add_note(d.case_id, text=d.data["text"], **d.by),
        _("Keep the note"), _("The note is kept. Only staff read it."), anchor="talk",
    ),
    Verb(
        "revoke_links", NothingToAsk, lambda d: linking.revoke_links(d.case_id, **d.by),
        _("End every private link"), _("No private link of this case works any more. The next mail brings a new one."),
        anchor="purchase",
    ),
    Verb(
        "assign", talk.AssignForm, give, _("Assign"), _("Somebody else looks after it now."), anchor="",
    ),
    Verb(
        "tag", talk.TagForm, lambda d: tagging.tag_case(d.case_id, name=d.data["name"], **d.by),
        _("Tag"), _("The tag is on."),
    ),
    Verb(
        "untag", talk.UntagForm, lambda d: tagging.untag_case(d.case_id, tag_id=d.data["tag"], **d.by),
        _("Take the tag off"), _("The tag is off."),
    ),
)  # fmt: skip

PICTURES = (
    Verb(
        "mark_fault", pictures.FaultForm, lambda d: picturing.mark_fault(d.about.pk, shows=d.data["shows"], **d.by),
        _("Shows the fault"), _("Noted."), about="file", anchor="evidence",
    ),
    Verb(
        "note_picture", pictures.PictureNoteForm,
        lambda d: picturing.note_picture(d.about.pk, text=d.data["text"], **d.by),
        _("Keep the note"), _("The note on the picture is kept. Only staff read it."),
        about="file", anchor="evidence",
    ),
    Verb(
        "turn_picture", pictures.TurnForm,
        lambda d: picturing.turn_picture(d.about.pk, rotation=d.data["rotation"], **d.by),
        _("Turn it"), "", about="file", anchor="evidence",
    ),
    Verb(
        "look_again", NothingToAsk, lambda d: picturing.look_again(d.about.pk, **d.by),
        _("Try again"), _("It is prepared once more; that takes a moment."), about="file", anchor="evidence",
    ),
)  # fmt: skip

MAIL = (
    Verb(
        "send_again", NothingToAsk, lambda d: settling.send_again(d.about.pk, **d.by),
        _("Send once more"), _("The mail leaves once more."), about="mail", anchor="talk",
    ),
    Verb(
        "take_as_sent", NothingToAsk, lambda d: settling.take_as_sent(d.about.pk, **d.by),
        _("It did arrive"), _("The mail counts as sent."), about="mail", anchor="talk",
    ),
    Verb(
        "send_link", NothingToAsk, lambda d: notifications.send_link(d.on_desk.case, **d.by),
        _("Send the private link again"), _("The private link goes to the customer's address once more."),
        anchor="talk",
    ),
)  # fmt: skip
