"""A request that Django refuses before any page of ours sees it, in words."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

TOO_MUCH = 413


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 with what to do where more came at once than can be taken in."""
    if isinstance(exception, TooManyFilesSent):
        context = {"most": settings.DATA_UPLOAD_MAX_NUMBER_FILES, "a_case": settings.EVIDENCE_FILES_PER_CASE}
        return render(request, "too_many_files.html", context, status=TOO_MUCH)
    if isinstance(exception, RequestDataTooBig):
        return render(request, "too_much_text.html", status=TOO_MUCH)
    return defaults.bad_request(request, exception)
