"""Private ways to one case: the link to its page, and the token by which an answer finds it.

Both are minted when their mail leaves and kept only as SHA-256 hashes, so nobody who reads the database can use one.
"""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings

from cases.models import Case, CaseLink, OutgoingMail


def mint(case: Case, kind: str, address: str, mail: OutgoingMail | None, now: datetime) -> str:
    """A new token of `kind` for whoever reads mail at `address`, good for LINK_DAYS. It is never shown again."""
    token, link = draft_link(case.pk, kind, address, mail, now)
    link.save(force_insert=True)
    return token


def draft_link(case_id: int, kind: str, address: str, mail: OutgoingMail | None, now: datetime) -> tuple[str, CaseLink]:
    """A new token and its row, which is not saved yet."""
    token = _reply_token() if kind == CaseLink.Kind.REPLY else secrets.token_urlsafe(24)
    link = CaseLink(
        case_id=case_id,
        mail=mail,
        kind=kind,
        token_hash=_hash(token),
        address=address,
        created_at=now,
        expires_at=now + timedelta(days=settings.LINK_DAYS),
    )
    return token, link


def find_link(kind: str, token: str, now: datetime) -> CaseLink | None:
    """The living link behind a token, or None: unknown, expired, revoked, or sent to an address the case has left.

    Looked up by hash, so how long the answer takes tells nothing about the tokens there are.
    """
    written = token.lower() if kind == CaseLink.Kind.REPLY else token
    link = (
        CaseLink.objects.select_related("case__customer")
        .filter(kind=kind, token_hash=_hash(written), revoked_at=None, expires_at__gt=now)
        .first()
    )
    return link if link and is_at_home(link) else None


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return _hash(token)


def outlived_link(token_hash: str, now: datetime) -> CaseLink | None:
    """The portal link of that hash that has only grown too old: not revoked, and its address still the case's."""
    link = (
        CaseLink.objects.select_related("case__customer")
        .filter(kind=CaseLink.Kind.PORTAL, token_hash=token_hash, revoked_at=None, expires_at__lte=now)
        .first()
    )
    return link if link and is_at_home(link) else None


def is_at_home(link: CaseLink) -> bool:
    """Whether the case still belongs to the address the link was sent to."""
    return link.address.casefold() == link.case.customer.email.casefold()


def revoke_links(case: Case, now: datetime) -> int:
    """End every living link and token of a case; how many there were."""
    return CaseLink.objects.filter(case=case, revoked_at=None).update(revoked_at=now)


def forget_links(mail: OutgoingMail) -> None:
    """Drop the links of a mail that certainly never left: nobody holds their tokens."""
    CaseLink.objects.filter(mail=mail).delete()


def portal_url(token: str) -> str:
    """The address of the case's page for its customer (contracts.md, "Addresses")."""
    return f"{settings.SITE_URL}/status/{token}/"


def reply_address(token: str) -> str:
    """Our mailbox with the reply token as its plus-tag, for Reply-To."""
    local, _, domain = settings.WARRANTY_ADDRESS.rpartition("@")
    return f"{local}+{token}@{domain}"


def _reply_token() -> str:
    # Part of an e-mail address, whose case some servers change on the way: 160 bits in letters of one case.
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii").lower()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
