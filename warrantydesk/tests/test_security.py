"""What every answer carries, what browsers may report, and whom finders of weaknesses tell."""

import datetime as dt
import json
import logging

import pytest
from django.test import Client
from django.utils import timezone

from warrantydesk.security import LONGEST_REPORT

REPORT = {
    "csp-report": {
        "document-uri": "https://desk.example/status/secret-token/",
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/x.js?who=ada",
    }
}


def post(client: Client, body: str, **more: str):
    return client.post("/csp-report/", body, content_type="application/csp-report", **more)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/desk/login/", "/healthz", "/no-such-page/", "/admin/login/", "/api/v1/cases/"])
def test_every_answer_tells_the_browser_what_it_may_not_do(client: Client, path: str):
    headers = client.get(path).headers
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "report-uri /csp-report/" in headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_report_is_logged_without_the_page_or_anything_of_the_person(client: Client, caplog):
    with caplog.at_level(logging.WARNING, logger="warrantydesk.security"):
        assert post(client, json.dumps(REPORT)).status_code == 204
    assert [record.getMessage() for record in caplog.records if record.name == "warrantydesk.security"] == [
        "a page was kept from evil.example by script-src-elem"
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    ["", "no json", "[]", '{"csp-report": 7}', '{"csp-report": {}}', "[" * 5000, "x" * (LONGEST_REPORT + 1)],
    ids=["empty", "words", "list", "number", "nothing", "deep", "long"],
)
def test_what_is_no_report_is_answered_alike_and_logged_nowhere(client: Client, caplog, body: str):
    with caplog.at_level(logging.WARNING, logger="warrantydesk.security"):
        assert post(client, body).status_code == 204
    assert not [record for record in caplog.records if record.name == "warrantydesk.security"]


@pytest.mark.django_db
def test_line_breaks_in_a_report_forge_no_line_of_the_log(client: Client, caplog):
    forged = {"csp-report": {"violated-directive": "img-src\nERROR all is lost", "blocked-uri": "inline"}}
    with caplog.at_level(logging.WARNING, logger="warrantydesk.security"):
        post(client, json.dumps(forged))
    assert "\n" not in caplog.records[-1].getMessage()


@pytest.mark.django_db
def test_reports_beyond_the_limit_are_dropped(client: Client, caplog, settings):
    settings.LIMITS = {"csp_report": (1, 3600)}
    with caplog.at_level(logging.WARNING, logger="warrantydesk.security"):
        assert [post(client, json.dumps(REPORT)).status_code for _ in range(3)] == [204, 204, 204]
    assert len([record for record in caplog.records if record.name == "warrantydesk.security"]) == 1


@pytest.mark.django_db
def test_security_txt_names_a_contact_and_is_still_valid(client: Client, settings):
    settings.SECURITY_CONTACT = "mailto:security@desk.example"
    answer = client.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == "mailto:security@desk.example"
    assert fields["Canonical"].endswith("/.well-known/security.txt")
    expires = dt.datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
    assert timezone.now() < expires < timezone.now() + dt.timedelta(days=366)
