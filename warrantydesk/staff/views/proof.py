"""The file staff attached as the proof of a pause. Only ever a download: it may be what a stranger sent."""

from collections.abc import Mapping
from typing import Any

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from products.auditing import put_on_record
from products.models import PauseWindow
from warrantydesk.staff.access import SEE_CASES, desk_page


@desk_page(SEE_CASES)
def pause_proof(request: HttpRequest, pause_id: int) -> HttpResponse:
    """404 where the pause has no file, or the storage lost it."""
    window = get_object_or_404(PauseWindow.objects.exclude(proof_file=""), pk=pause_id)
    response = proof_response(str(window.proof_file.name), window.proof.get("file") or {}, f"proof-{pause_id}")
    put_on_record("evidence.proof_opened", "pause", window.pk, facts={"part": window.part_id})
    return response


def proof_response(key: str, known: Mapping[str, Any], fallback: str) -> HttpResponse:
    """A stored proof as a download, under the name and type it was kept with. 404 where the storage lost it."""
    try:
        file = default_storage.open(key, "rb")
    except FileNotFoundError:
        raise Http404("This file is missing.") from None
    name = str(known.get("name") or fallback)
    kind = str(known.get("type") or "application/octet-stream")
    response = FileResponse(file, as_attachment=True, filename=name, content_type=kind)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]  # a stream is a response too, though not of that class
