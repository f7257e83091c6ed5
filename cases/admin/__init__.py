"""Cases to look at, with their transitions as buttons that call the services. Nothing of a case is edited by hand."""

from cases.admin import case, desk, mail, ready_made, records

__all__ = ["case", "desk", "mail", "ready_made", "records"]
