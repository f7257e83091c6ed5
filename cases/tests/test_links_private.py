"""Private links and reply tokens: they work for their holder for a while, and for nobody else ever."""

import datetime as dt

import pytest

from cases import links
from cases.models import CaseLink
from cases.tests.mailroom import NOW, a_case

pytestmark = pytest.mark.django_db
KINDS = ["portal", "reply"]


@pytest.mark.parametrize("kind", KINDS)
def test_token_finds_its_case_when_it_is_fresh(kind: str) -> None:
    case = a_case()
    link = links.find_link(kind, links.mint(case, kind, case.customer.email, None, NOW), NOW)
    assert link is not None
    assert link.case == case


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_hash_is_kept_when_a_token_is_minted(kind: str) -> None:
    case = a_case()
    token = links.mint(case, kind, case.customer.email, None, NOW)
    stored = CaseLink.objects.values().get()
    assert token not in str(stored)
    assert len(token) >= 32


def test_tokens_differ_when_minted_one_after_the_other() -> None:
    case = a_case()
    assert len({links.mint(case, kind, "a@b.example", None, NOW) for kind in KINDS for _ in range(50)}) == 100


@pytest.mark.parametrize(("days", "works"), [(0, True), (29.9, True), (30, False), (31, False), (3650, False)], ids=str)
def test_token_expires_when_its_days_are_over(days: float, works: bool) -> None:
    case = a_case()
    token = links.mint(case, "portal", case.customer.email, None, NOW)
    assert (links.find_link("portal", token, NOW + dt.timedelta(days=days)) is not None) == works


@pytest.mark.parametrize("kind", KINDS)
def test_token_dies_when_links_are_revoked(kind: str) -> None:
    case, other = a_case(), a_case("other@example.com")
    token = links.mint(case, kind, case.customer.email, None, NOW)
    others = links.mint(other, kind, other.customer.email, None, NOW)
    assert links.revoke_links(case, NOW) == 1
    assert links.revoke_links(case, NOW) == 0
    assert links.find_link(kind, token, NOW) is None
    assert links.find_link(kind, others, NOW) is not None


@pytest.mark.parametrize(
    ("now_at", "works"),
    [("owner@example.com", True), ("Owner@Example.com", True), ("new@example.com", False), ("", False)],
)
def test_token_works_only_while_the_address_is_the_cases_own_when_it_changes(now_at: str, works: bool) -> None:
    case = a_case()
    token = links.mint(case, "portal", "owner@example.com", None, NOW)
    case.customer.email = now_at
    case.customer.save()
    assert (links.find_link("portal", token, NOW) is not None) == works


@pytest.mark.parametrize("kind", KINDS)
def test_token_of_one_kind_opens_nothing_when_used_as_the_other(kind: str) -> None:
    case = a_case()
    token = links.mint(case, kind, case.customer.email, None, NOW)
    (other,) = set(KINDS) - {kind}
    assert links.find_link(other, token, NOW) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "\ud800", "a\x00b", "../..", "' OR 1=1 --"])
def test_no_link_is_found_when_the_token_is_made_up(token: str) -> None:
    links.mint(a_case(), "portal", "owner@example.com", None, NOW)
    assert links.find_link("portal", token, NOW) is None
    assert links.find_link("reply", token, NOW) is None


def test_reply_token_is_found_when_a_server_changed_its_case() -> None:
    case = a_case()
    token = links.mint(case, "reply", case.customer.email, None, NOW)
    assert links.find_link("reply", token.upper(), NOW) is not None
    portal = links.mint(case, "portal", case.customer.email, None, NOW)
    assert links.find_link("portal", portal.swapcase(), NOW) is None
