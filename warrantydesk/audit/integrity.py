"""The promise of the audit trail, for `check_integrity`: the chain holds from its first entry to its last."""

from collections.abc import Iterator

from django.utils import timezone

from warrantydesk.audit.chain import Link, broken, left_unsealed


def problems(witness: Link | None = None) -> Iterator[str]:
    yield from broken(witness)
    yield from left_unsealed(timezone.now())
