import pytest

from warrantydesk.intake.reading.describing import words_beyond_numbers


@pytest.mark.parametrize(
    ("text", "is_described"),
    [
        ("", False),
        ("Invoice number: INV-2024-00123", False),
        ("Invoice number: INV-2024-00123\nSerial number: SN-AB12-9988\n", False),
        ("Rechnungsnummer INV-2024-00123\nSeriennummer: PK3-00417", False),
        ("INV-2024-00123 / SN-AB12-9988", False),
        ("Invoice number: INV-2024-00123\nThe hinge broke.", True),
        ("Das Scharnier ist gebrochen, Seriennummer SN-AB12-9988", True),
        ("請求書番号 INV-2024-00123 ヒンジが壊れました", True),
        ("x", False),
    ],
    ids=["empty", "invoice", "both", "german-labels", "bare", "said", "german", "japanese", "a-letter"],
)
def test_words_beyond_numbers_tells_a_description_from_a_list_of_numbers(text, is_described):
    assert (words_beyond_numbers(text) > 0) is is_described
