"""The header fields of a message, each read by itself, so that one broken field costs that field only."""

import re
from dataclasses import dataclass

from warrantydesk.intake.reading.addresses import Mailbox, read_mailboxes
from warrantydesk.intake.reading.cleaning import one_line
from warrantydesk.intake.reading.encoded_words import decode_words
from warrantydesk.intake.reading.limits import Limits
from warrantydesk.intake.reading.part_headers import Field

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,996}>")
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_MOST_REFERENCES = 100
_LONGEST_DATE = 100


@dataclass(frozen=True, slots=True)
class Headers:
    """All fields of a message in order, and how to ask for one."""

    fields: list[Field]
    limits: Limits

    def all(self, name: str) -> list[Field]:
        return [field for field in self.fields if field.name == name]

    def first(self, name: str) -> str | None:
        """The first such field on one line, not decoded; None where there is none."""
        return next((field.text for field in self.fields if field.name == name), None)

    def has(self, *names: str) -> bool:
        return any(field.name in names for field in self.fields)

    def subject(self) -> str:
        """Decoded and whole: the rule and the tokens are looked for in all of it; `one_line` makes it showable."""
        return decode_words(self.first("subject") or "")

    def senders(self) -> list[Mailbox]:
        """Every mailbox of every From field. Reply-To and Sender are never asked: anyone can be named there."""
        return [box for field in self.all("from") for box in read_mailboxes(field.value, self.limits.addresses)]

    def recipients(self) -> list[Mailbox]:
        """To, Cc and what the servers noted, each address once."""
        boxes = [
            box
            for name in _RECIPIENTS
            for field in self.all(name)[:10]
            for box in read_mailboxes(field.value, self.limits.addresses)
            if box.address
        ]
        return list({box.written: box for box in boxes}.values())[: self.limits.addresses]

    def message_ids(self, name: str) -> tuple[str, ...]:
        """Message-IDs of a field with their brackets, each once; of too many, the last, which are the nearest."""
        found = [match for field in self.all(name)[:5] for match in _MESSAGE_ID.findall(field.text)]
        return tuple(one for one in dict.fromkeys(found) if one.isprintable())[-_MOST_REFERENCES:]

    def date_text(self) -> str:
        return one_line(decode_words(self.first("date") or ""), _LONGEST_DATE)
