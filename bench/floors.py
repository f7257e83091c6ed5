"""The floors: the least that a page can be, served by the same process over the same line (bench.serving)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

from bench.serving import FLOOR
from cases.links import hash_of
from cases.models import Case, CaseLink

ENGINE = Engine()
ROWS = ENGINE.from_string(
    "<!doctype html><title>Cases</title><p>{{ user }}<table>{% for case in cases %}<tr><td><a href='/desk/cases/"
    "{{ case.reference }}/'>{{ case.reference }}</a><td>{{ case.state }}<td>{{ case.customer.name }}"
    "<td>{{ case.subject }}<td>{{ case.changed_at }}{% endfor %}</table>"
)
ONE = ENGINE.from_string("<!doctype html><title>{{ case.reference }}</title><p>{{ case.state }} {{ case.subject }}")


def one_select(request: HttpRequest, key: int) -> HttpResponse:
    """One select by primary key."""
    return HttpResponse(ONE.render(Context({"case": Case.objects.get(pk=key)})))


def rows(request: HttpRequest) -> HttpResponse:
    """Session, user, and the 25 newest rows."""
    if not request.user.is_authenticated:
        raise Http404
    cases = Case.objects.select_related("customer").order_by("-changed_at", "-pk")[:25]
    return HttpResponse(ROWS.render(Context({"cases": cases, "user": request.user})))


def by_token(request: HttpRequest, token: str) -> HttpResponse:
    """A row found by token, with one join."""
    link = CaseLink.objects.select_related("case").get(token_hash=hash_of(token))
    return HttpResponse(ONE.render(Context({"case": link.case})))


urlpatterns = [
    path(f"{FLOOR[1:]}one/<int:key>/", one_select),
    path(f"{FLOOR[1:]}rows/", rows),
    path(f"{FLOOR[1:]}token/<str:token>/", by_token),
]
