"""One line of `clock --stdin`: a record in, the clock's answer out (contracts: Commands). Pure.

{"starts_on":"2025-03-03","term_months":12,"pauses":[["2025-06-11","2025-06-29"]],"on":"2026-02-01"}
{"base_covered_through":"2026-03-03","covered_through":"2026-03-22","extended_days":19,"state":"covered"}
"""

from datetime import date

from products.coverage import clock
from products.fields import FieldError, as_date, as_list, as_whole_number, required

PAIR = 2


def answer_clock(record: dict[str, object]) -> dict[str, object]:
    """FieldError names the first field that cannot be read, in the order above, else the first that cannot be.

    Fields it does not know are ignored.
    """
    answer = clock(
        as_date(required(record, "starts_on"), "starts_on"),
        as_whole_number(required(record, "term_months"), "term_months"),
        [_as_pause(pair, f"pauses[{i}]") for i, pair in enumerate(as_list(required(record, "pauses"), "pauses"))],
        as_date(required(record, "on"), "on"),
    )
    covered_through = answer.covered_through
    return {
        "base_covered_through": answer.base_covered_through.isoformat(),
        "covered_through": covered_through.isoformat() if covered_through else None,
        "extended_days": answer.extended_days,
        "state": answer.state,
    }


def _as_pause(pair: object, field: str) -> tuple[date, date | None]:
    if not isinstance(pair, list) or len(pair) != PAIR:
        raise FieldError(field, "not a pair [left, back]")
    left, back = pair
    return as_date(left, f"{field}.left"), None if back is None else as_date(back, f"{field}.back")
