import pytest

from products.written_numbers import readings_of


@pytest.mark.parametrize(
    ("written", "best"),
    [
        ("PK3-00417", "PK3-00417"),
        (" PK3  00417 ", "PK3 00417"),
        ("S/N: PK3-00417", "PK3-00417"),
        ("SN-12345", "SN-12345"),
        ("SN12345", "SN12345"),
        ("Serial number PK3 00417.", "PK3 00417"),
        ("Seriennummer:PK3-00417", "PK3-00417"),
        ("シリアル番号：PK3-00417", "PK3-00417"),
        ("序列号PK3-00417", "PK3-00417"),
        ("numéro de série : PK3-00417", "PK3-00417"),
        ("número de serie PK3-00417", "PK3-00417"),
        ("#1042", "1042"),
        ("Order #1042", "1042"),
        ("“INV-2025-00812”", "INV-2025-00812"),
        ("Rechnung Nr. INV-2025-00812", "INV-2025-00812"),
        ("(PK3-00417)", "PK3-00417"),
        ("SN: (PK3-00417)", "PK3-00417"),
        ("invoice", "invoice"),
        ("", ""),
    ],
)
def test_number_is_read_out_of_what_was_pasted(written, best):
    assert readings_of(written)[-1] == best


def test_every_reading_is_kept_since_a_word_may_be_the_beginning_of_the_number():
    assert "inv 2025 00812" in readings_of("Invoice no.: inv 2025 00812")


def test_reading_ends_soon_however_long_the_text():
    assert len(readings_of("no. " * 10_000 + "1")) <= 10


@pytest.mark.parametrize(
    ("written", "readings"),
    [
        ("no. id 42", ["no. id 42", "id 42", "42"]),  # one label at a time: "id" may be the beginning of the number
        ("PK3-00417", ["PK3-00417"]),
        ("no. x", ["no. x"]),  # without a digit it is no number
    ],
)
def test_every_reading_stands_once_from_all_to_the_least(written, readings):
    assert readings_of(written) == readings
