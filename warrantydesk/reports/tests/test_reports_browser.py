"""The managers' pages in a browser: every report accessible, fitting a phone, and photographed, filled and empty."""

import pytest

from cases.tests.factories import StaffFactory
from warrantydesk.reports.counting.rounds import count_everything
from warrantydesk.reports.registry import REPORTS
from warrantydesk.reports.tests.nasty import DAYS, build, product_of
from warrantydesk.tests.browser import Visitor

WIDTHS = (390, 1440)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_every_report_is_accessible_and_fits(visitor: Visitor) -> None:
    build()
    list(count_everything())
    visitor.log_in(StaffFactory(role="manager", name="Margarethe Obermüller-Schwarzenberg"))
    days = f"from={DAYS.first}&to={DAYS.last}"
    for name in REPORTS:
        visitor.open(f"/desk/reports/{name}/?{days}")
        visitor.expect_accessible()
        visitor.photograph(f"report-{name}", WIDTHS)
    visitor.open(f"/desk/reports/reliability/?{days}&part={product_of('Never sold').pk}")
    visitor.expect_accessible()
    visitor.photograph("report-empty", WIDTHS)
