"""The one kind of refusal that is expected: somebody asked for something the rules do not allow."""

from django.utils.functional import Promise


class Refused(Exception):
    """Nothing was changed. `message` is a whole sentence for the person who asked: what, where, what to do.

    `field` names what was wrong with the request where one thing was (as in the data class, or `lines[2].sku`),
    `code` is for programs. Every storey derives its own refusals from this one.
    """

    def __init__(self, message: str | Promise, *, field: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code

    def __str__(self) -> str:
        return str(self.message)


class NotPermitted(Refused):
    """This person may not do this, whatever the dates say. `code` is the permission that is missing."""
