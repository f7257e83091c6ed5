"""`manage.py pauses --stdin`: the windows of one part from its legs, for scripts (contracts: Commands)."""

from products.json_lines import Record
from products.management.json_lines import JsonLinesCommand
from shipments.pause_lines import answer_pauses


class Command(JsonLinesCommand):
    help = "Works out pause windows from tracking histories: JSON lines in, one out each."

    def answer(self, record: Record) -> Record:
        return answer_pauses(record)
