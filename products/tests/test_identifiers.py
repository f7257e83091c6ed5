import pytest

from products.identifiers import fold_identifier, normalise_identifier


@pytest.mark.parametrize(
    ("written", "normalised", "fold"),
    [
        ("SN-AB12-9988", "SNAB129988", "SNAB129988"),
        (" sn ab12.9988 ", "SNAB129988", "SNAB129988"),
        ("ＳＮ－ＡＢ１２", "SNAB12", "SNAB12"),
        ("PK3-OO417", "PK3OO417", "PK300417"),
        ("pki-00417", "PKI00417", "PK100417"),
        ("#1001", "1001", "1001"),
        ("", "", ""),
        ("--", "", ""),
    ],
    ids=["plain", "typed", "full-width", "letter-o", "letter-i", "shop-number", "empty", "only-dashes"],
)
def test_identifier_is_compared_by_its_fold(written, normalised, fold):
    assert (normalise_identifier(written), fold_identifier(written)) == (normalised, fold)
