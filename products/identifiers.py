"""Invoice and serial numbers as people write them, folded to what can be compared.                          [pure]"""

import unicodedata

# A person reading a label cannot tell these apart; two numbers that differ only here fold to the same text.
_LOOKALIKES = str.maketrans({"O": "0", "I": "1"})


def normalise_identifier(written: str) -> str:
    """Letters and digits only, upper case, full-width forms made plain: `sn-ab 12` → `SNAB12`."""
    plain = unicodedata.normalize("NFKC", written).upper()
    return "".join(char for char in plain if char.isalnum())


def fold_identifier(written: str) -> str:
    """The normalised identifier with O read as 0 and I as 1. Equal folds are candidates, not yet a match."""
    return normalise_identifier(written).translate(_LOOKALIKES)
