"""Invoice and serial numbers as people paste them: with the words of the label in front, and signs around. [pure]

    readings_of("S/N: PK3-00417")      →  ["S/N: PK3-00417", "PK3-00417"]
    readings_of("Invoice: INV 2025 8")  →  ["Invoice: INV 2025 8", "INV 2025 8", "2025 8"]

Which of them is one of ours, the sales say: "INV" may be a word before the number, or its beginning. Dashes, case, O
and 0 are the business of `products.identifiers`.
"""

import re
import unicodedata

LONGEST = 250
_WORDS = (
    r"invoice|inv|order|receipt|serial|ser|s/n|s\.n|sn|no|nos|nr|num|number|n°|nº|№|id|code|your|my|the|our|is|"
    r"rechnung|rechnungs|rechnungsnummer|rechnungsnr|bestellung|bestellnummer|bestellnr|seriennummer|seriennr|serien|"
    r"nummer|meine|facture|commande|numéro|numero|de|du|la|le|série|serie|factura|pedido|número|mi"
)
_WORDS_WITHOUT_BLANKS = (
    r"請求書番号|請求書|注文番号|シリアル番号|シリアルナンバー|シリアル|製造番号|番号|"
    r"发票号码|发票号|发票|订单号|订单|序列号|编号|号码|号"
)
# A label word ends where a sign or a blank begins: "sn" of "snapmaker2" and "INV" of "INV-2025" are none.
_LABEL = re.compile(rf"^(?:(?:{_WORDS})(?=[\s:=#.])|{_WORDS_WITHOUT_BLANKS})[\s:=#.]*", re.IGNORECASE)
_SIGNS = " \t\r\n:=#*|<>()[]{}\"'“”„«»‘’.,;"
_MOST_LABELS = 8


def readings_of(written: str) -> list[str]:
    """What the number may be, from all that was written to the least; at least one, none of them without a digit."""
    text = " ".join(unicodedata.normalize("NFKC", written[:LONGEST]).split())
    readings, rest = [text], text.strip(_SIGNS)
    for _word in range(_MOST_LABELS):
        if rest not in readings and any(sign.isdigit() for sign in rest):
            readings.append(rest)
        shorter = _LABEL.sub("", rest, count=1).strip(_SIGNS)
        if shorter == rest:
            break
        rest = shorter
    return readings
