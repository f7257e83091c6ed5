"""What may stand in the trail, and who is said to have done it."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from products.auditing import Deed
from warrantydesk.audit.chain import BEFORE_ALL, Link, canonical, hash_of
from warrantydesk.audit.facts import MOST, plain
from warrantydesk.audit.models import AuditEntry
from warrantydesk.audit.recording import Doer, doer_of


@pytest.mark.parametrize(
    ("facts", "kept"),
    [
        ({"from": "submitted", "to": "withdrawn"}, {"from": "submitted", "to": "withdrawn"}),
        ({"on": dt.date(2026, 3, 2), "goodwill": True}, {"on": "2026-03-02", "goodwill": True}),
        ({"reason": None, "roles": {"viewer", "manager"}}, {"reason": None, "roles": ["manager", "viewer"]}),
        ({"duplicate_of": "WD-7F3K-2", "total": "12.50"}, {"duplicate_of": "WD-7F3K-2", "total": "12.50"}),
        ({"before": {"issued_on": "2026-01-02", "name": "Ada"}}, {"before": {"issued_on": "2026-01-02"}}),
        ({"changes": [{"part": 1, "label": "X-axis motor"}]}, {"changes": [{"part": 1}]}),
        ({"files": list(range(MOST + 1))}, {"files": MOST + 1}),
        ({"why": "She called.", "label": "X", "number": "1Z999AA10123456784", "zone": "Europe/Berlin"}, {}),
        ({"reason": "Ada Lovelace", "cause": "ada@example.com", "key": "佐藤花子", "what": "x" * 61, "table": 1.5}, {}),
        ({"parts": [1, "two words", 3]}, {"parts": [1, 3]}),
    ],
    ids=["states", "days", "nothing and sets", "codes", "nested", "list of rows", "long list", "other keys", "words",
         "words in a list"],
)  # fmt: skip
def test_only_codes_under_known_names_get_in(facts: dict, kept: dict) -> None:
    assert plain(facts) == kept


def request_of(person: int | None = None, token: tuple[int, int] | None = None):
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    request.user = SimpleNamespace(pk=person, is_authenticated=person is not None)
    if token:
        request.audit_token = token
    return request


HERE = "192.0.2.7"


@pytest.mark.parametrize(
    ("who", "person", "request_", "doer"),
    [
        ("staff", 5, request_of(5), Doer("staff", 5, None, HERE)),
        ("asking", None, request_of(5), Doer("staff", 5, None, HERE)),
        ("staff", 5, None, Doer("staff", 5)),
        ("asking", None, None, Doer("system")),
        ("system", None, request_of(5), Doer("system")),
        ("customer", None, request_of(), Doer("customer")),
        ("staff", 5, request_of(None, token=(9, 5)), Doer("token", 5, 9, HERE)),
        ("asking", None, request_of(None, token=(9, 5)), Doer("token", 5, 9, HERE)),
        ("nobody", 5, request_of(), Doer("nobody", 5, None, HERE)),
        ("nobody", None, request_of(), Doer("nobody")),
    ],
    ids=["staff", "whoever asks", "staff in a command", "the desk in a worker", "the desk meanwhile", "customer",
         "a token's owner", "a token", "failed with an account", "failed without one"],
)  # fmt: skip
def test_doer_is_told_with_the_network_of_staff_alone(
    who: str, person: int | None, request_: object, doer: Doer
) -> None:
    assert doer_of(Deed("x", "case", 1, who, person), request_) == doer


def test_hash_is_the_same_on_every_machine_and_database() -> None:
    """A golden value: whoever changes how an entry is written down breaks every chain there is."""
    entry = AuditEntry(
        pk=7, at=dt.datetime(2026, 3, 2, 13, 5, 0, 120, tzinfo=dt.timezone(dt.timedelta(hours=1))), who="staff",
        person=5, network="192.0.2.7", verb="case.approve", kind="case", object_id=3,
        facts={"to": "approved", "from": "submitted"},
    )  # fmt: skip
    assert canonical(entry) == (
        '[7,"2026-03-02T12:05:00.000120+00:00","staff",5,null,"192.0.2.7","case.approve","case",3,'
        '{"from":"submitted","to":"approved"}]'
    )
    assert hash_of(entry, Link(0, BEFORE_ALL)) == "015082c57647748c2ace1877a3fb36ab1d1d3501857ee98f75644033f61fed80"
