"""The files of a case, for whoever may see the case."""

from typing import get_args

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from cases.models import Case
from cases.queries import get_case_for_staff
from cases.reference import parse_reference
from cases.serving import Which, file_response
from products.auditing import put_on_record
from warrantydesk.staff.access import SEE_CASES, desk_page


@desk_page(SEE_CASES)
def case_file(request: HttpRequest, reference: str, file_id: int, which: str) -> HttpResponse:
    """One rendition of one file of this case. 404 for a file of another case, like for one that never was."""
    try:
        case = get_case_for_staff(request.user, parse_reference(reference) or "")
    except Case.DoesNotExist as missing:
        raise Http404 from missing
    file = get_object_or_404(case.evidence, pk=file_id)
    if which not in get_args(Which):
        raise Http404
    response = file_response(file, which, request, for_staff=True)  # type: ignore[arg-type]
    if which != "thumbnail" and is_from_the_start(request):
        facts = {"evidence": file.pk, "which": which}
        put_on_record("evidence.opened", "case", case.pk, facts=facts)
    return response  # type: ignore[return-value]  # a stream or a redirect to the store is a response too


def is_from_the_start(request: HttpRequest) -> bool:
    """Whether somebody opens the file: a player asks for a video in pieces, and only the first is an opening."""
    wanted = request.headers.get("Range", "")
    return request.method == "GET" and (not wanted or wanted.startswith("bytes=0-"))
