"""The kinds of addresses there are: who may do what at one, said once for all of its kind (access_table.py)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

STAFF = ("nobody", "viewer", "support", "reviewer", "manager", "administrator")  # nobody: an account without a role
OUTSIDE = ("stranger", "customer")
ROLES = (*OUTSIDE, *STAFF)

VIEWERS = ("viewer", "support", "reviewer", "manager", "administrator")
SUPPORT = ("support", "reviewer", "manager")
REVIEWERS = ("reviewer", "manager")
MANAGERS = ("manager",)
ADMINISTRATORS = ("administrator",)
NOBODY = ()

SAFE = ("GET", "HEAD")
Kind = Callable[["Row", str, str], str]


@dataclass(frozen=True)
class Row:
    """`opens` are the statuses that count as let in, where they are others than the usual; `args` parts of the
    address that the world of the test cannot know."""

    address: str
    kind: Kind
    who: tuple[str, ...] = ROLES
    opens: tuple[int, ...] = ()
    args: Mapping[str, object] = field(default_factory=dict)


# ── Kinds: (row, role, method) → opens · login · forbidden (403) · closed (404) · no method (405) · elsewhere ────────


def page(row: Row, role: str, method: str) -> str:
    """To look at, for staff."""
    return _staff_only(row, role) if method in SAFE else "no method"


def verb(row: Row, role: str, method: str) -> str:
    """To do something, for staff: POST only."""
    return _staff_only(row, role) if method == "POST" else "no method"


def public(row: Row, role: str, method: str) -> str:
    return "opens" if method in SAFE else "no method"


def public_form(row: Row, role: str, method: str) -> str:
    return "opens" if method in (*SAFE, "POST") else "no method"


def public_any(row: Row, role: str, method: str) -> str:
    """A form whose library takes a PUT for a POST, and sends on whoever is signed in by any method."""
    return "opens" if method in (*SAFE, "POST", "PUT") else "no door"


def public_post(row: Row, role: str, method: str) -> str:
    return "opens" if method == "POST" else "no method"


def of_customer(row: Row, role: str, method: str) -> str:
    """A page about the case of this browser: for anybody else there is none."""
    return _customer_only(role) if method in SAFE else "no method"


def customer_verb(row: Row, role: str, method: str) -> str:
    """POST only; opened again from the history it leads back to the page."""
    if method in SAFE:
        return "elsewhere"
    return _customer_only(role) if method == "POST" else "no method"


def customer_post(row: Row, role: str, method: str) -> str:
    return _customer_only(role) if method == "POST" else "no method"


def customer_upload(row: Row, role: str, method: str) -> str:
    return _customer_only(role) if method in ("HEAD", "PATCH", "DELETE") else "no method"


def public_upload(row: Row, role: str, method: str) -> str:
    return "opens" if method in ("HEAD", "PATCH", "DELETE") else "no method"


def signed_in(row: Row, role: str, method: str) -> str:
    """One's own things, whatever the role."""
    if method not in SAFE and role in OUTSIDE:
        return "no door"
    return _any_staff(role) if method in SAFE else "no method"


def signed_in_verb(row: Row, role: str, method: str) -> str:
    return _any_staff(role) if method == "POST" else "no method"


def signed_in_any(row: Row, role: str, method: str) -> str:
    """A form of one's own account, from a library: what of PUT and the rest it takes is its own affair."""
    return _any_staff(role) if role in OUTSIDE or method in (*SAFE, "POST") else "its own affair"


def _any_staff(role: str) -> str:
    return "login" if role in OUTSIDE else "opens"


def token(row: Row, role: str, method: str) -> str:
    """An address of the API: 401 for whoever comes without a token, signed in or not."""
    return "no token"


def admin(row: Row, role: str, method: str) -> str:
    """A page of the admin for `who`, to look at and to send."""
    return _staff_only(row, role)


def admin_look(row: Row, role: str, method: str) -> str:
    """A page of the admin that `who` may look at and nobody may send."""
    return _staff_only(row, role) if method in SAFE or role in OUTSIDE else "forbidden"


def admin_edit(row: Row, role: str, method: str) -> str:
    """A page of the admin that every viewer may look at and `who` may send."""
    if role in VIEWERS and method in SAFE:
        return "opens"
    return _staff_only(row, role)


def admin_verb(row: Row, role: str, method: str) -> str:
    """A verb of the admin: POST only, once the visitor is known. Who may not see the record is told there is none."""
    if method == "POST" and role == "nobody" and "transition" in row.address:
        return "closed"
    return _staff_only(row, role) if method == "POST" or role in OUTSIDE else "no method"


def admin_page(row: Row, role: str, method: str) -> str:
    """A page of the admin that takes no POST at all."""
    return _staff_only(row, role) if method in SAFE or role in OUTSIDE else "no method"


def admin_any(row: Row, role: str, method: str) -> str:
    """An address of the admin that tells nobody anything: to the log-in, or wherever it leads."""
    return "login" if role in OUTSIDE else "opens"


def action(row: Row, role: str, method: str) -> str:
    """An action of a list of the admin: offered to `who`, and taken from nobody else."""
    return "opens" if role in row.who else "forbidden"


def _staff_only(row: Row, role: str) -> str:
    if role in OUTSIDE:
        return "login"
    return "opens" if role in row.who else "forbidden"


def _customer_only(role: str) -> str:
    return "opens" if role == "customer" else "closed"


def rows(pattern: str, kind: Kind, who: tuple[str, ...], names: str, **more: object) -> tuple[Row, ...]:
    """A row for each of `names` (parted by blanks), put into the pattern."""
    return tuple(Row(pattern.format(name), kind, who, **more) for name in names.split())  # type: ignore[arg-type]
