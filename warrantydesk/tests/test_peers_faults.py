"""Faults that were published of peers, each by its class, with the tests that prove it is not ours.

Where a test elsewhere proves it, it is named here and has to be there; what no other proves stands below.
"""

from importlib import import_module

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client

from cases.links import portal_url
from cases.tests.factories import StaffFactory
from products.tests.factories import ProductFactory
from warrantydesk.api.models import HookEndpoint

PROVED = {
    "attachments by counter (a neighbour's file by counting on)": (
        "warrantydesk.tests.test_access_table.test_customer_finds_nothing_of_somebody_elses_case",
        "warrantydesk.tests.test_evidence_doors.test_direct_address_another_link_and_an_expired_link_all_get_nothing",
    ),
    "private links that work for ever, or for whoever reads the database": (
        "warrantydesk.portal.tests.test_private_link.test_session_ends_with_its_link",
        "warrantydesk.portal.tests.test_link_life.test_customer_ends_every_link_and_is_out_everywhere",
        "cases.tests.test_links_private.test_token_works_only_while_the_address_is_the_cases_own_when_it_changes",
    ),
    "a mail that speaks for staff, or for another customer": (
        "warrantydesk.intake.tests.test_services.test_reply_token_from_another_address_is_held_beside_its_case",
        "warrantydesk.intake.tests.test_services.test_known_address_without_a_token_is_held_beside_its_case",
    ),
    "formulas in exported sheets": (
        "warrantydesk.tests.test_nothing_executes.test_no_cell_of_a_sheet_is_a_formula",
        "warrantydesk.reports.tests.test_exports.test_no_cell_of_a_csv_is_a_formula",
    ),
    "accounts and cases that can be guessed from an answer": (
        "warrantydesk.accounts.tests.test_signing_in.test_door_is_shut_after_many_tries_whether_there_is_an_account_or_not",
        "warrantydesk.portal.tests.test_link_requests.test_whole_answer_is_the_same_headers_and_all",
        "warrantydesk.portal.tests.test_private_link.test_button_answers_the_same_whatever_is_wrong_with_the_link",
    ),
    "scripts and remote content in HTML mail": (
        "warrantydesk.tests.test_nothing_executes.test_mails_are_words_and_nothing_else",
        "warrantydesk.tests.test_nothing_executes.test_nothing_runs_on_any_page_of_desk_and_portal",
    ),
    "a neighbour's record by its id": (
        "warrantydesk.tests.test_access_table.test_address_is_unknown_when_the_case_is",
        "warrantydesk.portal.tests.test_private_link.test_session_of_one_case_never_opens_another",
    ),
    "a GET that changes something": (
        "warrantydesk.tests.test_access_table.test_table_holds",
        "warrantydesk.portal.tests.test_private_link.test_opening_the_link_changes_nothing_and_sets_no_cookie",
    ),
    "fields nobody offered, filled in by whoever calls (mass assignment)": (
        "warrantydesk.api.tests.test_writing.test_fields_that_were_not_offered_change_nothing",
    ),
    "a callback somebody configures that reaches our own network": (
        "warrantydesk.api.tests.test_webhooks_out.test_address_that_must_not_be_called_is_refused",
        "warrantydesk.api.tests.test_webhooks_out.test_failure_is_tried_again_later_and_later_and_a_redirect_is_one",
    ),
}


@pytest.mark.parametrize("fault", PROVED)
def test_fault_is_proved_not_to_be_ours(fault: str):
    for name in PROVED[fault]:
        module, _, test = name.rpartition(".")
        assert callable(getattr(import_module(module), test)), name


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/", "/desk/login/", "/check/"])
def test_host_somebody_else_names_is_answered_by_nothing_and_in_no_link(page: str):
    """Links from the Host header: a mail that leads to the attacker's own machine."""
    assert Client(headers={"host": "evil.example"}).get(page).status_code == 400
    assert portal_url("token").startswith(settings.SITE_URL)


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_log_in_leads_to_no_page_of_others(to: str):
    """Open redirect by `next=`."""
    person = StaffFactory(role="viewer")
    client = Client()
    client.force_login(person)
    answer = client.get("/desk/login/", {"next": to})
    assert "evil" not in answer.headers.get("Location", "")
    assert "javascript" not in answer.headers.get("Location", "")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,<script>", "vbscript:x"])
def test_address_that_a_browser_would_run_is_refused(address: str):
    """`javascript:` addresses, where colleagues may write one."""
    product = ProductFactory(manual_url=address)
    with pytest.raises(ValidationError):
        product.full_clean()
    with pytest.raises(ValidationError):
        HookEndpoint(url=address, secret="x").full_clean()
