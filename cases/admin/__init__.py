"""Cases to look at, with their transitions as buttons that call the services. Nothing here is edited by hand."""

from cases.admin import case, mail, records

__all__ = ["case", "mail", "records"]
