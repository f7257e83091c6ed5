"""Addresses as their countries write them; one line a country."""

import pytest

from products.importing.addresses import laid_out


@pytest.mark.parametrize(
    ("country", "street", "town", "code", "region", "lines"),
    [
        pytest.param("DE", "Hauptstr. 1", "Ulm", "89073", "", ["Hauptstr. 1", "89073 ULM"], id="code first"),
        pytest.param(
            "US", "1 Main St\nApt 2", "Springfield", "62701", "IL",
            ["1 Main St", "Apt 2", "SPRINGFIELD, IL 62701"], id="town, state, code",
        ),
        pytest.param(
            "GB", "10 High St", "Leeds", "ls1 1aa", "England", ["10 High St", "LEEDS", "LS1 1AA"],
            id="code on a line of its own",
        ),
        pytest.param(
            "JP", "六本木6-10-1", "港区", "106-6108", "東京都",
            ["〒106-6108", "東京都", "港区", "六本木6-10-1"], id="from the large to the small, no town lost",
        ),
        pytest.param(
            "CN", "中关村大街1号", "海淀区", "100080", "北京市", ["100080", "北京市海淀区", "中关村大街1号"],
            id="Chinese",
        ),
        pytest.param("US", "", "Springfield", "", "", ["SPRINGFIELD"], id="only the town"),
        pytest.param(
            "HK", "1 Road", "Kowloon", "999077", "", ["Kowloon", "1 Road", "999077"], id="no codes there"
        ),
        pytest.param("Utopia", "Way 1", "Town", "1", "", ["Way 1", "1 Town", "Utopia"], id="no country"),
        pytest.param("", "Way 1", "Town", "", "", ["Way 1", "Town"], id="nobody says"),
    ],
)  # fmt: skip
def test_address_is_laid_out_as_its_country_writes_it(country, street, town, code, region, lines):
    written = laid_out(street=street, town=town, code=code, region=region, country=country)
    assert written.split("\n") == lines
