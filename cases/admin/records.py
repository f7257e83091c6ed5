"""What belongs to a case, each kind in a list of its own. To look at only."""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter

from cases.admin.looking import OfCaseAdmin, as_written
from cases.models import (
    CaseEvent,
    CaseLink,
    ClaimedPart,
    DecisionLetter,
    Evidence,
    EvidenceUpload,
    FileBasket,
    HeldFile,
    Message,
    Quote,
    QuoteLine,
    RepairReport,
    UploadedPiece,
    UsedPart,
)
from products.admin.looking import RecordAdmin, RecordInline
from products.identifiers import normalise_identifier


def _as_json(data: Any) -> str:
    return format_html('<pre class="whitespace-pre-wrap">{}</pre>', json.dumps(data, indent=1, ensure_ascii=False))


@admin.register(ClaimedPart)
class ClaimedPartAdmin(OfCaseAdmin):
    list_display = ("case", "part", "verdict", "reason", "resolution", "decided_by", "decided_at")
    reads_also = ("part__product", "cause", "reason", "decided_by")
    readonly_fields = ("known",)
    exclude = ("snapshot",)

    @admin.display(description=_("what was known at the decision"))
    def known(self, claim: ClaimedPart) -> str:
        return _as_json(claim.snapshot)


@admin.register(Evidence)
class EvidenceAdmin(OfCaseAdmin):
    """No address of a file is shown: files are served by the case's page, to those who may see the case."""

    list_display = ("name", "case", "content_type", "size", "status", "refusal", "received_at")
    list_filter = ("status", "scan", "trouble")
    exclude = ("original",)
    reads_also = ("message",)
    search_help_text = _("The reference of a case, the customer's whole address, an invoice number, or a fingerprint.")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        written = search_term.strip().lower()
        if len(written) == 64 and set(written) <= set("0123456789abcdef"):
            return queryset.filter(sha256=written), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(EvidenceUpload)
class EvidenceUploadAdmin(OfCaseAdmin):
    """Files on their way to us. Neither their key nor where their pieces lie is shown."""

    list_display = ("name", "case", "size", "received", "created_at", "touched_at", "finished_at")
    exclude = ("key_hash", "folder")
    reads_also = ("evidence",)


@admin.register(UploadedPiece)
class UploadedPieceAdmin(OfCaseAdmin):
    list_display = ("upload", "offset", "size")
    exclude = ("key",)
    case_path = "upload__case"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super(OfCaseAdmin, self).get_queryset(request).select_related("upload__case")


@admin.register(FileBasket)
class FileBasketAdmin(RecordAdmin):
    """Files of requests that are still being written: how many and how old, not what they show."""

    list_display = ("pk", "created_at")


@admin.register(HeldFile)
class HeldFileAdmin(RecordAdmin):
    list_display = ("name", "basket", "content_type", "size", "refusal", "received_at")
    exclude = ("key",)


class QuoteLineInline(RecordInline):
    model = QuoteLine
    fields = ("position", "kind", "description", "amount")
    ordering = ("position", "pk")


@admin.register(Quote)
class QuoteAdmin(OfCaseAdmin):
    list_display = ("case", "currency", "created_at", "created_by", "sent_at", "answer", "superseded_at")
    reads_also = ("created_by",)
    inlines = (QuoteLineInline,)


@admin.register(QuoteLine)
class QuoteLineAdmin(OfCaseAdmin):
    list_display = ("quote", "position", "kind", "description", "amount")
    case_path = "quote__case"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super(OfCaseAdmin, self).get_queryset(request).select_related("quote__case")


@admin.register(DecisionLetter)
class DecisionLetterAdmin(OfCaseAdmin):
    list_display = ("case", "decided_at", "decided_by", "language")
    reads_also = ("decided_by",)
    exclude = ("content",)
    readonly_fields = ("says",)

    @admin.display(description=_("what it says"))
    def says(self, letter: DecisionLetter) -> str:
        return _as_json(letter.content)


class OfClaimAdmin(OfCaseAdmin):
    """Something the workshop did to a claimed part."""

    case_path = "claim__case"

    def get_queryset(self, request: HttpRequest) -> Any:
        to_claim = ("claim__case", "claim__part__product", *self.reads_also)
        return super(OfCaseAdmin, self).get_queryset(request).select_related(*to_claim)


@admin.register(RepairReport)
class RepairReportAdmin(OfClaimAdmin):
    list_display = ("claim", "test", "measured", "reported_by", "reported_at")
    list_filter = ("test",)
    reads_also = ("reported_by",)


@admin.register(UsedPart)
class UsedPartAdmin(OfClaimAdmin):
    list_display = ("claim", "product", "quantity", "serial", "used_by", "used_at")
    reads_also = ("product", "used_by")
    search_help_text = _("The reference of a case, the customer's whole address, an invoice or a serial number.")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        by_serial = (
            queryset.filter(serial_fold=normalise_identifier(search_term)) if search_term.strip() else queryset.none()
        )
        return (found | by_serial if search_term.strip() else found), may_repeat


@admin.register(Message)
class MessageAdmin(OfCaseAdmin):
    list_display = ("at", "case", "direction", "author", "sender_name", "subject")
    reads_also = ("author",)
    exclude = ("text",)
    readonly_fields = ("said",)

    @admin.display(description=_("text"))
    def said(self, message: Message) -> str:
        return as_written(message.text)


@admin.register(CaseLink)
class CaseLinkAdmin(OfCaseAdmin):
    """A link itself is nowhere: only its hash is kept, and not even that is shown."""

    list_display = ("case", "kind", "address", "created_at", "expires_at", "revoked_at")
    exclude = ("token_hash",)
    reads_also = ("mail",)


@admin.register(CaseEvent)
class CaseEventAdmin(OfCaseAdmin):
    list_display = ("at", "case", "kind", "name", "from_state", "to_state", "actor_kind", "actor")
    list_filter = (("at", RangeDateTimeFilter),)
    reads_also = ("actor",)
    exclude = ("data",)
    readonly_fields = ("details",)

    @admin.display(description=_("details"))
    def details(self, event: CaseEvent) -> str:
        return _as_json(event.data)
