"""Whatever is sent, nothing breaks, and every answer is one the schema knows."""

from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings

from shipments.tests.factories import ShipmentFactory
from warrantydesk.api.tests.conftest import caller_for
from warrantydesk.wsgi import application

EXAMPLES = 6

# schemathesis takes a second to load: it is asked for by the process that runs this test, not by each that gathers it.


@pytest.fixture
def one_connection() -> Any:
    """Requests through WSGI close the connection when they end; here it holds the transaction of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.usefixtures("one_connection")
def test_whatever_is_sent_is_answered_as_documented(settings: Any):
    import schemathesis

    settings.LIMITS = {"api": (100_000, 60), "api_stranger": (100_000, 60)}
    parcel, caller = ShipmentFactory(), caller_for("manager")
    case = parcel.case
    known = {
        "reference": case.reference, "claim_id": case.claimed_parts.get().pk,
        "part_id": case.claimed_parts.get().part_id,
        "unit_id": case.unit_id, "invoice_id": case.invoice_id, "product_id": case.unit.line.product_id,
        "parcel_id": parcel.pk,
        "name": "overview",
    }  # fmt: skip
    tried = 0
    for found in schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application).get_all_operations():
        # Half of the calls go to what there is: an address that is never found would try nothing.
        answered_as_documented(found.ok(), caller.token, known)
        tried += 1
    assert tried >= 20


def answered_as_documented(operation: Any, token: str, known: dict[str, Any]) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks as of_schema

    checks = [
        not_a_server_error, of_schema.status_code_conformance, of_schema.content_type_conformance,
        of_schema.response_schema_conformance,
    ]  # fmt: skip
    counted = iter(range(1_000))

    @seed(1)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
        if next(counted) % 2:
            case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
            headers |= {"If-Match": "*"} if "If-Match" in headers else {}
        case.validate_response(case.call(headers=headers), checks=checks)

    run()
